"""What gold computed and the gates judge, and what is left out of the publication."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, NamedTuple

from metriccare.engine.protocol import RelationT
from metriccare.errors import Refusal
from metriccare.marts.measures.result_rows import TenantResult
from metriccare.quality.measured import Counted, Share, Subject


class PersonsNotComputed(NamedTuple):
    """A tenant's persons whose computation failed, and how many persons it has.

    `since` counts them by the first run that failed on them, and by the first run since which a
    death or an infection is among what is undecided (None without one).
    """

    of: int
    since: Mapping[tuple[str, str | None], int]


@dataclass(frozen=True)
class Outcome(Generic[RelationT]):
    """What is judged: the results, those stored before, and the tables that are to change.

    `tables` are the rows each table of persons is to have, by the table's name; empty if nothing
    changes. `uncomputed` counts the persons whose computation failed, by tenant. `violations` are
    of what must add up, by tenant and gate; `shares` are parts of a whole that a gate may doubt.
    """

    results: Sequence[TenantResult]
    before: Sequence[TenantResult]
    tables: Mapping[str, RelationT]
    uncomputed: Mapping[str, PersonsNotComputed] = field(default_factory=dict)
    violations: Mapping[Subject, Counted] = field(default_factory=dict)
    shares: Mapping[Subject, Share] = field(default_factory=dict)


@dataclass(frozen=True)
class Published:
    """What gold did not publish: the tenants refused, and how many persons were not computed."""

    refused: tuple[Refusal, ...] = ()
    persons_not_computed: int = 0

    @property
    def tenants(self) -> frozenset[str]:
        """Return the tenants refused."""
        return frozenset(refusal.tenant for refusal in self.refused)


Gates = Callable[[Outcome[RelationT]], Sequence[Refusal]]


def no_gates(outcome: Outcome[RelationT]) -> Sequence[Refusal]:
    """Refuse nothing: for lakes that are computed but never published."""
    return ()
