"""References resolved to keys, whatever form they came in.

References that name an id are resolved when they are parsed. The rest - searches by identifier,
urns of bundle entries, logical and contained references - are looked up here by name. What a name
means can change when resources arrive, change or go: references that wait are kept in one table,
names that were resolved in another, and both are decided again at the end of every run. So the
outcome depends on what has arrived, never on the order.

Sources: FHIR R4 references, and Bundle, resolving references; ingest specification, section 3.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from metriccare.engine.protocol import Engine, RelationT
from metriccare.fhir.declarations import ArrayReference, Reference, Resource
from metriccare.fhir.elements import first_where
from metriccare.fhir.references import (
    About,
    any_of,
    every,
    is_unexpected_type,
    name,
    names_other,
)
from metriccare.fhir.resources import RESOURCES
from metriccare.fhir.shapes import shape_of_type
from metriccare.pipeline.silver.names import Incoming, kinds_of, meanings
from metriccare.pipeline.silver.row import IS_GOOD, silver_columns
from metriccare.quality.rules import AMBIGUOUS_REFERENCE, DANGLING_REFERENCE, REFERENCE_TYPE
from metriccare.tables import silver as tables

# Columns of resolved rows: the references that have no target yet, and the names resolved.
WAITING, NAMED = "waiting", "named"
_WAITING_TYPE = "array<struct<reference:string,ambiguous:boolean>>"
_NAMED_TYPE = "array<struct<name:string,target_id:string>>"
# What the names of a row mean: the target, whether several fit, the type an urn of the same Bundle
# has instead, and whether it was found by its name in the whole tenant.
_FOUND = "found"
_PARTS = {"target_id": "string", "ambiguous": "boolean", "other": "string", "by_name": "boolean"}
_NO_TEXTS = "cast(array() as array<string>)"
# One part of what a reference's name means.
Meaning = Callable[[Reference | ArrayReference, str, str], str]


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
    """Return rows with references looked up and flagged, WAITING and NAMED.

    They have the silver columns and those that are `carried` along. `indirect` is true if any row
    may need a look-up; when none does, none is made.
    """
    if not resource.references and not resource.array_references:
        nothing = f"cast(array() as {_WAITING_TYPE}) as {WAITING}"
        named = f"cast(array() as {_NAMED_TYPE}) as {NAMED}"
        return engine.sql(f"select *, {nothing}, {named} from newest", newest=rows)
    found = _found(engine, rows, resource) if indirect else None
    relations = {"newest": rows}
    if found is not None:
        relations[_FOUND] = found
    required = [ref for ref in resource.references if ref.required]
    for ref in required:
        relations[f"all_{ref.name}"] = engine.read(tables.BY_RESOURCE[ref.target])
    columns = (*silver_columns(resource), *carried)
    return engine.sql(
        _resolved_model(resource, columns, is_found=found is not None), None, **relations
    )


def _found(engine: Engine[RelationT], rows: RelationT, resource: Resource) -> RelationT | None:
    """Return, by row, what each name means that a reference without a key goes by.

    None if there is no such name.
    """
    names = every(resource, lambda ref, id_, text: f"if({id_} is null, {name(ref, text)}, null)")
    wanted = engine.materialize(
        engine.sql(
            f"select tenant, record_key, file_id, bundle, explode({names}) as name from newest"
            f" where {IS_GOOD}",
            newest=rows,
        )
    )
    kinds = kinds_of(engine, wanted)
    if not kinds:
        return None
    parts = ", ".join(f"'{part}', {part}" for part in ("name", *_PARTS))
    return engine.materialize(
        engine.sql(
            f"select record_key, collect_list(named_struct({parts})) as {_FOUND}"
            " from meanings group by record_key",
            meanings=meanings(engine, wanted, kinds, Incoming(resource.type, rows)),
        )
    )


def _meaning(ref: Reference | ArrayReference, text: str, part: str) -> str:
    return f"{first_where(_FOUND, 'f', f'f.name = {name(ref, text)}')}.{part}"


def _no_meaning(ref: Reference | ArrayReference, text: str, part: str) -> str:
    """Return what a name means where none was looked up."""
    return f"cast(null as {_PARTS[part]})"


def _resolved_model(resource: Resource, columns: Sequence[str], *, is_found: bool) -> str:
    """Return the model of `newest` rows with their references resolved, step by step."""
    if not is_found:
        steps = [f"select {', '.join(columns)} from newest"]
        return _chained([*steps, *_last_steps(resource, columns, _no_meaning, "array()")])
    kept = ", ".join(f"n.{column}" for column in columns)
    columns = (*columns, _FOUND)
    filled = with_ids(
        resource, lambda ref, id_, text: f"coalesce({id_}, {_meaning(ref, text, 'target_id')})"
    )
    steps = [
        f"select {kept}, f.{_FOUND} from newest n left join {_FOUND} f"
        " on f.record_key = n.record_key",
        _replacing(columns, filled),
        _replacing(columns, {"dq_flags": _with_flags(resource)}),
    ]
    return _chained([*steps, *_last_steps(resource, columns, _meaning, _named(resource))])


def _last_steps(
    resource: Resource, columns: Sequence[str], meaning: Meaning, named: str
) -> list[str]:
    """Return the steps that flag missing targets and list what rows wait for and go by."""
    flags = {"dq_flags": _with_dangling_flag(resource, meaning)}
    waiting = f"if(deleted, null, cast({_waiting_for(resource, meaning)} as {_WAITING_TYPE}))"
    names = f"if(deleted, null, cast({named} as {_NAMED_TYPE}))"
    return [
        _with_targets(resource),
        _replacing(columns, flags),
        f"select *, {waiting} as {WAITING}, {names} as {NAMED} from {_BEFORE}",
    ]


# Stands for the relation of the step before.
_BEFORE = "__before__"


def _chained(steps: Sequence[str]) -> str:
    named = (
        f"step_{number} as ({step.replace(_BEFORE, f'step_{number - 1}')})"
        for number, step in enumerate(steps)
    )
    return f"with {', '.join(named)} select * from step_{len(steps) - 1}"


def _replacing(columns: Sequence[str], changed: Mapping[str, str]) -> str:
    items = ", ".join(f"{changed.get(column, column)} as {column}" for column in columns)
    return f"select {items} from {_BEFORE}"


def with_ids(resource: Resource, about: About) -> dict[str, str]:
    """Return the columns that hold ids of references, with each id what an expression gives."""
    changed = {
        f"{ref.name}_id": about(ref, f"{ref.name}_id", f"{ref.name}_reference")
        for ref in resource.references
    }
    by_column: dict[str, dict[str, str]] = {}
    for one in resource.array_references:
        ids = by_column.setdefault(one.column, {})
        ids[f"{one.name}_id"] = about(one, f"e.{one.name}_id", f"e.{one.name}_reference")
    for column, ids in by_column.items():
        kind = tables.BY_RESOURCE[resource.type].column(column).type
        element = shape_of_type(kind.replace("array<", "ARRAY<", 1).replace("<struct<", "<STRUCT<"))
        # The declared order of the fields: the column's type must come out unchanged.
        members = element.element.members if element.element else ()
        parts = ", ".join(f"'{part}', {ids.get(part, f'e.{part}')}" for part, _ in members)
        changed[column] = f"transform({column}, e -> named_struct({parts}))"
    return changed


def _with_flags(resource: Resource) -> str:
    """Return the flags with those of rows of which a name fits several resources, or an urn one of
    another type."""
    other = any_of(
        resource,
        lambda ref, id_, text: (
            f"{id_} is null and {is_unexpected_type(ref, _meaning(ref, text, 'other'))}"
        ),
    )
    several = any_of(
        resource, lambda ref, id_, text: f"{id_} is null and {_meaning(ref, text, 'ambiguous')}"
    )
    added = ", ".join(
        f"if(not deleted and not array_contains(dq_flags, '{rule_id}') and ({condition}),"
        f" array('{rule_id}'), {_NO_TEXTS})"
        for rule_id, condition in ((REFERENCE_TYPE, other), (AMBIGUOUS_REFERENCE.id, several))
    )
    return f"concat(dq_flags, {added})"


def _with_targets(resource: Resource) -> str:
    """Return the step that finds the required targets: `has_<name>` is null where there is none."""
    required = [ref for ref in resource.references if ref.required]
    items = "".join(f", t_{ref.name}.has_{ref.name}" for ref in required)
    joins = "".join(
        f" left join (select tenant, id, true as has_{ref.name} from all_{ref.name}"
        f" where not deleted) t_{ref.name}"
        f" on t_{ref.name}.tenant = s.tenant and t_{ref.name}.id = s.{ref.name}_id"
        for ref in required
    )
    return f"select s.*{items} from {_BEFORE} s{joins}"


def _with_dangling_flag(resource: Resource, meaning: Meaning) -> str:
    """Return the flags with that of a row whose required target is not in the lake."""
    added = []
    for ref in (ref for ref in resource.references if ref.required):
        text = f"{ref.name}_reference"
        ambiguous, other = meaning(ref, text, "ambiguous"), meaning(ref, text, "other")
        # Another type is no patient to wait for; of several none is missing.
        missing = (
            f"has_{ref.name} is null and not deleted"
            f" and not coalesce({ambiguous} or {other} is not null, false)"
            f" and not coalesce({names_other(ref, text)}, false)"
        )
        added.append(f"if({missing}, array('{DANGLING_REFERENCE.id}'), {_NO_TEXTS})")
    return f"concat({', '.join(('dq_flags', *added))})" if added else "dq_flags"


def _waiting_for(resource: Resource, meaning: Meaning) -> str:
    """Return what a row waits for: references without a key, and required targets not there.

    What names another type can never be resolved and does not wait, nor does a contained resource
    without an identifier: it is no target of its own.
    """

    def waits(ref: Reference | ArrayReference, id_: str, text: str) -> str:
        return (
            f"if({id_} is null and {text} not like '#%' and {meaning(ref, text, 'other')} is null"
            f" and not coalesce({names_other(ref, text)}, false), named_struct('reference', {text},"
            f" 'ambiguous', coalesce({meaning(ref, text, 'ambiguous')}, false)), null)"
        )

    direct = ", ".join(
        f"if(array_contains(dq_flags, '{DANGLING_REFERENCE.id}') and {ref.name}_id is not null,"
        f" named_struct('reference', '{ref.target}/' || {ref.name}_id, 'ambiguous', false), null)"
        for ref in resource.references
        if ref.required
    )
    found = every(resource, waits)
    return f"array_distinct(concat({found}, array_compact(array({direct}))))" if direct else found


def _named(resource: Resource) -> str:
    """Return the names of a row that were resolved in the whole tenant, each with its target."""

    def resolved(ref: Reference | ArrayReference, _: str, text: str) -> str:
        target = _meaning(ref, text, "target_id")
        return (
            f"if({_meaning(ref, text, 'by_name')} and {target} is not null,"
            f" named_struct('name', {name(ref, text)}, 'target_id', {target}), null)"
        )

    return every(resource, resolved)
