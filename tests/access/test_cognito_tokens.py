"""Access tokens as Cognito makes them: real RS256 tokens and keys, by moto."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import boto3
import pytest
import requests
from moto import mock_aws

from metriccare.access.issuer_keys import IssuerKeys
from metriccare.access.person import person_of
from metriccare.access.tokens import SignInFailed, Tokens
from metriccare.serve_settings import ClaimNames, OidcSettings

_REGION, _PASSWORD = "us-east-1", "Long-enough-1!"


@dataclass(frozen=True)
class Pool:
    """A user pool with one user of the group `analyst`, and the tokens of their sign-in."""

    oidc: OidcSettings
    access_token: str
    id_token: str

    def tokens(self, **changes: str) -> Tokens:
        oidc = OidcSettings(**{**vars(self.oidc), **changes})
        return Tokens(oidc, IssuerKeys(self.oidc.issuer, _PoolClient(self.oidc.issuer)))


class _PoolClient:
    """Fetches the pool's keys; its discovery document is the one that Cognito describes."""

    def __init__(self, issuer: str) -> None:
        self._issuer = issuer

    def get(self, address: str) -> bytes:
        jwks = f"{self._issuer}/.well-known/jwks.json"
        if address != jwks:
            return json.dumps({"issuer": self._issuer, "jwks_uri": jwks}).encode()
        return requests.get(address, timeout=10).content

    def post(self, address: str, form: Mapping[str, str]) -> bytes:
        raise AssertionError(address)


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    with mock_aws():
        cognito = boto3.client("cognito-idp", _REGION)
        pool_id = cognito.create_user_pool(PoolName="people")["UserPool"]["Id"]
        client_id = cognito.create_user_pool_client(UserPoolId=pool_id, ClientName="metriccare")[
            "UserPoolClient"
        ]["ClientId"]
        user = {"UserPoolId": pool_id, "Username": "anna"}
        cognito.admin_create_user(**user)
        cognito.admin_set_user_password(**user, Password=_PASSWORD, Permanent=True)
        for group in ("analyst", "no-role-of-ours"):
            cognito.create_group(UserPoolId=pool_id, GroupName=group)
            cognito.admin_add_user_to_group(**user, GroupName=group)
        signed_in = cognito.initiate_auth(
            ClientId=client_id,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": "anna", "PASSWORD": _PASSWORD},
        )["AuthenticationResult"]
        issuer = f"https://cognito-idp.{_REGION}.amazonaws.com/{pool_id}"
        claims = ClaimNames(roles="cognito:groups", tenants="custom:tenants", name="username")
        oidc = OidcSettings(issuer, client_id, claims=claims)
        yield Pool(oidc, signed_in["AccessToken"], signed_in["IdToken"])


def test_groups_are_roles_and_unknown_groups_are_nothing(pool: Pool) -> None:
    claims = pool.tokens().access_token(pool.access_token)
    person = person_of(claims, pool.oidc.claims)

    assert [role.name for role in person.roles] == ["analyst"]
    assert (person.tenants, person.client) == ((), pool.oidc.client_id)


def test_an_id_token_of_cognito_is_no_access_token(pool: Pool) -> None:
    with pytest.raises(SignInFailed, match="not_an_access_token"):
        pool.tokens().access_token(pool.id_token)


def test_a_token_of_another_client_of_the_pool_is_refused(pool: Pool) -> None:
    with pytest.raises(SignInFailed, match="audience"):
        pool.tokens(client_id="another").access_token(pool.access_token)


def test_a_token_of_another_pool_is_refused(pool: Pool) -> None:
    other = f"https://cognito-idp.{_REGION}.amazonaws.com/{_REGION}_other"
    with pytest.raises(SignInFailed, match="issuer"):
        pool.tokens(issuer=other).access_token(pool.access_token)
