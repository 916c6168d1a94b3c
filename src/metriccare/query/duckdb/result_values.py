"""What DuckDB hands back, as Python values: instants keep their time zone, without pytz."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from metriccare.errors import UsageError
from metriccare.query.engine import Rows
from metriccare.query.to_duckdb import Translated
from metriccare.query.translate.refusals import Refused
from metriccare.query.translate.trino_types import Type

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_TIMES = ("date", "timestamp", "timestamp with time zone")
_OFFSET = re.compile(r"([+-])(\d\d):(\d\d)")


def with_instants(row: Sequence[Any], types: Sequence[Type]) -> tuple[Any, ...]:
    """Return a row in which instants with a time zone are datetimes with that zone."""
    if not any(_holds_times(kind) for kind in types):
        return tuple(row)
    return tuple(_value(value, kind) for value, kind in zip(row, types, strict=True))


def with_utc(rows: Rows) -> Rows:
    """Return rows in which the lake's timestamps, which are instants in UTC, say so."""
    if not any(_holds_utc(kind) for kind in rows.types):
        return rows
    marked = (
        tuple(_marked(value, kind) for value, kind in zip(row, rows.types, strict=True))
        for row in rows.rows
    )
    return replace(rows, rows=tuple(marked))


def without_zones(session: DuckDBPyConnection, wanted: Translated) -> Translated:
    """Give columns with DuckDB's own zoned type as UTC: to hand them over needs pytz."""
    import duckdb

    try:
        described = session.execute(f"DESCRIBE {wanted.sql}").fetchall()
    except duckdb.Error:
        return wanted  # running it says what is wrong
    zoned = [place for place, row in enumerate(described) if row[1] == "TIMESTAMP WITH TIME ZONE"]
    if not zoned:
        return wanted
    names = [f'"c{place}"' for place in range(len(described))]
    items = [
        f"timezone('UTC', {name})" if place in zoned else name for place, name in enumerate(names)
    ]
    titles = ['"' + row[0].replace('"', '""') + '"' for row in described]
    listed = ", ".join(f"{item} AS {title}" for item, title in zip(items, titles, strict=True))
    kinds = (Type("timestamp", utc=place in zoned) for place in range(len(described)))
    sql = f"SELECT {listed} FROM ({wanted.sql}) AS found({', '.join(names)})"  # noqa: S608
    return Translated(sql, tuple(kinds))


def _holds_times(kind: Type) -> bool:
    return kind.name in _TIMES or any(map(_holds_times, kind.of))


def _holds_utc(kind: Type) -> bool:
    return kind.utc or any(map(_holds_utc, kind.of))


def _value(value: Any, kind: Type) -> Any:
    if value is None or not _holds_times(kind):
        return value
    if kind.name == "timestamp with time zone":
        return _instant(value["utc"], value["zone"])
    if kind.name in _TIMES:
        return _in_years(value)
    return _inside(value, kind, _value)


def _marked(value: Any, kind: Type) -> Any:
    if value is None or not _holds_utc(kind):
        return value
    if kind.utc:
        return value.replace(tzinfo=UTC) if isinstance(value, datetime) else value
    return _inside(value, kind, _marked)


def _inside(value: Any, kind: Type, change: Any) -> Any:
    """Change the values within an array, a map or a row."""
    if kind.name == "array":
        return [change(one, kind.of[0]) for one in value]
    if kind.name == "map":
        return {change(key, kind.of[0]): change(one, kind.of[1]) for key, one in value.items()}
    named = zip(value.items(), kind.of, strict=True)
    return {name: change(one, inner) for (name, one), inner in named}


def _in_years(value: Any) -> Any:
    """Refuse a year Python does not know: DuckDB hands it over as text of its own."""
    if isinstance(value, str):
        raise Refused("a row holds a year beyond 0001 to 9999", "Python has no such dates")
    return value


def _instant(utc: Any, place: str) -> Any:
    try:
        return _in_years(utc).replace(tzinfo=UTC).astimezone(zone_of(place))
    except OverflowError:
        return _in_years(str(utc))


def zone_of(place: str) -> tzinfo:
    """Return the time zone of `UTC`, a region, or an offset such as -05:00."""
    if place == "UTC":
        return UTC
    found = _OFFSET.fullmatch(place)
    if found is None:
        try:
            return ZoneInfo(place)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise UsageError("The query failed: a row names a time zone that is none.") from error
    sign = -1 if found[1] == "-" else 1
    return timezone(sign * timedelta(hours=int(found[2]), minutes=int(found[3])), place)
