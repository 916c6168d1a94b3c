"""What a person may set of `metriccare serve`: the section [serve] of the settings file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

from metriccare.errors import UsageError
from metriccare.typed_tables import read_table, wanted

_Text = Annotated[str, wanted("text")]
_Texts = Annotated[list[str], wanted('a list of texts such as ["a", "b"]')]
_FilePath = Annotated[Path, wanted("a path to a file")]


@dataclass(frozen=True)
class ClaimNames:
    """The claims of the issuer that hold what we need; Cognito's groups are `cognito:groups`."""

    tenants: _Text = "tenants"
    roles: _Text = "roles"
    facilities: _Text = "facilities"
    provider: _Text = "provider"
    name: _Text = "name"


@dataclass(frozen=True)
class OidcSettings:
    """The issuer people sign in with.

    `client_secret` names a secret, it is not one. `audience` is what access tokens must be for;
    without one they must be for `client_id`.
    """

    issuer: _Text
    client_id: _Text
    client_secret: _Text | None = None
    audience: _Text | None = None
    scopes: _Text = "openid profile offline_access"
    claims: ClaimNames = field(default_factory=ClaimNames)


@dataclass(frozen=True)
class ServeUser:
    """One person that the development issuer signs in."""

    subject: _Text
    name: _Text
    roles: _Texts
    tenants: _Texts
    facilities: _Texts | None = None
    provider: _Text | None = None


@dataclass(frozen=True)
class _ServeKeys:
    tls_certificate: _FilePath | None = None
    tls_key: _FilePath | None = None
    allowed_hosts: _Texts | None = None
    allowed_origins: _Texts | None = None


@dataclass(frozen=True)
class ServeSettings:
    """How the API is served.

    Without `oidc` a development issuer signs in `users`. `allowed_origins` are pages elsewhere
    that may read with a bearer token.
    """

    oidc: OidcSettings | None = None
    users: tuple[ServeUser, ...] = ()
    tls_certificate: Path | None = None
    tls_key: Path | None = None
    allowed_hosts: tuple[str, ...] = ()
    allowed_origins: tuple[str, ...] = ()


def read_serve(section: object, path: Path) -> ServeSettings:
    """Return the checked section; UsageError says what the first wrong key wants."""
    if not isinstance(section, Mapping):
        raise UsageError(f"{path}: [serve] must be a table.")
    others = {key: value for key, value in section.items() if key not in {"oidc", "user"}}
    keys = read_table(others, _ServeKeys, path, "serve", path.parent)
    users = section.get("user", [])
    if not isinstance(users, list):
        raise UsageError(f"{path}: users of the development issuer are written [[serve.user]].")
    return ServeSettings(
        oidc=_oidc(section["oidc"], path) if "oidc" in section else None,
        users=tuple(read_table(user, ServeUser, path, "serve.user") for user in users),
        tls_certificate=keys.tls_certificate,
        tls_key=keys.tls_key,
        allowed_hosts=tuple(keys.allowed_hosts or ()),
        allowed_origins=tuple(keys.allowed_origins or ()),
    )


def _oidc(table: Any, path: Path) -> OidcSettings:
    claims = table.get("claims", {}) if isinstance(table, dict) else {}
    names = read_table(claims, ClaimNames, path, "serve.oidc.claims")
    others = {k: v for k, v in table.items() if k != "claims"} if isinstance(table, dict) else table
    read = read_table(others, _OidcKeys, path, "serve.oidc")
    return OidcSettings(**vars(read), claims=names)


@dataclass(frozen=True)
class _OidcKeys:
    issuer: _Text
    client_id: _Text
    client_secret: _Text | None = None
    audience: _Text | None = None
    scopes: _Text = "openid profile offline_access"
