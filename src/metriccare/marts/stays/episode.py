"""Episodes: chains of acute stays joined by transfers between hospitals.

Source: measure specification, section 2 (CMS): discharge from acute hospital A and admission to a
different acute hospital B on the same or the next calendar date, whatever the disposition says.
Where the hospital of either is unknown, a transfer is assumed: the stays are one episode.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from metriccare.marts.stays.stay import Stay

OVERLAPS_OTHER_HOSPITAL = "overlaps_other_hospital"
TRANSFER_ASSUMED = "transfer_assumed"


@dataclass(frozen=True)
class Episode:
    """Stays in order; its id is its first stay's."""

    stays: tuple[Stay, ...]

    @property
    def id(self) -> str:
        """Return the id of the first stay."""
        return self.first.stay_id

    @property
    def first(self) -> Stay:
        """Return the stay that opens it."""
        return self.stays[0]

    @property
    def last(self) -> Stay:
        """Return the stay that closes it."""
        return self.stays[-1]

    @property
    def admit_date(self) -> date | None:
        """Return the admission of the first stay."""
        return self.first.admit_date

    @property
    def discharge_date(self) -> date | None:
        """Return the discharge of the last stay."""
        return self.last.discharge_date

    @property
    def los_midnights(self) -> int | None:
        """Return discharge date - admit date; None while open or with impossible dates."""
        if self.last.los_midnights is None or not self.discharge_date or not self.admit_date:
            return None
        return (self.discharge_date - self.admit_date).days

    @property
    def los_days(self) -> int | None:
        """Return the midnights, at least 1."""
        return None if self.los_midnights is None else max(1, self.los_midnights)


def episodes_of(stays: Sequence[Stay]) -> tuple[Episode, ...]:
    """Return the episodes of a person in time; every stay belongs to exactly one."""
    chains: list[list[Stay]] = []
    for stay in sorted((s for s in stays if s.is_usable), key=lambda s: s.order):
        before = [c for c in chains if _is_transfer(c[-1], stay)]
        if before:
            # Of two hospitals left in time, the one left last handed the person over.
            max(before, key=lambda c: (c[-1].discharge_date, c[-1].order)).append(stay)
        else:
            chains.append([stay])
    alone = [[s] for s in stays if not s.is_usable]
    return tuple(Episode(tuple(chain)) for chain in (*chains, *alone))


def _is_transfer(before: Stay, after: Stay) -> bool:
    if not (before.is_acute and after.is_acute) or before.is_open:
        return False
    if before.hospital_id == after.hospital_id and before.hospital_id is not None:
        return False
    if before.discharge_date is None or after.admit_date is None:
        return False
    return 0 <= (after.admit_date - before.discharge_date).days <= 1


def assumed_transfers(episodes: Iterable[Episode]) -> frozenset[str]:
    """Return the ids of stays joined to another although the hospital of either is unknown."""
    pairs = (pair for episode in episodes for pair in pairwise(episode.stays))
    unsure = (pair for pair in pairs if any(stay.hospital_id is None for stay in pair))
    return frozenset(stay.stay_id for pair in unsure for stay in pair)


def overlapping(stays: Sequence[Stay]) -> frozenset[str]:
    """Return the ids of stays during which the person is recorded at another hospital as well."""
    found: set[str] = set()
    usable = [s for s in stays if s.is_usable]
    for place, one in enumerate(usable):
        for other in usable[place + 1 :]:
            if one.hospital_id != other.hospital_id and _coincide(one, other):
                found |= {one.stay_id, other.stay_id}
    return frozenset(found)


def _coincide(one: Stay, other: Stay) -> bool:
    starts = [s.admit_date or date.max for s in (one, other)]
    ends = [s.discharge_date or date.max for s in (one, other)]
    return max(starts) < min(ends)
