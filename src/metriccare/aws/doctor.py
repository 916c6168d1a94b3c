"""Whether an account and a deployed workspace have what MetricCare needs, and how to fix it.

Each check asks AWS to read something. One that may not be asked fails by itself and says so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from metriccare import naming
from metriccare.finding import Finding

# register_files uses 2, sweep, notify, keep_bundle and run_small 1 each; twice that leaves room.
_CONCURRENT_EXECUTIONS = 12
# The workflow's job and the upkeep job with prod's 4 workers each.
_DPUS = 8
# AWS refuses requests that are 5 minutes off; runs are ordered by the clock long before.
_CLOCK_SECONDS = 60
_GLUE_VERSION = "5.0"
_EVERYONE = "IAM_ALLOWED_PRINCIPALS"
_COST_TAG = "workspace"


@dataclass(frozen=True)
class Account:
    """What the checks ask: clients by service, the workspace, and the time here."""

    client: Callable[[str], Any]
    workspace: str
    now: datetime


def findings(account: Account) -> list[Finding]:
    """Return the finding of every check, in the order in which a person would fix them."""
    return [_checked(name, check, account) for name, check in _CHECKS.items()]


def _checked(name: str, check: Callable[[str, Account], Finding], account: Account) -> Finding:
    try:
        return check(name, account)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        return Finding(name, False, f"could not be asked: {code}", _FIX_BY_CHECK.get(name, _ASK))
    except BotoCoreError as error:
        return Finding(name, False, f"could not be asked: {type(error).__name__}", _SIGN_IN)


def _identity(name: str, account: Account) -> Finding:
    found = account.client("sts").get_caller_identity()
    return Finding(name, True, f"{found['Arn']} in account {found['Account']}")


def _clock(name: str, account: Account) -> Finding:
    answer = account.client("sts").get_caller_identity()["ResponseMetadata"]["HTTPHeaders"]
    off = abs((parsedate_to_datetime(answer["date"]) - account.now).total_seconds())
    fix = "Set the clock of this machine by a time server (NTP)."
    return Finding(name, off <= _CLOCK_SECONDS, f"{off:.0f} seconds off", fix)


def _concurrency(name: str, account: Account) -> Finding:
    found = account.client("lambda").get_account_settings()["AccountLimit"]["ConcurrentExecutions"]
    fix = (
        "Service Quotas, AWS Lambda, 'Concurrent executions': ask for 1,000; new accounts have 10."
    )
    return Finding(name, found >= _CONCURRENT_EXECUTIONS, f"{found:,} at a time", fix)


def _dpus(name: str, account: Account) -> Finding:
    pages = account.client("service-quotas").get_paginator("list_service_quotas")
    quotas = [q for page in pages.paginate(ServiceCode="glue") for q in page["Quotas"]]
    values = [q["Value"] for q in quotas if "task dpu" in q["QuotaName"].lower()]
    fix = f"Service Quotas, AWS Glue, task DPUs: ask for at least {_DPUS}."
    if not values:
        return Finding(name, False, "no such quota is listed", fix, optional=True)
    return Finding(name, min(values) >= _DPUS, f"{min(values):,.0f} DPUs", fix)


def _billing(name: str, account: Account) -> Finding:
    number = account.client("sts").get_caller_identity()["Account"]
    account.client("budgets").describe_budgets(AccountId=number)
    return Finding(name, True, "budgets can be read")


def _lake_formation(name: str, account: Account) -> Finding:
    settings = account.client("lakeformation").get_data_lake_settings()["DataLakeSettings"]
    closed = [
        word
        for word in ("Database", "Table")
        if not _leaves_to_iam(settings.get(f"Create{word}DefaultPermissions", []))
    ]
    found = f"closed for new {', '.join(closed)}s" if closed else "left to IAM"
    fix = (
        "New tables are hidden from the roles. In Lake Formation, Data Catalog settings, use only"
        " IAM access control for new databases and tables, or grant the roles their tables."
    )
    return Finding(name, not closed, found, fix)


def _leaves_to_iam(permissions: Sequence[Mapping[str, Any]]) -> bool:
    return any(
        each["Principal"]["DataLakePrincipalIdentifier"] == _EVERYONE
        and "ALL" in each["Permissions"]
        for each in permissions
    )


def _address(name: str, account: Account) -> Finding:
    topic = f"metriccare_alerts_{account.workspace}"
    pages = account.client("sns").get_paginator("list_subscriptions")
    subscriptions = [s for page in pages.paginate() for s in page["Subscriptions"]]
    own = [s for s in subscriptions if s["TopicArn"].rpartition(":")[2] == topic]
    waiting = [s for s in own if s["SubscriptionArn"] == "PendingConfirmation"]
    fix = "Follow the link in the mail of AWS; apply again with TF_VAR_alert_email to have it sent."
    found = f"{len(own) - len(waiting)} confirmed, {len(waiting)} waiting"
    return Finding(name, bool(own) and not waiting, found, fix)


def _cost_tag(name: str, account: Account) -> Finding:
    answer = account.client("ce").list_cost_allocation_tags(TagKeys=[_COST_TAG])
    states = [tag["Status"] for tag in answer["CostAllocationTags"]]
    fix = f"Billing, Cost allocation tags: activate '{_COST_TAG}'. Until then the budget counts 0."
    return Finding(name, states == ["Active"], ", ".join(states) or "not seen yet", fix)


def _version(name: str, account: Account) -> Finding:
    job = account.client("glue").get_job(JobName=naming.upkeep_job(account.workspace))["Job"]
    found = str(job.get("GlueVersion"))
    fix = f"Apply Terraform: the jobs need Glue {_GLUE_VERSION}, which brings their Hudi."
    return Finding(name, found == _GLUE_VERSION, f"Glue {found}", fix)


_ASK = "Ask for the right to read it, or check it in the console."
_SIGN_IN = "Set AWS_PROFILE and AWS_REGION; `aws sts get-caller-identity` tests them."
_BILLING = (
    "The account's owner switches on 'IAM user and role access to Billing' (Account settings)."
)
_CHECKS: Mapping[str, Callable[[str, Account], Finding]] = {
    "AWS account": _identity,
    "Clock": _clock,
    "Lambda executions": _concurrency,
    "Glue capacity": _dpus,
    "Billing access": _billing,
    "Lake Formation": _lake_formation,
    "Alert address": _address,
    "Cost tag": _cost_tag,
    "Deployed jobs": _version,
}
_FIX_BY_CHECK: Mapping[str, str] = {
    "AWS account": _SIGN_IN,
    "Billing access": _BILLING,
    "Cost tag": _BILLING,
    "Deployed jobs": "Deploy the workspace first (docs/deploy.md).",
}
