"""Publishes the marts: of every tenant that a run published, from what the tables hold now.

Everything is read from the published tables, so a run after a crash, an erasure, a rollback or a
rebuild brings the marts to what the tables say, whatever they were before.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import partial

from metriccare import naming
from metriccare.engine.protocol import Engine, RelationT
from metriccare.object_store import ObjectStore
from metriccare.publishing.at_once import at_once
from metriccare.publishing.kept_files import (
    remove_every_older_publication,
    remove_figures,
    remove_old_publications,
)
from metriccare.publishing.publish_all import Work, publish_all
from metriccare.publishing.published_rows import published_rows
from metriccare.publishing.published_run import RunOf
from metriccare.publishing.tenant_marts import TenantMarts, Written
from metriccare.query.published.file_list import PointerFiles
from metriccare.query.published.marts import marts


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
    tenants = {tenant: run for tenant, run in runs.items() if run is not None}
    remove_older = remove_every_older_publication if erased else remove_old_publications
    # Nothing of the others is published any more.
    at_once(partial(remove_figures, objects), [tenant for tenant in runs if tenant not in tenants])
    stored = at_once(partial(TenantMarts, objects), tenants)
    work = [
        Work(marts, found.marts, run) for marts, run in zip(stored, tenants.values(), strict=True)
    ]
    written = publish_all(engine, objects, work)
    at_once(partial(remove_older, objects), tenants)
    found.release(engine)
    return written
