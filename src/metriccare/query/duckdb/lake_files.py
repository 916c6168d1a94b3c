"""Where a lake's bytes come from: a folder that DuckDB reads itself, or S3 through Arrow.

DuckDB's own S3 reader is an extension fetched at run time, which a locked-down session must not
do; Arrow's is part of what is installed. Credentials are those boto3 finds, for both readers.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from metriccare import naming
from metriccare.errors import SetupError, UsageError
from metriccare.settings import Lake

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection
    from pyarrow.fs import S3FileSystem


@dataclass(frozen=True)
class FolderFiles:
    """Files on this machine."""

    hudi_options: Mapping[str, str] = field(default_factory=dict)

    def readable(self, places: Sequence[str]) -> Sequence[str]:
        """Return the places DuckDB itself must be let read: all of them."""
        return places

    def source(self, session: DuckDBPyConnection, name: str, places: Sequence[str]) -> str:
        """Return what stands in FROM for the files; columns a file lacks read as null."""
        quoted = sql_list(places)
        return f"read_parquet({quoted}, union_by_name = true, hive_partitioning = false)"


@dataclass(frozen=True)
class S3Files:
    """Objects in S3, or in whatever `AWS_ENDPOINT_URL` names."""

    hudi_options: Mapping[str, str]
    file_system: S3FileSystem

    def readable(self, places: Sequence[str]) -> Sequence[str]:
        """Return the places DuckDB itself must be let read: none."""
        return ()

    def source(self, session: DuckDBPyConnection, name: str, places: Sequence[str]) -> str:
        """Register the objects as one relation, and return its name."""
        import pyarrow as pa  # half a second, and only for lakes in S3
        import pyarrow.dataset as ds
        import pyarrow.parquet as pq

        keys = [place.removeprefix("s3://") for place in places]
        schemas = [pq.read_schema(key, filesystem=self.file_system) for key in keys]
        dataset = ds.dataset(
            keys,
            schema=pa.unify_schemas(schemas),
            filesystem=self.file_system,
            format="parquet",
        )
        relation = "s3_" + name.replace(".", "_")
        session.register(relation, dataset)
        return relation


LakeFiles = FolderFiles | S3Files


def files_of(lake: Lake) -> LakeFiles:
    """Return how to read a lake's files; SetupError when S3 is asked for without credentials."""
    return _s3_files() if lake.is_s3 else FolderFiles()


def require_lake(lake: Lake) -> None:
    """Raise UsageError where no lake is: a typing error must not be answered with zero rows."""
    if _is_lake_in_s3(lake) if lake.is_s3 else _is_lake(lake.folder):
        return
    raise UsageError(
        f"There is no lake in {lake.root}. Make one (`metriccare demo`, or `metriccare ingest`"
        " and `metriccare run`), or name another with --lake."
    )


def _is_lake(folder: Path) -> bool:
    """Return whether a folder holds a lake's tracking, or one of its tables."""
    if (folder / naming.TRACKING_FILE).is_file():
        return True
    return any(next(folder.glob(f"{layer}/*/.hoodie"), None) for layer in naming.LAYERS)


def _is_lake_in_s3(lake: Lake) -> bool:
    """Return whether anything is below a layer's prefix, or whether it may not be asked."""
    import boto3  # a fifth of a second, and only for lakes in S3
    from botocore.exceptions import ClientError

    client = boto3.client("s3")
    try:
        return any(
            client.list_objects_v2(Bucket=bucket, Prefix=f"{prefix}/", MaxKeys=1)["KeyCount"]
            for bucket, prefix in (naming.bucket_and_key(lake.path(one)) for one in naming.LAYERS)
        )
    except ClientError as error:
        # Who may read the published tables alone may not list the others.
        return error.response["Error"]["Code"] != "NoSuchBucket"


def sql_list(places: Sequence[str]) -> str:
    """Return texts as a DuckDB list."""
    quoted = ", ".join("'" + place.replace("'", "''") + "'" for place in places)
    return f"[{quoted}]"


def _s3_files() -> S3Files:
    import boto3  # a fifth of a second, and only for lakes in S3
    from pyarrow.fs import S3FileSystem

    session = boto3.Session()
    found = session.get_credentials()
    if found is None:
        raise SetupError("A lake in S3 needs AWS credentials; `aws sts get-caller-identity` tests.")
    keys = found.get_frozen_credentials()
    region = session.region_name or "us-east-1"
    endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
    options = {
        "aws_access_key_id": keys.access_key,
        "aws_secret_access_key": keys.secret_key,
        "aws_session_token": keys.token,
        "aws_region": region,
        "aws_endpoint": endpoint,
        "aws_allow_http": "true" if endpoint and endpoint.startswith("http:") else None,
    }
    file_system = S3FileSystem(
        access_key=keys.access_key,
        secret_key=keys.secret_key,
        session_token=keys.token,
        region=region,
        endpoint_override=endpoint,
    )
    return S3Files({name: text for name, text in options.items() if text}, file_system)
