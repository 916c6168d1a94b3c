"""Stays and visits that no claim names yet, and what waits to be billed for them.

Many systems remove a charge once it is billed. So the charges of an evening before the first claim
are the charges on record and the lines of the first claims that no charge on record repeats.
Source: claims specification, 2.5 (`dnfb_days`).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from metriccare.marts.claims.claim import UNKNOWN, Claim, Line, procedure_of
from metriccare.marts.claims.history import (
    ClaimsHistory,
    Cover,
    EncounterFacts,
    SentCharge,
)
from metriccare.marts.claims.identity import Provider
from metriccare.marts.claims.ledger import ClaimStanding
from metriccare.marts.claims.money import cents
from metriccare.marts.stays.partial_date import PartialDate


@dataclass(frozen=True, slots=True)
class UnbilledCare:
    """A stay or visit over days before its first claim on which its charges did not change.

    `charges` are in cents, None if nothing was ever written down.
    """

    care_id: str
    from_date: date
    to_date: date | None
    is_discharged: bool
    discharge_date: date | None
    charges: int | None
    currency: str
    encounter_ids: tuple[str, ...]
    provider: Provider | None
    facility_id: str | None
    payer_id: str | None
    payer: str


class _Care(NamedTuple):
    """A stay or visit; `ended` is None while it runs."""

    id: str
    encounters: Sequence[EncounterFacts]
    ended: date | None
    zone: ZoneInfo


class _Charge(NamedTuple):
    """What was written down: for which day and code, when, and how much in cents."""

    service: date | None
    code: str | None
    posted: date | None
    amount: int
    currency: str | None = None
    facility_id: str | None = None
    provider: Provider | None = None


def unbilled_care(
    history: ClaimsHistory, standings: Iterable[ClaimStanding]
) -> Iterator[UnbilledCare]:
    """Yield the spans of days up to as_of over which each stay or visit waited for a claim."""
    care = {care.id: care for care in _care(history)}
    care_of = {e.id: c.id for c in care.values() for e in c.encounters}
    claims: dict[str, list[ClaimStanding]] = defaultdict(list)
    for standing in standings:
        for care_id in {care_of[e] for e in standing.claim.encounter_ids if e in care_of}:
            claims[care_id].append(standing)
    charges: dict[str, list[SentCharge]] = defaultdict(list)
    for charge in history.charges:
        charges[care_of.get(charge.encounter_id, "")].append(charge)
    for care_id, each in care.items():
        yield from _Unbilled(history, each, charges[care_id], claims[care_id]).spans()


def _care(history: ClaimsHistory) -> Iterator[_Care]:
    """Yield the stays, and the encounters of no stay; parts of one are one visit."""
    by_id = {encounter.id: encounter for encounter in history.encounters}
    in_stays: set[str] = set()
    for stay in history.stays:
        parts = [by_id[id_] for id_ in stay.encounter_ids if id_ in by_id]
        in_stays.update(stay.encounter_ids)
        yield _Care(f"stay/{stay.stay_id}", parts, stay.discharge_date, _zone(history, parts))
    visits: dict[str, list[EncounterFacts]] = defaultdict(list)
    for encounter in history.encounters:
        if encounter.id not in in_stays:
            visits[_whole(encounter, by_id)].append(encounter)
    for id_, parts in visits.items():
        zone = _zone(history, parts)
        yield _Care(f"encounter/{id_}", parts, _ended(by_id[id_], zone), zone)


def _whole(encounter: EncounterFacts, by_id: Mapping[str, EncounterFacts]) -> str:
    """Return the id of the encounter that this one is part of, at last; circles end."""
    seen = {encounter.id}
    while (above := by_id.get(encounter.part_of_id or "")) is not None and above.id not in seen:
        seen.add(above.id)
        encounter = above
    return min(seen) if encounter.part_of_id in seen else encounter.id


def _zone(history: ClaimsHistory, parts: Sequence[EncounterFacts]) -> ZoneInfo:
    hospital = next((part.hospital_id for part in parts if part.hospital_id), None)
    return history.facilities.zone_of(history.facilities.hospital_id(hospital, None), None)


def _ended(encounter: EncounterFacts, zone: ZoneInfo) -> date | None:
    return _day(encounter.end, zone) if encounter.is_finished else None


def _day(partial: PartialDate | None, zone: ZoneInfo) -> date | None:
    return partial.date_in(zone) if partial else None


class _Span(NamedTuple):
    """Days over which the charges, in cents, did not change; the last day is not part of it."""

    begin: date
    until: date | None
    is_discharged: bool
    charges: int | None


@dataclass(frozen=True, slots=True)
class _Unbilled:
    """One stay or visit with its charges on record and the claims that name it."""

    history: ClaimsHistory
    care: _Care
    on_record: Sequence[SentCharge]
    claims: Sequence[ClaimStanding]

    def spans(self) -> Iterator[UnbilledCare]:
        """Yield one span while it runs, and from its end on one for each day of posting."""
        days = [c.claim.submitted_date for c in self.claims if c.claim.submitted_date]
        billed, as_of = min(days, default=date.max), self.history.as_of
        if self.care.ended is not None and billed <= self.care.ended:
            return
        charges = self._charges()
        for span in self._waiting(charges):
            if span.begin <= as_of and span.begin < billed:
                until = min(span.until or date.max, billed)
                shown = span._replace(until=None if until == date.max else until)
                yield self._care_of(shown, charges)

    def _waiting(self, charges: Sequence[_Charge]) -> Iterator[_Span]:
        """Yield the spans as if no claim ever came."""
        ended, as_of = self.care.ended, self.history.as_of
        posted: Counter[date] = Counter()
        for charge in charges:
            posted[charge.posted or charge.service or ended or as_of] += charge.amount

        def written_by(day: date) -> int | None:
            return sum(cents for d, cents in posted.items() if d <= day) if charges else None

        first = min(posted, default=None)
        if first is not None and (ended is None or first < ended):
            # While it runs its charges do not count yet: one span is enough.
            last = as_of if ended is None else ended - timedelta(days=1)
            yield _Span(first, ended, False, written_by(last))
        if ended is not None:
            days = [ended, *sorted(day for day in posted if day > ended)]
            for day, following in zip(days, [*days[1:], None], strict=True):
                yield _Span(day, following, True, written_by(day))

    def _care_of(self, span: _Span, charges: Sequence[_Charge]) -> UnbilledCare:
        claim = self._first_claim()
        cover = self._cover()
        hospital = next((e.hospital_id for e in self.care.encounters if e.hospital_id), None)
        facilities = self.history.facilities
        return UnbilledCare(
            care_id=self.care.id,
            from_date=span.begin,
            to_date=span.until,
            is_discharged=span.is_discharged,
            discharge_date=self.care.ended,
            charges=span.charges,
            currency=next((c.currency for c in charges if c.currency), None)
            or (claim.currency if claim else self.history.default_currency),
            encounter_ids=tuple(sorted(e.id for e in self.care.encounters)),
            provider=next((c.provider for c in charges if c.provider), None)
            or (claim.provider if claim else None)
            or self._attender(),
            facility_id=facilities.hospital_id(
                next((c.facility_id for c in charges if c.facility_id), None)
                or (claim.facility_id if claim else None)
                or hospital,
                None,
            ),
            payer_id=claim.payer_id if claim else cover.payer_id or cover.name,
            payer=claim.payer if claim else cover.payer or UNKNOWN,
        )

    def _charges(self) -> list[_Charge]:
        """Return the charges on record, then lines of first claims that none of them repeats."""
        providers, zone = self.history.providers, self.care.zone
        found = [
            _Charge(
                _day(charge.service, zone),
                charge.code,
                _day(charge.posted, zone),
                cents(charge.amount),
                charge.currency,
                charge.facility_id,
                providers.of(charge.provider),
            )
            for charge in self.on_record
            if charge.amount is not None
        ]
        repeated = Counter((charge.service, charge.code) for charge in found)
        for line in self._first_lines():
            key = (line.service_from, procedure_of(line).code)
            if repeated[key] > 0:
                repeated[key] -= 1
            else:
                found.append(_Charge(*key, line.sent.posted_date or line.service_to, line.charge))
        return found

    def _first_lines(self) -> Iterator[Line]:
        """Yield the lines about it of the first claim of each account."""
        own = {encounter.id for encounter in self.care.encounters}
        for standing in self.claims:
            if standing.level == 1 and standing.submission_no == 1:
                for line in standing.claim.lines:
                    if line.encounter_id is None or line.encounter_id in own:
                        yield line

    def _first_claim(self) -> Claim | None:
        """Return the claim that is sent first, of the first payer."""
        claims = [c.claim for c in self.claims if c.level == 1 and c.claim.submitted_date]
        return min(claims, key=lambda c: (c.submitted_date or date.max, c.id), default=None)

    def _attender(self) -> Provider | None:
        """Return who is responsible for the first of its encounters that says so."""
        return self.history.providers.of(
            next((e.attender for e in self.care.encounters if e.attender), None)
        )

    def _cover(self) -> Cover:
        """Return the first payer's cover on the day it began, the latest of several."""
        starts = [day for e in self.care.encounters if (day := _day(e.start, self.care.zone))]
        day = min(starts, default=self.care.ended or self.history.as_of)
        held = [
            cover
            for cover in self.history.covers
            if (cover.level or 1) == 1
            and (cover.start is None or cover.start <= day)
            and (cover.end is None or day <= cover.end)
        ]
        return max(
            held,
            key=lambda c: (c.start or date.min, c.payer_id or "", c.name or ""),
            default=Cover(),
        )
