"""Works out the dates, people, payer and charges of claims.

Source: claims specification, 1.4 and 1.5.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple
from zoneinfo import ZoneInfo

from metriccare.marts.claims import flags
from metriccare.marts.claims.charges import charges_of
from metriccare.marts.claims.claim import (
    ADDING,
    CANCELLED,
    INSTITUTIONAL,
    ORIGINAL,
    REPLACEMENT,
    UNKNOWN,
    VOID,
    Claim,
    Line,
)
from metriccare.marts.claims.history import (
    Answer,
    ClaimsHistory,
    Cover,
    SentClaim,
    SentLine,
    StayFacts,
)
from metriccare.marts.claims.identity import Provider, ProviderRef
from metriccare.marts.stays.partial_date import PartialDate

_FREQUENCIES = {ORIGINAL, *ADDING, REPLACEMENT, VOID}
# The adjustment of a prior claim, a code that payers no longer use, replaces as well.
_OLD_REPLACEMENT = 6
_MEASURED_ROLES = ("rendering", "performing", "primary")
_ATTENDING = "attending"
_UNIT = Decimal("0.0001")


class _OfClaim(NamedTuple):
    """What lines take from their claim where they say nothing of their own."""

    service_from: date | None
    service_to: date | None
    zone: ZoneInfo
    provider: Provider | None
    encounter_ids: tuple[str, ...]
    diagnosis_codes: Mapping[int, str | None]


class ClaimResolver:
    """Resolves a person's claims: everything that is looked up is indexed once."""

    def __init__(self, history: ClaimsHistory, benefits: Mapping[str, Sequence[Answer]]) -> None:
        self._history = history
        self._benefits = benefits
        self._stays = {id_: stay for stay in history.stays for id_ in stay.encounter_ids}

    def resolve(self, sent: SentClaim) -> Claim:
        """Return the claim with everything worked out."""
        history, benefits = self._history, self._benefits.get(sent.id, ())
        encounters = _encounters(sent)
        facility = self._facility(sent, encounters)
        zone = history.facilities.zone_of(facility, sent.location_id)
        first, last = _service_dates(sent, benefits, zone)
        submitted = _date(sent.submitted, zone) or last
        stay = self._stay(encounters)
        frequency = _frequency(sent)
        charges = charges_of(sent, history.default_currency, is_void=frequency == VOID)
        provider = self._provider(sent, benefits)
        cover = sent.cover or Cover()
        codes = {d.sequence: d.code for d in sent.diagnoses}
        of_lines = _OfClaim(first, last, zone, provider, encounters, codes)
        return Claim(
            id=sent.id,
            sent=sent,
            level=sent.level or cover.level or 1,
            frequency=frequency,
            is_cancelled=sent.status == CANCELLED,
            cancelled_on=_cancelled_on(sent, submitted, zone),
            billing_provider_id=self._key(sent.billing),
            provider=provider,
            facility_id=facility,
            payer_id=cover.payer_id or cover.name,
            payer=cover.payer or UNKNOWN,
            encounter_ids=encounters,
            stay_id=stay.stay_id if stay else None,
            service_from=first,
            service_to=last,
            discharge_date=(stay and stay.discharge_date) or sent.discharge_date or last,
            submitted_date=submitted,
            zone=zone,
            charge=sum(charges.of_lines),
            currency=charges.currency,
            lines=tuple(
                self._line(line, charge, of_lines)
                for line, charge in zip(charges.lines, charges.of_lines, strict=True)
            ),
            flags=charges.flags | self._flags(sent, first, submitted, zone),
        )

    def _line(self, line: SentLine, charge: int, of_claim: _OfClaim) -> Line:
        first, last, zone, provider, encounters, codes = of_claim
        begin = _date(line.service_from, zone) or first
        own = self._history.providers.of(line.provider) if line.provider else provider
        return Line(
            number=line.number,
            charge=charge,
            sent=line,
            service_from=begin,
            service_to=_date(line.service_to, zone) or (begin if line.service_from else last),
            modifiers=tuple(sorted({m.strip().upper() for m in line.modifiers if m.strip()})),
            units=None if line.units is None else line.units.quantize(_UNIT, ROUND_HALF_UP),
            provider_id=own.provider_id if own else None,
            diagnosis_codes=tuple(
                code for number in line.diagnosis_sequences if (code := codes.get(number))
            ),
            encounter_id=line.encounter_id or (encounters[0] if len(encounters) == 1 else None),
        )

    def _facility(self, sent: SentClaim, encounters: Iterable[str]) -> str | None:
        """Return the facility: of the claim, its location, the encounter, else who bills."""
        facilities = self._history.facilities
        at_location = facilities.hospital_id(None, sent.location_id)
        if sent.facility_id or at_location:
            return sent.facility_id or at_location
        hospitals = self._history.encounter_hospitals
        of_encounter = next((h for e in encounters if (h := hospitals.get(e))), None)
        if of_encounter is not None:
            return facilities.hospital_id(of_encounter, None)
        bills = sent.billing
        is_organization = bills is not None and bills.type == "Organization"
        return facilities.hospital_id(bills.id, None) if bills and is_organization else None

    def _stay(self, encounters: Iterable[str]) -> StayFacts | None:
        return next((self._stays[e] for e in encounters if e in self._stays), None)

    def _key(self, ref: ProviderRef | None) -> str | None:
        provider = self._history.providers.of(ref)
        return provider.provider_id if provider else None

    def _provider(self, sent: SentClaim, benefits: Sequence[Answer]) -> Provider | None:
        """Return who is measured. Source: claims specification, 1.4.1."""
        team = sent.care_team or next((b.care_team for b in benefits if b.care_team), ())
        of = self._history.providers.of
        if sent.claim_type == INSTITUTIONAL:
            for member in team:
                if member.role == _ATTENDING:
                    return of(member.provider)
        for role in _MEASURED_ROLES:
            for member in team:
                if member.role == role:
                    return of(member.provider)
        others = (*(m.provider for m in team), *(b.provider for b in benefits), sent.billing)
        named = (of(ref) for ref in others)
        return next((p for p in named if p is not None and p.is_person), None)

    def _flags(
        self, sent: SentClaim, first: date | None, submitted: date | None, zone: ZoneInfo
    ) -> set[str]:
        found = set()
        refs = (sent.billing, *(m.provider for m in sent.care_team))
        known = (self._history.providers.of(ref) for ref in refs)
        if any(p is not None and p.npi_invalid for p in known):
            found.add(flags.NPI_INVALID)
        if self._history.claims_of_others.intersection(sent.prior_ids):
            found.add(flags.RELATED_OTHER_PERSON)
        if first and submitted and first > submitted:
            found.add(flags.SERVICE_AFTER_SUBMISSION)
        if any(line.units is not None and line.units <= 0 for line in sent.lines):
            found.add(flags.UNITS_NOT_POSITIVE)
        if sent.source.is_before(submitted, zone):
            found.add(flags.DATE_IN_FUTURE)
        return found


def _date(partial: PartialDate | None, zone: ZoneInfo) -> date | None:
    return partial.date_in(zone) if partial else None


def _encounters(sent: SentClaim) -> tuple[str, ...]:
    named = {*sent.encounter_ids, *(line.encounter_id for line in sent.lines)}
    return tuple(sorted(e for e in named if e))


def _service_dates(
    sent: SentClaim, benefits: Sequence[Answer], zone: ZoneInfo
) -> tuple[date | None, date | None]:
    """Return the first and last day of service; never the end of a benefit's period."""
    begins = [d for line in sent.lines if (d := _date(line.service_from, zone))]
    ends = [d for line in sent.lines if (d := _date(line.service_to, zone))]
    if begins or ends:
        return min(begins or ends), max((*begins, *ends))
    first, last = _date(sent.service_from, zone), _date(sent.service_to, zone)
    if first is None and last is None:
        first = next((_date(b.service_from, zone) for b in benefits if b.service_from), None)
    return first or last, last or first


def _frequency(sent: SentClaim) -> int:
    """Return the frequency code: as sent, of the type of bill, else by what it names."""
    bill = (sent.type_of_bill or "").strip()
    digit = int(bill[-1]) if bill and bill[-1].isdecimal() and bill[-1].isascii() else None
    for code in (sent.frequency, digit):
        if code is not None:
            if code == _OLD_REPLACEMENT:
                return REPLACEMENT
            return code if code in _FREQUENCIES else ORIGINAL
    return REPLACEMENT if sent.prior_ids else ORIGINAL


def _cancelled_on(sent: SentClaim, submitted: date | None, zone: ZoneInfo) -> date | None:
    """Return the day from which a cancelled claim is void: its last update, not before it came."""
    if sent.status != CANCELLED or submitted is None:
        return None
    updated = sent.source.updated
    return max(submitted, updated.astimezone(zone).date()) if updated else submitted
