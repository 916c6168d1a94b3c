"""Casts by pair of types: DuckDB's words for each, in the strict form and in that of try_cast.

A pair that is not here is refused. `{0}` is the value, `{to}` the type wanted in DuckDB's words,
`{micros}` a timestamp's precision in microseconds, `{digits}` in digits.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from metriccare.query.translate.refusals import Refused
from metriccare.query.translate.trino_types import INTEGERS, UNKNOWN, Type, common, duckdb_name

_ZONED = "timestamp with time zone"


@dataclass(frozen=True)
class Cast:
    """A cast that DuckDB does as Trino once the value is `prepared`.

    `prepared` gives NULL for text that Trino does not read; `fails` says that a value may have
    no place in the type wanted.
    """

    prepared: str
    fails: bool = False


def _plain(prepared: str = "{0}") -> Cast:
    return Cast(prepared)


def _failing(prepared: str = "{0}") -> Cast:
    return Cast(prepared, fails=True)


def _whole_numbers() -> Mapping[tuple[str, str], Cast]:
    found = {(one, other): _failing() for one in INTEGERS for other in INTEGERS}
    for one in INTEGERS:
        found |= {
            (one, "double"): _plain(),
            (one, "decimal"): _failing(),
            (one, "varchar"): _plain(),
            (one, "boolean"): _plain("{0} <> 0"),
            ("boolean", one): _plain(),
            ("double", one): _failing("round({0})"),
            ("decimal", one): _failing(),
            ("varchar", one): _failing("read_integer({0})"),
        }
    return found


# Trino gives the least bigint a place in every decimal, however short.
_NOT_LEAST = (
    "CASE WHEN {0} = -9223372036854775808 THEN"
    " CAST(here_refused('the least bigint as a decimal') AS BIGINT) ELSE {0} END"
)
CASTS: Mapping[tuple[str, str], Cast] = {
    **_whole_numbers(),
    ("bigint", "decimal"): _failing(_NOT_LEAST),
    ("decimal", "decimal"): _failing(),
    ("decimal", "double"): _plain("CAST({0} AS VARCHAR)"),
    ("decimal", "varchar"): _plain("decimal_text({0})"),
    ("double", "decimal"): _failing("CAST({0} AS VARCHAR)"),
    ("double", "varchar"): _plain("trino_double_text({0})"),
    ("boolean", "varchar"): _plain(),
    ("varchar", "boolean"): _failing("read_boolean({0})"),
    ("varchar", "decimal"): _failing("read_decimal({0})"),
    ("varchar", "double"): _failing("read_double({0})"),
    ("varchar", "date"): _failing("read_date({0})"),
    ("varchar", "timestamp"): _failing("to_precision(read_timestamp({0}), {micros})"),
    ("date", "varchar"): _plain("in_years({0})"),
    ("date", "timestamp"): _plain(),
    ("date", _ZONED): _plain("at_zone(CAST({0} AS TIMESTAMP), 'UTC')"),
    ("timestamp", "date"): _plain(),
    ("timestamp", "timestamp"): _plain("to_precision({0}, {micros})"),
    ("timestamp", "varchar"): _plain("timestamp_text(in_years({0}), {digits})"),
    ("timestamp", _ZONED): _plain("at_zone(to_precision({0}, {micros}), 'UTC')"),
    (_ZONED, "date"): _plain("wall({0})"),
    (_ZONED, "timestamp"): _plain("to_precision(wall({0}), {micros})"),
}


def cast_words(sql: str, source: Type, wanted: Type, trying: bool = False) -> str:
    """Return DuckDB's words for a cast; Refused if the pair has not been shown equal."""
    if source == UNKNOWN:
        return f"CAST(NULL AS {duckdb_name(wanted)})"
    if _is_same(source, wanted):
        return sql
    if source.name == wanted.name == "varchar":
        return f"left({sql}, {wanted.params[0]})"
    if source.name == "json" and wanted == Type("array", of=(Type("json"),)):
        return f"json_array({sql})"
    if source.name == wanted.name == "array" and common(source, wanted) == wanted:
        return f"CAST({sql} AS {duckdb_name(wanted)})"
    found = CASTS.get((source.name, wanted.name))
    if found is None or (wanted.name == "varchar" and wanted.params):
        raise Refused(f"a cast from {source} to {wanted}")
    return _spelled(found, sql, source, wanted, trying)


def _is_same(source: Type, wanted: Type) -> bool:
    if source.name == wanted.name == "varchar":
        return not wanted.params
    if source.name == "timestamp" == wanted.name:
        return bool(source.params) and source.params <= wanted.params
    return source == wanted


def _spelled(cast: Cast, sql: str, source: Type, wanted: Type, trying: bool) -> str:
    prepared = cast.prepared.format(sql, to=duckdb_name(wanted), **_precision(source, wanted))
    to = duckdb_name(wanted)
    if wanted.name == _ZONED:
        return prepared
    if not cast.fails:
        return f"CAST({prepared} AS {to})"
    tried = f"TRY_CAST({prepared} AS {to})"
    if trying:
        return tried
    if source.name != "varchar":
        return f"CAST({prepared} AS {to})"
    # Text that is not read is NULL by now, and a strict cast of it fails. Not by coalesce: DuckDB
    # works out its last part for no rows too.
    failed = f"CAST(trino_fails('Cannot cast to {wanted}') AS {to})"
    return f"CASE WHEN {sql} IS NOT NULL AND {tried} IS NULL THEN {failed} ELSE {tried} END"


def _precision(source: Type, wanted: Type) -> Mapping[str, int]:
    if source.name == "timestamp" and wanted.name == "varchar":
        if not source.params:
            why = "each engine stores it with its own precision; cast it to timestamp(3) first"
            raise Refused("a cast of a stored timestamp to varchar", why)
        return {"digits": _known(source.params[0])}
    if wanted.name.startswith("timestamp"):
        return {"micros": 10 ** (6 - _known(wanted.params[0] if wanted.params else 6))}
    return {}


def _known(digits: int) -> int:
    if digits > 6:
        raise Refused(f"timestamp({digits})", "DuckDB has microseconds, which is timestamp(6)")
    return digits
