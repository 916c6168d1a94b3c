"""How many days things took: counts by month, stratum and number of days, for medians."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from data_generator.clock import month_index

Stratum = tuple[str, str]
Lag = tuple[str, int, int]  # name, day, days it took
# By stratum: how often each number of days came up in a month.
ByMonth = Mapping[int, Counter[int]]


@dataclass(slots=True)
class Lags:
    """Running counts; the size depends on months, strata and days, not on people.

    ``counts`` has a key of stratum, month (by its number from the first) and days for each name.
    """

    first_month: int
    parents: Mapping[Stratum, tuple[Stratum, ...]]
    counts: dict[str, Counter[tuple[Stratum, int, int]]] = field(
        default_factory=lambda: defaultdict(Counter)
    )

    def add(self, lags: Iterable[Lag], strata: Iterable[Stratum]) -> None:
        """Count each lag in some strata."""
        for name, day, days in lags:
            month = month_index(day) - self.first_month
            counts = self.counts[name]
            for stratum in strata:
                counts[stratum, month, days] += 1

    def add_yearly(self, lags: Iterable[Lag], stratum: Stratum) -> None:
        """Count each lag in the first month of its year: single months would be too many."""
        for name, day, days in lags:
            month = month_index(day) // 12 * 12 - self.first_month
            self.counts[name][stratum, month, days] += 1

    def merged(self, other: Lags | None) -> Lags:
        """Return the counts of both."""
        if other is None:
            return self
        both = Lags(self.first_month, self.parents)
        for each in (self, other):
            for name, counts in each.counts.items():
                both.counts[name].update(counts)
        return both

    def by_stratum(self, name: str) -> dict[Stratum, ByMonth]:
        """Return the counts of every stratum, those that are sums of others too."""
        found: dict[Stratum, dict[int, Counter[int]]] = {}
        for (stratum, month, days), count in self.counts.get(name, {}).items():
            for each in self._strata(stratum):
                months = found.setdefault(each, {})
                months.setdefault(month, Counter())[days] += count
        return dict(found)

    def _strata(self, stratum: Stratum) -> Iterator[Stratum]:
        yield stratum
        # Hospital and specialty of a clinician are counted by month already.
        if stratum[0] != "provider":
            yield from self.parents.get(stratum, ())


def counted(months: ByMonth, belongs: Callable[[int], bool]) -> Counter[int]:
    """Return how often each number of days came up in the months that belong to a period."""
    total: Counter[int] = Counter()
    for month, counts in months.items():
        if belongs(month):
            total.update(counts)
    return total


def nearest_rank(counts: Counter[int], tenths: int) -> int:
    """Return the days at a rank: of the values in order the one at ceil(tenths / 10 x n)."""
    rank = -(-sum(counts.values()) * tenths // 10)
    for days in sorted(counts):
        rank -= counts[days]
        if rank <= 0:
            return days
    raise ValueError("There is no value.")
