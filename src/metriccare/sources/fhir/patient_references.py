"""The names by which a record refers to patients: they decide whose record it is.

One spelling each: `Patient/<id>` for literal references, relative, absolute or versioned;
`Patient?identifier=<system>|<value>` for searches and logical references; urns as they are.
Source: FHIR R4 references.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from urllib.parse import unquote

import orjson

from metriccare.sources.fhir.record import FhirRecord

_LITERAL = re.compile(r"(?:.*/)?(Patient/[A-Za-z0-9\-.]{1,64})(?:/_history/[^/]+)?\Z")
_SEARCH = "Patient?identifier="
# What can be read of a record that is not JSON.
_OWN_ID = re.compile(rb'"id"\s*:\s*"([A-Za-z0-9\-.]{1,64})"')
_IN_TEXT = re.compile(rb"Patient/[A-Za-z0-9\-.]{1,64}|urn:[a-z]+:[A-Za-z0-9\-.]+")


def names_of(record: FhirRecord) -> set[str]:
    """Return the names of a received record's patients, and its own (`Type/id`)."""
    own = {f"{record.record_type}/{record.record_id}"} if record.record_id else set()
    return own | patient_names(record.raw)


def is_about(raw: bytes, names: Set[str]) -> bool:
    """Return True if a record, broken or not, is a patient's or refers to one by these names."""
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError:
        own = _OWN_ID.findall(raw) if b'"Patient"' in raw else []
        return bool(names & (patient_names(raw) | {f"Patient/{id_.decode()}" for id_ in own}))
    if isinstance(value, dict) and value.get("resourceType") == "Patient":
        return f"Patient/{value.get('id')}" in names
    return bool(names & set(_names(value)))


def patient_names(raw: bytes) -> set[str]:
    """Return the names of the patients a text refers to; of broken JSON what looks like one."""
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return {found.decode() for found in _IN_TEXT.findall(raw)}
    return set(_names(value))


def searches(system: str | None, value: str) -> set[str]:
    """Return the names an identifier gives its patient."""
    return {_SEARCH + value} | ({f"{_SEARCH}{system}|{value}"} if system else set())


def _names(value: object) -> Iterator[str]:
    # Without recursion: records may be nested deeper than Python's functions.
    waiting = [value]
    while waiting:
        value = waiting.pop()
        if isinstance(value, list):
            waiting.extend(value)
        elif isinstance(value, dict):
            yield from _names_of_reference(value)
            waiting.extend(value.values())


def _names_of_reference(value: dict[str, object]) -> Iterator[str]:
    text, identifier = value.get("reference"), value.get("identifier")
    if isinstance(text, str):
        literal = _LITERAL.match(text)
        if literal is not None:
            yield literal.group(1)
        elif text.startswith((_SEARCH, "urn:")):
            yield unquote(text)
    if isinstance(identifier, dict) and isinstance(identifier.get("value"), str):
        system = identifier.get("system")
        yield from searches(system if isinstance(system, str) else None, identifier["value"])
