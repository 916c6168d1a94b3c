"""The model, in Spark's SQL, that turns bronze rows of one resource type into silver columns.

It is derived from the resource's declaration and runs on every engine over a relation `bronze`.
"""

from __future__ import annotations

from metriccare.sources.fhir.declarations import Field, Resource, declared_shape, identifiers_of
from metriccare.sources.fhir.reference_elements import CONTAINED
from metriccare.sources.fhir.shapes import without_nulls
from metriccare.tables.keys import joined_expression
from metriccare.tables.silver import FROM_BRONZE

# A placeholder for the relation of the step before.
_BEFORE = "__before__"


def resource_model(resource: Resource) -> str:
    """Return one SELECT: a row of silver columns for each row in `bronze`, all of the type.

    Besides bronze's columns the rows have `is_misshapen` and `text`: the resource in a spelling
    that the engine's JSON reader reads right, null for a tombstone. The parsed resource is `r`,
    without null elements of lists. Fields of a later step read columns of earlier ones.
    """
    shape = declared_shape(resource)
    selects = [
        f"SELECT *, from_json(text, '{shape.spark_type}') AS parsed FROM bronze",
        f"SELECT *, if(contains(raw, 'null'), {without_nulls('parsed', shape)}, parsed) AS r"
        f" FROM {_BEFORE}",
    ]
    selects += [
        f"SELECT *, {field.sql} AS {field.name} FROM {_BEFORE}"
        for field in (CONTAINED, *resource.hidden)
    ]
    selects.append(f"SELECT {', '.join(_first_step(resource))} FROM {_BEFORE}")
    for step in range(1, 1 + max(field.step for field in resource.columns)):
        items = ", ".join(_item(field) for field in resource.columns if field.step == step)
        selects.append(f"SELECT *, {items} FROM {_BEFORE}")
    named = (
        f"step_{number} AS ({select.replace(_BEFORE, f'step_{number - 1}')})"
        for number, select in enumerate(selects)
    )
    return f"WITH {', '.join(named)} SELECT * FROM step_{len(selects) - 1}"


def _first_step(resource: Resource) -> list[str]:
    updated = "coalesce(last_updated, ingested_at)"
    key = ("tenant", f"'{resource.type}'", "resource_id")
    return [
        "tenant",
        "resource_id AS id",
        *[_item(field) for field in resource.columns if field.step == 0],
        f"{identifiers_of(resource)} AS identifiers",
        "deleted",
        f"CASE WHEN deleted THEN {updated} END AS deleted_at",
        f"{updated} AS last_updated",
        "last_updated AS last_updated_sent",
        *FROM_BRONZE,
        "record_key AS bronze_key",
        f"{joined_expression(*key)} AS record_key",
        "is_misshapen",
        "coalesce(size(r.modifierExtension), 0) > 0 AS has_modifier_extension",
    ]


def _item(field: Field) -> str:
    return f"cast({field.sql} as {field.type}) AS {field.name}"
