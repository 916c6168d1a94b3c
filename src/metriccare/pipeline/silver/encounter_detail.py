"""The joined table for analysts: current encounters with their patients and conditions."""

from __future__ import annotations

from metriccare.engine.models import model
from metriccare.engine.protocol import Engine, RelationT
from metriccare.incremental.context import RunContext
from metriccare.incremental.pending_rows import is_written, pending_rows
from metriccare.incremental.table_changes import changes_of
from metriccare.tables import silver as tables
from metriccare.tables.commit_note import CommitNote

DETAIL = tables.ENCOUNTER_DETAIL
# A row joins an encounter with its patient, its conditions and its hospital.
_SOURCES = {
    "encounters": tables.BY_RESOURCE["Encounter"],
    "patients": tables.BY_RESOURCE["Patient"],
    "conditions": tables.BY_RESOURCE["Condition"],
    "organizations": tables.BY_RESOURCE["Organization"],
}


def refresh(engine: Engine[RelationT], context: RunContext, note: CommitNote) -> None:
    """Bring the table up to date for the encounters this run may have changed."""
    is_known = bool(engine.commits(DETAIL))
    knows_all = is_known and not context.taken_again
    if knows_all and not any(is_written(engine, context, table) for table in _SOURCES.values()):
        return
    sources = {name: engine.read(table) for name, table in _SOURCES.items()}
    stored = engine.read(DETAIL)
    if is_known:
        changed = _changed(engine, context, sources["encounters"], stored)
        sources["encounters"] = _among(engine, sources["encounters"], "id", changed)
        stored = _among(engine, stored, "encounter_id", changed)
    computed = engine.sql(model(__package__, "encounter_detail"), None, **sources)
    changes_of(engine, computed, stored, context, DETAIL).commit(engine, note)


def _among(
    engine: Engine[RelationT], rows: RelationT, column: str, changed: RelationT
) -> RelationT:
    return engine.materialize(
        engine.sql(
            "select r.* from candidates r left semi join changed c"
            f" on c.tenant = r.tenant and c.id = r.{column}",
            candidates=rows,
            changed=changed,
        )
    )


def _changed(
    engine: Engine[RelationT], context: RunContext, encounters: RelationT, stored: RelationT
) -> RelationT:
    """Return tenant and id of the encounters to compute again, also those without a row."""
    written = {name: pending_rows(engine, context, table) for name, table in _SOURCES.items()}
    own = written.pop("encounters")
    changed = engine.sql(
        model(__package__, "changed_encounters"),
        None,
        encounters=encounters,
        stored=stored,
        own=own,
        **written,
    )
    if context.taken_again:
        changed = engine.sql(
            "select tenant, id from changed union select tenant, id from encounters e"
            " where not exists (select 1 from stored s"
            " where s.tenant = e.tenant and s.encounter_id = e.id)",
            changed=changed,
            encounters=encounters,
            stored=stored,
        )
    return engine.materialize(changed)
