"""The actions of a sender, a reader and an operator on the deployed stack."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from metriccare.aws.dynamodb import DynamoTracking
from metriccare.query.duckdb.engine import DuckDbEngine
from metriccare.query.duckdb.lake_files import FolderFiles
from metriccare.tracking.states import FileRecord, FileState, RunRecord, RunState
from tests.twin.stack import Twin, wait_for


@dataclass
class Journey:
    """Uploads, waits, queries, reads alerts; knows only the stack's outputs."""

    twin: Twin
    _listener: str = ""

    @property
    def store(self) -> DynamoTracking:
        return DynamoTracking(self.twin.client("dynamodb"), self.twin.outputs["tracking_table"])

    def listen(self) -> None:
        """Subscribe a queue to the alert topic, as a person's mailbox would be."""
        sqs, sns = self.twin.client("sqs"), self.twin.client("sns")
        self._listener = sqs.create_queue(QueueName="mailbox")["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=self._listener, AttributeNames=["QueueArn"])
        endpoint = arn["Attributes"]["QueueArn"]
        sns.subscribe(TopicArn=self.twin.outputs["topic"], Protocol="sqs", Endpoint=endpoint)

    def alert(self, seconds: float = 60) -> dict[str, Any]:
        """Return the next alert that arrives."""
        sqs = self.twin.client("sqs")

        def received() -> dict[str, Any] | None:
            found = sqs.receive_message(QueueUrl=self._listener).get("Messages", [])
            if not found:
                return None
            sqs.delete_message(QueueUrl=self._listener, ReceiptHandle=found[0]["ReceiptHandle"])
            return dict(json.loads(found[0]["Body"]))

        return wait_for("an alert", received, seconds)

    def alert_about(self, what: str, seconds: float = 60) -> dict[str, Any]:
        """Return the next alert with a text in its subject; earlier ones are skipped."""
        while what not in (found := self.alert(seconds))["Subject"]:
            pass
        return found

    def upload(self, files: dict[str, bytes], tenant: str = "north") -> None:
        """Put files into a tenant's folder of the raw bucket."""
        s3 = self.twin.client("s3")
        for name, content in files.items():
            bucket = self.twin.outputs["raw_bucket"]
            s3.put_object(Bucket=bucket, Key=f"{tenant}/{name}", Body=content)

    def send_event(self, body: str) -> None:
        """Put a message on the queue of uploads."""
        queue = self.twin.outputs["queues"]["uploads"]
        self.twin.client("sqs").send_message(QueueUrl=queue, MessageBody=body)

    def function_log(self, function: str) -> str:
        """Return what a function has printed in all its calls."""
        logs = (self.twin.folder / "functions").glob(f"*_{function}_*.log")
        return "".join(log.read_text(encoding="utf-8") for log in logs)

    @contextmanager
    def script(self, job: str, content: bytes) -> Iterator[None]:
        """Deploy another script for a job until the end of the block."""
        s3, bucket = self.twin.client("s3"), self.twin.outputs["buckets"]["artifacts"]
        place = {"Bucket": bucket, "Key": f"scripts/{job}.py"}
        other = s3.put_object(**place, Body=content)["VersionId"]
        try:
            yield
        finally:
            # What was deployed is the newest version again, with its key and its tags.
            s3.delete_object(**place, VersionId=other)

    def fire_schedule(self) -> None:
        """Call the function of the schedule, as EventBridge does."""
        events, functions = self.twin.client("events"), self.twin.client("lambda")
        scheduled = [r for r in events.list_rules()["Rules"] if r.get("ScheduleExpression")]
        for rule in scheduled:
            for target in events.list_targets_by_rule(Rule=rule["Name"])["Targets"]:
                functions.invoke(FunctionName=target["Arn"], Payload=b"{}")

    def files(self, state: FileState | None = None) -> list[FileRecord]:
        return self.store.files(state)

    def wait_for_run(self, number: int, seconds: float = 900) -> RunRecord:
        """Return the run with this number once it and its workflow have ended."""

        def ended() -> RunRecord | None:
            runs = {run.epoch: run for run in self.store.runs()}
            run = runs.get(number)
            if run and run.state != RunState.RUNNING:
                return run
            assert not self._has_failed(), f"a job failed; see {self.twin.folder}/jobs"
            return None

        return wait_for(f"run {number} ends", ended, seconds)

    def _has_failed(self) -> bool:
        """Return True if the newest workflow run is over and one of its jobs failed."""
        glue = self.twin.client("glue")
        runs = glue.get_workflow_runs(Name=self.twin.outputs["workflow"])["Runs"]
        newest = max(runs, key=lambda run: run["StartedOn"])
        return newest["Status"] != "RUNNING" and newest["Statistics"]["FailedActions"] > 0

    def wait_for_stage(self, number: int, stage: str, seconds: float = 900) -> None:
        """Wait until a run has done a stage."""

        def done() -> bool:
            return any(r.epoch == number and r.stage == stage for r in self.store.runs())

        wait_for(f"run {number} has done {stage}", done, seconds)

    def wait_until_idle(self, seconds: float = 60) -> None:
        """Wait until no workflow run is under way."""
        glue = self.twin.client("glue")
        name = self.twin.outputs["workflow"]

        def idle() -> bool:
            runs = glue.get_workflow_runs(Name=name)["Runs"]
            return all(run["Status"] != "RUNNING" for run in runs)

        wait_for("the workflow ends", idle, seconds)

    def queue_length(self, name: str) -> int:
        url = self.twin.outputs["queues"][name]
        found = self.twin.client("sqs").get_queue_attributes(
            QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"]
        )
        return int(found["Attributes"]["ApproximateNumberOfMessages"])

    def deployed_views(self) -> dict[str, str]:
        """Return the SQL of each view in the deployed catalog."""
        glue = self.twin.client("glue")
        database = self.twin.outputs["databases"]["publish"]
        tables = glue.get_tables(DatabaseName=database)["TableList"]
        return {
            table["Name"]: _view_sql(table["ViewOriginalText"], database)
            for table in tables
            if table["TableType"] == "VIRTUAL_VIEW"
        }

    def query(self, sql: str) -> list[dict[str, Any]]:
        """Run SQL over gold and publish as they are in the lake bucket now."""
        mirror = self.twin.folder / "mirror"
        bucket = self.twin.outputs["lake"].removeprefix("s3://")
        s3 = self.twin.client("s3")
        for layer in ("gold", "publish"):
            pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=f"{layer}/")
            there = {one["Key"]: one for page in pages for one in page.get("Contents", [])}
            for key, found in there.items():
                _download(s3, bucket, found, mirror / key)
            _forget(mirror, layer, set(there))
        return list(DuckDbEngine(FolderFiles(mirror)).query(sql).records())


def _view_sql(text: str, database: str) -> str:
    definition = json.loads(base64.b64decode(text.removeprefix("/* Presto View: ")[:-3]))
    assert definition["schema"] == database
    return str(definition["originalSql"])


def _forget(mirror: Path, layer: str, there: set[str]) -> None:
    """Remove local files that are gone in the bucket: a rolled back commit must not be read."""
    for path in (mirror / layer).rglob("*"):
        if path.is_file() and path.relative_to(mirror).as_posix() not in there:
            path.unlink()


def _download(s3: Any, bucket: str, found: dict[str, Any], target: Path) -> None:
    """Fetch an object unless it is here; Hudi writes no file twice, except its settings."""
    here = target.is_file() and target.stat().st_size == found["Size"]
    if not found["Key"].endswith("/") and (not here or target.name == "hoodie.properties"):
        target.parent.mkdir(parents=True, exist_ok=True)
        s3.download_file(bucket, found["Key"], str(target))
