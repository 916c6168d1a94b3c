"""Publishes the marts: of every tenant that a run published, from what the tables hold now.

Everything is read from the published tables, so a run after a crash, an erasure, a rollback or a
rebuild brings the marts to what the tables say, whatever they were before.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from metriccare import naming
from metriccare.engine.protocol import Engine, RelationT
from metriccare.object_store import ObjectStore
from metriccare.publishing.kept_files import (
    remove_every_older_publication,
    remove_old_publications,
)
from metriccare.publishing.mart_files import MartFiles
from metriccare.publishing.published_rows import PublishedRows, published_rows
from metriccare.publishing.published_run import PublishedRun, RunOf
from metriccare.publishing.tenant_marts import Prepared, TenantMarts, Written
from metriccare.query.published.file_list import PointerFiles
from metriccare.query.published.marts import marts
from metriccare.query.published.publication import pointer_path

# Tenants whose documents are read or replaced at once: each is some requests to S3, or syncs.
_AT_A_TIME = 16


def publish_marts(
    engine: Engine[RelationT],
    objects: ObjectStore,
    run_of: RunOf,
    *,
    without: Collection[str] = (),
    erased: bool = False,
) -> list[Written]:
    """Bring every tenant's marts to what the published tables hold; return what was written.

    `without` are tenants a gate refused: theirs stay as they are. After an erasure no older
    publication is kept. Tenants come in the order of their names.
    """
    found = published_rows(engine, marts())
    with_marts = set(PointerFiles(objects).tenants())
    # The stack's own test files are computed like everybody's, and published to nobody.
    left_out = {*without, naming.CANARY_TENANT}
    runs = {tenant: run_of(tenant) for tenant in sorted((found.tenants | with_marts) - left_out)}
    with ThreadPoolExecutor(_AT_A_TIME) as pool:
        list(pool.map(partial(_withdraw, objects), (t for t, run in runs.items() if run is None)))
        tenants = {tenant: run for tenant, run in runs.items() if run is not None}
        stored = list(pool.map(partial(TenantMarts, objects), tenants))
        prepared = _write(engine, objects, found, stored, tenants.values())
        found.release(engine)
        written = list(pool.map(TenantMarts.publish, stored, prepared))
        remove_older = remove_every_older_publication if erased else remove_old_publications
        list(pool.map(partial(remove_older, objects), tenants))
    return written


def _write(
    engine: Engine[RelationT],
    objects: ObjectStore,
    found: PublishedRows[RelationT],
    stored: Sequence[TenantMarts[RelationT]],
    runs: Iterable[PublishedRun],
) -> list[Prepared]:
    """Write the files of all tenants, and return when they are there to stay."""
    with TemporaryDirectory(prefix="metriccare-marts-") as folder:
        files = MartFiles(engine, Path(folder))
        prepared = [
            marts.write(found.marts, files, run) for marts, run in zip(stored, runs, strict=True)
        ]
        objects.finish_writing()
    return prepared


def _withdraw(objects: ObjectStore, tenant: str) -> None:
    """Remove a tenant's marts: nothing of it is published any more."""
    objects.delete(pointer_path(tenant))
    objects.delete_folder(f"{naming.MARTS_FOLDER}/{tenant}")
