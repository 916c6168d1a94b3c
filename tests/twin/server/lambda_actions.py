"""Requests of Lambda as IAM sees them: the action is named by method and path."""

from __future__ import annotations

import re
from typing import Any

from tests.twin.server.requests import Call, Request

_LAMBDA = "arn:aws:lambda:us-east-1:123456789012"
_FUNCTIONS = re.compile(r"/[0-9-]+/functions(?:/([^/]+))?(?:/([^/]+))?(?:/.*)?")
_MAPPINGS = re.compile(r"/[0-9-]+/event-source-mappings(?:/([^/]+))?/?")
_TAGS = re.compile(r"/[0-9-]+/tags/(.+)")
# By what follows the function's name, then by method.
_ACTIONS = {
    "": {"GET": "GetFunction", "DELETE": "DeleteFunction"},
    "aliases": {
        "GET": "GetAlias",
        "POST": "CreateAlias",
        "PUT": "UpdateAlias",
        "DELETE": "DeleteAlias",
    },
    "code": {"PUT": "UpdateFunctionCode"},
    "code-signing-config": {"GET": "GetFunctionCodeSigningConfig"},
    "concurrency": {
        "GET": "GetFunctionConcurrency",
        "PUT": "PutFunctionConcurrency",
        "DELETE": "DeleteFunctionConcurrency",
    },
    "configuration": {"GET": "GetFunctionConfiguration", "PUT": "UpdateFunctionConfiguration"},
    "event-invoke-config": {
        "GET": "GetFunctionEventInvokeConfig",
        "PUT": "PutFunctionEventInvokeConfig",
        "POST": "UpdateFunctionEventInvokeConfig",
        "DELETE": "DeleteFunctionEventInvokeConfig",
    },
    "invocations": {"POST": "InvokeFunction"},
    "policy": {"GET": "GetPolicy", "POST": "AddPermission", "DELETE": "RemovePermission"},
    "versions": {"GET": "ListVersionsByFunction", "POST": "PublishVersion"},
}
_LOOKS_AT_NETWORK = (
    "DescribeSecurityGroups",
    "DescribeSubnets",
    "DescribeVpcs",
    "GetSecurityGroupsForVpc",
)
_MAPPING_VERBS = {"GET": "Get", "PUT": "Update", "DELETE": "Delete"}
_TAG_VERBS = {"GET": "ListTags", "POST": "TagResource", "DELETE": "UntagResource"}


def lambda_calls(request: Request) -> list[Call]:
    """Return what IAM is asked for a request of Lambda."""
    if tagged := _TAGS.fullmatch(request.path):
        return [Call(f"lambda:{_TAG_VERBS[request.method]}", tagged[1])]
    if mapping := _MAPPINGS.fullmatch(request.path):
        return _mapping_calls(request.method, mapping[1])
    function = _FUNCTIONS.fullmatch(request.path)
    if function is None:
        return [Call(f"lambda:?{request.method} {request.path}")]
    if function[1] is None:
        return _creation(request)
    arn = f"{_LAMBDA}:function:{function[1].rpartition(':')[2]}"
    action = _ACTIONS.get(function[2] or "", {}).get(request.method, f"?{request.path}")
    return [Call(f"lambda:{action}", arn), *_needed(action, request.facts)]


def _mapping_calls(method: str, uuid: str | None) -> list[Call]:
    if uuid is None:
        return [Call(f"lambda:{'Create' if method == 'POST' else 'List'}EventSourceMapping")]
    action = f"lambda:{_MAPPING_VERBS[method]}EventSourceMapping"
    return [Call(action, f"{_LAMBDA}:event-source-mapping:{uuid}")]


def _creation(request: Request) -> list[Call]:
    if request.method == "GET":
        return [Call("lambda:ListFunctions")]
    arn = f"{_LAMBDA}:function:{request.facts['FunctionName']}"
    tags = [Call("lambda:TagResource", arn)] if request.facts.get("Tags") else []
    return [Call("lambda:CreateFunction", arn), *tags, *_needed("CreateFunction", request.facts)]


def _needed(action: str, facts: dict[str, Any]) -> list[Call]:
    """Return what else the caller needs rights on: the role it passes, the package it names."""
    calls = []
    if "Role" in facts and action in {"CreateFunction", "UpdateFunctionConfiguration"}:
        service = {"iam:PassedToService": "lambda.amazonaws.com"}
        calls.append(Call("iam:PassRole", str(facts["Role"]), service))
    code = facts.get("Code", facts)
    if "S3Bucket" in code:
        calls.append(Call("s3:GetObject", f"arn:aws:s3:::{code['S3Bucket']}/{code['S3Key']}"))
    if facts.get("VpcConfig", {}).get("SubnetIds"):
        # Lambda looks at the network in the caller's name.
        calls += [Call(f"ec2:{action}") for action in _LOOKS_AT_NETWORK]
    return calls
