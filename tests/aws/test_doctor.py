"""`metriccare doctor --aws`: it reports what an account is missing, and how to fix it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber
from moto import mock_aws

from metriccare.aws.doctor import Account, findings
from metriccare.finding import Finding
from metriccare.wiring.operator import account_of

GLUE_QUOTAS = [
    {"QuotaName": "Max task DPUs per account", "Value": 300.0},
    {"QuotaName": "Number of jobs per account", "Value": 1.0},
]


class Aws:
    """Clients of the double; what moto does not know is answered as AWS answers it."""

    def __init__(self) -> None:
        self.answers: dict[str, tuple[str, dict[str, Any]]] = {}
        self.errors: dict[str, tuple[str, str]] = {}

    def client(self, service: str) -> Any:
        client = boto3.client(service)
        stubber = Stubber(client)
        if service in self.errors:
            stubber.add_client_error(*self.errors[service])
        elif service in self.answers:
            stubber.add_response(*self.answers[service])
        else:
            return client
        stubber.activate()
        return client

    def answer(self, service: str, operation: str, document: dict[str, Any]) -> None:
        self.answers[service] = (operation, document)


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Aws]:
    """Yield an account that has everything."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        aws = Aws()
        limits = {"AccountLimit": {"ConcurrentExecutions": 1000}}
        aws.answer("lambda", "get_account_settings", limits)
        aws.answer("service-quotas", "list_service_quotas", {"Quotas": GLUE_QUOTAS})
        aws.answer("ce", "list_cost_allocation_tags", cost_tag("Active"))
        topic = boto3.client("sns").create_topic(Name="metriccare_alerts_dev")["TopicArn"]
        boto3.client("sns").subscribe(
            TopicArn=topic, Protocol="sqs", Endpoint="arn:aws:sqs:us-east-1:123456789012:q"
        )
        boto3.client("glue").create_job(
            Name="metriccare_upkeep_job_dev",
            Role="role",
            GlueVersion="5.0",
            Command={"Name": "glueetl", "ScriptLocation": "s3://a/b.py"},
        )
        yield aws


@pytest.fixture
def account(aws: Aws) -> Account:
    return replace(account_of("dev"), client=aws.client)


def cost_tag(status: str) -> dict[str, Any]:
    return {
        "CostAllocationTags": [{"TagKey": "workspace", "Type": "UserDefined", "Status": status}]
    }


def finding(account: Account, check: str) -> Finding:
    (found,) = (each for each in findings(account) if each.check == check)
    return found


def test_an_account_that_has_everything_passes_every_check(account):
    assert [each for each in findings(account) if not each.ok] == []


def test_a_clock_that_is_off_is_found(account):
    wrong = replace(account, now=datetime.now(UTC) + timedelta(minutes=3))
    found = finding(wrong, "Clock")
    assert not found.ok
    assert "NTP" in found.fix


def test_a_new_account_may_run_too_few_functions_at_once(account, aws):
    aws.answer("lambda", "get_account_settings", {"AccountLimit": {"ConcurrentExecutions": 10}})
    found = finding(account, "Lambda executions")
    assert (found.ok, found.found) == (False, "10 at a time")
    assert "Service Quotas" in found.fix


def test_too_few_workers_are_found_by_the_name_of_the_quota(account, aws):
    few = [{"QuotaName": "Max task DPUs per account", "Value": 4.0}]
    aws.answer("service-quotas", "list_service_quotas", {"Quotas": few})
    assert finding(account, "Glue capacity").found == "4 DPUs"
    assert not finding(account, "Glue capacity").ok


def test_billing_that_is_closed_to_roles_says_who_opens_it(account, aws):
    aws.errors["budgets"] = ("describe_budgets", "AccessDeniedException")
    found = finding(account, "Billing access")
    assert (found.ok, found.found) == (False, "could not be asked: AccessDeniedException")
    assert "account's owner" in found.fix


def test_lake_formation_that_hides_new_tables_is_found(account):
    boto3.client("lakeformation").put_data_lake_settings(
        DataLakeSettings={"CreateTableDefaultPermissions": []}
    )
    found = finding(account, "Lake Formation")
    assert not found.ok
    assert "Tables" in found.found


def test_a_workspace_without_a_confirmed_address_is_found(account):
    found = finding(replace(account, workspace="prod"), "Alert address")
    assert (found.ok, found.found) == (False, "0 confirmed, 0 waiting")


def test_a_cost_tag_that_is_not_active_is_found(account, aws):
    aws.answer("ce", "list_cost_allocation_tags", cost_tag("Inactive"))
    assert (finding(account, "Cost tag").ok, finding(account, "Cost tag").found) == (
        False,
        "Inactive",
    )


def test_a_workspace_that_is_not_deployed_is_named(account):
    found = finding(replace(account, workspace="prod"), "Deployed jobs")
    assert (found.ok, found.fix) == (False, "Deploy the workspace first (docs/deploy.md).")
