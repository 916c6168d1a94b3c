"""Sums by month and stratum, the KPIs made from them, and their rows.

A *flow* adds up over months; a *stock* is taken at the end of each month, or at the day of the
answer key in the month that holds it. Accounts are added to three strata: clinician, payer and
claim type. The others are sums of these.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import add
from typing import Any, NamedTuple

from data_generator.clock import day_text, first_day_of_month, month_index
from data_generator.feeds.text import money
from data_generator.truth.kpi_list import CENTS, DAILY, DAY_SUMS, KPIS, NET_OPEN, SUMS, Kpi
from data_generator.truth.lags import ByMonth, Lag, Lags, counted, nearest_rank
from data_generator.truth.net_receivables import NetReceivables

GRAINS = {"month": 1, "quarter": 3, "year": 12}
# By month a clinician has one or two accounts, so that the rows would be many and say little.
COARSE = ("provider",)
# Daily folders have these strata only, so that they stay small.
BRIEF = ("overall", "facility", "payer", "bucket")
# Charges are averaged over 90 days, or over those since the first charge, at least 30.
AVERAGE_DAYS, FEWEST_DAYS = 90, 30
BUCKETS = ("0-30", "31-60", "61-90", "91-120", "121+")
Stratum = tuple[str, str]
OVERALL: Stratum = ("overall", "all")
Cells = list[int]
Level = list[int | None]  # of a stock; None where it is not known
Sum = tuple[str, int, int]  # name, day, amount


class Totals(NamedTuple):
    """Sums of all strata: by month, and charges and what contracts take off by day."""

    months: dict[tuple[str, Stratum], Cells]
    days: dict[tuple[str, Stratum], Cells]


@dataclass(slots=True)
class KpiSums:
    """Running sums; the size depends on months and strata, not on people.

    ``parents`` names the strata that each stratum is part of. ``cells`` has a row of months for
    each stratum, one after the other.
    """

    start: int
    day: int
    parents: Mapping[Stratum, tuple[Stratum, ...]]
    places: dict[Stratum, int] = field(init=False)
    cells: dict[str, Cells] = field(init=False)
    daily: dict[tuple[str, int], Cells] = field(default_factory=dict)
    lags: Lags = field(init=False)
    net: NetReceivables = field(default_factory=NetReceivables)
    first_month: int = 0
    months: int = 0
    stocks: list[int] = field(default_factory=list)
    buckets: list[int] = field(default_factory=list)
    base: KpiSums | None = None  # sums of accounts that no day changes, shared by several days
    made: Totals | None = None

    def __post_init__(self) -> None:
        """Count the months, and set the day at which each month's stock is taken."""
        self.first_month = month_index(self.start)
        self.months = month_index(self.day) - self.first_month + 1
        ends = range(self.first_month + 1, self.first_month + self.months + 1)
        self.stocks = [min(first_day_of_month(end) - 1, self.day) for end in ends]
        self.places = {stratum: n * self.months for n, stratum in enumerate(self.parents)}
        self.lags = Lags(self.first_month, self.parents)
        self.buckets = [self.places["bucket", name] for name in BUCKETS]
        self.cells = {name: [0] * (self.months * len(self.parents)) for name in SUMS}

    def stock_days_from(self, day: int) -> Iterator[tuple[int, int]]:
        """Yield month and stock day of each month from a day on."""
        for month in range(month_index(day) - self.first_month, self.months):
            yield month, self.stocks[month]

    def add(self, name: str, day: int, places: Iterable[int], amount: int) -> None:
        """Add an amount to the month of a day."""
        self.add_month(name, month_index(day) - self.first_month, places, amount)

    def add_month(self, name: str, month: int, places: Iterable[int], amount: int) -> None:
        """Add an amount to a month by its number from the first."""
        cells = self.cells[name]
        for place in places:
            cells[place + month] += amount

    def add_all(self, sums: Iterable[Sum], places: tuple[int, int, int]) -> None:
        """Add the sums of an account to its three strata."""
        table, first_month = self.cells, self.first_month
        one, two, three = places
        for name, day, amount in sums:
            cells, month = table[name], month_index(day) - first_month
            cells[one + month] += amount
            cells[two + month] += amount
            cells[three + month] += amount

    def add_lags(self, lags: Sequence[Lag], strata: tuple[Stratum, ...], provider: Stratum) -> None:
        """Count how many days things took; by clinician the months of a year together."""
        if lags:
            self.lags.add(lags, (*strata, *self.parents[provider]))
            self.lags.add_yearly(lags, provider)

    def add_day(self, name: str, day: int, places: Iterable[int], amount: int) -> None:
        """Add a charge, or what the contract takes off, to its day, for averages over days."""
        for place in places:
            days = self.daily.get((name, place))
            if days is None:
                days = self.daily[name, place] = [0] * (self.day - self.start + 1)
            days[day - self.start] += amount

    def rows(self, *, brief: bool = False) -> Iterator[dict[str, Any]]:
        """Yield the rows that are not empty, in a fixed order; ``brief`` has few strata."""
        sums = self._by_stratum()
        lags = self.lags.merged(self.base.lags if self.base else None)
        strata = sorted({stratum for _, stratum in sums})
        if brief:
            strata = [stratum for stratum in strata if stratum[0] in BRIEF]
        none: Level = [0] * self.months
        for kpi, how in KPIS.items():
            took = lags.by_stratum(how.lags) if how.lags else {}
            for stratum in strata:
                above = _sum(sums, how.above, stratum)
                below = _sum(sums, how.below, stratum)
                if how.whole and above is not None:
                    below = sums.get((how.whole, OVERALL))
                if above is None and (how.above_needed or below is None):
                    continue
                cells = above or none, below or none
                for grain, first, pair in self._periods(how, stratum[0], cells):
                    row = _row(kpi, how, (grain, first), stratum, pair)
                    yield row | self._ranks(grain, first, took.get(stratum))

    def _ranks(self, grain: str, first: int | None, took: ByMonth | None) -> dict[str, int]:
        """Return the median and the 90th percentile of a period's lags, if it has any."""
        if took is None:
            return {}
        begin = 0 if first is None else first - self.first_month
        end = self.months if first is None else begin + GRAINS[grain]
        counts = counted(took, lambda month: begin <= month < end or grain == "all")
        if not counts:
            return {}
        return {"median": nearest_rank(counts, 5), "percentile_90": nearest_rank(counts, 9)}

    def _by_stratum(self) -> dict[tuple[str, Stratum], Level]:
        """Return the sums of every stratum, with those that are sums of others."""
        totals = self._totals()
        if self.base is not None:
            totals = _together(totals, self.base.totals(), self.months)
        sums: dict[tuple[str, Stratum], Level] = {k: [*v] for k, v in totals.months.items()}
        charged = totals.days["charges", OVERALL]
        first = next((day for day, cents in enumerate(charged) if cents), 0)
        for average, names in DAILY.items():
            for stratum in {stratum for _, stratum in totals.days}:
                days = [(sign, totals.days.get((n, stratum), ())) for n, sign in names.items()]
                sums[average, stratum] = [
                    self._average(days, day, self.start + first) for day in self.stocks
                ]
        self._add_net(sums)
        return sums

    def _add_net(self, sums: dict[tuple[str, Stratum], Level]) -> None:
        """Add what is owed without an answer, less what payers usually take off."""
        base = self.base.net if self.base else None
        shares = self.net.shares(self.stocks, base)
        strata = {stratum for name, stratum in sums if name in ("open", *DAILY)}
        for stratum in strata:
            answered = sums.get((NET_OPEN, stratum), [0] * self.months)
            sums[NET_OPEN, stratum] = [
                cents if known else None for cents, known in zip(answered, shares, strict=True)
            ]
        for sent in (self, self.base):
            if sent is not None:
                names = {place: stratum for stratum, place in sent.places.items()}
                for payer, month, places, cents in sent.net.rows():
                    if (known := shares[month]) is not None:
                        left = known.left_of(payer, cents)
                        for stratum in (names[place] for place in places):
                            for each in (stratum, *self.parents.get(stratum, ())):
                                sums[NET_OPEN, each][month] += left  # type: ignore[operator]

    def totals(self) -> Totals:
        """Return the sums by stratum, made once: nothing may be added afterwards."""
        if self.made is None:
            self.made = self._totals()
        return self.made

    def _totals(self) -> Totals:
        sums: dict[tuple[str, Stratum], Cells] = {}
        strata = {place: stratum for stratum, place in self.places.items()}
        for name, cells in self.cells.items():
            for place, stratum in strata.items():
                months = cells[place : place + self.months]
                if any(months):
                    self._add_up(sums, name, stratum, months)
        length = self.day - self.start + 1
        days = {(name, OVERALL): [0] * length for name in DAY_SUMS}
        for (name, place), row in self.daily.items():
            for stratum in (strata[place], *self.parents.get(strata[place], ())):
                total = days.setdefault((name, stratum), [0] * length)
                for index, cents in enumerate(row):
                    if cents:
                        total[index] += cents
        return Totals(sums, days)

    def _add_up(
        self, sums: dict[tuple[str, Stratum], Cells], name: str, stratum: Stratum, cells: Any
    ) -> None:
        for each in (stratum, *self.parents.get(stratum, ())):
            total = sums.setdefault((name, each), [0] * self.months)
            for month, amount in enumerate(cells):
                if amount:
                    total[month] += amount

    def _average(self, sums: Sequence[tuple[int, Sequence[int]]], day: int, first: int) -> int:
        """Return what a day adds on average, in cents, 0 if there are too few days."""
        span = min(AVERAGE_DAYS, day - first + 1)
        if span < FEWEST_DAYS:
            return 0
        last = day - self.start + 1
        total = sum(sign * sum(days[max(0, last - span) : last]) for sign, days in sums)
        average = (2 * abs(total) + span) // (2 * span)
        return average if total >= 0 else -average

    def _periods(
        self, how: Kpi, kind: str, cells: tuple[Level, Level]
    ) -> Iterator[tuple[str, int | None, tuple[int | None, int]]]:
        """Yield grain, first month and sums of every period that is not empty."""
        for grain, length in GRAINS.items():
            if kind in COARSE and length < 12:
                continue
            periods: dict[int, tuple[int | None, int]] = {}
            for month, (top, bottom) in enumerate(zip(*cells, strict=True)):
                first = (self.first_month + month) // length * length
                old = periods.get(first, (0, 0))
                # A stock is that of the period's last month.
                periods[first] = (top, bottom or 0) if how.stock else _plus(old, top, bottom)
            for first, pair in periods.items():
                if pair[0] or (pair[1] and how.zeros):
                    yield grain, first, pair
        above, below = cells
        whole: tuple[int | None, int] = (above[-1], below[-1] or 0)
        if not how.stock:
            whole = sum(c or 0 for c in above), sum(c or 0 for c in below)
        if whole[0] or (whole[1] and how.zeros):
            yield "all", None, whole


def _plus(
    pair: tuple[int | None, int], top: int | None, bottom: int | None
) -> tuple[int | None, int]:
    return (pair[0] or 0) + (top or 0), pair[1] + (bottom or 0)


def _together(one: Totals, other: Totals, months: int) -> Totals:
    """Return the sums of both; the other one may end earlier."""
    for key, cells in other.months.items():
        one.months[key] = _added(one.months.get(key) or [0] * months, cells)
    length = len(one.days["charges", OVERALL])
    for place, days in other.days.items():
        one.days[place] = _added(one.days.get(place) or [0] * length, days)
    return one


def _added(long: Cells, short: Cells) -> Cells:
    return [*map(add, long, short), *long[len(short) :]]


def _sum(
    sums: Mapping[tuple[str, Stratum], Level], names: Mapping[str, int], stratum: Stratum
) -> Level | None:
    """Return the signed sum of some sums, None if all are empty."""
    parts = [(sign, sums[name, stratum]) for name, sign in names.items() if (name, stratum) in sums]
    if not parts:
        return None
    if len(parts) == 1 and parts[0][0] == 1:
        return parts[0][1]
    return [
        sum(sign * (c or 0) for (sign, _), c in zip(parts, row, strict=True))
        for row in zip(*(cells for _, cells in parts), strict=True)
    ]


def _row(
    kpi: str,
    how: Kpi,
    period: tuple[str, int | None],
    stratum: Stratum,
    pair: tuple[int | None, int],
) -> dict[str, Any]:
    above, below = pair[0], None
    if how.below or how.whole:
        below = money(pair[1]) if how.below_unit == CENTS else str(pair[1])
    shown = None if above is None else money(above) if how.above_unit == CENTS else str(above)
    first = period[1]
    return {
        "kpi_id": kpi,
        "grain": period[0],
        "period_start": None if first is None else day_text(first_day_of_month(first)),
        "stratum_type": stratum[0],
        "stratum_value": stratum[1],
        "numerator": shown,
        "denominator": below,
    }
