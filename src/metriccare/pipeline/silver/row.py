"""The columns of a parsed row, and of the row of its silver table."""

from __future__ import annotations

from metriccare.engine.protocol import Engine, RelationT
from metriccare.incremental.context import RunContext
from metriccare.quality.row_score import resource_score
from metriccare.sources.fhir.declarations import Resource
from metriccare.tables import silver as tables
from metriccare.tables.declaration import DATA_QUALITY_SCORE, ORDERING, RUN_ID

# Rejected rows are kept beside the good ones until the quarantine is written, and decide nothing.
IS_GOOD = "rule_id is null"
# The columns of an arriving row besides its silver columns, once its version is decided.
CARRIED = (
    *("bronze_key", "rule_id", "last_updated_sent"),
    *("stored_updated", "contested", "released_patient_id"),
)
_STAMPS = (RUN_ID.name, ORDERING.name, DATA_QUALITY_SCORE.name)


def silver_columns(resource: Resource) -> tuple[str, ...]:
    """Return the columns of a type's table, without those that the run fills in."""
    names = tables.BY_RESOURCE[resource.type].column_names
    return tuple(name for name in names if name not in _STAMPS)


def patient_of(resource: Resource) -> str:
    """Return the expression for a row's patient; null for a type without a patient."""
    names_patient = any(reference.name == "patient" for reference in resource.references)
    return "patient_id" if names_patient else "cast(null as string)"


def as_table_rows(
    engine: Engine[RelationT], rows: RelationT, context: RunContext, resource: Resource
) -> RelationT:
    """Return rows of the type's table, with the columns that the run fills in."""
    stamps = {
        RUN_ID.name: ":run_id",
        ORDERING.name: "unix_micros(last_updated)",
        DATA_QUALITY_SCORE.name: resource_score(resource),
    }
    items = ", ".join(
        f"{stamps.get(name, name)} as {name}"
        for name in tables.BY_RESOURCE[resource.type].column_names
    )
    return engine.sql(f"select {items} from resolved", {"run_id": context.run_id}, resolved=rows)
