"""IAM for Terraform's own roles: refuses what their policies do not allow, as AWS does.

Requests under a key `role-metriccare_terraform_...` are judged by the policies that the bootstrap
put into IAM, and by the policy of the bucket they name. Each call and its verdict is kept, so that
tests can ask what a role needs. Requests under any other key pass.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from moto.cognitoidp.models import cognitoidp_backends
from moto.iam.models import iam_backends
from moto.kms.models import kms_backends
from moto.s3.models import s3_backends

from tests.terraform.policies import allows, denies
from tests.twin.server.calls import ROLE_PREFIX
from tests.twin.server.ec2_actions import tags_of
from tests.twin.server.gaps import ACCOUNT
from tests.twin.server.request_actions import calls_of
from tests.twin.server.requests import Call, Request, read_request

JUDGED = f"{ROLE_PREFIX}metriccare_terraform_"
_REGION = "us-east-1"
_KEY_USES = {"s3:PutObject": "kms:GenerateDataKey", "s3:GetObject": "kms:Decrypt"}


class Judged:
    """A WSGI application that refuses what a role of Terraform may not do."""

    def __init__(self, application: Callable[..., Iterable[bytes]], file: Path) -> None:
        self._application = application
        self._file = file
        self._lock = threading.Lock()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        request = read_request(environ)
        if request is None or not request.key.startswith(JUDGED):
            return self._application(environ, start_response)
        role = request.key.removeprefix(ROLE_PREFIX)
        refused = [call for call in _with_facts(request) if not self._allows(role, call)]
        if not refused:
            return self._application(environ, start_response)
        return _refusal(request, role, refused[0], start_response)

    def _allows(self, role: str, call: Call) -> bool:
        verdict = allows(policies_of(role), call.action, call.resource, call.context)
        verdict = verdict and not denies(
            _bucket_policy(call), call.action, call.resource, call.context
        )
        line = {"role": role, "allowed": verdict, "context": dict(call.context)}
        line |= {"action": call.action, "resource": call.resource}
        with self._lock, self._file.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(line) + "\n")
        return verdict


def _role(name: str) -> Any:
    roles = iam_backends[ACCOUNT]["aws"].roles.values()
    return next((role for role in roles if role.name == name), None)


def policies_of(role: str) -> list[dict[str, Any]]:
    """Return the policies a role has now; a role that does not exist may do nothing."""
    found = _role(role)
    if found is None:
        return []
    attached = [
        version.document
        for policy in found.managed_policies.values()
        for version in policy.versions
        if version.is_default
    ]
    return [json.loads(text) for text in (*found.policies.values(), *attached)]


def trust_of(role: str) -> dict[str, Any]:
    """Return who may take a role; nobody if it does not exist."""
    found = _role(role)
    policy = found.assume_role_policy_document if found is not None else '{"Statement": []}'
    return dict(json.loads(policy))


def _bucket_policy(call: Call) -> list[dict[str, Any]]:
    """Return the policy of the bucket that a call names, if it has one."""
    bucket = _bucket(call)
    return [json.loads(bucket.policy)] if bucket is not None and bucket.policy else []


def _bucket(call: Call) -> Any:
    if not call.action.startswith("s3:"):
        return None
    name = call.resource.removeprefix("arn:aws:s3:::").partition("/")[0]
    return s3_backends[ACCOUNT]["aws"].buckets.get(name)


def _with_facts(request: Request) -> list[Call]:
    """Return the calls of a request with what only the account knows: tags, boundaries, keys."""
    calls = [call for named in calls_of(request) for call in (named, *_uses_of_keys(named))]
    return [Call(call.action, call.resource, _facts_of(call)) for call in calls]


def _facts_of(call: Call) -> dict[str, str]:
    facts = {"aws:SecureTransport": "true", **call.context}
    if call.action.startswith("kms:"):
        facts["kms:CallerAccount"] = ACCOUNT
        facts |= {f"aws:ResourceTag/{name}": value for name, value in _key_tags(call.resource)}
    if call.action.startswith("cognito-idp:") and ":userpool/" in call.resource:
        found = _pool_tags(call.resource.rpartition("/")[2])
        facts |= {f"aws:ResourceTag/{name}": value for name, value in found.items()}
    if call.action.startswith("ec2:") and "/" in call.resource:
        found = tags_of(call.resource)
        facts |= {f"aws:ResourceTag/{name}": value for name, value in found.items()}
    if call.action.startswith("iam:") and ":role/" in call.resource:
        role = _role(call.resource.rpartition("/")[2])
        if role is not None and role.permissions_boundary_arn:
            facts.setdefault("iam:PermissionsBoundary", role.permissions_boundary_arn)
    return facts


def _pool_tags(pool_id: str) -> dict[str, str]:
    pool = cognitoidp_backends[ACCOUNT][_REGION].user_pools.get(pool_id)
    return dict(pool.extended_config.get("UserPoolTags", {})) if pool is not None else {}


def _key_tags(arn: str) -> list[tuple[str, str]]:
    key_id = arn.rpartition("/")[2]
    if ":key/" not in arn:
        return []
    backend = kms_backends[ACCOUNT][arn.split(":")[3]]
    if key_id not in backend.keys:
        return []
    tags = backend.list_resource_tags(key_id)["Tags"]
    return [(tag["TagKey"], tag["TagValue"]) for tag in tags]


def _uses_of_keys(call: Call) -> list[Call]:
    """Return the rights on the KMS key that reading or writing an object needs."""
    bucket = _bucket(call)
    if call.action not in _KEY_USES or bucket is None or not bucket.encryption:
        return []
    default = bucket.encryption["Rule"]["ApplyServerSideEncryptionByDefault"]
    algorithm = call.context.get("s3:x-amz-server-side-encryption", default["SSEAlgorithm"])
    named = call.context.get("s3:x-amz-server-side-encryption-aws-kms-key-id")
    key = named or default.get("KMSMasterKeyID")
    if algorithm != "aws:kms" or key is None:
        return []
    context = {
        "kms:ViaService": f"s3.{_REGION}.amazonaws.com",
        # Every bucket has a bucket key, so the context is the bucket's ARN, not the object's.
        "kms:EncryptionContext:aws:s3:arn": f"arn:aws:s3:::{bucket.name}",
    }
    return [Call(_KEY_USES[call.action], key, context)]


def _refusal(
    request: Request, role: str, call: Call, start_response: Callable[..., Any]
) -> list[bytes]:
    """Answer in the protocol of the service."""
    message = f"{role} is not authorized to perform: {call.action} on resource: {call.resource}"
    if request.service == "s3":
        content = f"<Error><Code>AccessDenied</Code><Message>{message}</Message></Error>"
    elif "x-amz-target" in request.headers or request.service == "lambda":
        content = json.dumps({"__type": "AccessDeniedException", "message": message})
    else:
        error = f"<Type>Sender</Type><Code>AccessDenied</Code><Message>{message}</Message>"
        content = f"<ErrorResponse><Error>{error}</Error></ErrorResponse>"
    headers = [("x-amzn-ErrorType", "AccessDeniedException")]
    start_response("403 Forbidden", headers)
    return [b"" if request.method == "HEAD" else content.encode()]
