"""Wiring of queries: the engine that answers SQL over a lake."""

from __future__ import annotations

from metriccare import naming
from metriccare.errors import UsageError
from metriccare.query.athena import AthenaEngine
from metriccare.query.duckdb.engine import DuckDbEngine
from metriccare.query.duckdb.lake_files import BucketFiles, FolderFiles, LakeFiles
from metriccare.settings import Lake
from metriccare.wiring.storage import is_deployed, storage_of, workspace_of


def open_engine(lake: Lake) -> DuckDbEngine:
    """Return the engine that answers SQL without a cluster; UsageError if there is no lake."""
    return DuckDbEngine(files_of(lake))


def athena_engine(lake: Lake, workgroup: str | None, results: str | None) -> AthenaEngine:
    """Return the Athena engine of a deployed lake; UsageError for another lake.

    The default workgroup is the operators', who read every layer. `results` is a location for
    answers if the workgroup names none.
    """
    import boto3

    from metriccare.aws.athena import AthenaWorkgroup
    from metriccare.aws.clients import RETRIES

    workspace = workspace_of(lake)
    client = boto3.client("athena", config=RETRIES)
    name = workgroup or naming.operators_workgroup(workspace)
    return AthenaEngine(AthenaWorkgroup(client, name, results).run, workspace)


def files_of(lake: Lake) -> LakeFiles:
    """Return how DuckDB reads a lake; UsageError if no lake is there.

    Raises SetupError if a bucket is asked for without credentials.
    """
    _require_lake(lake)
    if not is_deployed(lake):
        return FolderFiles(lake.folder)
    from metriccare.aws.clients import reader_options  # a fifth of a second, and only for S3

    return BucketFiles(lake.root, reader_options)


def lake_to_serve(lake: Lake) -> Lake:
    """Return a lake that Trino on this machine can serve; UsageError for another."""
    if is_deployed(lake):
        raise UsageError("A lake in S3 is read by Athena; sql-server serves a folder.")
    _require_lake(lake)
    return lake


def _require_lake(lake: Lake) -> None:
    """Raise UsageError if there is no lake: a typing error must not return zero rows."""
    if not storage_of(lake).objects.holds_lake():
        raise UsageError(
            f"There is no lake in {lake.root}. Make one (`metriccare demo`, or `metriccare ingest`"
            " and `metriccare run`), or name another with --lake."
        )
