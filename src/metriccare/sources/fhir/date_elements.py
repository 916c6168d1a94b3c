"""Date elements as typed columns: text, earliest and latest instant, precision."""

from __future__ import annotations

from metriccare.sources.fhir.declarations import Field

# FHIR has no year 0. There is no look-ahead: DuckDB's regular expressions (RE2) have none.
_SOME_YEAR = "(?:[1-9][0-9]{3}|0[1-9][0-9]{2}|00[1-9][0-9]|000[1-9])"

_YEAR = rf"^{_SOME_YEAR}$"
_MONTH = rf"^{_SOME_YEAR}-(0[1-9]|1[0-2])$"

_DAY = rf"^{_SOME_YEAR}-[0-9]{{2}}-[0-9]{{2}}$"
_INSTANT = (
    rf"^{_SOME_YEAR}-[0-9]{{2}}-[0-9]{{2}}T([01][0-9]|2[0-3]):[0-5][0-9]"
    r"(:([0-5][0-9]|60)([.][0-9]+)?)?(Z|[+-](0[0-9]|1[0-4]):[0-5][0-9])$"
)
# The ends of the years that every reader of the tables knows, Python among them.
_FIRST_AND_LAST_DAY = "'0001-01-01T', '9999-12-31T'"


def _precision(name: str) -> str:
    return (
        f"case when {name} rlike r'{_INSTANT}' then 'instant' when {name} rlike r'{_DAY}' then"
        f" 'day' when {name} rlike r'{_MONTH}' then 'month' when {name} rlike r'{_YEAR}' then"
        " 'year' end"
    )


def _lower(name: str) -> str:
    """Return the earliest instant a FHIR date can mean; null when there is no such date.

    Dates without a time are given as midnight UTC of the nominal day: the facility whose day it
    is becomes known only when a stay is built. A leap second counts as the one before it. On the
    first and the last day of the years 1 to 9999 the offset is ignored: it could lead outside
    them.
    """
    instant = f"if({name} like '%:60%', replace({name}, ':60', ':59'), {name})"
    without_offset = f"regexp_replace({instant}, '[+-][0-9:]+$', 'Z')"
    return (
        f"cast(case {name}_precision"
        f" when 'instant' then if(left({name}, 11) in ({_FIRST_AND_LAST_DAY}), {without_offset},"
        f" {instant})"
        f" when 'day' then {name} when 'month' then {name} || '-01'"
        f" when 'year' then {name} || '-01-01' end as timestamp)"
    )


def _upper(name: str) -> str:
    """Return the latest instant (to the microsecond) a FHIR date can mean."""
    after = " ".join(
        f"when '{unit}' then {name}_lower + interval 1 {unit} - interval 1 microsecond"
        for unit in ("day", "month", "year")
    )
    return f"case {name}_precision {after} else {name}_lower end"


def date_time(name: str, sql: str, meaning: str, *, identifying: bool = False) -> tuple[Field, ...]:
    """Return a FHIR date as text, `_lower` and `_upper` bounds (UTC) and `_precision`.

    Source: FHIR R4 datatypes, date, dateTime and instant.
    """
    precision = f"{meaning}: year, month, day or instant"
    earliest, latest = f"{meaning}, earliest (UTC)", f"{meaning}, latest (UTC)"
    return (
        Field(name, "string", sql, f"{meaning}, as written", identifying),
        Field(f"{name}_lower", "timestamp", _lower(name), earliest, identifying, step=2),
        Field(f"{name}_upper", "timestamp", _upper(name), latest, identifying, step=3),
        Field(f"{name}_precision", "string", _precision(name), precision, step=1),
    )
