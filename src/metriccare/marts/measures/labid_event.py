"""Laboratory-identified events: positive tests for C. difficile and MRSA in blood.

Source: measure specification, section 5; CDC/NHSN MDRO and CDI module in outline.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from metriccare.marts.measures.infection_event import (
    ACQUIRED,
    COMMUNITY,
    LABID,
    REPEAT_DAYS,
    InfectionEvent,
    hospital_day,
)
from metriccare.marts.stays.codesets import CodeSets
from metriccare.marts.stays.history import Coding, LabResult
from metriccare.marts.stays.stay import PatientChart, Stay

ONSET_FROM_DAY = 4
_CULTURE = "blood_culture"
_POSITIVE = re.compile(r"^\s*(positive|detected|pos)\b", re.IGNORECASE)
_NEGATIVE = re.compile(r"\b(not|non|no|negative|none|indeterminate)\b", re.IGNORECASE)


def labid_events(chart: PatientChart, stays: Sequence[Stay]) -> tuple[InfectionEvent, ...]:
    """Return the events of specimens collected during a stay, repeats within 14 days left out."""
    usable = [s for s in stays if s.is_usable]
    found: list[tuple[str, date, str, Coding, Stay | None]] = []
    for result in chart.history.results:
        kind = infection_type(result, chart.codes)
        if kind is not None and result.collected is not None and result.collected.is_full:
            stay = _stay_of(result, usable)
            zone = stay.zone if stay else (usable[0].zone if usable else None)
            day = result.collected.date_in(zone) if zone else result.collected.first
            if day <= chart.history.as_of:
                found.append((kind, day, result.id, _shown(result, chart.codes), stay))
    events: list[InfectionEvent] = []
    window: dict[str, date] = {}
    for kind, day, _, coding, stay in sorted(found, key=lambda f: f[:3]):
        if kind in window and (day - window[kind]).days < REPEAT_DAYS:
            continue
        window[kind] = day
        if stay is not None:
            events.append(_event(stay, kind, coding, day))
    return tuple(events)


def infection_type(result: LabResult, codes: CodeSets) -> str | None:
    """Return what a result proves: cdi, mrsa, or None when it is not positive."""
    test = codes["lab_tests"].value(result.codings)
    if test is None:
        return None
    found = codes["lab_results"].values(result.values)
    if test == _CULTURE:
        return "mrsa" if "mrsa" in found else None
    if "negative" in found:
        return None
    said = _says(result, codes)
    return test if found & {"positive", test} or said else None


def _says(result: LabResult, codes: CodeSets) -> bool:
    """Return True if words or interpretation say positive; a negative word outweighs."""
    text = result.value_text or ""
    if _NEGATIVE.search(text):
        return False
    if _POSITIVE.search(text):
        return True
    flags = codes["lab_results"].values(result.interpretations)
    return "positive" in flags and "negative" not in flags


def _shown(result: LabResult, codes: CodeSets) -> Coding:
    sets = codes["lab_tests"]
    coding = next(c for c in result.codings if sets.entry(c) is not None)
    entry = sets.entry(coding)
    return Coding(coding.system, coding.code, entry.label if entry else None)


def _stay_of(result: LabResult, stays: Sequence[Stay]) -> Stay | None:
    """Return the stay during which the specimen was collected; of two, the one it names."""
    if result.collected is None:
        return None
    inside = [s for s in stays if _inside(s, result.collected.date_in(s.zone))]
    named = [s for s in inside if result.encounter_id in s.encounter_ids]
    found = named or inside[-1:]
    return found[0] if found else None


def _inside(stay: Stay, day: date) -> bool:
    if stay.admit_date is None or day < stay.admit_date:
        return False
    return stay.discharge_date is None or day <= stay.discharge_date


def _event(stay: Stay, kind: str, coding: Coding, day: date) -> InfectionEvent:
    number = hospital_day(stay, day)
    onset = number is not None and number >= ONSET_FROM_DAY
    return InfectionEvent(
        stay, kind, coding, day, ACQUIRED if onset else COMMUNITY, LABID, condition_ids=()
    )
