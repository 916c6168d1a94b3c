"""Infection events from Conditions and claims, each with its origin.

Source: measure specification, section 5. The timing rule is a screening proxy: an event is never
called CLABSI or CAUTI surveillance, though its type carries the name of the code set.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from zoneinfo import ZoneInfo

from metriccare.marts.stays.codesets import SNOMED, CodeSet, short_system
from metriccare.marts.stays.diagnosis import codings_of
from metriccare.marts.stays.history import Coding, Codings, Condition
from metriccare.marts.stays.partial_date import PartialDate
from metriccare.marts.stays.stay import PatientChart, Stay

ACQUIRED, COMMUNITY = "hospital_acquired", "community"
PRESENT, UNKNOWN = "present_on_admission", "unknown"
CONDITION, CLAIM, LABID = "condition", "claim", "labid"
REPEAT_DAYS = 14
ACQUIRED_FROM_DAY = 3
DAYS_AFTER_DISCHARGE = 1
_NOT_CONFIRMED = frozenset(
    {"refuted", "entered-in-error", "provisional", "differential", "unconfirmed"}
)
_PRESENT_LETTERS, _ABSENT_LETTERS = frozenset("YW"), frozenset("NU")


@dataclass(frozen=True)
class InfectionEvent:
    """One event: `event_date` None when only a claim or an indicator knows of it."""

    stay: Stay
    infection_type: str
    coding: Coding
    event_date: date | None
    origin: str
    method: str
    condition_ids: tuple[str, ...]

    @property
    def hospital_day(self) -> int | None:
        """Return the day of the stay; day 1 is the date of arrival on an inpatient location."""
        return hospital_day(self.stay, self.event_date)

    @property
    def event_id(self) -> str:
        """Return a key that a rerun gives again."""
        day = self.event_date.isoformat() if self.event_date else "undated"
        kind = LABID if self.method == LABID else "diagnosis"
        return f"{self.stay.stay_id}.{self.infection_type}.{kind}.{day}"

    @property
    def period_date(self) -> date | None:
        """Return the date that places the event in a period: its own, else the discharge."""
        return self.event_date or self.stay.discharge_date


@dataclass(frozen=True)
class Mention:
    """One record of an infection: a Condition, or a diagnosis coded on a claim."""

    infection_type: str
    codings: Codings
    day: date | None
    stay: Stay | None
    condition_id: str | None = None
    # What a claim or the encounter says of the admission: True present, False not, None nothing.
    present: bool | None = None

    @property
    def order(self) -> tuple[str, ...]:
        """Return what sorts mentions of a day, Conditions before claims."""
        return (self.condition_id or "~", *(c.code or "" for c in self.codings))


def hospital_day(stay: Stay, day: date | None) -> int | None:
    """Return the day of the stay a date is; before the arrival it is 0 or less."""
    if day is None or stay.arrival_date is None:
        return None
    return (day - stay.arrival_date).days + 1


def infection_events(chart: PatientChart, stays: Sequence[Stay]) -> tuple[InfectionEvent, ...]:
    """Return the person's infection events that concern a stay."""
    usable = [s for s in stays if s.is_usable]
    mentions = [*_of_conditions(chart, usable), *_of_claims(chart, usable)]
    types = sorted({m.infection_type for m in mentions})
    return tuple(
        event
        for kind in types
        for group in _events([m for m in mentions if m.infection_type == kind])
        if (event := _event(chart, group)) is not None
    )


def _of_conditions(chart: PatientChart, stays: Sequence[Stay]) -> list[Mention]:
    sets = chart.codes["infections"]
    found = []
    for condition in sorted(chart.history.conditions, key=lambda c: c.id):
        kind = sets.value(condition.codings)
        if kind is not None and condition.verification not in _NOT_CONFIRMED:
            mention = _of_condition(chart, condition, kind, stays)
            found += [mention] if mention is not None else []
    return found


def _of_condition(
    chart: PatientChart, condition: Condition, kind: str, stays: Sequence[Stay]
) -> Mention | None:
    linked = _linked_stay(condition, stays)
    full = condition.onset if condition.onset and condition.onset.is_full else None
    if full is None:
        if linked is None:
            return None
        present = _indicator(chart, linked, kind, condition.id)
        return Mention(kind, condition.codings, None, linked, condition.id, present)
    stay = linked
    if linked is None or not _inside(linked, full.date_in(linked.zone)):
        stay = _stay_by_date(full, _may_hold(condition, stays)) or linked
    zone = stay.zone if stay else _any_zone(stays)
    day = full.date_in(zone) if zone else full.first
    if day > chart.history.as_of:
        return None
    present = _indicator(chart, stay, kind, condition.id) if stay else None
    return Mention(kind, condition.codings, day, stay, condition.id, present)


def _any_zone(stays: Sequence[Stay]) -> ZoneInfo | None:
    return stays[0].zone if stays else None


def _linked_stay(condition: Condition, stays: Sequence[Stay]) -> Stay | None:
    """Return the stay whose encounters the condition names, or whose diagnoses name it."""
    return next((stay for stay in stays if _is_linked(condition, stay)), None)


def _is_linked(condition: Condition, stay: Stay) -> bool:
    return condition.encounter_id in stay.encounter_ids or condition.id in stay.diagnosis_ids


def _may_hold(condition: Condition, stays: Sequence[Stay]) -> Sequence[Stay]:
    """Return the stays a date may assign the condition to.

    One that names no encounter belongs to a stay that names it, never by its date alone: anyone
    may have written it, such as a family doctor.
    """
    if condition.encounter_id is not None:
        return stays
    return [stay for stay in stays if _is_linked(condition, stay)]


def _stay_by_date(onset: PartialDate, stays: Sequence[Stay]) -> Stay | None:
    """Return the stay whose days (one after discharge included) hold the date, the latest."""
    inside = [s for s in stays if _inside(s, onset.date_in(s.zone))]
    return inside[-1] if inside else None


def _inside(stay: Stay, day: date) -> bool:
    if stay.admit_date is None or day < stay.admit_date:
        return False
    last = stay.discharge_date
    return last is None or (day - last).days <= DAYS_AFTER_DISCHARGE


def _of_claims(chart: PatientChart, stays: Sequence[Stay]) -> list[Mention]:
    """Return infections coded on claims that say something of the admission."""
    found = []
    for stay in stays:
        for claim in sorted(stay.claims, key=lambda c: c.id):
            for entry in claim.diagnoses:
                kind = chart.codes["infections"].value(entry.codings)
                present = _says(
                    entry.on_admission, blank_means_no=claim.has_indicator and bool(entry.codings)
                )
                if kind is not None and present is not None and "principal" not in entry.types:
                    found.append(Mention(kind, entry.codings, None, stay, None, present))
    return found


def _says(letter: str | None, blank_means_no: bool) -> bool | None:
    """Read a present-on-admission indicator; exempt (`1`, `E`) and unknown letters say nothing."""
    plain = (letter or "").strip().upper()
    if plain in _PRESENT_LETTERS:
        return True
    if plain in _ABSENT_LETTERS or (plain == "" and blank_means_no):
        return False
    return None


def _indicator(chart: PatientChart, stay: Stay, kind: str, condition_id: str) -> bool | None:
    """Return what encounter and claims say of this infection; `present` anywhere wins."""
    said = [_says(letter, False) for id_, letter in stay.indicators if id_ == condition_id]
    sets = chart.codes["infections"]
    for claim in stay.claims:
        for entry in claim.diagnoses:
            coded = bool(entry.codings)
            same = entry.condition_id == condition_id or (
                coded and sets.value(codings_of(entry, chart.conditions)) == kind
            )
            blank_means_no = coded and claim.has_indicator
            said += [_says(entry.on_admission, blank_means_no=blank_means_no)] if same else []
    known = [s for s in said if s is not None]
    return any(known) if known else None


def _events(mentions: Iterable[Mention]) -> list[list[Mention]]:
    """Group mentions of one type: 14 days from the event date on are one event.

    Mentions without a date belong to the first event of their stay, else they are one of their
    own per stay.
    """
    dated: list[list[Mention]] = []
    listed = list(mentions)
    for mention in sorted((m for m in listed if m.day), key=lambda m: (m.day, m.order)):
        if dated and mention.day and (mention.day - _day(dated[-1])).days < REPEAT_DAYS:
            dated[-1].append(mention)
        else:
            dated.append([mention])
    undated: dict[str, list[Mention]] = {}
    for mention in sorted((m for m in listed if m.day is None), key=lambda m: m.order):
        home = next((g for g in dated if _stay_of(g) is mention.stay), None)
        if home is not None:
            home.append(mention)
        elif mention.stay is not None:
            undated.setdefault(mention.stay.stay_id, []).append(mention)
    return [*dated, *undated.values()]


def _day(group: Sequence[Mention]) -> date:
    return group[0].day or date.min


def _stay_of(group: Sequence[Mention]) -> Stay | None:
    return next((m.stay for m in group if m.stay is not None), None)


def _event(chart: PatientChart, group: Sequence[Mention]) -> InfectionEvent | None:
    stay = _stay_of(group)
    if stay is None:
        return None
    here = [m for m in group if m.stay is stay]
    conditions = tuple(sorted({m.condition_id for m in group if m.condition_id}))
    sets = chart.codes["infections"]
    event = InfectionEvent(
        stay=stay,
        infection_type=group[0].infection_type,
        coding=_shown(sets, [m.codings for m in here]),
        event_date=group[0].day,
        origin=UNKNOWN,
        method=CONDITION if conditions else CLAIM,
        condition_ids=conditions,
    )
    return replace(event, origin=_origin(event, here, sets))


def _shown(sets: CodeSet, all_codings: Sequence[Codings]) -> Coding:
    """Return the code to show, SNOMED CT if any record has it, with our own label."""
    known = [c for codings in all_codings for c in codings if sets.entry(c) is not None]
    coding = next((c for c in known if short_system(c.system) == SNOMED), known[0])
    entry = sets.entry(coding)
    return Coding(coding.system, coding.code, entry.label if entry else coding.display)


def _origin(event: InfectionEvent, here: Sequence[Mention], sets: CodeSet) -> str:
    said = [m.present for m in here if m.present is not None]
    if any(said):
        return PRESENT
    if _is_principal(event, here, sets):
        return COMMUNITY
    if said:
        return ACQUIRED
    if event.event_date is None:
        return UNKNOWN
    return ACQUIRED if _in_time(event.stay, event.event_date) else COMMUNITY


def _is_principal(event: InfectionEvent, here: Sequence[Mention], sets: CodeSet) -> bool:
    """Return True if the infection is the stay's principal diagnosis, by more than a guess."""
    principal = event.stay.principal
    if principal is None or principal.guessed:
        return False
    named = any(m.condition_id and m.condition_id == principal.condition_id for m in here)
    return named or sets.value(principal.codings) == event.infection_type


def _in_time(stay: Stay, day: date) -> bool:
    number = hospital_day(stay, day)
    last = stay.discharge_date
    if number is None or number < ACQUIRED_FROM_DAY:
        return False
    return last is None or (day - last).days <= DAYS_AFTER_DISCHARGE
