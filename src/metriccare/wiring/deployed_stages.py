"""Wiring that the Glue jobs and the function for small runs share: settings, and a stage.

This module never imports Spark: callers pass the engine.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3

from metriccare.aws.clients import RETRIES
from metriccare.aws.log import log, sanitized
from metriccare.aws.object_store import S3Store
from metriccare.aws.raw_files import S3RawFiles
from metriccare.aws.settings import fetched_settings
from metriccare.object_store import Storage
from metriccare.settings import Lake, Settings, load_settings

if TYPE_CHECKING:
    from metriccare.engine.protocol import Engine
    from metriccare.pipeline.runs import Run
    from metriccare.tables import Table
    from metriccare.tracking.states import RunRecord

# Layers whose tables a stage writes, and therefore creates and registers.
_STAGE_LAYERS = {"bronze": ("bronze",), "silver": ("silver",), "gold": ("gold", "publish")}
# In the order in which a run does them.
STAGES = tuple(_STAGE_LAYERS)


def deployed_settings(lake: Lake, location: str | None, folder: Path) -> Settings:
    """Return the deployed settings, or the defaults if there are none.

    The files that their measures name are brought into the folder, and read from there later.
    """
    if location is None:
        return load_settings(lake)
    client = boto3.client("s3", config=RETRIES)
    return load_settings(lake, fetched_settings(client, location, folder))


def deployed_storage(lake: Lake, scratch: Path) -> Storage:
    """Return the storage of a deployed lake; data files are fetched to the scratch folder."""
    objects = S3Store(boto3.client("s3", config=RETRIES), lake, scratch)
    return Storage(lake, objects, S3RawFiles())


def tables_of(stage: str) -> Sequence[Table]:
    """Return the tables a stage writes."""
    from metriccare.tables import TABLES

    return [table for table in TABLES if table.layer in _STAGE_LAYERS[stage]]


def run_stage(engine: Engine[Any], run: Run, stage: str, workspace: str) -> Run:
    """Run one stage; register its tables in the catalog before and its tenants after."""
    from metriccare.aws import catalog
    from metriccare.upkeep import stages

    tables = tables_of(stage)
    glue, s3 = boto3.client("glue", config=RETRIES), boto3.client("s3", config=RETRIES)
    catalog.check_columns(glue, workspace, tables)
    run = stages.BY_NAME[stage](engine, run)
    stages.create_missing_tables(engine, run, tables)
    added = catalog.register_partitions(glue, s3, run.lake, workspace, tables)
    log("stage done", stage=stage, run=run.record.run_id, partitions_added=added)
    return run


def operations_published(
    run: Run,
    clock: Callable[[], datetime],
    open_engine: Callable[[], AbstractContextManager[Engine[Any]]],
) -> AbstractContextManager[None]:
    """Publish how the runs went after the block, if the run has ended, also if it raises.

    A job without the right to the marts logs that it could not.
    """
    from metriccare.upkeep import publish_operations

    return publish_operations.operations_published(
        lambda: publish_operations.Publishing(
            run.storage.objects, run.store, run.settings, clock()
        ),
        open_engine,
        lambda error: log("runs and alerts are not published", error=str(sanitized(error))),
    )


def end_run(run: Run, now: datetime) -> RunRecord:
    """Record the end of a run that did all stages, log it, and return its record."""
    from metriccare.pipeline import runs

    record = runs.end(run, now).record
    log("published", run=record.run_id, tenants_refused=sorted(record.refused_tenants))
    return record
