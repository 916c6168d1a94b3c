"""Compute the tables of docs/cost.md from terraform/locals.tf and scripts/prices.json.

python scripts/cost_tables.py          write them into the document
python scripts/cost_tables.py --check  1 when the document has others
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from scripts import option_costs

REPOSITORY = Path(__file__).resolve().parents[1]
LOCALS = REPOSITORY / "terraform" / "locals.tf"
PRICES = REPOSITORY / "scripts" / "prices.json"
DOCUMENT = REPOSITORY / "docs" / "cost.md"
_BEGIN, _END = "<!-- computed by scripts/cost_tables.py -->", "<!-- end of what is computed -->"

# Estimates from local runs plus Glue's start (docs/cost.md, "A run").
_MINUTES_OF_A_JOB = 2.5
_MINUTES_OF_A_SINGLE_JOB = 5.0
_JOBS = {"layers": 3, "single": 1}
_DAYS_IN_A_MONTH = 30
# The lake holds half as much again as the uploads: twice what was measured, because generated text
# repeats itself (docs/scaling.md).
_LAKE_FOR_RAW = 1.5
_MONTHS_STORED = 12
# An assumption: the share of the lake's bytes a run writes again (the metric BucketSizeBytes).
_REWRITTEN_BY_A_RUN = 0.05
# terraform/kms.tf; terraform/monitoring.tf with the functions' alarms; aws/metrics.py by job.
_KEYS, _ALARMS, _METRICS = 3, 11, 17


@dataclass(frozen=True)
class Workspace:
    """The settings of a workspace that decide its cost."""

    name: str
    workers: int
    execution_class: str
    job_layout: str
    min_minutes_between_runs: int
    lake_noncurrent_days: int
    log_retention_days: int


@dataclass(frozen=True)
class Size:
    """A hospital's month: GB uploaded, runs, GB scanned, GB of logs, requests of readers."""

    name: str
    upload_gb: float
    runs: int
    scanned_gb: float
    log_gb: float
    requests: int


# Requests of one reader: 60 pages a day, 22 days, 8 requests a page.
_BY_ONE = 60 * 22 * 8
SIZES = (
    # 30 uploads and 30 daily computations, counted as whole runs; 1,500 queries in each size.
    Size("small (100 MB, 1 upload a day)", 0.1, 60, 1500 * 0.02, 0.5, _BY_ONE * 10),
    Size(
        "medium (5 GB, every hour)",
        5,
        24 * _DAYS_IN_A_MONTH,
        1500 * 0.1,
        2,
        _BY_ONE * 50,
    ),
    Size(
        "large (50 GB, every 15 minutes)",
        50,
        4 * 24 * _DAYS_IN_A_MONTH,
        1500 * 0.5,
        10,
        _BY_ONE * 200,
    ),
)


def workspaces(text: str) -> list[Workspace]:
    """Return the workspaces that the text of terraform/locals.tf declares."""
    blocks = re.findall(r"^    (\w+) = \{\n(.*?)^    \}", text, re.MULTILINE | re.DOTALL)
    return [_workspace(name, block) for name, block in blocks]


def _workspace(name: str, block: str) -> Workspace:
    found = dict(re.findall(r'^ +(\w+) += "?([\w.]+)"?', block, re.MULTILINE))
    return Workspace(
        name,
        int(found["workers"]),
        found["execution_class"],
        found["job_layout"],
        int(found["min_minutes_between_runs"]),
        int(found["lake_noncurrent_days"]),
        int(found["log_retention_days"]),
    )


def cost_of_a_run(workspace: Workspace, prices: Mapping[str, float]) -> float:
    """Return the dollars for the jobs of a run that processes files."""
    jobs = _JOBS[workspace.job_layout]
    minutes = _MINUTES_OF_A_SINGLE_JOB if jobs == 1 else jobs * _MINUTES_OF_A_JOB
    price = prices[f"glue_{workspace.execution_class.lower()}_dpu_hour"]
    return workspace.workers * minutes / 60 * price


def runs_of(workspace: Workspace, size: Size) -> int:
    """Return the number of runs in a month, limited by the least time between two runs."""
    gap = workspace.min_minutes_between_runs
    most = _DAYS_IN_A_MONTH * 24 * 60 // gap if gap else size.runs
    return min(size.runs, most)


def month(workspace: Workspace, size: Size, prices: Mapping[str, float]) -> dict[str, float]:
    """Return the dollars of a month by item."""
    raw = size.upload_gb * _MONTHS_STORED
    lake = raw * _LAKE_FOR_RAW
    runs = runs_of(workspace, size)
    old = lake * _REWRITTEN_BY_A_RUN * runs / _DAYS_IN_A_MONTH * workspace.lake_noncurrent_days
    alarms = _ALARMS * prices["alarm_month"] + prices["composite_alarm_month"]
    watched = alarms + _METRICS * prices["metric_month"]
    return {
        "Glue": runs * cost_of_a_run(workspace, prices),
        "S3: uploads and lake": (raw + lake) * prices["s3_gb_month"],
        "S3: old versions": old * prices["s3_gb_month"],
        "Athena: 1,500 queries": size.scanned_gb / 1000 * prices["athena_tb"],
        "KMS keys": _KEYS * prices["kms_key_month"],
        "CloudWatch": watched + prices["dashboard_month"] + size.log_gb * prices["log_gb"],
    }


def tables() -> str:
    """Return the computed part of the document."""
    prices = json.loads(PRICES.read_text(encoding="utf-8"))
    lines = [f"Prices: {prices['source']}, read in {prices['read_on']}."]
    declared = workspaces(LOCALS.read_text(encoding="utf-8"))
    for workspace in declared:
        lines += ["", *_table(workspace, prices)]
    lines += ["", *_options(declared[-1], prices)]
    return "\n".join(lines)


def options(workspace: Workspace, size: Size, prices: Mapping[str, float]) -> dict[str, float]:
    """Return the dollars of a month by option, each besides what the workspace costs."""
    return {
        "`private_network`": option_costs.private_network(prices),
        "`data_key_arn`": prices["kms_key_month"],
        "`raw_replica_region`": option_costs.second_region(
            size.upload_gb, size.upload_gb * _MONTHS_STORED, prices
        ),
        "`canary`": option_costs.canary(_DAYS_IN_A_MONTH, cost_of_a_run(workspace, prices), prices),
        "`close_day`": option_costs.closing(cost_of_a_run(workspace, prices), prices),
        "`serving`": option_costs.serving(size.requests, prices),
        "`web_acl`": option_costs.web_acl(size.requests, prices),
        "`data_events`": option_costs.data_events(
            runs_of(workspace, size), workspace.log_retention_days / _DAYS_IN_A_MONTH, prices
        ),
    }


def _options(workspace: Workspace, prices: Mapping[str, float]) -> list[str]:
    months = [options(workspace, size, prices) for size in SIZES]
    return [
        f"**Options**, each besides the sum of {workspace.name}; none is on unless you ask for it.",
        "",
        _row("USD a month", [size.name for size in SIZES]),
        _row("---", ["---"] * len(SIZES)),
        *(_row(item, [f"{each[item]:,.2f}" for each in months]) for item in months[0]),
    ]


def _table(workspace: Workspace, prices: Mapping[str, float]) -> list[str]:
    months = [month(workspace, size, prices) for size in SIZES]
    jobs = "three jobs" if workspace.job_layout == "layers" else "one job"
    runs = [f"{runs_of(workspace, size):,}" for size in SIZES]
    return [
        f"**{workspace.name}**: {workspace.workers} workers, {workspace.execution_class}, {jobs}:"
        f" {cost_of_a_run(workspace, prices):.2f} USD a run; old versions stay"
        f" {_days(workspace.lake_noncurrent_days)}.",
        "",
        _row("USD a month", [size.name for size in SIZES]),
        _row("---", ["---"] * len(SIZES)),
        _row("runs", runs),
        *(_row(item, [f"{each[item]:,.2f}" for each in months]) for item in months[0]),
        _row("**sum**", [f"**{sum(each.values()):,.0f}**" for each in months]),
    ]


def _row(name: str, cells: list[str]) -> str:
    return f"| {name} | {' | '.join(cells)} |"


def _days(count: int) -> str:
    return f"{count} day{'' if count == 1 else 's'}"


def document_with_tables(document: str) -> str:
    """Return the document with the computed part in its place."""
    before, _, rest = document.partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not end:
        raise SystemExit(f"{DOCUMENT} has no place for the tables: {_BEGIN} ... {_END}")
    return f"{before}{_BEGIN}\n{tables()}\n{_END}{after}"


def main(words: list[str]) -> int:
    """Write the tables, or compare them; return 1 when the document is out of date."""
    document = DOCUMENT.read_text(encoding="utf-8")
    wanted = document_with_tables(document)
    if "--check" in words:
        return int(document != wanted)
    DOCUMENT.write_text(wanted, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
