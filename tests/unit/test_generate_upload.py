"""Generated files go to S3 whole; what S3 refuses is said in one sentence."""

from __future__ import annotations

from pathlib import Path

import boto3
import pytest
from moto import mock_aws
from typer.testing import CliRunner

from metriccare.commands.generation import app, send
from metriccare.commands.printing.progress import Progress
from metriccare.errors import UploadFailed, UsageError
from metriccare.local import generation


@pytest.fixture
def s3(monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        yield boto3.client("s3")


@pytest.fixture
def generated(tmp_path: Path) -> Path:
    arguments = generation.config(out=tmp_path / "data", patients=3)
    with Progress() as progress:
        generation.run(arguments, progress)
    return tmp_path / "data"


def test_every_generated_file_arrives_under_the_tenant_and_the_answer_key_stays(s3, generated):
    s3.create_bucket(Bucket="raw")
    with Progress() as progress:
        send(generated, "s3://raw/north", progress)
    keys = {entry["Key"] for entry in s3.list_objects_v2(Bucket="raw")["Contents"]}
    sent = (generated / "json", generated / "feeds")
    files = {p for folder in sent for p in folder.rglob("*") if p.is_file()}
    assert keys == {f"north/{p.relative_to(generated).as_posix()}" for p in files}


def test_daily_folders_go_up_with_the_history(s3, tmp_path: Path):
    s3.create_bucket(Bucket="raw")
    out = tmp_path / "data"
    with Progress() as progress:
        generation.run(generation.config(out=out, patients=60, days=3), progress)
        send(out, "s3://raw", progress)
    keys = {entry["Key"] for entry in s3.list_objects_v2(Bucket="raw")["Contents"]}
    files = {p.relative_to(out).as_posix() for p in out.rglob("*") if p.is_file()}
    assert keys == {f for f in files if not f.endswith(("truth.json", "truth_accounts.ndjson"))}
    assert any(key.startswith("days/") for key in keys)


def test_a_bucket_that_is_not_there_is_said_in_one_sentence(s3, generated):
    with Progress() as progress, pytest.raises(UploadFailed, match="s3://nowhere/north"):
        send(generated, "s3://nowhere/north", progress)


def test_an_address_that_is_not_s3_is_wrong_use(generated):
    with Progress() as progress, pytest.raises(UsageError, match="wants s3://bucket/tenant"):
        send(generated, "north", progress)


@pytest.mark.parametrize("words", [["--upload", "north"], ["--upload", "s3://raw", "--describe"]])
def test_an_impossible_upload_is_refused_before_anything_is_generated(tmp_path, words):
    out = tmp_path / "out"
    result = CliRunner().invoke(app, ["--out", str(out), "--patients", "3", *words])
    assert isinstance(result.exception, UsageError)
    assert not out.exists()
