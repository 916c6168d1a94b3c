"""The generator behind the command line: its arguments, its progress, the upload afterwards."""

from __future__ import annotations

import time
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

from rich.progress import Progress as CountingBars

from data_generator import GeneratorConfig, GeneratorError, Summary
from data_generator import generate as generate_files
from data_generator.describe import report
from metriccare import naming
from metriccare.errors import UploadFailed, UsageError, WriteFailed


class _Bars(Protocol):
    def stage(self, text: str) -> None: ...

    def say(self, text: str) -> None: ...

    def counted(self, text: str, total: int | None) -> AbstractContextManager[CountingBars]: ...


def config(**arguments: Any) -> GeneratorConfig:
    """Return the generator's arguments, checked; UsageError says what cannot be met."""
    arguments = {name: value for name, value in arguments.items() if value is not None}
    checked = GeneratorConfig(**arguments)
    try:
        checked.check()
    except GeneratorError as error:
        raise UsageError(str(error)) from error
    return checked


def run(arguments: GeneratorConfig, progress: _Bars) -> Summary:
    """Generate, with a bar of the people done, and say how much came of it."""
    began, people = time.monotonic(), arguments.patients
    try:
        with progress.counted(f"Generating {people:,} patients", people) as bars:
            task = bars.task_ids[0]
            summary = generate_files(arguments, lambda done, _: bars.update(task, completed=done))
    except GeneratorError as error:
        raise UsageError(str(error)) from error
    except OSError as error:
        raise WriteFailed(
            f"{arguments.out} could not be written ({error.strerror}); nothing was published there."
            " Make room, or choose another --out."
        ) from error
    took = time.monotonic() - began
    progress.say(f"{people:,} patients, {summary.total:,} resources in {took:.1f} s.")
    progress.say(f"They are in {arguments.out}; truth in truth.json.")
    return summary


def described(arguments: GeneratorConfig) -> list[str]:
    """Return the calibration report: the figures reached beside their targets."""
    return list(report(arguments))


def s3_place(target: str) -> tuple[str, str]:
    """Return bucket and prefix of `s3://bucket/prefix`; UsageError for another address."""
    bucket, prefix = naming.bucket_and_key(target)
    if not target.startswith("s3://") or not bucket:
        raise UsageError(f"--upload wants s3://bucket/tenant, found {target!r}.")
    return bucket, prefix.strip("/")


def upload(folder: Path, target: str, progress: _Bars) -> None:
    """Upload the history, then each daily folder, below `s3://bucket/prefix`.

    The answer keys stay here.
    """
    import boto3
    from boto3.exceptions import S3UploadFailedError
    from botocore.exceptions import BotoCoreError, ClientError

    bucket, prefix = s3_place(target)
    roots = (folder / "json", *sorted(folder.glob("days/*/json")))
    files = [path for root in roots for path in sorted(root.rglob("*")) if path.is_file()]
    progress.stage(f"Uploading {len(files):,} files to {target}")
    client = boto3.client("s3")
    for path in files:
        key = "/".join(part for part in (prefix, path.relative_to(folder).as_posix()) if part)
        try:
            client.upload_file(str(path), bucket, key)
        except (BotoCoreError, ClientError, S3UploadFailedError) as error:
            raise UploadFailed(f"{target} took no more files: {error}") from error
