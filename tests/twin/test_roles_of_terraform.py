"""Terraform's own roles, judged on the twin as AWS judges them: plan, apply, second plan, drift.

The server refuses what the policies of the bootstrap do not allow (tests/twin/server/judge.py), so
a plan that ends well is one that the plan role may make. Destroying is in test_teardown.py.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from scripts.plan_failures import unboxed
from tests.terraform.policies import statements
from tests.twin.server.calls import ROLE_PREFIX
from tests.twin.stack import APPLY_ROLE, PLAN_ROLE, STATE_BUCKET, WORKSPACE, Twin

pytestmark = [pytest.mark.twin, pytest.mark.timeout(2400)]

STATE = {"Bucket": STATE_BUCKET, "Key": f"metriccare/{WORKSPACE}/terraform.tfstate"}
BOUNDARY = f"arn:aws:iam::123456789012:policy/metriccare_terraform_boundary_{WORKSPACE}"
TRUST = json.dumps({"Version": "2012-10-17", "Statement": []})
ANYTHING = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
    }
)
# Granted to the plan role and not called by a plan of the stack as it is deployed here.
CALLED_ELSEWHERE = {
    "lambda:GetFunctionEventInvokeConfig",  # with small runs only (test_small_runs.py)
}


def client(twin: Twin, service: str, role: str) -> Any:
    """Return a client that calls as a role of Terraform."""
    return boto3.client(
        service,
        endpoint_url=twin.endpoint,
        region_name="us-east-1",
        aws_access_key_id=ROLE_PREFIX + role,
        aws_secret_access_key="twin",
    )


def refused(call: Callable[[], Any]) -> bool:
    """Return True if a call is refused because of a missing right."""
    try:
        call()
    except ClientError as error:
        return error.response["Error"]["Code"] in {"AccessDenied", "AccessDeniedException", "403"}
    return False


def granted(policy: dict[str, Any]) -> set[str]:
    """Return the actions that a policy allows."""
    allowed = [s for s in statements(policy) if s["Effect"] == "Allow"]
    return {action for statement in allowed for action in statement["Action"]}


def changes(twin: Twin) -> list[dict[str, Any]]:
    """Return the resource changes of the plan that was made last."""
    plan = json.loads(
        twin.terraform("show", "-json", str(twin.folder / "plan/terraform.plan")).stdout
    )
    return [
        c for c in plan["resource_changes"] if c["change"]["actions"] not in (["no-op"], ["read"])
    ]


def test_a_drift_check_by_the_plan_role_finds_nothing(twin: Twin):
    twin.plan_script("--deployed-commit")
    counts = json.loads((twin.folder / "plan" / "counts.json").read_text(encoding="utf-8"))
    assert set(counts.values()) == {0}


def test_the_workflows_could_plan_and_apply_the_stack_with_their_roles(twin: Twin):
    calls = twin.judged()
    assert {call["role"] for call in calls} == {PLAN_ROLE, APPLY_ROLE}
    assert [call for call in calls if not call["allowed"]] == []
    assert len({call["action"] for call in calls if call["role"] == PLAN_ROLE}) > 50


def test_the_plan_role_is_granted_only_what_a_plan_calls(twin: Twin):
    policy = client_policy(twin, PLAN_ROLE)
    attached = twin.client("iam").list_attached_role_policies(RoleName=PLAN_ROLE)
    assert attached["AttachedPolicies"] == []
    called = {call["action"] for call in twin.judged() if call["role"] == PLAN_ROLE}
    assert granted(policy) - called == CALLED_ELSEWHERE
    assert not [action for action in granted(policy) if "*" in action]


def client_policy(twin: Twin, role: str) -> dict[str, Any]:
    """Return the one policy that a role has."""
    iam = twin.client("iam")
    (name,) = iam.list_role_policies(RoleName=role)["PolicyNames"]
    return dict(iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"])


def test_a_new_commit_alone_changes_one_object_and_leaves_every_policy_known(twin: Twin):
    done = twin.plan_script(TF_VAR_commit="0123456789abcdef")
    found = changes(twin)
    assert [change["address"] for change in found] == ["aws_s3_object.release"]
    assert "known after apply" not in "".join(
        line for line in done.stdout.splitlines() if "policy" in line
    )
    assert "aws_s3_object.release will be updated in-place" in done.stdout, "the log has the plan"


def test_what_the_plan_role_may_not_do_is_said_in_a_sentence_and_changes_nothing(twin: Twin):
    before = twin.client("s3").get_object(**STATE)["Body"].read()
    done = twin.plan_script("--apply", expect=1, role=PLAN_ROLE)
    assert "These credentials may not do this in dev" in done.stderr.splitlines()[-1]
    assert twin.client("s3").get_object(**STATE)["Body"].read() == before


def test_the_role_of_another_workspace_is_refused_with_a_sentence(twin: Twin):
    done = twin.plan_script(expect=1, role="metriccare_terraform_apply_prod")
    assert "These credentials may not do this in dev" in done.stderr.splitlines()[-1]


def test_a_workspace_in_another_account_is_refused_before_anything_is_read(twin: Twin):
    elsewhere = {WORKSPACE: {**twin.deployments[WORKSPACE], "account": "999999999999"}}
    done = twin.plan_script(expect=1, DEPLOYMENTS=json.dumps(elsewhere))
    assert done.stderr.splitlines()[-1] == (
        "These credentials belong to account 123456789012, but dev is deployed in account"
        " 999999999999: take the role of dev."
    )


def test_one_right_that_is_missing_stops_a_plan_with_the_name_of_the_call(twin: Twin):
    with without(twin, PLAN_ROLE, "glue:GetPartitionIndexes"):
        done = twin.plan_script(expect=1)
    assert "not authorized to perform: glue:GetPartitionIndexes" in unboxed(done.stderr)
    assert "These credentials may not do this in dev" in done.stderr.splitlines()[-1]


@contextmanager
def without(twin: Twin, role: str, action: str) -> Iterator[None]:
    """Remove an action from a role's policy until the end of the block."""
    iam, whole = twin.client("iam"), client_policy(twin, role)
    (name,) = iam.list_role_policies(RoleName=role)["PolicyNames"]
    reduced = json.loads(json.dumps(whole))
    for statement in reduced["Statement"]:
        if isinstance(statement["Action"], list):
            statement["Action"] = [a for a in statement["Action"] if a != action]
    place = {"RoleName": role, "PolicyName": name}
    iam.put_role_policy(**place, PolicyDocument=json.dumps(reduced))
    try:
        yield
    finally:
        iam.put_role_policy(**place, PolicyDocument=json.dumps(whole))


def test_an_apply_role_makes_roles_under_the_boundary_only(twin: Twin):
    iam, admin = client(twin, "iam", APPLY_ROLE), twin.client("iam")
    role = {"RoleName": "metriccare_probe_dev", "AssumeRolePolicyDocument": TRUST}
    assert refused(lambda: iam.create_role(**role))
    assert refused(lambda: iam.create_role(**role, PermissionsBoundary=BOUNDARY[:-3] + "prod"))
    iam.create_role(**role, PermissionsBoundary=BOUNDARY)
    name = {"RoleName": role["RoleName"]}
    iam.put_role_policy(**name, PolicyName="p", PolicyDocument=ANYTHING)
    assert refused(lambda: iam.delete_role_permissions_boundary(**name))
    admin.delete_role_permissions_boundary(**name)
    assert refused(lambda: iam.put_role_policy(**name, PolicyName="q", PolicyDocument=ANYTHING))
    everything = "arn:aws:iam::aws:policy/AdministratorAccess"
    assert refused(lambda: iam.attach_role_policy(**name, PolicyArn=everything))
    admin.delete_role_policy(**name, PolicyName="p")
    iam.delete_role(**name)


def test_an_apply_role_changes_neither_its_own_role_nor_a_boundary(twin: Twin):
    iam = client(twin, "iam", APPLY_ROLE)
    own = {"RoleName": APPLY_ROLE, "PolicyName": "more", "PolicyDocument": ANYTHING}
    assert refused(lambda: iam.put_role_policy(**own))
    assert refused(lambda: iam.create_policy_version(PolicyArn=BOUNDARY, PolicyDocument=ANYTHING))
    assert refused(lambda: iam.delete_policy(PolicyArn=BOUNDARY))
    assert refused(lambda: iam.update_assume_role_policy(RoleName=APPLY_ROLE, PolicyDocument=TRUST))


@pytest.mark.parametrize("role", [PLAN_ROLE, APPLY_ROLE])
def test_no_role_of_terraform_reads_data_or_becomes_a_role_that_does(twin: Twin, role):
    s3, sts = client(twin, "s3", role), client(twin, "sts", role)
    for use in ("raw", "lake", "results", "logs"):
        bucket = twin.outputs["buckets"][use]
        assert refused(lambda b=bucket: s3.get_object(Bucket=b, Key="north/Patient.ndjson")), use
    table = {"TableName": twin.outputs["tracking_table"]}
    dynamodb = client(twin, "dynamodb", role)
    assert refused(lambda: dynamodb.scan(**table))
    queue = {"QueueUrl": twin.outputs["queues"]["uploads"]}
    assert refused(lambda: client(twin, "sqs", role).receive_message(**queue))
    logs = client(twin, "logs", role)
    group = {"logGroupName": "/aws/lambda/metriccare_notify_dev"}
    assert refused(lambda: logs.filter_log_events(**group))
    job = "arn:aws:iam::123456789012:role/metriccare_gold_job_dev"
    assert refused(lambda: sts.assume_role(RoleArn=job, RoleSessionName="probe"))


def test_states_lie_under_the_state_key_and_another_encryption_is_refused(twin: Twin):
    s3 = client(twin, "s3", APPLY_ROLE)
    written = [
        c for c in twin.judged() if c["action"] == "s3:PutObject" and STATE_BUCKET in c["resource"]
    ]
    named = {c["context"].get("s3:x-amz-server-side-encryption") for c in written}
    assert named <= {None, "aws:kms"}
    head = twin.client("s3").head_object(**STATE)
    assert head["ServerSideEncryption"] == "aws:kms"
    keys = {
        a["AliasName"]: a["TargetKeyId"]
        for a in twin.client("kms").list_aliases()["Aliases"]
        if "TargetKeyId" in a
    }
    assert keys["alias/metriccare_state"] in head["SSEKMSKeyId"]
    other = f"arn:aws:kms:us-east-1:123456789012:key/{keys['alias/metriccare_data_dev']}"
    probe = {**STATE, "Key": "metriccare/dev/probe", "Body": b"{}"}
    assert refused(lambda: s3.put_object(**probe, ServerSideEncryption="AES256"))
    assert refused(
        lambda: s3.put_object(**probe, ServerSideEncryption="aws:kms", SSEKMSKeyId=other)
    )
    s3.put_object(**probe)
    twin.client("s3").delete_object(Bucket=STATE_BUCKET, Key=probe["Key"])
