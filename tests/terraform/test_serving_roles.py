"""Who may do what of what serves: the rendered policies, evaluated."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.terraform.policies import admits, allows, denies
from tests.terraform.rendered import rendered
from tests.terraform.test_terraform import needs_terraform

pytestmark = needs_terraform

NEEDS = """
locals {
  served            = { this = "dev" }
  serving           = true
  serving_issuer    = { client_secret = "metriccare/sign-in" }
  serving_functions = { serve_published = {}, make_export = {} }
  s3_in_kms         = "s3.us-east-1.amazonaws.com"
  data_key_arns     = ["arn:aws:kms:us-east-1:123456789012:key/data"]
  boundary_arn      = "arn:aws:iam::123456789012:policy/boundary"
  names             = { published_reader = "metriccare_published_reader_dev" }
  arn = {
    access_stream    = "arn:aws:firehose:us-east-1:123456789012:deliverystream/access"
    buckets          = { lake = "arn:aws:s3:::lake", results = "arn:aws:s3:::results" }
    make_export      = "arn:aws:lambda:us-east-1:123456789012:function:make_export"
    published_reader = "arn:aws:iam::123456789012:role/metriccare_published_reader_dev"
    secrets          = "arn:aws:secretsmanager:us-east-1:123456789012"
    serving_table    = "arn:aws:dynamodb:us-east-1:123456789012:table/serving"
  }
}

module "serve" {
  source   = "./serve"
  for_each = local.serving_functions
  name     = each.key
}
"""
ROLES = """
variable "name" {
  type = string
}

output "role_arn" {
  value = "arn:aws:iam::123456789012:role/metriccare_${var.name}_dev"
}
"""
LAKE, RESULTS = "arn:aws:s3:::lake", "arn:aws:s3:::results"
NORTH = {"aws:PrincipalTag/tenant": "north"}


def policy(document: str, place: Path) -> Any:
    (place / "serve").mkdir()
    (place / "serve" / "main.tf").write_text(ROLES)
    keys = {"message_key": "arn:aws:kms:us-east-1:123456789012:key/messages"}
    return rendered("serving_roles.tf", document, NEEDS, keys, place)


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return policy('published_reader["this"]', tmp_path_factory.mktemp("reader"))


@pytest.mark.parametrize(
    ("action", "resource", "is_allowed"),
    [
        ("s3:GetObject", f"{LAKE}/marts/north/current.json", True),
        ("s3:GetObject", f"{LAKE}/marts/south/current.json", False),
        ("s3:GetObject", f"{LAKE}/marts/northern/current.json", False),
        ("s3:GetObject", f"{LAKE}/gold/stay/tenant=north/a.parquet", False),
        ("s3:GetObject", f"{LAKE}/silver/encounter/tenant=north/a.parquet", False),
        ("s3:GetObject", f"{LAKE}/bronze/resource/tenant=north/a.parquet", False),
        ("s3:PutObject", f"{LAKE}/marts/north/current.json", False),
        ("s3:PutObject", f"{RESULTS}/tenants/north/exports/a.csv", True),
        ("s3:GetObject", f"{RESULTS}/tenants/north/exports/a.csv", True),
        ("s3:GetObject", f"{RESULTS}/tenants/south/exports/a.csv", False),
        ("s3:GetObject", f"{RESULTS}/operators/a.csv", False),
    ],
)
def test_a_session_of_a_tenant_reaches_that_tenants_marts_and_exports_only(
    reader: Any, action: str, resource: str, is_allowed: bool
):
    found = allows([reader], action, resource, NORTH) and not denies(
        [reader], action, resource, NORTH
    )
    assert found is is_allowed


def test_a_session_lists_its_own_folder_only(reader: Any):
    for prefix, is_allowed in (
        ("marts/north/", True),
        ("marts/north/current.json", True),
        ("marts/north", False),
        ("marts/northern/", False),
        ("marts/", False),
        ("gold/", False),
    ):
        asked = {**NORTH, "s3:prefix": prefix}
        assert allows([reader], "s3:ListBucket", LAKE, asked) is is_allowed, prefix
    assert not allows([reader], "s3:ListBucket", LAKE, NORTH)


def test_a_session_without_a_tenant_reads_nothing(reader: Any):
    for resource in (f"{LAKE}/marts/north/current.json", f"{LAKE}/marts//current.json"):
        assert denies([reader], "s3:GetObject", resource, {})


def test_only_the_functions_take_the_role_and_only_for_one_tenant(tmp_path: Path):
    trust = policy('published_reader_trust["this"]', tmp_path)
    function = "arn:aws:iam::123456789012:role/metriccare_serve_published_dev"

    def may(principal: str, tags: dict[str, str]) -> bool:
        context = {f"aws:RequestTag/{name}": value for name, value in tags.items()}
        keys = {"aws:TagKeys": next(iter(tags))} if len(tags) == 1 else {}
        return admits(trust, {**context, **keys}, principal)

    assert may(function, {"tenant": "north"})
    assert not may(function, {})
    assert not may(function, {"tenant": ""})
    assert not may(function, {"tenant": "north/measure"})
    assert not may("arn:aws:iam::123456789012:role/metriccare_notify_dev", {"tenant": "north"})


def test_the_answering_function_reads_no_tenant_and_its_audit_cannot_be_undone(tmp_path: Path):
    own = [policy('serve["serve_published"]', tmp_path)]
    role = "arn:aws:iam::123456789012:role/metriccare_published_reader_dev"
    assert allows(own, "sts:AssumeRole", role)
    assert not allows(own, "sts:AssumeRole", role.replace("published_reader", "terraform_apply"))
    for resource in (f"{LAKE}/marts/north/current.json", f"{RESULTS}/tenants/north/exports/a"):
        assert not allows(own, "s3:GetObject", resource)
    assert allows(own, "s3:GetObject", f"{LAKE}/marts/beacon.json")
    stream = "arn:aws:firehose:us-east-1:123456789012:deliverystream/access"
    assert allows(own, "firehose:PutRecord", stream)
    assert not allows(own, "firehose:DeleteDeliveryStream", stream)
    secrets = "arn:aws:secretsmanager:us-east-1:123456789012:secret:"
    assert allows(own, "secretsmanager:GetSecretValue", f"{secrets}metriccare/sign-in-abc")
    assert not allows(own, "secretsmanager:GetSecretValue", f"{secrets}metriccare/slack-abc")
