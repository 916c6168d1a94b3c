"""The principal diagnosis of a presence, and the claims that belong to it.

Source: measure specification, section 2: billing use and rank 1; else discharge diagnosis rank 1;
else the claim's principal; else the lowest sequence, flagged. Of several of one kind the lowest
sequence, else the first of the list, flagged (section 11).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from metriccare.marts.stays.codesets import ICD10, plain, short_system
from metriccare.marts.stays.encounter_merging import MergedEncounters
from metriccare.marts.stays.history import (
    Claim,
    ClaimDiagnosis,
    Coding,
    Codings,
    Condition,
    Encounter,
    EncounterDiagnosis,
)

Entry = EncounterDiagnosis | ClaimDiagnosis
_USES_IN_ORDER = ("billing", "DD")
_LAST = 2**31


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """A principal diagnosis; `guessed` when only its place in a list speaks for it.

    `ambiguous` when its encounter or claim marks other diagnoses as principal in the same way.
    """

    codings: Codings
    condition_id: str | None
    guessed: bool = False
    ambiguous: bool = False

    @property
    def coding(self) -> Coding:
        """Return the coding to show: ICD-10-CM if there is one, else the first."""
        icd = (c for c in self.codings if short_system(c.system) == ICD10)
        return next(icd, self.codings[0] if self.codings else Coding(None, None))

    def is_same(self, other: Diagnosis) -> bool:
        """Return True if both share a code."""
        return bool(_keys(self.codings) & _keys(other.codings))


def _keys(codings: Codings) -> set[tuple[str, str]]:
    return {(short_system(c.system), plain(c.code)) for c in codings if c.code}


@dataclass(frozen=True, slots=True)
class Claims:
    """A person's claims: by encounter, and those that name none."""

    by_encounter: Mapping[str, tuple[Claim, ...]]
    unplaced: tuple[Claim, ...]

    def of(self, merged: MergedEncounters) -> tuple[Claim, ...]:
        """Return the claims whose lines name the presence; of those naming none, by dates."""
        named = {c.id: c for e in merged.by_priority for c in self.by_encounter.get(e.id, ())}
        dated = (c for c in self.unplaced if _within(merged, c))
        return (*named.values(), *dated)


def sorted_claims(claims: Iterable[Claim]) -> Claims:
    """Return claims ready to be looked up, in the order in which they are believed."""
    by_encounter: dict[str, list[Claim]] = {}
    unplaced: list[Claim] = []
    for claim in sorted(claims, key=_claim_order):
        for encounter in claim.encounter_ids:
            by_encounter.setdefault(encounter, []).append(claim)
        if not claim.encounter_ids:
            unplaced.append(claim)
    return Claims({e: tuple(found) for e, found in by_encounter.items()}, tuple(unplaced))


def _within(merged: MergedEncounters, claim: Claim) -> bool:
    first, last = merged.admit_date, merged.discharge_date
    if claim.start is None or claim.end is None or first is None or last is None:
        return False
    if claim.hospital_id not in (None, merged.hospital_id):
        return False
    zone = merged.zone
    return first <= claim.start.date_in(zone) and claim.end.date_in(zone) <= last


def principal_of(
    merged: MergedEncounters, conditions: dict[str, Condition], claims: Iterable[Claim]
) -> Diagnosis | None:
    """Return the presence's principal diagnosis, or None when nothing names one."""
    ordered = sorted(claims, key=_claim_order)
    ways: tuple[Iterator[Sequence[Entry]], ...] = (
        *(_ranked_first(merged.by_priority, use) for use in _USES_IN_ORDER),
        ([d for d in c.diagnoses if "principal" in d.types] for c in ordered),
    )
    for way in ways:
        for marked in way:
            found = _first_of(marked, conditions)
            if found is not None:
                return found
    return _lowest(merged.by_priority, ordered, conditions)


def _first_of(marked: Sequence[Entry], conditions: dict[str, Condition]) -> Diagnosis | None:
    """Return the diagnosis of the lowest sequence among those one record marks as principal."""
    entries = sorted(marked, key=_place) if len(marked) > 1 else marked
    known = [Diagnosis(c, e.condition_id) for e in entries if (c := codings_of(e, conditions))]
    if not known:
        return None
    first, *others = known
    return replace(first, ambiguous=True) if any(not first.is_same(d) for d in others) else first


def codings_of(entry: Entry, conditions: dict[str, Condition]) -> Codings:
    """Return an entry's own codings, else those of the Condition it points to."""
    if entry.codings:
        return entry.codings
    condition = conditions.get(entry.condition_id or "")
    return condition.codings if condition else ()


def _ranked_first(
    encounters: Iterable[Encounter], use: str
) -> Iterator[Sequence[EncounterDiagnosis]]:
    return ([d for d in e.diagnoses if d.rank == 1 and use in d.uses] for e in encounters)


def _lowest(
    encounters: Iterable[Encounter], claims: Iterable[Claim], conditions: dict[str, Condition]
) -> Diagnosis | None:
    lists: list[tuple[Entry, ...]] = [e.diagnoses for e in encounters]
    lists += [c.diagnoses for c in claims]
    for entries in lists:
        for entry in sorted(entries, key=_place):
            codings = codings_of(entry, conditions)
            if codings:
                return Diagnosis(codings, entry.condition_id, guessed=True)
    return None


def _place(entry: Entry) -> int:
    place = entry.rank if isinstance(entry, EncounterDiagnosis) else entry.sequence
    return _LAST if place is None else place


def _claim_order(claim: Claim) -> tuple[object, ...]:
    made = claim.created.first.isoformat() if claim.created else "9999"
    return (not claim.institutional, made, claim.id)
