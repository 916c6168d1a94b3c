"""Every option of the stack at once: allowed by the account, planned, applied, used, taken back."""

from __future__ import annotations

import json
from typing import Any

import pytest

from metriccare.naming import CANARY_TENANT
from metriccare.tracking.states import FileState
from tests.twin.journey import Journey
from tests.twin.stack import APPLY_ROLE, PLAN_ROLE, Twin, prepare_account, wait_for
from tests.twin.test_rights import calls_of, refused_calls, resources, role_policies
from tests.twin.test_roles_of_terraform import granted

pytestmark = [pytest.mark.twin, pytest.mark.timeout(2400)]
__all__ = ["resources", "role_policies"]

SECOND_REGION = "us-west-2"
APPLY = ("apply", "-auto-approve", "-input=false", "-no-color")
# Granted for a plan, and not called here: moto says of every trail that it has no selectors, and
# the provider looks a trail up by its description first.
NOT_CALLED = {
    "cloudtrail:GetEventSelectors",
    "cloudtrail:GetInsightSelectors",
    "cloudtrail:GetTrail",
    "cloudtrail:ListTrails",
}


@pytest.fixture(scope="module")
def options(twin: Twin) -> dict[str, str]:
    """Return the variables of the options, once the account's administrator has allowed them."""
    key = twin.client("kms").create_key(Description="of the hospital")["KeyMetadata"]["Arn"]
    prepare_account(
        twin,
        TF_VAR_options='["data_events", "private_network"]',
        TF_VAR_data_key_arns=json.dumps([key]),
        TF_VAR_raw_replica_region=SECOND_REGION,
    )
    return {
        "TF_VAR_canary": "true",
        "TF_VAR_data_events": "true",
        "TF_VAR_data_key_arn": key,
        "TF_VAR_private_network": "true",
        "TF_VAR_raw_replica_region": SECOND_REGION,
        "TF_VAR_small_runs": "true",
    }


@pytest.fixture(scope="module")
def wide(twin: Twin, options: dict[str, str]) -> Twin:
    """Return the stack with every option, planned and applied by the roles for it."""
    before = len(twin.judged())
    twin.plan_script(**options)
    twin.plan_script("--apply", role=APPLY_ROLE, **options)
    assert [call for call in twin.judged()[before:] if not call["allowed"]] == []
    found = json.loads(twin.terraform("output", "-json").stdout)
    twin.outputs = {name: output["value"] for name, output in found.items()}
    return twin


def test_a_second_plan_with_every_option_changes_nothing(wide: Twin, options: dict[str, str]):
    words = ("plan", "-detailed-exitcode", "-input=false", "-no-color")
    assert "No changes." in wide.terraform(*words, role=PLAN_ROLE, **options).stdout


def test_the_plan_role_is_granted_for_options_only_what_a_plan_calls(wide: Twin):
    iam = wide.client("iam")
    (attached,) = iam.list_attached_role_policies(RoleName=PLAN_ROLE)["AttachedPolicies"]
    version = iam.get_policy(PolicyArn=attached["PolicyArn"])["Policy"]["DefaultVersionId"]
    place = {"PolicyArn": attached["PolicyArn"], "VersionId": version}
    policy = iam.get_policy_version(**place)["PolicyVersion"]["Document"]
    called = {call["action"] for call in wide.judged() if call["role"] == PLAN_ROLE}
    assert granted(policy) - called == NOT_CALLED


def test_the_canary_is_published_and_in_no_published_table(wide: Twin, journey: Journey):
    journey.fire_schedule()

    def published() -> bool:
        own = [file for file in journey.files() if file.tenant == CANARY_TENANT]
        return bool(own) and all(file.state == FileState.PUBLISHED for file in own)

    wait_for("the canary is published", published, 300)
    rows = journey.query(f"SELECT 1 FROM publish.measure WHERE tenant = '{CANARY_TENANT}'")
    assert rows == []


def test_what_is_written_now_lies_under_the_given_key(wide: Twin, options: dict[str, str]):
    s3 = wide.client("s3")
    for use in ("raw", "lake", "results"):
        rule = s3.get_bucket_encryption(Bucket=wide.outputs["buckets"][use])
        (found,) = rule["ServerSideEncryptionConfiguration"]["Rules"]
        named = found["ApplyServerSideEncryptionByDefault"]["KMSMasterKeyID"]
        assert named == options["TF_VAR_data_key_arn"], use
    table = wide.client("dynamodb").describe_table(TableName=wide.outputs["tracking_table"])
    assert table["Table"]["SSEDescription"]["KMSMasterKeyArn"] == options["TF_VAR_data_key_arn"]


def test_every_call_under_the_options_is_one_its_role_allows(wide: Twin, role_policies: Any):
    assert "metriccare_canary_dev" in {role for role, *_ in calls_of(wide)}
    assert refused_calls(wide, role_policies) == []


def test_options_that_are_turned_off_leave_nothing_behind(wide: Twin, options: dict[str, str]):
    named = {name: options[name] for name in ("TF_VAR_data_key_arn", "TF_VAR_raw_replica_region")}
    before = len(wide.judged())
    wide.terraform(*APPLY, **named, TF_VAR_keeps_raw_replica="false")
    assert [call for call in wide.judged()[before:] if not call["allowed"]] == []
    left = json.dumps(wide.state())
    for kind in ("aws_cloudtrail", "aws_vpc", "aws_glue_connection", "aws_s3_bucket_replication"):
        assert kind not in left
    vpcs = wide.client("ec2").describe_vpcs()["Vpcs"]
    assert [vpc for vpc in vpcs if not vpc["IsDefault"]] == []
    there = {bucket["Name"] for bucket in wide.client("s3").list_buckets()["Buckets"]}
    assert not [name for name in there if "replica" in name or "trail" in name]
    kms = wide.client("kms", SECOND_REGION)
    keys = [kms.describe_key(KeyId=key["KeyId"]) for key in kms.list_keys()["Keys"]]
    ours = [key["KeyMetadata"] for key in keys if key["KeyMetadata"]["KeyManager"] == "CUSTOMER"]
    assert [key["KeyState"] for key in ours] == ["PendingDeletion"]


def test_the_region_of_copies_can_be_left_out_once_they_are_gone(
    wide: Twin, options: dict[str, str]
):
    key = {"TF_VAR_data_key_arn": options["TF_VAR_data_key_arn"]}
    words = ("plan", "-detailed-exitcode", "-input=false", "-no-color")
    assert "No changes." in wide.terraform(*words, role=PLAN_ROLE, **key).stdout
