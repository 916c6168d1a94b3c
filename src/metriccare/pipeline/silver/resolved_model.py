"""The model that resolves references: ids, flags, what rows wait for, the names they use."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from metriccare.quality.rules import AMBIGUOUS_REFERENCE, DANGLING_REFERENCE, REFERENCE_TYPE
from metriccare.sources.fhir.declarations import ArrayReference, Reference, Resource
from metriccare.sources.fhir.elements import first_where
from metriccare.sources.fhir.references import (
    About,
    any_of,
    every,
    is_unexpected_type,
    name,
    names_other,
)
from metriccare.sources.fhir.shapes import shape_of_type
from metriccare.tables import silver as tables

# Columns of resolved rows: the references that have no target yet, and the names resolved.
WAITING, NAMED = "waiting", "named"
WAITING_TYPE = "array<struct<reference:string,ambiguous:boolean>>"
NAMED_TYPE = "array<struct<name:string,target_id:string>>"
# The column with the meaning of each name of a row: the target, whether several resources fit, the
# other type that an urn of the same Bundle has, and whether it was looked up in the whole tenant.
MEANINGS = "meanings_of_row"
PARTS = {"target_id": "string", "ambiguous": "boolean", "other": "string", "by_name": "boolean"}
_NO_TEXTS = "cast(array() as array<string>)"
# Returns the expression for one part of the meaning of a reference's name.
Meaning = Callable[[Reference | ArrayReference, str, str], str]


def _meaning(ref: Reference | ArrayReference, text: str, part: str) -> str:
    return f"{first_where(MEANINGS, 'f', f'f.name = {name(ref, text)}')}.{part}"


def _no_meaning(ref: Reference | ArrayReference, text: str, part: str) -> str:
    """Return the meaning of a name when none was looked up: null."""
    return f"cast(null as {PARTS[part]})"


def resolved_model(resource: Resource, columns: Sequence[str], *, has_meanings: bool) -> str:
    """Return the model of `newest` rows with their references resolved, step by step."""
    if not has_meanings:
        steps = [f"select {', '.join(columns)} from newest"]
        return _chained([*steps, *_last_steps(resource, columns, _no_meaning, "array()")])
    kept = ", ".join(f"n.{column}" for column in columns)
    columns = (*columns, MEANINGS)
    filled = with_ids(
        resource, lambda ref, id_, text: f"coalesce({id_}, {_meaning(ref, text, 'target_id')})"
    )
    steps = [
        f"select {kept}, f.{MEANINGS} from newest n left join {MEANINGS} f"
        " on f.record_key = n.record_key",
        _replacing(columns, filled),
        _replacing(columns, {"dq_flags": _with_flags(resource)}),
    ]
    return _chained([*steps, *_last_steps(resource, columns, _meaning, _named(resource))])


def _last_steps(
    resource: Resource, columns: Sequence[str], meaning: Meaning, named: str
) -> list[str]:
    """Return the steps that flag missing targets, and list what rows wait for and their names."""
    flags = {"dq_flags": _with_dangling_flag(resource, meaning)}
    waiting = f"if(deleted, null, cast({_waiting_for(resource, meaning)} as {WAITING_TYPE}))"
    names = f"if(deleted, null, cast({named} as {NAMED_TYPE}))"
    return [
        _with_targets(resource),
        _replacing(columns, flags),
        f"select *, {waiting} as {WAITING}, {names} as {NAMED} from {_BEFORE}",
    ]


# A placeholder for the relation of the step before.
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
    """Return the columns with ids of references; each id is the value of an expression."""
    changed = {
        f"{ref.name}_id": about(ref, f"{ref.name}_id", f"{ref.name}_reference")
        for ref in resource.references
    }
    by_column: dict[str, dict[str, str]] = {}
    for ref in resource.array_references:
        ids = by_column.setdefault(ref.column, {})
        ids[f"{ref.name}_id"] = about(ref, f"e.{ref.name}_id", f"e.{ref.name}_reference")
    for column, ids in by_column.items():
        type_ = tables.BY_RESOURCE[resource.type].column(column).type
        upper_case = type_.replace("array<", "ARRAY<", 1).replace("<struct<", "<STRUCT<")
        element = shape_of_type(upper_case)
        # The declared order of the fields, so that the column's type stays the same.
        members = element.element.members if element.element else ()
        parts = ", ".join(f"'{part}', {ids.get(part, f'e.{part}')}" for part, _ in members)
        changed[column] = f"transform({column}, e -> named_struct({parts}))"
    return changed


def _with_flags(resource: Resource) -> str:
    """Return the flags, with those for a name of several resources and an urn of another type."""
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
    """Return the step that joins the required targets: `has_<name>` is null if there is none."""
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
    """Return the flags, with the one for a required target that is not in the lake."""
    added = []
    for ref in (ref for ref in resource.references if ref.required):
        text = f"{ref.name}_reference"
        ambiguous, other = meaning(ref, text, "ambiguous"), meaning(ref, text, "other")
        # A target of another type will never arrive, and of several targets none is missing.
        missing = (
            f"has_{ref.name} is null and not deleted"
            f" and not coalesce({ambiguous} or {other} is not null, false)"
            f" and not coalesce({names_other(ref, text)}, false)"
        )
        added.append(f"if({missing}, array('{DANGLING_REFERENCE.id}'), {_NO_TEXTS})")
    return f"concat({', '.join(('dq_flags', *added))})" if added else "dq_flags"


def _waiting_for(resource: Resource, meaning: Meaning) -> str:
    """Return what a row waits for: references without an id, and required targets not in the lake.

    A reference to another type cannot be resolved, so it does not wait. Nor does a contained
    resource without an identifier: it is never a target itself.
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
    indirect = every(resource, waits)
    if not direct:
        return indirect
    return f"array_distinct(concat({indirect}, array_compact(array({direct}))))"


def _named(resource: Resource) -> str:
    """Return the names of a row that were resolved in the whole tenant, each with its target."""

    def resolved(ref: Reference | ArrayReference, _: str, text: str) -> str:
        target = _meaning(ref, text, "target_id")
        return (
            f"if({_meaning(ref, text, 'by_name')} and {target} is not null,"
            f" named_struct('name', {name(ref, text)}, 'target_id', {target}), null)"
        )

    return every(resource, resolved)
