"""What the readers of silver rows share: dates, sources and lists that may be absent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from metriccare.marts.claims.history import Source
from metriccare.marts.stays.history import Coding
from metriccare.marts.stays.partial_date import DAY, PartialDate, instant_of

Row = Mapping[str, Any]
# HL7's address of the system; senders write it with https too.
HCPCS = "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"
CPT = "http://www.ama-assn.org/go/cpt"
# CPT is level I of HCPCS, so senders give codes of both levels under one system.
_BOTH_LEVELS = frozenset({CPT, HCPCS, "https://bluebutton.cms.gov/resources/codesystem/hcpcs"})
_SPELLINGS = {HCPCS.replace("http:", "https:"): HCPCS}


def given(rows: Iterable[Row | None] | None) -> Iterator[Row]:
    """Yield the entries of an array: an absent one has none, and a null entry says nothing."""
    return (row for row in rows or () if row is not None)


def source_of(row: Row, kind: str, updated: str) -> Source:
    """Return where a row comes from; `updated` names the column of its last change."""
    return Source(
        row.get("source_file"),
        row.get("source_line"),
        kind,
        instant(row.get(updated)),
        instant(row.get("ingested_at")),
    )


def instant(value: datetime | int | None) -> datetime | None:
    """Return a timestamp (UTC), also one that travelled as microseconds, the cheaper form."""
    if value is None or isinstance(value, int):
        return None if value is None else instant_of(value)
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value


def whole_day(day: date | None) -> PartialDate | None:
    """Return a calendar date as the rules take dates."""
    return None if day is None else PartialDate(DAY, day, day)


def first_coding(rows: Iterable[Row | None] | None) -> Coding | None:
    """Return the first coding that has a code, its system in one spelling."""
    row = next((r for r in given(rows) if r["code"]), None)
    if row is None:
        return None
    return Coding(_SPELLINGS.get(row["system"], row["system"]), row["code"], row.get("display"))


def procedure_coding(rows: Iterable[Row | None] | None) -> Coding | None:
    """Return the first coding of a procedure with a code; the code says of which level it is."""
    coding = first_coding(rows)
    if coding is None or coding.system not in _BOTH_LEVELS:
        return coding
    return coding._replace(system=procedure_system(str(coding.code)))


def procedure_system(code: str) -> str:
    """Return the system of a code: those of HCPCS level II begin with a letter."""
    return HCPCS if code[:1].isalpha() else CPT


def indicator(sent: Sequence[str | None]) -> str | None:
    """Return the present-on-admission indicator in upper case, None when it is not sent."""
    return next((word.strip().upper() for word in sent if word and word.strip()), None)
