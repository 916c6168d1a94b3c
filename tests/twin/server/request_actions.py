"""Requests of Terraform as IAM sees them, for the services whose requests name their operation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tests.twin.server.ec2_actions import ec2_calls
from tests.twin.server.lambda_actions import lambda_calls
from tests.twin.server.requests import Call, Request
from tests.twin.server.s3_actions import s3_calls
from tests.twin.server.serving_actions import (
    cloudfront_calls,
    gateway_calls,
    pool_calls,
    stream_calls,
    web_acl_calls,
)

_REGION, _ACCOUNT = "us-east-1", "123456789012"
# Operations that IAM knows by another name.
_BUDGETS = {
    "CreateBudget": "ModifyBudget",
    "DeleteBudget": "ModifyBudget",
    "UpdateBudget": "ModifyBudget",
    "CreateNotification": "ModifyBudget",
    "DeleteNotification": "ModifyBudget",
    "DescribeBudget": "ViewBudget",
    "DescribeNotificationsForBudget": "ViewBudget",
    "DescribeSubscribersForNotification": "ViewBudget",
}
# Operations without a resource type in AWS's Service Authorization Reference: only a policy for
# every resource grants them.
WITHOUT_RESOURCE = {
    "cloudtrail:DescribeTrails",
    "cloudtrail:ListTrails",
    "glue:CreateSecurityConfiguration",
    "glue:DeleteSecurityConfiguration",
    "glue:GetSecurityConfiguration",
    "iam:ListPolicies",
    "kms:CreateKey",
    "kms:ListAliases",
    "kms:ListKeys",
    "logs:DescribeLogGroups",
    "sns:GetSubscriptionAttributes",
    "sns:Unsubscribe",
}
_TABLE_USES_OF_KEYS = ("CreateGrant", "DescribeKey")
Resources = Callable[[str, Mapping[str, Any]], list[str]]


def calls_of(request: Request) -> list[Call]:
    """Return what IAM is asked for a request; nothing for what needs no right."""
    if request.operation == "GetCallerIdentity":
        return []
    if request.service in _SERVICES_OF_THEIR_OWN:
        return _SERVICES_OF_THEIR_OWN[request.service](request)
    action = _action(request)
    if action in WITHOUT_RESOURCE:
        resources = ["*"]
    else:
        named = _RESOURCES[request.service](request.operation, request.facts)
        resources = [arn.replace(f":{_REGION}:", f":{request.region}:") for arn in named]
    context = _context(request)
    return [Call(action, resource, context) for resource in resources] + _needed(request)


def _action(request: Request) -> str:
    renamed = _BUDGETS if request.service == "budgets" else {}
    return f"{request.service}:{renamed.get(request.operation, request.operation)}"


def _context(request: Request) -> dict[str, str]:
    """Return the values of the request that conditions can read."""
    tags = request.facts.get("Tags")
    named = tags if request.service == "kms" and isinstance(tags, list) else []
    context = {f"aws:RequestTag/{tag['TagKey']}": tag["TagValue"] for tag in named}
    if str(request.facts.get("KeyId", "")).startswith("alias/"):
        context["kms:RequestAlias"] = str(request.facts["KeyId"])
    if "PermissionsBoundary" in request.facts:
        context["iam:PermissionsBoundary"] = str(request.facts["PermissionsBoundary"])
    return context


def _needed(request: Request) -> list[Call]:
    """Return what else the caller needs rights on: roles it passes, keys it grants to a service."""
    facts, operation = request.facts, request.operation
    if request.service == "glue" and operation in {"CreateJob", "UpdateJob"}:
        role = facts.get("Role") or facts.get("JobUpdate", {}).get("Role", "")
        return [Call("iam:PassRole", role, {"iam:PassedToService": "glue.amazonaws.com"})]
    if request.service == "dynamodb" and operation in {"CreateTable", "UpdateTable"}:
        key = facts.get("SSESpecification", {}).get("KMSMasterKeyId")
        by_table = {"kms:GrantIsForAWSResource": "true"}
        return [Call(f"kms:{verb}", key, by_table) for verb in _TABLE_USES_OF_KEYS if key]
    return []


def _arn(service: str, rest: str, region: str = _REGION) -> str:
    return f"arn:aws:{service}:{region}:{_ACCOUNT}:{rest}"


def _athena(_: str, facts: Mapping[str, Any]) -> list[str]:
    # A named query belongs to its workgroup; a request for one gives only its id.
    name = facts.get("WorkGroup") or facts.get("Name") or "metriccare_bi_dev"
    return [facts.get("ResourceARN") or _arn("athena", f"workgroup/{name}")]


def _budgets(_: str, facts: Mapping[str, Any]) -> list[str]:
    name = facts.get("BudgetName") or facts.get("Budget", {}).get("BudgetName")
    return [facts.get("ResourceARN") or _arn("budgets", f"budget/{name}", "")]


def _cloudtrail(_: str, facts: Mapping[str, Any]) -> list[str]:
    several = facts.get("ResourceIdList", [])
    named = facts.get("ResourceId") or facts.get("TrailName") or facts.get("Name")
    found = str(several[0] if several else named)
    return [found if found.startswith("arn:") else _arn("cloudtrail", f"trail/{found}")]


def _cloudwatch(operation: str, facts: Mapping[str, Any]) -> list[str]:
    if "Dashboard" in operation:
        name = facts.get("DashboardName") or facts.get("DashboardNames.member.1")
        return [_arn("cloudwatch", f"dashboard/{name}", "")]
    name = facts.get("AlarmName") or facts.get("AlarmNames.member.1")
    return [facts.get("ResourceARN") or _arn("cloudwatch", f"alarm:{name}")]


def _dynamodb(_: str, facts: Mapping[str, Any]) -> list[str]:
    return [facts.get("ResourceArn") or _arn("dynamodb", f"table/{facts.get('TableName')}")]


def _events(_: str, facts: Mapping[str, Any]) -> list[str]:
    name = facts.get("Rule") or facts.get("Name")
    return [facts.get("ResourceARN") or _arn("events", f"rule/{name}")]


def _glue(operation: str, facts: Mapping[str, Any]) -> list[str]:
    if "ResourceArn" in facts:
        return [facts["ResourceArn"]]
    if "Table" in operation or "Partition" in operation:
        table = facts.get("TableName") or facts.get("Name") or facts["TableInput"]["Name"]
        return _catalog(facts["DatabaseName"], f"table/{facts['DatabaseName']}/{table}")
    if "Database" in operation:
        name = facts.get("Name") or facts["DatabaseInput"]["Name"]
        # Whoever removes a database removes what may be in it.
        inside = (f"table/{name}/*", f"userDefinedFunction/{name}/*")
        return _catalog(name, *(inside if operation == "DeleteDatabase" else ()))
    if "Connection" in operation:
        name = facts.get("Name") or facts.get("ConnectionName") or facts["ConnectionInput"]["Name"]
        return [_arn("glue", place) for place in ("catalog", f"connection/{name}")]
    kind = next(kind for kind in ("Workflow", "Trigger", "Job") if kind in operation)
    name = facts.get("Name") or facts.get("JobName")
    return [_arn("glue", f"{kind.lower()}/{name}")]


def _catalog(database: str, *inside: str) -> list[str]:
    return [_arn("glue", place) for place in ("catalog", f"database/{database}", *inside)]


def _iam(operation: str, facts: Mapping[str, Any]) -> list[str]:
    if "RoleName" in facts:
        return [_arn("iam", f"role/{facts['RoleName']}", "")]
    if "PolicyArn" in facts:
        return [str(facts["PolicyArn"])]
    return [_arn("iam", f"policy/{facts.get('PolicyName', operation)}", "")]


def _kms(_: str, facts: Mapping[str, Any]) -> list[str]:
    alias = facts.get("AliasName")
    key = facts.get("TargetKeyId") or facts.get("KeyId")
    named = [_arn("kms", alias)] if alias else []
    # A key that is named by its alias is judged as the key, whose number is not known here.
    if key and not str(key).startswith("arn:"):
        key = _arn("kms", f"key/{str(key).replace('/', '-')}")
    return [*named, key] if key else named


def _logs(_: str, facts: Mapping[str, Any]) -> list[str]:
    if "resourceArn" in facts:
        return [facts["resourceArn"]]
    return [_arn("logs", f"log-group:{facts['logGroupName']}:log-stream:")]


def _sns(_: str, facts: Mapping[str, Any]) -> list[str]:
    return [facts.get("TopicArn") or facts.get("ResourceArn") or _arn("sns", str(facts["Name"]))]


def _sqs(_: str, facts: Mapping[str, Any]) -> list[str]:
    name = facts.get("QueueName") or str(facts["QueueUrl"]).rpartition("/")[2]
    return [_arn("sqs", name)]


_RESOURCES: dict[str, Resources] = {
    "athena": _athena,
    "budgets": _budgets,
    "cloudtrail": _cloudtrail,
    "cloudwatch": _cloudwatch,
    "dynamodb": _dynamodb,
    "events": _events,
    "glue": _glue,
    "iam": _iam,
    "kms": _kms,
    "logs": _logs,
    "sns": _sns,
    "sqs": _sqs,
    "sts": lambda _, facts: [str(facts["RoleArn"])],
}

_SERVICES_OF_THEIR_OWN: dict[str, Callable[[Request], list[Call]]] = {
    "apigateway": gateway_calls,
    "cloudfront": cloudfront_calls,
    "cognito-idp": pool_calls,
    "ec2": ec2_calls,
    "firehose": stream_calls,
    "lambda": lambda_calls,
    "s3": s3_calls,
    "wafv2": web_acl_calls,
}
