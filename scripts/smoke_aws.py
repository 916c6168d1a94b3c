"""Test a workspace in a real account: generate, upload, query by Athena, compare, read the alert.

Prints pass or fail, the minutes and about what it cost. It uploads under a tenant of its own
(`smoke`), so it can be run in a workspace in use; results of other tenants are not touched.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import boto3

from data_generator import GeneratorConfig, generate
from metriccare.aws.dynamodb import DynamoTracking
from metriccare.naming import DEFAULT_TIME_ZONE
from metriccare.report.truth import Comparison, compare, read_truth
from metriccare.tracking.store import TrackingStore
from scripts.cost_tables import PRICES
from scripts.deployed import outputs

TENANT = "smoke"
_PATIENTS = 100
_PAUSE_SECONDS = 10
T = TypeVar("T")


@dataclass(frozen=True)
class Alert:
    """One message of the topic."""

    subject: str
    body: str


@dataclass
class Bill:
    """The cost of the test so far, as reported by Glue and Athena."""

    dpu_seconds: float = 0.0
    scanned_bytes: int = 0

    def usd(self) -> float:
        """Return dollars at list prices; requests and storage are below a cent."""
        prices = json.loads(PRICES.read_text(encoding="utf-8"))
        glue = self.dpu_seconds / 3600 * prices["glue_standard_dpu_hour"]
        return float(glue + self.scanned_bytes / 10**12 * prices["athena_tb"])


def main() -> int:
    """Run the test; return 0 if every result equals the answer key and the alert arrived."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--workspace", required=True, help="dev or prod")
    parser.add_argument("--minutes", type=int, default=40, help="how long to wait for the run")
    arguments = parser.parse_args()
    names, bill, began = outputs(arguments.workspace), Bill(), datetime.now(UTC)
    with tempfile.TemporaryDirectory() as folder, mailbox(names["topic"]) as alerts:
        hospital = make_hospital(Path(folder))
        sent = upload(hospital, names["raw_bucket"])
        store = DynamoTracking(boto3.client("dynamodb"), names["tracking_table"])
        alert = OwnAlert(store, sent, began.date(), alerts)
        subject = wait(f"the alert of tenant {TENANT}'s run", alert.subject, arguments.minutes)
        say(f"Alert: {subject}")
        compared = compare(read_truth(hospital / "truth.json"), results(names, bill))
    bill.dpu_seconds = job_seconds(names["jobs"], began)
    return verdict(compared, began, bill)


def make_hospital(folder: Path) -> Path:
    """Generate FHIR whose answer key is for today, the day of the deployed run."""
    today = datetime.now(ZoneInfo(DEFAULT_TIME_ZONE)).date()
    # Another seed each day: the same files again would change nothing, rightly.
    seed = today.toordinal()
    start = date(today.year - 1, 1, 1)
    config = GeneratorConfig(folder, _PATIENTS, seed, start=start, end=today, force=True)
    say(f"Generated {generate(config).total:,} resources")
    return folder


def upload(folder: Path, bucket: str) -> frozenset[str]:
    """Upload the files under a new prefix and return their locations with versions."""
    s3 = boto3.client("s3")
    sent = set()
    for path in sorted((folder / "json").rglob("*.ndjson")):
        key = f"{TENANT}/{path.relative_to(folder).as_posix()}"
        s3.upload_file(str(path), bucket, key)
        version = s3.head_object(Bucket=bucket, Key=key)["VersionId"]
        sent.add(f"s3://{bucket}/{key}?versionId={version}")
    say(f"Uploaded {len(sent)} files to s3://{bucket}/{TENANT}/")
    return frozenset(sent)


@dataclass
class OwnAlert:
    """Waits for the alert of the run that processed the last of the uploads.

    Other runs may end at the same time, and uploads may be taken by more than one run.
    """

    store: TrackingStore
    sent: frozenset[str]
    day: date
    read: Callable[[], Alert | None]
    received: list[Alert] = field(default_factory=list)

    def subject(self) -> str | None:
        """Return its subject; None before it arrives, or while uploads wait."""
        if (alert := self.read()) is not None:
            self.received.append(alert)
        last = self._last_run()
        return next((a.subject for a in self.received if last and last in a.body), None)

    def _last_run(self) -> str | None:
        """Return the newest run of the uploads once all of them have one."""
        # The day may change while it waits.
        until = self.day + timedelta(days=1)
        uploads = [
            f for f in self.store.files_registered(self.day, until) if f.location in self.sent
        ]
        runs = {file.run_id for file in uploads}
        if len(uploads) < len(self.sent) or None in runs:
            return None
        newest = self.store.runs()
        return next((run.run_id for run in newest if run.run_id in runs), None)


@contextmanager
def mailbox(topic: str) -> Iterator[Callable[[], Alert | None]]:
    """Subscribe a queue to the topic for the block; yield a function that reads the next alert."""
    sqs, sns = boto3.client("sqs"), boto3.client("sns")
    url = sqs.create_queue(QueueName=f"metriccare-smoke-{int(time.time())}")["QueueUrl"]
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    arn = found["Attributes"]["QueueArn"]
    policy = json.dumps({"Statement": [_topic_may_send(topic, arn)]})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    subscription = sns.subscribe(
        TopicArn=topic, Protocol="sqs", Endpoint=arn, ReturnSubscriptionArn=True
    )["SubscriptionArn"]

    def read() -> Alert | None:
        messages = sqs.receive_message(QueueUrl=url).get("Messages", [])
        if not messages:
            return None
        body = json.loads(messages[0]["Body"])
        sqs.delete_message(QueueUrl=url, ReceiptHandle=messages[0]["ReceiptHandle"])
        return Alert(str(body.get("Subject")), str(body.get("Message")))

    try:
        yield read
    finally:
        sns.unsubscribe(SubscriptionArn=subscription)
        sqs.delete_queue(QueueUrl=url)


def _topic_may_send(topic: str, queue: str) -> dict[str, Any]:
    return {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": queue,
        "Condition": {"ArnEquals": {"aws:SourceArn": topic}},
    }


def results(names: dict[str, Any], bill: Bill) -> Iterator[dict[str, Any]]:
    """Ask Athena for the tenant's unsuppressed results, in the operators' workgroup."""
    columns = "measure_id, grain, period_start, stratum_type, stratum_value, numerator, denominator"
    table = f"{names['databases']['gold']}.measure_result"
    sql = f"SELECT {columns} FROM {table} WHERE denominator > 0 AND tenant = '{TENANT}'"  # noqa: S608
    athena = boto3.client("athena")
    query = athena.start_query_execution(QueryString=sql, WorkGroup=names["operators_workgroup"])
    place = query["QueryExecutionId"]

    def ended() -> dict[str, Any] | None:
        found = athena.get_query_execution(QueryExecutionId=place)["QueryExecution"]
        return found if found["Status"]["State"] not in ("QUEUED", "RUNNING") else None

    execution = wait("Athena's answer", ended, minutes=5)
    if execution["Status"]["State"] != "SUCCEEDED":
        raise SystemExit(f"Athena: {execution['Status'].get('StateChangeReason')}")
    bill.scanned_bytes += execution["Statistics"]["DataScannedInBytes"]
    pages = athena.get_paginator("get_query_results").paginate(QueryExecutionId=place)
    found = (row["Data"] for page in pages for row in page["ResultSet"]["Rows"])
    rows = [[cell.get("VarCharValue") for cell in row] for row in found]
    header, *body = rows
    return (dict(zip(header, row, strict=True)) for row in body)


def job_seconds(jobs: list[str], since: datetime) -> float:
    """Return the DPU seconds of job runs since a time."""
    glue = boto3.client("glue")
    runs = [r for job in jobs for r in glue.get_job_runs(JobName=job)["JobRuns"]]
    recent = [run for run in runs if run["StartedOn"] >= since]
    return sum(float(run.get("ExecutionTime", 0) * run.get("MaxCapacity", 2)) for run in recent)


def verdict(compared: Comparison, began: datetime, bill: Bill) -> int:
    """Print the outcome and return the exit code."""
    minutes = (datetime.now(UTC) - began).total_seconds() / 60
    good = not compared.different and compared.equal > 0
    for key, found, true in compared.different[:10]:
        say(f"Differs: {key}: computed {found}, true {true}")
    say(
        f"{'PASS' if good else 'FAIL'}: {compared.equal} of {compared.total} results equal the"
        f" truth, {minutes:.1f} minutes, about {bill.usd():.2f} USD"
    )
    return 0 if good else 1


def wait(what: str, found: Callable[[], T | None], minutes: int) -> T:
    """Return the value as soon as there is one; stop with a message after the time limit."""
    until = time.monotonic() + minutes * 60
    while time.monotonic() < until:
        value = found()
        if value is not None:
            return value
        time.sleep(_PAUSE_SECONDS)
    raise SystemExit(f"FAIL: {what} did not come within {minutes} minutes (docs/runbook.md).")


def say(text: str) -> None:
    """Print one line at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
