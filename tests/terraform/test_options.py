"""What options of the stack add to policies, rendered and evaluated."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.terraform.policies import allows, denies
from tests.terraform.rendered import rendered
from tests.terraform.test_terraform import needs_terraform

pytestmark = needs_terraform

# IAM counts a managed policy without white space and takes no longer one.
LONGEST_POLICY = 6144
JOB = "arn:aws:iam::123456789012:role/metriccare_gold_job_dev"
APPLY = "arn:aws:iam::123456789012:role/metriccare_terraform_apply_dev"
OPERATOR = "arn:aws:iam::123456789012:role/operators"
GIVEN_KEY = "arn:aws:kms:us-east-1:999999999999:key/given"

DOOR_NEEDS = """
locals {
  private_network = true
  small_runs      = true
  canary          = true
  canary_name     = "metriccare_canary_dev"
  close_day       = 5
  closing_name    = "metriccare_close_month_dev"
  partition       = "aws"
  account         = "123456789012"
  prefix          = "metriccare"
  suffix          = "_dev"
  names = {
    jobs      = { gold = "metriccare_gold_job_dev" }
    small_run = "metriccare_run_small_dev"
  }
  arn = { buckets = { raw = "arn:aws:s3:::raw", lake = "arn:aws:s3:::lake", results = "r" } }
  network         = { vpc_id = "vpc-ours" }
}
"""

ACCOUNT_NEEDS = """
variable "workspaces" {
  type    = set(string)
  default = ["dev"]
}
variable "options" {
  type    = set(string)
  default = ["data_events", "private_network", "serving"]
}
variable "raw_replica_region" {
  default = "us-west-2"
}
variable "data_key_arns" {
  type    = set(string)
  default = ["arn:aws:kms:us-east-1:999999999999:key/given"]
}
locals {
  partition = "aws"
  region    = "us-east-1"
  account   = "123456789012"
  bucket_settings = ["s3:GetBucketAcl"]
  names = {
    for name, service in {
      athena = "athena", dynamodb = "dynamodb", functions = "lambda", glue = "glue", logs = "logs",
      topics = "sns", queues = "sqs", roles = "iam"
    } : name => "arn:aws:${service}:us-east-1:123456789012"
  }
}
"""
ACCOUNT_FILES = ("bootstrap/options.tf", "bootstrap/boundary.tf", "bootstrap/options_serving.tf")


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Any:
    place = tmp_path_factory.mktemp("door")
    return rendered("network_door.tf", 'network_door["lake"]', DOOR_NEEDS, {}, place)


@pytest.mark.parametrize(
    ("caller", "request_context", "is_refused"),
    [
        (JOB, {"aws:SourceVpc": "vpc-ours", "aws:ViaAWSService": "false"}, False),
        (JOB, {"aws:ViaAWSService": "false"}, True),
        (JOB, {"aws:SourceVpc": "vpc-other", "aws:ViaAWSService": "false"}, True),
        (JOB, {"aws:ViaAWSService": "true"}, False),
        (OPERATOR, {"aws:ViaAWSService": "false"}, False),
        (APPLY, {"aws:ViaAWSService": "false"}, False),
    ],
)
def test_buckets_take_calls_of_jobs_from_the_network_only(
    door: Any, caller: str, request_context: dict[str, str], is_refused: bool
):
    asked = {"aws:PrincipalArn": caller, **request_context}
    assert denies([door], "s3:GetObject", "arn:aws:s3:::lake/gold/a", asked) is is_refused


def policy_of_account(document: str, place: Path) -> Any:
    return rendered(ACCOUNT_FILES, document, ACCOUNT_NEEDS, {}, place)


def test_an_apply_role_makes_and_changes_networks_of_its_workspace_only(tmp_path: Path):
    policy = policy_of_account('apply_options["dev"]', tmp_path)
    vpc = "arn:aws:ec2:us-east-1:123456789012:vpc/vpc-1"
    subnet = "arn:aws:ec2:us-east-1:123456789012:subnet/subnet-1"
    own, foreign = ({"aws:RequestTag/workspace": name} for name in ("dev", "prod"))
    tagged, untagged = {"aws:ResourceTag/workspace": "dev"}, {}
    assert allows([policy], "ec2:CreateVpc", vpc, own)
    assert not allows([policy], "ec2:CreateVpc", vpc, foreign)
    assert allows([policy], "ec2:CreateSubnet", subnet, own)
    assert allows([policy], "ec2:CreateSubnet", vpc, {**own, **tagged})
    assert not allows([policy], "ec2:CreateSubnet", vpc, {**own, **untagged})
    assert allows([policy], "ec2:DeleteVpc", vpc, tagged)
    assert not allows([policy], "ec2:DeleteVpc", vpc, untagged)
    by_s3 = {"kms:ViaService": "s3.us-east-1.amazonaws.com"}
    assert allows([policy], "kms:GenerateDataKey", GIVEN_KEY, by_s3)
    assert not allows([policy], "kms:Decrypt", GIVEN_KEY)


def test_roles_can_use_options_and_every_policy_has_room_for_them(tmp_path: Path):
    documents = [
        "plan_options",
        "plan_serving",
        'apply_options["dev"]',
        'apply_serving["dev"]',
        'boundary["dev"]',
    ]
    found = []
    for place, document in enumerate(documents):
        (tmp_path / str(place)).mkdir()
        found.append(policy_of_account(document, tmp_path / str(place)))
    for name, policy in zip(documents, found, strict=True):
        assert len(json.dumps(policy, separators=(",", ":"))) <= LONGEST_POLICY, name
    boundary = [found[-1]]
    interface = "arn:aws:ec2:us-east-1:123456789012:network-interface/eni-1"
    assert allows(boundary, "ec2:CreateNetworkInterface", interface)
    assert allows(boundary, "kms:Decrypt", GIVEN_KEY)
    assert not allows(boundary, "ec2:RunInstances", interface)
    copies = "arn:aws:s3:::metriccare-raw-replica-123456789012-{}/north/a"
    assert allows(boundary, "s3:ReplicateObject", copies.format("dev"))
    assert not allows(boundary, "s3:ReplicateObject", copies.format("prod"))


def test_trails_and_keys_of_options_are_those_of_the_workspace(tmp_path: Path):
    policy = [policy_of_account('apply_options["dev"]', tmp_path)]
    trail = "arn:aws:cloudtrail:us-east-1:123456789012:trail/metriccare_data_events_{}"
    assert allows(policy, "cloudtrail:DeleteTrail", trail.format("dev"))
    assert not allows(policy, "cloudtrail:DeleteTrail", trail.format("prod"))
    key = "arn:aws:kms:us-west-2:123456789012:key/copies"
    assert allows(policy, "kms:PutKeyPolicy", key, {"aws:ResourceTag/workspace": "dev"})
    assert not allows(policy, "kms:PutKeyPolicy", key, {"aws:ResourceTag/workspace": "prod"})
    role = "arn:aws:iam:us-east-1:123456789012replica_dev"
    to_s3 = {"iam:PassedToService": "s3.amazonaws.com"}
    assert allows(policy, "iam:PassRole", role, to_s3)
    assert not allows(policy, "iam:PassRole", role, {"iam:PassedToService": "ec2.amazonaws.com"})


def test_no_role_of_terraform_adds_people_or_reads_what_they_read(tmp_path: Path):
    policy = [policy_of_account('apply_serving["dev"]', tmp_path)]
    pool = "arn:aws:cognito-idp:us-east-1:123456789012:userpool/us-east-1_a"
    own = {"aws:ResourceTag/workspace": "dev"}
    assert allows(policy, "cognito-idp:UpdateUserPool", pool, own)
    assert not allows(policy, "cognito-idp:UpdateUserPool", pool, {})
    for action in ("AdminCreateUser", "AdminAddUserToGroup", "AdminUpdateUserAttributes"):
        assert not allows(policy, f"cognito-idp:{action}", pool, own)
    stream = "arn:aws:firehose:us-east-1:123456789012:deliverystream/metriccare_access_{}"
    assert allows(policy, "firehose:DeleteDeliveryStream", stream.format("dev"))
    assert not allows(policy, "firehose:DeleteDeliveryStream", stream.format("prod"))
    assert not allows(policy, "firehose:PutRecord", stream.format("dev"))


def test_a_role_of_a_workspace_can_become_its_reader_and_no_other(tmp_path: Path):
    boundary = [policy_of_account('boundary["dev"]', tmp_path)]
    role = "arn:aws:iam:us-east-1:123456789012{}"
    assert allows(boundary, "sts:AssumeRole", role.format("published_reader_dev"))
    for name in ("published_reader_prod", "terraform_apply_dev"):
        assert not allows(boundary, "sts:AssumeRole", role.format(name))
    files = "arn:aws:s3:::metriccare-audit-123456789012-dev/access/a"
    assert allows(boundary, "s3:PutObject", files)
    assert not allows(boundary, "s3:GetObject", files)
    assert not allows(boundary, "s3:DeleteObject", files)
