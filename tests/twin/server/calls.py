"""Records who called what; the access key of a request names its role, so rights can be judged."""

from __future__ import annotations

import io
import json
import re
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote
from xml.sax.saxutils import unescape

ROLE_PREFIX = "role-"
_CREDENTIAL = re.compile(r"Credential=([^/]+)/\d+/[^/]*/([^/]+)/aws4_request")
_DELETED_KEY = re.compile(r"<Key>([^<]*)</Key>")
_INVOCATION = re.compile(r"/2015-03-31/functions/([^/]+)/invocations")
_FUNCTIONS = "arn:aws:lambda:us-east-1:123456789012:function"
# Calls of S3 by method and what the query names, as IAM calls them.
_S3_CALLS = {
    ("GET", "object"): "s3:GetObject",
    ("HEAD", "object"): "s3:GetObject",
    ("PUT", "object"): "s3:PutObject",
    ("POST", "object"): "s3:PutObject",
    ("DELETE", "object"): "s3:DeleteObject",
    ("POST", "bucket"): "s3:DeleteObject",
    ("GET", "bucket"): "s3:ListBucket",
    ("HEAD", "bucket"): "s3:ListBucket",
}


class Recorded:
    """A WSGI application that writes a line for each call made under a role of the stack."""

    def __init__(self, application: Callable[..., Iterable[bytes]], file: Path, but: str) -> None:
        self._application = application
        self._file = file
        # Keys of roles that are judged elsewhere.
        self._but = but
        self._lock = threading.Lock()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        found = _CREDENTIAL.search(environ.get("HTTP_AUTHORIZATION", ""))
        if found and found[1].startswith(ROLE_PREFIX) and not found[1].startswith(self._but):
            role = {"role": found[1].removeprefix(ROLE_PREFIX)}
            lines = [json.dumps(role | call) + "\n" for call in _calls(found[2], environ)]
            with self._lock, self._file.open("a", encoding="utf-8") as stream:
                stream.writelines(lines)
        return self._application(environ, start_response)


def _calls(service: str, environ: dict[str, Any]) -> list[dict[str, str]]:
    """Return what IAM is asked for a request; one request may delete many objects."""
    if invoked := _INVOCATION.fullmatch(environ["PATH_INFO"]):
        name = unquote(invoked[1]).rpartition(":")[2]
        return [{"action": "lambda:InvokeFunction", "resource": f"{_FUNCTIONS}:{name}"}]
    if service == "dynamodb":
        return _table_calls(environ)
    if service != "s3":
        return [_call(service, environ)]
    call = s3_call(environ)
    if environ["REQUEST_METHOD"] == "POST" and call["action"] == "s3:DeleteObject":
        named = body(environ).decode()
        action = "s3:DeleteObjectVersion" if "<VersionId>" in named else call["action"]
        # Markers of folders: S3A removes those above each new file and goes on when it is refused;
        # Glue's own client has none of them.
        keys = [key for key in _DELETED_KEY.findall(named) if not key.endswith("/")]
        return [
            {"action": action, "resource": f"{call['resource']}/{unescape(key)}"} for key in keys
        ]
    return [call]


def _call(service: str, environ: dict[str, Any]) -> dict[str, str]:
    content = body(environ)
    target = environ.get("HTTP_X_AMZ_TARGET", "").rpartition(".")[2]
    if target:
        facts = json.loads(content or b"{}")
        return {"action": f"{service}:{target}", "resource": _named(service, facts)}
    facts = {name: values[0] for name, values in parse_qs(content.decode()).items()}
    return {"action": f"{service}:{facts.get('Action', '?')}", "resource": _named(service, facts)}


def _table_calls(environ: dict[str, Any]) -> list[dict[str, str]]:
    """Return what IAM is asked for a call of DynamoDB, with the hash keys it names.

    A transaction is asked for what its steps do.
    """
    target = environ.get("HTTP_X_AMZ_TARGET", "").rpartition(".")[2]
    facts = json.loads(body(environ) or b"{}")
    if target == "BatchGetItem":
        return [
            {"action": f"dynamodb:{target}", "resource": name} for name in facts["RequestItems"]
        ]
    steps = facts.get("TransactItems", [{target.removesuffix("Item"): facts}])
    return [
        {
            "action": f"dynamodb:{_TABLE_ACTIONS.get(verb, target)}",
            "resource": step["TableName"],
            "leading_key": _leading_key(step),
        }
        for each in steps
        for verb, step in each.items()
    ]


_TABLE_ACTIONS = {
    "ConditionCheck": "ConditionCheckItem",
    "Delete": "DeleteItem",
    "Get": "GetItem",
    "Put": "PutItem",
    "Update": "UpdateItem",
}


def _leading_key(step: dict[str, Any]) -> str:
    key = (step.get("Key") or step.get("Item") or {}).get("kind", {})
    return str(key.get("S", ""))


def _named(service: str, facts: dict[str, Any]) -> str:
    """Return the resource of a call, from the parameter of its service that names it."""
    if service == "glue" and "DatabaseName" in facts:
        return f"table/{facts['DatabaseName']}/{facts.get('TableName') or facts.get('Name')}"
    names = (
        *("TableName", "TopicArn", "JobName", "Name", "SecretId", "QueueUrl", "RoleArn"),
        *("DeliveryStreamName", "KeyId"),
    )
    return str(next((facts[name] for name in names if name in facts), ""))


def s3_call(environ: dict[str, Any]) -> dict[str, str]:
    """Return what IAM is asked for a request of S3."""
    bucket, _, key = environ["PATH_INFO"].lstrip("/").partition("/")
    query = parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True)
    action = _S3_CALLS[(environ["REQUEST_METHOD"], "object" if key else "bucket")]
    if "versionId" in query and action in {"s3:GetObject", "s3:DeleteObject"}:
        action += "Version"
    if "versions" in query:
        action = "s3:ListBucketVersions"
    if "location" in query:
        action = "s3:GetBucketLocation"
    if "uploadId" in query and environ["REQUEST_METHOD"] == "DELETE":
        action = "s3:AbortMultipartUpload"
    if key:
        return {"action": action, "resource": f"arn:aws:s3:::{bucket}/{key}"}
    # What a right to list may be limited to.
    prefix = query.get("prefix", [""])[0]
    return {"action": action, "resource": f"arn:aws:s3:::{bucket}", "prefix": prefix}


def body(environ: dict[str, Any]) -> bytes:
    """Read the body and put it back."""
    length = int(environ.get("CONTENT_LENGTH") or 0)
    content: bytes = environ["wsgi.input"].read(length)
    environ["wsgi.input"] = io.BytesIO(content)
    return content
