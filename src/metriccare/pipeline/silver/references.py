"""Resolves references to ids, whatever form they have.

References that contain an id are resolved when they are parsed. The others - searches by
identifier, urns of bundle entries, logical and contained references - are looked up here by name.
The meaning of a name can change when resources arrive, change or are deleted. So references that
wait are kept in one table, resolved names in another, and both are checked at the end of every run.
The result depends on what has arrived, never on the order.

Sources: FHIR R4 references, and Bundle, resolving references; ingest specification, section 3.
"""

from __future__ import annotations

from collections.abc import Sequence

from metriccare.engine.protocol import Engine, RelationT
from metriccare.pipeline.silver.names import Incoming, kinds_of, meanings
from metriccare.pipeline.silver.resolved_model import (
    MEANINGS,
    NAMED,
    NAMED_TYPE,
    PARTS,
    WAITING,
    WAITING_TYPE,
    resolved_model,
)
from metriccare.pipeline.silver.row import IS_GOOD, silver_columns
from metriccare.sources.fhir.declarations import Resource
from metriccare.sources.fhir.references import every, name
from metriccare.sources.fhir.resources import RESOURCES
from metriccare.tables import silver as tables


def targets() -> set[str]:
    """Return the resource types that resources of any type refer to."""
    scalars = {ref.target for r in RESOURCES for ref in r.references}
    return scalars | {ref.target for r in RESOURCES for ref in r.array_references}


def resolve(
    engine: Engine[RelationT],
    rows: RelationT,
    indirect: bool,
    carried: Sequence[str],
    resource: Resource,
) -> RelationT:
    """Return rows with references resolved and flagged, and the columns WAITING and NAMED.

    They have the silver columns and the `carried` ones. `indirect` is true if any row may need a
    look-up; otherwise none is made.
    """
    if not resource.references and not resource.array_references:
        waiting = f"cast(array() as {WAITING_TYPE}) as {WAITING}"
        named = f"cast(array() as {NAMED_TYPE}) as {NAMED}"
        return engine.sql(f"select *, {waiting}, {named} from newest", newest=rows)
    meanings_by_row = _meanings_by_row(engine, rows, resource) if indirect else None
    relations = {"newest": rows}
    if meanings_by_row is not None:
        relations[MEANINGS] = meanings_by_row
    required = [ref for ref in resource.references if ref.required]
    for ref in required:
        relations[f"all_{ref.name}"] = engine.read(tables.BY_RESOURCE[ref.target])
    columns = (*silver_columns(resource), *carried)
    has_meanings = meanings_by_row is not None
    model = resolved_model(resource, columns, has_meanings=has_meanings)
    return engine.sql(model, None, **relations)


def _meanings_by_row(
    engine: Engine[RelationT], rows: RelationT, resource: Resource
) -> RelationT | None:
    """Return the meanings of the names in references without an id, by row; None for no names."""
    names = every(resource, lambda ref, id_, text: f"if({id_} is null, {name(ref, text)}, null)")
    asked = engine.materialize(
        engine.sql(
            f"select tenant, record_key, file_id, bundle, explode({names}) as name from newest"
            f" where {IS_GOOD}",
            newest=rows,
        )
    )
    kinds = kinds_of(engine, asked)
    if not kinds:
        return None
    parts = ", ".join(f"'{part}', {part}" for part in ("name", *PARTS))
    return engine.materialize(
        engine.sql(
            f"select record_key, collect_list(named_struct({parts})) as {MEANINGS}"
            " from meanings group by record_key",
            meanings=meanings(engine, asked, kinds, Incoming(resource.type, rows)),
        )
    )
