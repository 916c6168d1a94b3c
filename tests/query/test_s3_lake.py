"""A lake in S3 is read by the same queries; the server is moto's, on this machine."""

from __future__ import annotations

import boto3
import pytest

from metriccare.query.views import views
from metriccare.settings import Lake
from metriccare.wiring.queries import open_engine

BUCKET, PREFIX = "sample-lake", "deep/lake"


@pytest.fixture
def s3_lake(published_lake: Lake, aws: str) -> Lake:
    """Copy the published lake to a bucket."""
    client = boto3.client("s3")
    client.create_bucket(Bucket=BUCKET)
    for file in published_lake.folder.rglob("*"):
        if file.is_file():
            key = f"{PREFIX}/{file.relative_to(published_lake.folder)}"
            client.upload_file(str(file), BUCKET, key)
    return Lake(f"s3://{BUCKET}/{PREFIX}")


def test_every_view_gives_the_rows_of_the_folder(s3_lake: Lake, published_lake: Lake) -> None:
    there, here = open_engine(s3_lake), open_engine(published_lake)
    for name in views():
        sql = f"select * from {name}"
        assert sorted(map(repr, there.query(sql).rows)) == sorted(map(repr, here.query(sql).rows))


def test_tables_without_rows_or_not_there_are_empty(s3_lake: Lake) -> None:
    engine = open_engine(s3_lake)
    for name in ("gold.stay", "gold.patient_day"):
        assert engine.query(f"select count(*) from {name}").rows == ((0,),)
