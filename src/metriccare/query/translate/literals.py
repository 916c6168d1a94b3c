"""Arguments that must be written out, such as a pattern or a unit, in DuckDB's words.

What a pattern means is decided before a row is read, so that a form the two engines read
differently is refused by name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from zoneinfo import available_timezones

from metriccare.query.translate.refusals import Refused


@dataclass(frozen=True)
class Written:
    """A written argument in DuckDB's words; `guard` is the macro its subject goes through."""

    sql: str
    guard: str = ""


def quoted(text: str) -> str:
    """Return a text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


_UNITS_OF_DATES = {
    "day": "to_days",
    "week": "to_weeks",
    "month": "to_months",
    "quarter": "to_three_months",
    "year": "to_years",
}
_UNITS_OF_TIMES = {
    "millisecond": "to_milliseconds",
    "second": "to_seconds",
    "minute": "to_minutes",
    "hour": "to_hours",
}
_UNITS = _UNITS_OF_DATES | _UNITS_OF_TIMES


def _one_of(units: Mapping[str, str]) -> Callable[[str, str], Written]:
    def unit(text: str, _: str = "") -> Written:
        if text.lower() not in units:
            raise Refused(f"the unit {text!r}", f"known here: {', '.join(units)}")
        return Written(quoted(text.lower()))

    return unit


def _adder_of(units: Mapping[str, str]) -> Callable[[str, str], Written]:
    known = _one_of(units)

    def adder(text: str, _: str = "") -> Written:
        known(text, "")
        return Written(units[text.lower()])

    return adder


# What a pattern may hold: forms read alike by Joni (Trino) and RE2 (DuckDB).
_ESCAPES = re.compile(r"\\[dDwW.\\+*?()\[\]{}|^$/\-ntrf\"'#@!%&,:;<=>~` _]")
_ELSEWHERE = (
    (re.compile(r"\(\?(?!:)"), "a group that begins with (?"),
    (re.compile(r"\[\[|\[:|&&|\[[^\]\\]*\["), "a set inside a set of characters"),
    (re.compile(r"[*+?}]\+"), "a possessive repeat"),
    (re.compile(r"\{,"), "a repeat without a lower limit"),
)


def _pattern(text: str, _: str = "") -> Written:
    _refuse_forms(text)
    spelled = text.replace(r"\s", r"[\t\n\v\f\r ]")
    return Written(quoted(spelled), _guard(text))


def _pattern_that_takes_something(text: str, _: str = "") -> Written:
    """Refuse a pattern that matches nothing: where it is found again differs."""
    written = _pattern(text)
    if re.search(_for_python(text), ""):
        raise Refused(f"the pattern {text!r}", "it matches an empty text")
    return written


def _guard(text: str) -> str:
    if text.startswith("(?i)"):
        return "ascii_only"
    return "no_last_newline" if "$" in re.sub(r"\\.|\[[^\]]*\]", "", text) else ""


def _refuse_forms(text: str) -> None:
    bare = text.removeprefix("(?i)")
    if bare != text and not text.isascii():
        raise Refused(f"the pattern {text!r}", "(?i) reads letters beyond ASCII differently")
    plain = _ESCAPES.sub("", bare).replace(r"\s", "" if not _in_a_set(bare) else r"\s")
    if "\\" in plain:
        raise Refused(f"the pattern {text!r}", "an escape in it is not read alike")
    for form, name in _ELSEWHERE:
        if form.search(plain):
            raise Refused(f"the pattern {text!r}", f"it holds {name}")
    _compile(text)


def _in_a_set(text: str) -> bool:
    return bool(re.search(r"\[[^\]]*\\s", text))


def _compile(text: str) -> None:
    try:
        re.compile(_for_python(text))
    except re.error as error:
        raise Refused(f"the pattern {text!r}", f"it is not read: {error}") from error


def _for_python(text: str) -> str:
    return text.replace(r"\/", "/")


def _replacement(text: str, pattern: str) -> Written:
    """Turn Java's `$1` into RE2's `\\1`."""
    if re.search(r"\$(?![0-9])|\\|\$[0-9]{2}", text):
        raise Refused(f"the replacement {text!r}", "only groups $0 to $9 are known here")
    for group in re.findall(r"\$([0-9])", text):
        _group(group, pattern)
    return Written(quoted(re.sub(r"\$([0-9])", r"\\\1", text)))


def _group(text: str, pattern: str) -> Written:
    if not re.fullmatch("[0-9]", text):
        raise Refused(f"the group {text}", "it must be a number from 0 to 9")
    if int(text) > re.compile(_for_python(pattern)).groups:
        raise Refused(f"the group {text}", f"the pattern {pattern!r} has fewer")
    return Written(text)


def _digits(text: str, _: str = "") -> Written:
    if not re.fullmatch("[0-9]|1[0-5]", text):
        raise Refused(f"rounding to {text} digits", "it must be a number from 0 to 15")
    return Written(text)


def _whole(text: str, _: str = "") -> Written:
    if not re.fullmatch("[0-9]{1,9}", text):
        raise Refused(f"the number {text}", "it must be a whole number")
    return Written(f"CAST({text} AS BIGINT)")


@cache
def _regions() -> frozenset[str]:
    return frozenset(name for name in available_timezones() if "/" in name)


def zone(text: str, _: str = "") -> Written:
    """Return a time zone: UTC, a region such as America/New_York, an offset such as -05:00."""
    if text in ("UTC", "Z"):
        return Written("'UTC'")
    if re.fullmatch(r"[+-](0[0-9]|1[0-3]):[0-5][0-9]", text):
        return Written("'UTC'" if text[1:] == "00:00" else quoted(text))
    if text not in _regions():
        why = "known here: UTC, regions such as 'America/New_York', offsets such as '-05:00'"
        raise Refused(f"the time zone {text!r}", why)
    return Written(quoted(text))


_MYSQL = {
    **{name: f"%{name}" for name in "YmdHjybapIf%"},
    "i": "%M",
    "s": "%S",
    "S": "%S",
    "M": "%B",
    "W": "%A",
    "T": "%H:%M:%S",
    "e": "%-d",
    "c": "%-m",
    "k": "%-H",
    "h": "%I",
    "l": "%-I",
}


def _date_format(text: str, _: str = "") -> Written:
    def spelled(found: re.Match[str]) -> str:
        if found[1] not in _MYSQL:
            raise Refused(f"the format {text!r}", f"%{found[1]} is not known here")
        return _MYSQL[found[1]]

    return Written(quoted(re.sub(r"%(.?)", spelled, text)))


_JODA = {"yyyy": "%Y", "MM": "%m", "dd": "%d", "HH": "%H", "mm": "%M", "ss": "%S", "SSS": "%g"}


def _joda_format(text: str, _: str = "") -> Written:
    def spelled(found: re.Match[str]) -> str:
        part = found[0]
        if part.startswith("'"):
            return part.strip("'").replace("%", "%%") or "'"
        if part not in _JODA:
            raise Refused(f"the format {text!r}", f"{part} is not known here")
        return _JODA[part]

    escaped = text.replace("%", "%%")
    return Written(quoted(re.sub(r"'[^']*'|([A-Za-z])\1*", spelled, escaped)))


def _json_path(text: str, _: str = "") -> Written:
    if not re.fullmatch(r"\$(\.[A-Za-z_][A-Za-z0-9_]*|\[[0-9]+\])*", text):
        why = "known here: paths such as '$.name[0].family'"
        raise Refused(f"the JSON path {text!r}", why)
    return Written(quoted(text))


# What each written argument may be; the second text is the written argument before it.
LITERALS: Mapping[str, Callable[[str, str], Written]] = {
    "unit of dates": _one_of(_UNITS_OF_DATES),
    "unit of times": _one_of(_UNITS),
    "fixed unit": _one_of(_UNITS_OF_TIMES),
    "adder of dates": _adder_of(_UNITS_OF_DATES),
    "adder of times": _adder_of(_UNITS),
    "fixed adder": _adder_of(_UNITS_OF_TIMES),
    "pattern": _pattern,
    "full pattern": _pattern_that_takes_something,
    "replacement": _replacement,
    "group": _group,
    "digits": _digits,
    "text": lambda text, _: Written(quoted(text)),
    "whole": _whole,
    "zone": zone,
    "date format": _date_format,
    "joda format": _joda_format,
    "path": _json_path,
}
