"""Requests of Terraform as IAM reads them: what the verdicts of the twin rest on."""

from __future__ import annotations

import io
import json
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.twin.server.request_actions import calls_of
from tests.twin.server.requests import read_request

ACCOUNT = "us-east-1:123456789012"


def asked(
    service: str, method: str = "POST", url: str = "/", **parts: Any
) -> list[tuple[str, str]]:
    """Return the actions and resources that IAM is asked for."""
    return [(call.action, call.resource) for call in calls(service, method, url, **parts)]


def calls(service: str, method: str = "POST", url: str = "/", **parts: Any) -> list[Any]:
    path, _, query = url.partition("?")
    target, body = parts.get("target"), parts.get("body", b"")
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"HTTP_X_AMZ_TARGET": target} if target else {}
    signature = f"AWS4-HMAC-SHA256 Credential=key/20260101/us-east-1/{service}/aws4_request, x"
    environ = {
        "HTTP_AUTHORIZATION": signature,
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "CONTENT_LENGTH": str(len(content)),
        "wsgi.input": io.BytesIO(content),
        **headers,
        **parts.get("headers", {}),
    }
    request = read_request(environ)
    assert request is not None
    return calls_of(request)


@pytest.mark.parametrize(
    ("method", "url", "action", "resource"),
    [
        ("GET", "/b?lifecycle=", "s3:GetLifecycleConfiguration", "b"),
        ("PUT", "/b?encryption=", "s3:PutEncryptionConfiguration", "b"),
        ("DELETE", "/b?publicAccessBlock=", "s3:PutBucketPublicAccessBlock", "b"),
        ("DELETE", "/b?policy=", "s3:DeleteBucketPolicy", "b"),
        ("HEAD", "/b", "s3:ListBucket", "b"),
        ("PUT", "/b", "s3:CreateBucket", "b"),
        ("GET", "/b?versions=", "s3:ListBucketVersions", "b"),
        ("HEAD", "/b/release.json", "s3:GetObject", "b/release.json"),
        ("GET", "/b/k?versionId=1", "s3:GetObjectVersion", "b/k"),
        ("GET", "/b/k?tagging=", "s3:GetObjectTagging", "b/k"),
        ("DELETE", "/b/a.tflock", "s3:DeleteObject", "b/a.tflock"),
    ],
)
def test_s3_names_the_action_by_method_and_subresource(method, url, action, resource):
    assert asked("s3", method, url) == [(action, f"arn:aws:s3:::{resource}")]


def test_what_an_object_is_encrypted_with_can_be_asked_by_a_policy():
    header = {"HTTP_X_AMZ_SERVER_SIDE_ENCRYPTION": "AES256"}
    (call,) = calls("s3", "PUT", "/b/k", headers=header)
    assert call.context == {"s3:x-amz-server-side-encryption": "AES256"}


def test_a_table_needs_a_right_to_its_catalog_and_database_too():
    body = {"DatabaseName": "gold", "TableName": "stay"}
    found = asked("glue", target="AWSGlue.GetPartitionIndexes", body=body)
    assert found == [
        ("glue:GetPartitionIndexes", f"arn:aws:glue:{ACCOUNT}:{place}")
        for place in ("catalog", "database/gold", "table/gold/stay")
    ]


def test_whoever_makes_a_job_or_a_function_must_be_allowed_to_give_it_its_role():
    role = "arn:aws:iam::123456789012:role/metriccare_gold_job_dev"
    body = {"Name": "gold", "Role": role}
    assert ("iam:PassRole", role) in asked("glue", target="AWSGlue.CreateJob", body=body)
    function = {"FunctionName": "f", "Role": role, "Code": {"S3Bucket": "b", "S3Key": "k"}}
    found = asked("lambda", "POST", "/2015-03-31/functions", body=function)
    assert found == [
        ("lambda:CreateFunction", f"arn:aws:lambda:{ACCOUNT}:function:f"),
        ("iam:PassRole", role),
        ("s3:GetObject", "arn:aws:s3:::b/k"),
    ]


def test_a_role_is_judged_with_the_boundary_it_is_made_under():
    form = {"Action": "CreateRole", "RoleName": "r", "PermissionsBoundary": "arn:b"}
    (call,) = calls("iam", body=urlencode(form).encode())
    assert (call.action, call.resource) == ("iam:CreateRole", "arn:aws:iam::123456789012:role/r")
    assert call.context == {"iam:PermissionsBoundary": "arn:b"}


def test_a_new_key_is_judged_by_the_tags_it_asks_for():
    body = {"Tags": [{"TagKey": "workspace", "TagValue": "dev"}]}
    (call,) = calls("kms", target="TrentService.CreateKey", body=body)
    assert (call.action, call.resource) == ("kms:CreateKey", "*")
    assert call.context == {"aws:RequestTag/workspace": "dev"}


def test_calls_that_know_no_resource_are_judged_as_all():
    form = {"Action": "GetSubscriptionAttributes", "SubscriptionArn": "arn:aws:sns:x"}
    assert asked("sns", body=urlencode(form).encode()) == [("sns:GetSubscriptionAttributes", "*")]


def test_budgets_have_two_rights_for_all_their_calls():
    body = {"AccountId": "123456789012", "BudgetName": "metriccare_monthly_dev"}
    budget = "arn:aws:budgets::123456789012:budget/metriccare_monthly_dev"
    target = "AWSBudgetServiceGateway.DescribeSubscribersForNotification"
    assert asked("budgets", target=target, body=body) == [("budgets:ViewBudget", budget)]


def test_who_one_is_may_always_be_asked():
    assert asked("sts", body=b"Action=GetCallerIdentity&Version=2011-06-15") == []


def test_alarms_are_named_by_their_service_and_not_by_their_signature():
    form = {"Action": "PutMetricAlarm", "AlarmName": "metriccare_x_dev"}
    alarm = f"arn:aws:cloudwatch:{ACCOUNT}:alarm:metriccare_x_dev"
    assert asked("monitoring", body=urlencode(form).encode()) == [
        ("cloudwatch:PutMetricAlarm", alarm)
    ]
