"""How DuckDB reads a lake's files: a folder itself, a bucket through Arrow.

DuckDB's own reader of S3 is an extension fetched at run time, which a locked-down session must not
do; Arrow's is part of what is installed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from metriccare.query.duckdb.sql_text import sql_list

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection
    from pyarrow.fs import S3FileSystem


class LakeFiles(Protocol):
    """Files of a lake as hudi-rs names them and DuckDB reads them."""

    @property
    def hudi_options(self) -> Mapping[str, str]:
        """Return hudi-rs options, such as the credentials of a bucket."""

    def location(self, path: str) -> str:
        """Return the absolute location of something below the lake's root."""

    def readable(self, locations: Sequence[str]) -> Sequence[str]:
        """Return the locations that DuckDB itself must be allowed to read."""

    def source(self, session: DuckDBPyConnection, name: str, locations: Sequence[str]) -> str:
        """Return what to write after FROM for the files of a table."""


@dataclass(frozen=True)
class FolderFiles:
    """Files of a lake in a folder of this machine."""

    root: Path
    hudi_options: Mapping[str, str] = field(default_factory=dict)

    def location(self, path: str) -> str:
        """Return an absolute path."""
        return str((self.root / path).resolve())

    def readable(self, locations: Sequence[str]) -> Sequence[str]:
        """Return all of them."""
        return locations

    def source(self, session: DuckDBPyConnection, name: str, locations: Sequence[str]) -> str:
        """Return a call of DuckDB's own reader; columns that a file does not have read as null."""
        quoted = sql_list(locations)
        return f"read_parquet({quoted}, union_by_name = true, hive_partitioning = false)"


@dataclass(frozen=True)
class BucketFiles:
    """Objects of a lake in S3, or in whatever server the options name.

    `options` is called for each use: an engine that stays open outlives credentials.
    """

    root: str
    options: Callable[[], Mapping[str, str]]

    @property
    def hudi_options(self) -> Mapping[str, str]:
        """Return credentials, region and address as they are now."""
        return self.options()

    def location(self, path: str) -> str:
        """Return an `s3://` URL."""
        return f"{self.root.rstrip('/')}/{path}"

    def readable(self, locations: Sequence[str]) -> Sequence[str]:
        """Return none: Arrow reads them."""
        return ()

    def source(self, session: DuckDBPyConnection, name: str, locations: Sequence[str]) -> str:
        """Register the objects as one relation, and return its name."""
        import pyarrow as pa  # half a second, and only for lakes in S3
        import pyarrow.dataset as ds
        import pyarrow.parquet as pq

        file_system = self._file_system()
        keys = [location.removeprefix("s3://") for location in locations]
        schemas = [pq.read_schema(key, filesystem=file_system) for key in keys]
        dataset = ds.dataset(
            keys,
            schema=pa.unify_schemas(schemas),
            filesystem=file_system,
            format="parquet",
        )
        relation = "s3_" + name.replace(".", "_")
        session.register(relation, dataset)
        return relation

    def _file_system(self) -> S3FileSystem:
        from pyarrow.fs import S3FileSystem

        options = self.options()
        return S3FileSystem(
            access_key=options["aws_access_key_id"],
            secret_key=options["aws_secret_access_key"],
            session_token=options.get("aws_session_token"),
            region=options["aws_region"],
            endpoint_override=options.get("aws_endpoint"),
        )
