"""Drift: what senders send and no declaration reads, as field paths.

Such fields stay in bronze as they came. A path has up to two names (`telecom`, `period.note`): the
elements of a resource and of its complex elements, whether single or repeated.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

import orjson

from metriccare.sources.fhir.declarations import declared_shape
from metriccare.sources.fhir.resources import BY_TYPE
from metriccare.sources.fhir.shapes import Shape, shape_of

WHOLE = "*"
# What bronze itself reads of every resource; narratives and profiles are never read.
_HEADER = "resourceType STRING, id STRING, meta STRUCT<lastUpdated:STRING>"


class Path(NamedTuple):
    """A field nobody reads: whose, of which type, where. `*` is a type without a declaration."""

    tenant: str
    resource_type: str
    field_path: str


@dataclass
class Seen:
    """When a path first arrived and how many resource versions carry it."""

    first_seen: datetime
    rows: int = 0

    def add(self, at: datetime) -> None:
        """Count one more version."""
        self.first_seen = min(self.first_seen, at)
        self.rows += 1


def drift_of(records: Iterable[tuple[str, str, datetime, str]]) -> dict[Path, Seen]:
    """Return the unread paths of resources given as tenant, type, time of arrival and text."""
    seen: dict[Path, Seen] = {}
    for tenant, resource_type, at, raw in records:
        for path in unread(resource_type, raw):
            seen.setdefault(Path(tenant, resource_type, path), Seen(at)).add(at)
    return seen


def unread(resource_type: str, raw: str) -> set[str]:
    """Return the paths of one resource that its declaration does not read."""
    if resource_type not in BY_TYPE:
        return {WHOLE}
    value, known = orjson.loads(raw), known_fields(resource_type)
    return {path for name in value for path in _unread_of(name, value[name], known)}


def unread_at_top(resource_type: str, fields: Iterable[str]) -> list[str]:
    """Return those of a resource's own elements that its declaration does not read."""
    if resource_type not in BY_TYPE:
        return [WHOLE]
    known = known_fields(resource_type)
    return [name for name in fields if name not in known]


def is_unread(resource_type: str, path: str) -> bool:
    """Return True if a path counted earlier is unread by today's declarations."""
    if resource_type not in BY_TYPE:
        return path == WHOLE
    return path != WHOLE and path not in known_fields(resource_type)


def _unread_of(name: str, value: Any, known: Mapping[str, frozenset[str]]) -> Iterator[str]:
    if name not in known:
        yield name
        return
    for element in value if isinstance(value, list) else [value]:
        if isinstance(element, dict) and known[name]:
            yield from (f"{name}.{inner}" for inner in element if inner not in known[name])


@cache
def known_fields(resource_type: str) -> Mapping[str, frozenset[str]]:
    """Return the declared elements of a type, each with the declared names inside it."""
    declared = (shape_of(_HEADER), declared_shape(BY_TYPE[resource_type]))
    return {name: _names_inside(member) for shape in declared for name, member in shape.members}


def _names_inside(shape: Shape) -> frozenset[str]:
    """Return the members of a struct or of a list of them; of anything else there are none."""
    return frozenset(name for name, _ in (shape.element or shape).members)
