"""A reader with all published KPIs, linear programming and patience finds no hidden number.

The reader knows what the words mean and nothing of how rows were chosen for hiding: which figures
add up, which show the same number, and that no number is negative.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence
from datetime import date
from typing import NamedTuple

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from metriccare.disclosure.cell_size import is_small
from metriccare.marts.periods import periods_of
from metriccare.marts.revenue.disclosure import hidden_of
from metriccare.marts.revenue.figures import Figure, KpiKey, Sums, figure_of
from metriccare.marts.revenue.inputs import History
from metriccare.marts.revenue.kpis import BY_ID

HISTORY = History(date(2024, 12, 31), date(2023, 1, 1), date(2023, 1, 1), has_transactions=True)
MONTHS = (date(2023, 12, 1), date(2024, 1, 1), date(2024, 2, 1))


class Account(NamedTuple):
    """One account: charged and decided in one month."""

    month: date
    facility: str
    payer: str
    person: str
    cents: int
    denied: bool
    appealed: bool
    collected: bool


# Accounts alike: when, where, for how many persons, with how many accounts each.
groups = st.tuples(
    st.sampled_from(MONTHS),
    st.sampled_from("FG"),
    st.sampled_from(["medicare", "commercial"]),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.one_of(st.integers(1, 14), st.integers(1, 40)),
    st.integers(1, 3),
)


def accounts_of(found: Sequence[tuple]) -> list[Account]:  # type: ignore[type-arg]
    return [
        Account(
            month,
            facility,
            payer,
            f"{number} {person}",
            10_000 + 37 * person + number,
            denied,
            denied and appealed,
            collected,
        )
        for number, (month, facility, payer, denied, appealed, collected, persons, each) in (
            enumerate(found)
        )
        for person in range(persons)
        for _ in range(each)
    ]


def amounts(account: Account) -> Iterator[tuple[str, int, int]]:
    """Numerator and denominator of each KPI an account counts for, in hundredths."""
    collected = account.cents // 2 if account.collected else 0
    yield "gross_charges", account.cents, 0
    yield "gross_collection_rate_post", collected, account.cents
    yield "initial_denial_rate", 100 * account.denied, 100
    if account.collected:
        yield "total_collections", collected, 0
    if account.denied:
        yield "denial_appeal_rate", 100 * account.appealed, 100


def figures_of(accounts: Sequence[Account]) -> list[Figure]:
    sums: dict[KpiKey, list[int]] = defaultdict(lambda: [0, 0, 0])
    persons: dict[KpiKey, set[str]] = defaultdict(set)
    for account in accounts:
        strata = (
            ("overall", "all"),
            ("facility", account.facility),
            ("payer", account.payer),
        )
        for kpi, numerator, denominator in amounts(account):
            for grain, start in periods_of(account.month):
                for stratum in strata:
                    key = KpiKey(kpi, grain, start, *stratum, "USD")
                    for place, amount in enumerate((numerator, denominator, 1)):
                        sums[key][place] += amount
                    persons[key].add(account.person)
    return [
        figure_of(
            BY_ID[key.kpi_id],
            "a",
            key,
            Sums(numerator, denominator, items, 0, 0, len(persons[key])),
            HISTORY,
            is_share_known=True,
        )
        for key, (numerator, denominator, items) in sums.items()
    ]


def numbers(figure: Figure) -> dict[Hashable, int]:
    """The numbers a figure shows, each under one name wherever it is shown."""
    key, sums = figure.key, figure.sums
    place = key[1:]
    names = {
        "gross_charges": ("charges", None),
        "total_collections": ("collected", None),
        "gross_collection_rate_post": ("collected", "charges"),
        "initial_denial_rate": ("denied", "decided"),
        "denial_appeal_rate": ("appealed", "denied"),
    }[key.kpi_id]
    shown = zip(names, (sums.numerator, sums.denominator), strict=True)
    return {(name, *place): number for name, number in shown if name is not None}


def totals(name: tuple) -> Iterator[tuple[Hashable, str]]:  # type: ignore[type-arg]
    what, grain, start, kind, value, currency = name
    if kind != "overall":
        yield (what, grain, start, "overall", "all", currency), kind
    for longer, longer_start in periods_of(start):
        steps = ["all", "year", "quarter", "month"]
        if steps.index(longer) < steps.index(grain):
            yield (what, longer, longer_start, kind, value, currency), grain


def found_out(figures: Sequence[Figure], hidden: frozenset[Hashable]) -> list[Hashable]:
    """The numbers of hidden small rows whose least and greatest possible value are the same."""
    true: dict[Hashable, int] = {}
    known: set[Hashable] = set()
    secret: dict[Hashable, None] = {}
    parts: dict[tuple[Hashable, str], set[Hashable]] = defaultdict(set)
    for figure in figures:
        shown = numbers(figure)
        true |= shown
        is_count = BY_ID[figure.key.kpi_id].is_count
        if figure.key not in hidden:
            known |= set(shown)
        for name, number in shown.items():
            few = is_small(number // 100) if is_count else is_small(figure.sums.persons)
            if few and number:
                secret[name] = None
    for name in true:
        for total, kind in totals(name):  # type: ignore[arg-type]
            parts[total, kind].add(name)
    unknown = [name for name in true if name not in known]
    place = {name: number for number, name in enumerate(unknown)}
    rows, bounds = [], []
    for (total, _), found in parts.items():
        if total in true:
            row, fixed = np.zeros(len(unknown)), 0
            for name, sign in [(total, -1), *((part, 1) for part in found)]:
                if name in place:
                    row[place[name]] += sign
                else:
                    fixed += sign * true[name]
            rows.append(row)
            bounds.append(-fixed)
    return [name for name in secret if name in known or _is_fixed(place[name], rows, bounds)]


def _is_fixed(place: int, rows: list, bounds: list) -> bool:  # type: ignore[type-arg]
    goal = np.zeros(len(rows[0]))
    goal[place] = 1
    ends = []
    for sign in (1, -1):
        solved = linprog(sign * goal, A_eq=np.array(rows), b_eq=bounds, bounds=(0, None))
        if solved.status != 0:
            return False
        ends.append(sign * solved.fun)
    # Half a cent: amounts are whole cents.
    return bool(ends[1] - ends[0] < 0.5)


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(groups, min_size=1, max_size=9))
def test_no_hidden_number_can_be_worked_out(found):
    figures = figures_of(accounts_of(found))
    assert found_out(figures, hidden_of(figures)) == []


def test_the_reader_finds_what_is_badly_hidden():
    figures = figures_of(accounts_of([(MONTHS[1], "F", "medicare", False, False, True, 40, 1)]))
    few = figures_of(
        accounts_of(
            [
                (MONTHS[1], "F", "medicare", False, False, True, 40, 1),
                (MONTHS[1], "G", "medicare", False, False, True, 3, 1),
            ]
        )
    )
    assert found_out(figures, frozenset()) == []
    badly = frozenset(f.key for f in few if f.sums.persons == 3)
    assert found_out(few, badly) != []
