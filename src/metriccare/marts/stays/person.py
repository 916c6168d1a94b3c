"""A person's sex, age and payer on the day of an admission."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from zoneinfo import ZoneInfo

from metriccare.marts.stays.codesets import CodeSets
from metriccare.marts.stays.history import Codings, Coverage, PersonHistory

UNKNOWN = "unknown"
_BANDS = ((18, "0-17"), (45, "18-44"), (65, "45-64"), (75, "65-74"), (85, "75-84"))
_OLDEST = "85+"
_OLDEST_PLAUSIBLE = 130
# The last resort where a cover has no code: words of its name, most telling first.
_PAYER_WORDS = (
    ("medicare", "medicare"),
    ("dual eligible", "medicare"),
    ("medicaid", "medicaid"),
    ("self", "self_pay"),
    ("no_insurance", "self_pay"),
    ("no insurance", "self_pay"),
    ("uninsured", "self_pay"),
)


def sex_of(history: PersonHistory) -> str:
    """Return the administrative sex; the surviving record first."""
    return next((p.sex for p in history.patients if p.sex), UNKNOWN)


def ages_on(history: PersonHistory, day: date, zone: ZoneInfo) -> tuple[int, int] | None:
    """Return the least and greatest age in whole years on a date; None when unknown."""
    births = [p.birth for p in history.patients if p.birth is not None]
    if not births:
        return None
    earliest, latest = births[0].bounds_in(zone)
    ages = (years(latest, day), years(earliest, day))
    return None if ages[1] < 0 else (max(0, ages[0]), ages[1])


def is_plausible(ages: tuple[int, int]) -> bool:
    """Return True if people can be so old: a date of birth made up for a form is not plausible."""
    return ages[0] <= _OLDEST_PLAUSIBLE


def years(born: date, day: date) -> int:
    """Return whole years from one date to another."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def band(ages: tuple[int, int] | None) -> str:
    """Return the age band, `unknown` where the bounds lie in two bands."""
    if ages is None:
        return UNKNOWN
    low, high = (_band_of(age) for age in ages)
    return low if low == high else UNKNOWN


def _band_of(age: int) -> str:
    return next((name for bound, name in _BANDS if age < bound), _OLDEST)


def payer_on(coverages: Iterable[Coverage], day: date, zone: ZoneInfo, codes: CodeSets) -> str:
    """Return who pays on a date: the cover in force, the first in rank, the latest begun."""
    in_force = [c for c in coverages if _is_in_force(c, day, zone)]
    ordered = sorted(in_force, key=lambda c: (c.rank or 1, -_begin(c, zone).toordinal(), c.id))
    words = (c.payer or payer_word(c.types, c.words, codes) for c in ordered)
    return next((word for word in words if word), UNKNOWN)


def _is_in_force(cover: Coverage, day: date, zone: ZoneInfo) -> bool:
    begun = _begin(cover, zone) <= day
    return begun and (cover.end is None or cover.end.bounds_in(zone)[1] >= day)


def _begin(cover: Coverage, zone: ZoneInfo) -> date:
    return cover.start.date_in(zone) if cover.start else date.min


def payer_word(types: Codings, name: str | None, codes: CodeSets) -> str | None:
    """Return who pays for a cover: by its codes, else by its name; None when it has neither."""
    found = codes["payers"].value(types)
    if found is not None:
        return found
    text = (name or "").lower()
    return next((word for part, word in _PAYER_WORDS if part in text), "other" if text else None)
