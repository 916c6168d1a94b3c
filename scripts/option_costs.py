"""What a month of each option of the stack costs, for docs/cost.md (scripts/cost_tables.py)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
NETWORK = REPOSITORY / "terraform" / "network.tf"
_HOURS_IN_A_MONTH = 730
# terraform/modules/private_network makes two subnets, and a given price is for each of them.
_SUBNETS = 2
# An assumption: requests for objects of a run, on Glue. A small run makes about 400 (docs/cost.md).
_OBJECT_REQUESTS_OF_A_RUN = 5_000
# An assumption: an event's share of CloudTrail's compressed files.
_BYTES_OF_AN_EVENT = 200
_GB = 10**9
# terraform/canary.tf: that it is late, and that its function failed.
_ALARMS_OF_THE_CANARY = 2
# terraform/closing.tf: the second and third day find nothing to do and end early.
_CLOSING_DAYS = 3
# terraform/serving.tf: memory of the answering function, and an alarm for each of the two.
_SERVING_GB = 1.769
_ALARMS_OF_SERVING = 2
# An assumption: an answer's processor time, half of them known to the browser already.
_SECONDS_OF_AN_ANSWER = 0.04
# Firehose counts a row as 5 kB.
_BYTES_OF_AN_AUDIT_ROW = 5_000
# terraform/modules/web_acl: a rate and two groups of AWS.
_RULES = 3
_SECONDS_IN_A_MONTH = _HOURS_IN_A_MONTH * 3600


def interface_services(text: str) -> int:
    """Return how many interface endpoints the text of terraform/network.tf asks for."""
    listed = re.search(r"interface_services = toset\(concat\(\[(.*?)\]", text)
    if listed is None:
        raise SystemExit(f"{NETWORK} lists no interface_services; correct scripts/option_costs.py.")
    return len(listed[1].split(","))


def private_network(prices: Mapping[str, float]) -> float:
    """Return dollars for the endpoints of a network; what they carry is below a dollar."""
    endpoints = interface_services(NETWORK.read_text(encoding="utf-8")) * _SUBNETS
    return endpoints * _HOURS_IN_A_MONTH * prices["interface_endpoint_hour"]


def second_region(upload_gb: float, stored_gb: float, prices: Mapping[str, float]) -> float:
    """Return dollars for copies of the uploads: their way, their place and their key."""
    moved = upload_gb * prices["between_regions_gb"]
    kept = stored_gb * prices["s3_infrequent_gb_month"]
    return moved + kept + prices["kms_key_month"]


def data_events(runs: int, months_kept: float, prices: Mapping[str, float]) -> float:
    """Return dollars for recording the requests of the runs and keeping the records."""
    events = runs * _OBJECT_REQUESTS_OF_A_RUN
    kept_gb = events * _BYTES_OF_AN_EVENT / _GB * months_kept
    return events / 100_000 * prices["data_events_100k"] + kept_gb * prices["s3_gb_month"]


def closing(run: float, prices: Mapping[str, float]) -> float:
    """Return the most dollars for closing a month: a run on each of three days, and an alarm."""
    return _CLOSING_DAYS * run + prices["alarm_month"]


def canary(days: int, run: float, prices: Mapping[str, float]) -> float:
    """Return dollars for a run a day, given the dollars of one, and for watching it."""
    alarms = _ALARMS_OF_THE_CANARY * prices["alarm_month"]
    return days * run + prices["metric_month"] + alarms


def serving(requests: int, prices: Mapping[str, float]) -> float:
    """Return dollars for answering so many requests, without a web ACL.

    Each looks its session up and notes its use. CloudFront's free tier carries the bytes. Half of
    the sum at few requests is the snapshot that instances start from.
    """
    million = requests / 1_000_000
    each = (
        prices["http_api_million"]
        + prices["lambda_million"]
        + prices["dynamodb_read_million"]
        + prices["dynamodb_write_million"]
    )
    seconds = requests * _SECONDS_OF_AN_ANSWER
    answers = seconds * _SERVING_GB * prices["lambda_gb_second"]
    snapshot = _SERVING_GB * _SECONDS_IN_A_MONTH * prices["snapshot_gb_second"]
    audit = requests * _BYTES_OF_AN_AUDIT_ROW / _GB * prices["firehose_gb"]
    alarms = _ALARMS_OF_SERVING * prices["alarm_month"]
    return million * each + answers + snapshot + audit + alarms


def web_acl(requests: int, prices: Mapping[str, float]) -> float:
    """Return dollars for the web ACL before so many requests."""
    fixed = prices["web_acl_month"] + _RULES * prices["web_acl_rule_month"]
    return fixed + requests / 1_000_000 * prices["web_acl_million"]
