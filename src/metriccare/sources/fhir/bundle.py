"""What surrounds the entries of a Bundle, read without parsing those.

Source: FHIR R4 Bundle.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from metriccare.sources.fhir.instants import instant
from metriccare.sources.fhir.json_spans import BrokenJson, Buffer, Span, elements, members, parsed
from metriccare.sources.fhir.record import BUNDLE
from metriccare.sources.record import Place, Rejected


@dataclass(frozen=True)
class Header:
    """What an object says that may be a Bundle: where its lists of entries start, when it was made.

    `fault` is where it breaks off. One that breaks off before it names its type is a Bundle when
    its first entry holds a resource.
    """

    is_bundle: bool
    made_at: datetime | None
    entries: tuple[int, ...]
    fault: BrokenJson | None


def header_of(raw: bytes, place: Place, buffer: Buffer, span: Span) -> Header:
    """Return what surrounds a Bundle's entries, in one pass; Rejected when they are no list."""
    spans: dict[str, Span] = {}
    entries: list[int] = []
    fault = None
    try:
        for name, value in members(buffer, *span):
            spans[name] = value
            if name == "entry" and buffer[value[0] : value[0] + 4] != b"null":
                entries.append(value[0])
    except BrokenJson as broken:
        fault = broken
    if "resourceType" in spans:
        is_bundle = _parsed_or_none(buffer, spans["resourceType"]) == BUNDLE
    else:
        is_bundle = fault is not None and _hold_resources(buffer, entries, span[1])
    if is_bundle and any(buffer[start : start + 1] != b"[" for start in entries):
        raise Rejected("record_unreadable", "wanted a list in Bundle.entry, found something else")
    made_at = None
    try:
        made_at = _made_at(buffer, spans) if is_bundle else None
    except BrokenJson as broken:
        fault = fault or broken
    return Header(is_bundle, made_at, tuple(entries), fault)


def _parsed_or_none(buffer: Buffer, span: Span) -> object:
    try:
        return parsed(buffer, span)
    except BrokenJson:
        return None


def _hold_resources(buffer: Buffer, entries: list[int], end: int) -> bool:
    """Return True if the first entry holds a resource: a List has entries, too."""
    first = next((entry for start in entries[:1] for entry in elements(buffer, start, end)), None)
    try:
        return first is not None and "resource" in dict(members(buffer, *first))
    except BrokenJson:
        return False


def _made_at(buffer: Buffer, spans: dict[str, Span]) -> datetime | None:
    meta = parsed(buffer, spans["meta"]) if "meta" in spans else None
    made_at = instant(parsed(buffer, spans["timestamp"])) if "timestamp" in spans else None
    return made_at or (instant(meta.get("lastUpdated")) if isinstance(meta, dict) else None)
