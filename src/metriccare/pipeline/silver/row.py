"""The columns of a parsed row on its way into its silver table, and what is written of it."""

from __future__ import annotations

from metriccare.engine.protocol import Engine, RelationT
from metriccare.fhir.declarations import Resource
from metriccare.incremental.context import RunContext
from metriccare.tables import silver as tables
from metriccare.tables.declaration import ORDERING, RUN_ID

# Rows the rules reject go along with the good ones and take no part in what is decided.
IS_GOOD = "rule_id is null"
# What is known of an arriving row besides its silver columns, once its version is decided.
CARRIED = (
    *("bronze_key", "rule_id", "last_updated_sent"),
    *("stored_updated", "contested", "released_patient_id"),
)
_STAMPS = (RUN_ID.name, ORDERING.name)


def silver_columns(resource: Resource) -> tuple[str, ...]:
    """Return the columns of a type's table but those that a run stamps on a row."""
    names = tables.BY_RESOURCE[resource.type].column_names
    return tuple(name for name in names if name not in _STAMPS)


def patient_of(resource: Resource) -> str:
    """Return the patient a row names, null for a resource that names none."""
    names_patient = any(reference.name == "patient" for reference in resource.references)
    return "patient_id" if names_patient else "cast(null as string)"


def as_table_rows(
    engine: Engine[RelationT], rows: RelationT, context: RunContext, resource: Resource
) -> RelationT:
    """Return rows as those of the type's table, written by this run."""
    stamps = {RUN_ID.name: ":run_id", ORDERING.name: "unix_micros(last_updated)"}
    items = ", ".join(
        f"{stamps.get(name, name)} as {name}"
        for name in tables.BY_RESOURCE[resource.type].column_names
    )
    return engine.sql(f"select {items} from resolved", {"run_id": context.run_id}, resolved=rows)
