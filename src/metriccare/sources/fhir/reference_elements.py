"""References as typed columns: the id a reference names, and its text in one spelling."""

from __future__ import annotations

from metriccare.sources.fhir.declarations import Field, Reference
from metriccare.sources.fhir.elements import first_where, shared

# The last `Type/id` of a reference, searched from the left: it can begin nowhere but at a slash.
_ID = "([A-Za-z0-9.-]{1,64})(?:/_history/[^/]+)?$"

_TYPE_AND_ID = rf"(?:^|/)([A-Z][A-Za-z]+)/{_ID}"

_TYPE_OF_SEARCH = r"^([A-Z][A-Za-z]+)[?]"


def literal_id(text: str, target: str) -> str:
    """Return the id a reference's text names literally (relative, absolute, versioned).

    Null when it names none, or a resource of another type than `target`.
    """
    return f"nullif(regexp_extract({text}, r'(?:^|/){target}/{_ID}', 1), '')"


def named_type(text: str) -> str:
    """Return the type a reference's text names: as `Type/id`, or as a search; null for others."""
    literal = f"nullif(regexp_extract({text}, r'{_TYPE_AND_ID}', 1), '')"
    search = f"nullif(regexp_extract({text}, r'{_TYPE_OF_SEARCH}', 1), '')"
    return f"coalesce({search}, {literal})"


def reference_id(sql: str, target: str) -> str:
    """Return the id of the `target` a literal reference names, else null."""
    return literal_id(f"({sql}).reference", target)


def _contained() -> Field:
    """Return contained resources as `#id` and the search they are looked up by.

    Of the identifiers the first with a system is taken, else the first: a number without a system
    may belong to anyone.
    """
    with_system = first_where(
        "c.identifier", "i", f"{_filled('i.system')} and {_filled('i.value')}"
    )
    with_value = first_where("c.identifier", "i", _filled("i.value"))
    search = _search(f"coalesce({with_system}, {with_value})", "c.resourceType")
    entry = f"named_struct('name', '#' || c.id, 'search', {search})"
    return shared("contained", f"transform(r.contained, c -> {entry})")


def reference_text(sql: str, target: str) -> str:
    """Return a reference's text in one spelling, whatever form it came in.

    Logical identifiers and contained resources are written as the search
    `Type?identifier=system|value`, the form in which they can be looked up; the type is the one
    they say, else `target`.
    """
    sent = f"({sql}).reference"
    said = f"nullif(regexp_extract(({sql}).type, '([A-Za-z]+)$', 1), '')"
    logical = _search(f"({sql}).identifier", f"coalesce({said}, '{target}')")
    contained = first_where(CONTAINED.name, "c", f"c.name = {sent}") + ".search"
    literal = f"if(contains({sent}, '%7'), regexp_replace({sent}, '%7[cC]', '|'), {sent})"
    return (
        f"case when {sent} like '#%' then coalesce({contained}, {sent})"
        f" when {_filled(sent)} then {literal} else {logical} end"
    )


def _filled(sql: str) -> str:
    return f"trim({sql}) <> ''"


def _search(identifier: str, target: str) -> str:
    system, value = f"({identifier}).system", f"({identifier}).value"
    written = f"if({_filled(system)}, {system} || '|', '') || {value}"
    return f"if({_filled(value)}, {target} || '?identifier=' || {written}, null)"


def reference(ref: Reference, sql: str, meaning: str) -> tuple[Field, ...]:
    """Return `<name>_id`, the resolved key, and `<name>_reference`, the text it came as."""
    key = Field(
        f"{ref.name}_id", "string", reference_id(sql, ref.target), f"{meaning} ({ref.target}.id)"
    )
    sent = reference_text(sql, ref.target)
    return (
        key,
        Field(f"{ref.name}_reference", "string", sent, f"{meaning}, the reference as sent"),
    )


CONTAINED = _contained()
