"""What a row's references say, as Spark SQL text over its columns.

Every reference has an id column and a text column, scalar or inside an array of structs. A text
is a literal (`Type/id`, relative, absolute or versioned), a search (`Type?identifier=...`), an urn,
`#id` of a contained resource without an identifier, or something nobody can follow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from metriccare.sources.fhir.declarations import ArrayReference, Reference, Resource
from metriccare.sources.fhir.reference_elements import named_type

# An expression about one reference, given its id and its text.
About = Callable[[Reference | ArrayReference, str, str], str]
_ONE = "e"


def any_of(resource: Resource, about: About) -> str:
    """Return the condition that something holds for one of a row's references; never null."""
    return " or ".join(_each(resource, about, "coalesce({}, false)", _ANY)) or "false"


def every(resource: Resource, about: About) -> str:
    """Return the array of what `about` gives for each reference: texts, without null, once each."""
    arrays = list(_each(resource, about, "array({})", _ALL)) or ["array()"]
    return f"array_distinct(array_compact(concat({', '.join(arrays)})))"


_ANY = "coalesce(exists({}, {} -> {}), false)"
_ALL = "coalesce(transform({}, {} -> {}), array())"


def _each(resource: Resource, about: About, single: str, repeated: str) -> Iterator[str]:
    for ref in resource.references:
        yield single.format(about(ref, f"{ref.name}_id", f"{ref.name}_reference"))
    for one in resource.array_references:
        inside = about(one, f"{_ONE}.{one.name}_id", f"{_ONE}.{one.name}_reference")
        yield repeated.format(one.column, _ONE, inside)


def name(ref: Reference | ArrayReference, text: str) -> str:
    """Return the name a reference's target is looked up by, null when it is not looked up.

    A search says the type it asks for; an urn is asked for the type the element wants.
    """
    return (
        f"case when {text} like 'urn:%' then '{ref.target} ' || {text}"
        f" when {text} like '{ref.target}?identifier=%' then {text} end"
    )


def names_other(ref: Reference | ArrayReference, text: str) -> str:
    """Return the condition that a text names a type that gives no id there; null when none."""
    return f"{named_type(text)} <> '{ref.target}'"


def is_unexpected(ref: Reference | ArrayReference, id_: str, text: str) -> str:
    """Return the condition that a text names a type the standard does not allow there."""
    # Most references have an id; their text is then not searched.
    return f"if({id_} is null, {named_type(text)} not in ({_quoted(ref.allowed)}), false)"


def is_unexpected_type(ref: Reference | ArrayReference, type_: str) -> str:
    """Return the condition that a type is none the standard allows there; null for no type."""
    return f"{type_} not in ({_quoted(ref.allowed)})"


def _quoted(words: tuple[str, ...]) -> str:
    return ", ".join(f"'{word}'" for word in words)
