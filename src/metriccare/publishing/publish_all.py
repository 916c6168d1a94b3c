"""Publishes marts of many tenants together: every file first, one wait, then the pointers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Generic

from metriccare.engine.protocol import Engine, RelationT
from metriccare.object_store import ObjectStore
from metriccare.publishing.at_once import at_once
from metriccare.publishing.mart_files import MartFiles
from metriccare.publishing.published_rows import MartRows
from metriccare.publishing.published_run import PublishedRun
from metriccare.publishing.tenant_marts import TenantMarts, Written


@dataclass(frozen=True)
class Work(Generic[RelationT]):
    """What to publish of one tenant, and the run that does it."""

    stored: TenantMarts[RelationT]
    marts: Sequence[MartRows[RelationT]]
    run: PublishedRun


def publish_all(
    engine: Engine[RelationT], objects: ObjectStore, work: Sequence[Work[RelationT]]
) -> list[Written]:
    """Publish, and return what was written in the order of the work.

    A writer that is killed leaves every tenant's old or new publication.
    """
    with TemporaryDirectory(prefix="metriccare-marts-") as folder:
        files = MartFiles(engine, Path(folder))
        prepared = [each.stored.write(each.marts, files, each.run) for each in work]
        objects.finish_writing()
    return at_once(TenantMarts.publish, [each.stored for each in work], prepared)
