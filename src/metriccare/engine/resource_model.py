"""The model, in Spark's SQL, that makes silver columns of bronze rows of one resource type.

It is derived from the resource's declaration and runs on every engine over a relation `bronze`.
"""

from __future__ import annotations

from metriccare.fhir.forms import SHAPE_COMMON, Field, Resource

# Columns of bronze that silver takes over as they are.
_HEADER = (
    "source_file",
    "source_line",
    "full_url",
    "raw_sha256",
    "ingest_sequence",
    "ingested_at",
    "file_id",
)


def resource_model(resource: Resource) -> str:
    """Return one SELECT: a row of silver columns for each row of the type in `bronze`.

    A tombstone has no resource: its elements are null. The parsed resource is `r`; fields of a
    later step read columns of earlier ones.
    """
    shape = f"STRUCT<{struct_fields(resource.shape)},{struct_fields(SHAPE_COMMON)}>"
    steps = 1 + max(field.step for field in resource.fields)
    parts = [
        "parsed AS (SELECT *, from_json(if(deleted, null, raw),"
        f" '{shape}') AS r FROM bronze WHERE resource_type = '{resource.type}')",
        f"step_0 AS (SELECT {', '.join(_first_step(resource))} FROM parsed)",
    ]
    for step in range(1, steps):
        added = [_item(field) for field in resource.fields if field.step == step]
        items = ", ".join(["*", *added])
        parts.append(f"step_{step} AS (SELECT {items} FROM step_{step - 1})")
    return f"WITH {', '.join(parts)} SELECT * FROM step_{steps - 1}"


def _first_step(resource: Resource) -> list[str]:
    updated = "coalesce(last_updated, ingested_at)"
    return [
        "tenant",
        "resource_id AS id",
        *[_item(field) for field in resource.fields if field.step == 0],
        "r.identifier AS identifiers",
        "deleted",
        f"CASE WHEN deleted THEN {updated} END AS deleted_at",
        f"{updated} AS last_updated",
        "last_updated AS last_updated_sent",
        *_HEADER,
        "record_key AS bronze_key",
        f"concat_ws('|', tenant, '{resource.type}', resource_id) AS record_key",
        "coalesce(size(r.modifierExtension), 0) > 0 AS has_modifier_extension",
    ]


def _item(field: Field) -> str:
    return f"cast({field.sql} as {field.type}) AS {field.name}"


def struct_fields(columns: str) -> str:
    """Return a column list (`a STRING, b INT`) as the inside of a struct type (`a:STRING,b:INT`).

    Only the separators outside brackets are columns.
    """
    parts, depth, start = [], 0, 0
    for place, sign in enumerate(columns):
        depth += (sign in "<(") - (sign in ">)")
        if sign == "," and depth == 0:
            parts.append(columns[start:place])
            start = place + 1
    parts.append(columns[start:])
    return ",".join(part.strip().replace(" ", ":", 1) for part in parts)
