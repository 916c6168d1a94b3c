"""What a mart is to the run: the tables of one subject, and how they are computed.

A mart computes persons one by one in plain Python and sums their rows with SQL. It reads silver,
and the tables of the marts before it; it never writes: the gold stage commits what it returns.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol

from metriccare.engine.protocol import RelationT, Row
from metriccare.marts.persons import Scope
from metriccare.marts.stays.codesets import CodeSets
from metriccare.marts.stays.facility import Facilities
from metriccare.quality.measured import Counted, Share, Subject
from metriccare.tables import Table


@dataclass(frozen=True)
class Lookups:
    """What every mart looks up: the code sets, and each tenant's hospitals and wards."""

    codes: CodeSets
    places: Mapping[str, Facilities]


# By gate: what was wanted and found of each tenant and subject that breaks it.
Violations = Mapping[str, Mapping[Subject, Counted]]


class PersonRule(Protocol):
    """Computes one person; must be picklable, because other processes may do it."""

    def __call__(self, row: Row) -> Mapping[str, Iterable[dict[str, Any]]]:
        """Return a person's rows by table, without tenant and what a run stamps."""

    def has_outcome(self, row: Row) -> bool:
        """Return True if the person may have an outcome that must not stay undecided for long."""


@dataclass(frozen=True)
class Sums(Generic[RelationT]):
    """What a mart sums over persons: rows of its own tables, and of the published ones.

    Both are in the order in which they are written, as whole tables. `results` and `before` are
    what the gates compare: the results of this run and those stored. `violations` are of what must
    add up, by gate; `shares` are parts of a whole that a gate may doubt.
    """

    tables: Sequence[tuple[Table, RelationT]] = ()
    published: Sequence[tuple[Table, RelationT]] = ()
    results: Sequence[Any] = ()
    before: Sequence[Any] = ()
    violations: Violations = field(default_factory=dict)
    shares: Mapping[Subject, Share] = field(default_factory=dict)


class Mart(Protocol[RelationT]):
    """One subject of one run."""

    @property
    def person_tables(self) -> Sequence[Table]:
        """Return the tables whose rows belong to one person each; the last is written last."""

    @property
    def not_computed(self) -> Table:
        """Return the table of persons whose computation failed."""

    @property
    def summed_tables(self) -> Sequence[Table]:
        """Return the tables that hold sums over persons; the last is written last."""

    def affected(self) -> Scope[RelationT] | None:
        """Return the persons to compute, or None for everyone."""

    def histories(
        self, scope: Scope[RelationT] | None, earlier: Mapping[str, RelationT]
    ) -> RelationT:
        """Return one row per person in scope, with arrays of all that the rule may ask of one.

        `earlier` are the tables of the marts before this one as they are to be, by name.
        """

    def rule(self) -> PersonRule:
        """Return the rule that computes a person from such a row."""

    def persons_with_outcome(self) -> RelationT:
        """Return tenant and person_id of persons with an outcome among the stored rows."""

    def sums(self, whole: Mapping[str, RelationT]) -> Sums[RelationT]:
        """Return the sums over all persons; `whole` are the person tables as they are to be."""

    def stored_sums(self) -> Sums[RelationT]:
        """Return what the gates compare where nothing changed: no rows to write."""
