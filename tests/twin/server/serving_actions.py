"""Requests for what serves as IAM sees them: gateway, CloudFront, pools, streams, web ACLs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from tests.twin.server.requests import Call, Request

_ACCOUNT = "123456789012"
_CLOUDFRONT = re.compile(r"/2020-05-31/([a-z-]+)(?:/([^/]+))?(?:/([a-z]+))?")
_VERBS = {"POST": "Create", "GET": "Get", "PUT": "Update", "DELETE": "Delete"}
_WITHOUT_POOL = {"CreateUserPool": "*", "DescribeUserPoolDomain": "*"}


def gateway_calls(request: Request) -> list[Call]:
    """Return what IAM is asked for a request of API Gateway: its method, on the path."""
    path = request.path.removeprefix("/v2")
    place = f"arn:aws:apigateway:{request.region}::{path}"
    return [Call(f"apigateway:{request.method}", place)]


def cloudfront_calls(request: Request) -> list[Call]:
    """Return what IAM is asked for a request of CloudFront."""
    found = _CLOUDFRONT.fullmatch(request.path)
    if found is None:
        return [Call(f"cloudfront:?{request.method} {request.path}")]
    kind, name, what = found[1], found[2], found[3]
    if kind == "tagging":
        verb = "ListTagsForResource" if request.method == "GET" else request.query["Operation"]
        action = verb if verb.endswith("Resource") else f"{verb}Resource"
        return [Call(f"cloudfront:{action}", request.query["Resource"])]
    word = "".join(part.title() for part in kind.split("-"))
    verb = {"describe": "Describe", "publish": "Publish"}.get(what or "", _VERBS[request.method])
    named = re.search(r"<Name>([^<]+)</Name>", str(request.facts)) if kind == "function" else None
    place = f"arn:aws:cloudfront::{_ACCOUNT}:{kind}/{name or (named[1] if named else '*')}"
    tags = "WithTags" in request.query
    more = [Call("cloudfront:TagResource", place)] if tags else []
    return [Call(f"cloudfront:{verb}{word}", place), *more]


def pool_calls(request: Request) -> list[Call]:
    """Return what IAM is asked for a request of Cognito."""
    facts = request.facts
    tags = {f"aws:RequestTag/{k}": v for k, v in (facts.get("UserPoolTags") or {}).items()}
    pool = f"arn:aws:cognito-idp:{request.region}:{_ACCOUNT}:userpool/{facts.get('UserPoolId')}"
    place = _WITHOUT_POOL.get(request.operation) or facts.get("ResourceArn") or pool
    return [Call(f"cognito-idp:{request.operation}", str(place), tags)]


def stream_calls(request: Request) -> list[Call]:
    """Return what IAM is asked for a request of Firehose."""
    name = request.facts["DeliveryStreamName"]
    place = f"arn:aws:firehose:{request.region}:{_ACCOUNT}:deliverystream/{name}"
    role = _role_of(request.facts)
    to_firehose = {"iam:PassedToService": "firehose.amazonaws.com"}
    passed = [Call("iam:PassRole", role, to_firehose)] if role else []
    return [Call(f"firehose:{request.operation}", place), *passed]


def _role_of(facts: Mapping[str, Any]) -> str | None:
    found = facts.get("ExtendedS3DestinationConfiguration") or {}
    return found.get("RoleARN")


def web_acl_calls(request: Request) -> list[Call]:
    """Return what IAM is asked for a request of WAF."""
    facts = request.facts
    named = (
        f"arn:aws:wafv2:us-east-1:{_ACCOUNT}:global/webacl/{facts.get('Name')}/{facts.get('Id')}"
    )
    return [Call(f"wafv2:{request.operation}", str(facts.get("ResourceARN") or named))]
