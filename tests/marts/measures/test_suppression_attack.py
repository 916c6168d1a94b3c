"""A reader with everything published, linear programming and patience finds no hidden count.

The reader here knows what the words mean and nothing of how rows were chosen for hiding: which
figures add up, which measures divide by the same stays, which stays one measure counts among
those of another, and that no numerator is above its denominator. The figures are those of every
registered measure, of stays that the rules have judged.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator
from datetime import date
from typing import Any

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import csr_array

from metriccare.disclosure.cell_size import is_small
from metriccare.marts.measures import BY_ID, COUNTED_BY_CODE, MEASURES
from metriccare.marts.measures.published_rows import CodeCount, Hidden, hidden_of
from metriccare.marts.measures.results import Result, ResultKey, results_of
from tests.marts.measures.counted_stays import COURSES, MONTHS, WARDS, counts_of, judged

EVENTS = COUNTED_BY_CODE.id
# Measures that divide by the very same count.
SAME = {m.id: m.denominator_name for m in MEASURES if m.denominator_name is not None}

# Groups of like stays: when, where, who, how they went, and how many there are.
like_stays = st.tuples(
    st.sampled_from(MONTHS),
    st.sampled_from(sorted(WARDS)),
    st.sampled_from(["female", "male"]),
    st.sampled_from(("home", *COURSES)),
    st.one_of(st.integers(1, 14), st.integers(1, 60)),
)
tables = st.lists(like_stays, min_size=1, max_size=14)


def codes_of(results: list[Result]) -> list[CodeCount]:
    """Each infection type is coded in two ways."""
    found = []
    for r in results:
        if r.key[:2] == (EVENTS, "all") and r.key.stratum_type == "infection_type":
            kind, n = r.key.stratum_value, r.numerator
            found += [CodeCount("icd", f"{kind}1", kind, n // 3)]
            found += [CodeCount("icd", f"{kind}2", kind, n - n // 3)]
    return found


def published(stays: list[Any]) -> tuple[list[Result], list[CodeCount], Hidden]:
    """Results and codes of groups of like stays, and what of them is hidden."""
    results = results_of(counts_of(stays), BY_ID, ["cdi", "ssi"])
    codes = codes_of(results)
    return results, codes, hidden_of(results, codes, WARDS)


def longer_periods(key: ResultKey) -> Iterator[ResultKey]:
    """The quarter, year and whole time that a period is part of."""
    start = key.period_start
    if start is None:
        return
    yield key._replace(grain="all", period_start=None)
    if key.grain != "year":
        yield key._replace(grain="year", period_start=date(start.year, 1, 1))
    if key.grain == "month":
        first = start.month - (start.month - 1) % 3
        yield key._replace(grain="quarter", period_start=date(start.year, first, 1))


class _System:
    """Rows and their right sides, without the rows that hold no unknown; most entries are 0."""

    def __init__(self, rows: list[tuple[NDArray[np.float64], float]]) -> None:
        telling = [(row, bound) for row, bound in rows if row.any()]
        self.matrix = csr_array(np.array([row for row, _ in telling])) if telling else None
        self.bounds = [bound for _, bound in telling] if telling else None


class Reader:
    """What is published, as unknowns, equations and bounds of one linear program."""

    def __init__(self, results: list[Result], codes: list[CodeCount], hidden: Hidden) -> None:
        self.true: dict[Hashable, int] = {}
        self.known: set[Hashable] = set()
        self.secret: set[tuple[Hashable, ...]] = set()
        self.above: list[tuple[Hashable, Hashable]] = []
        for result in results:
            self._read(result, is_shown=result.key not in hidden.results)
        for code in codes:
            name = ("code", code.code)
            self.true[name] = code.events
            if (code.code_system, code.code) not in hidden.codes:
                self.known.add(name)
            if is_small(code.events):
                self.secret.add((name,))
        self.sums = [*self._strata(results), *self._periods(results), *self._coded(codes)]
        self._within(results)

    def _read(self, result: Result, *, is_shown: bool) -> None:
        key = result.key
        top, bottom = ("n", *key), self.bottom(key)
        numbers = {bottom: result.denominator}
        if BY_ID[key.measure_id].shape != "mean":
            numbers[top] = result.numerator
            if BY_ID[key.measure_id].shape == "proportion":
                self.above.append((top, bottom))
                if is_small(result.denominator - result.numerator):
                    self.secret.add((bottom, top))
        self.true |= numbers
        self.known |= set(numbers) if is_shown else set()
        self.secret |= {(name,) for name, n in numbers.items() if is_small(n)}

    @staticmethod
    def bottom(key: ResultKey) -> Hashable:
        """The denominator, under one name where it is the same number."""
        name = SAME.get(key.measure_id, key.measure_id)
        if key.stratum_type == "infection_type":
            key = key._replace(stratum_type="overall", stratum_value="all")
        return ("d", name, *key[1:])

    def _strata(self, results: list[Result]) -> Iterator[tuple[Hashable, list[Hashable]]]:
        parts: dict[Hashable, set[Hashable]] = defaultdict(set)
        for g in (r.key for r in results):
            whole = g._replace(stratum_type="overall", stratum_value="all")
            names = [("n", *g)] if ("n", *g) in self.true else []
            names += [self.bottom(g)] if g.stratum_type != "infection_type" else []
            for name in names:
                total = ("n", *whole) if name[0] == "n" else self.bottom(whole)
                typed = g.stratum_type == "infection_type" and g.measure_id == EVENTS
                if g.stratum_type in ("hospital", "sex", "department") or typed:
                    parts[total, g.stratum_type].add(name)
                if g.stratum_type == "department":
                    own = g._replace(stratum_type="hospital", stratum_value=WARDS[g.stratum_value])
                    parts[("n", *own) if name[0] == "n" else self.bottom(own), "ward"].add(name)
        return ((total, sorted(found, key=str)) for (total, _), found in parts.items())

    def _periods(self, results: list[Result]) -> Iterator[tuple[Hashable, list[Hashable]]]:
        parts: dict[tuple[Hashable, str], set[Hashable]] = defaultdict(set)
        for g in (r.key for r in results):
            for longer in longer_periods(g):
                parts[self.bottom(longer), g.grain].add(self.bottom(g))
                if ("n", *g) in self.true:
                    parts[("n", *longer), g.grain].add(("n", *g))
        return ((total, sorted(found, key=str)) for (total, _), found in parts.items())

    def _coded(self, codes: list[CodeCount]) -> Iterator[tuple[Hashable, list[Hashable]]]:
        by_type: dict[Hashable, list[Hashable]] = defaultdict(list)
        for code in codes:
            key = ResultKey(EVENTS, "all", None, "infection_type", code.infection_type)
            by_type["n", *key].append(("code", code.code))
        return iter(by_type.items())

    def _within(self, results: list[Result]) -> None:
        for r in results:
            for within in BY_ID[r.key.measure_id].wider():
                if within.all_time_only and r.key.grain != "all":
                    continue
                more = self.bottom(r.key._replace(measure_id=within.measure.id))
                less = self.bottom(r.key)
                self.above.append((less, more))
                if is_small(self.true.get(more, 0) - self.true[less]):
                    self.secret.add((more, less))

    def found_out(self) -> list[tuple[Hashable, ...]]:
        """Return the secrets whose value the reader knows: its least and greatest are the same."""
        unknown = [name for name in self.true if name not in self.known]
        place = {name: i for i, name in enumerate(unknown)}
        equal = _System([self._row({t: -1, **dict.fromkeys(p, 1)}, place) for t, p in self.sums])
        less = _System([self._row({a: 1, b: -1}, place) for a, b in self.above])
        return [s for s in sorted(self.secret, key=str) if self._is_known(s, place, equal, less)]

    def _row(self, signs, place):  # type: ignore[no-untyped-def]
        row, fixed = np.zeros(len(place)), 0
        for name, sign in signs.items():
            if name in place:
                row[place[name]] += sign
            else:
                fixed += sign * self.true[name]
        return row, -fixed

    def _is_known(self, secret, place, equal, less) -> bool:  # type: ignore[no-untyped-def]
        signs = dict(zip(secret, (1, -1), strict=False))
        goal, fixed = self._row(signs, place)
        if not goal.any():
            return True
        ends = []
        for sign in (1, -1):
            solved = linprog(
                sign * goal,
                A_eq=equal.matrix,
                b_eq=equal.bounds,
                A_ub=less.matrix,
                b_ub=less.bounds,
                bounds=(0, None),
            )
            if solved.status == 3:  # unbounded: nothing is known of that end
                return False
            ends.append(sign * solved.fun - fixed)
        return bool(ends[1] - ends[0] < 1 - 1e-6)


def test_a_measure_counts_only_stays_that_those_it_is_within_count_too() -> None:
    for course in COURSES:
        evidence = judged(MONTHS[0], "w1", "female", course).evidence
        placed = {(id_, e.stay_id): e.period_date for id_, e in evidence if e.in_denominator}
        for (id_, stay_id), day in placed.items():
            for within in BY_ID[id_].wider():
                assert (within.measure.id, stay_id) in placed
                wide_day = placed[within.measure.id, stay_id]
                assert within.all_time_only or wide_day == day


def test_every_measure_has_figures_to_attack() -> None:
    stays = [(MONTHS[0], "w1", "female", course, 20) for course in COURSES]
    counted = {r.key.measure_id for r in results_of(counts_of(stays), BY_ID, []) if r.denominator}
    assert counted == set(BY_ID)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(tables)
def test_a_reader_of_everything_published_finds_no_hidden_count(stays) -> None:  # type: ignore[no-untyped-def]
    assert Reader(*published(stays)).found_out() == []


def test_the_reader_finds_what_is_not_hidden() -> None:
    """The same reader, were nothing hidden beyond the small rows themselves, finds counts."""
    stays = [(MONTHS[0], "w1", "female", "home", 40), (MONTHS[0], "w3", "male", "died", 5)]
    results, codes, hidden = published(stays)
    rows = {r.key for r in results if is_small(r.numerator) or is_small(r.denominator)}
    careless = Hidden(frozenset(rows), frozenset())
    assert Reader(results, codes, careless).found_out() != []
    assert Reader(results, codes, hidden).found_out() == []


def test_measures_whose_totals_are_the_same_do_not_give_each_others_parts_away() -> None:
    """Nobody was a child or was handed on, so two measures count the same in every ward."""
    december, january = MONTHS[:2]
    stays = [
        (january, "w1", "female", "died", 3),
        (january, "w1", "female", "home", 4),
        (january, "w1", "female", "cdi", 3),
        (january, "w2", "female", "home", 5),
        (january, "w2", "female", "died", 7),
        (december, "w1", "female", "home", 23),
        (december, "w3", "male", "died", 6),
        (december, "w3", "female", "home", 13),
    ]
    assert Reader(*published(stays)).found_out() == []


def test_who_is_not_in_a_numerator_does_not_follow_from_a_ward_where_all_died() -> None:
    """In one ward everybody died, so its two hidden counts of each month are the same one."""
    december, january = MONTHS[:2]
    stays = [
        (december, "w1", "female", "home", 3),
        (december, "w1", "female", "handed_on", 12),
        (december, "w1", "female", "cdi", 7),
        (december, "w3", "female", "died", 9),
        (january, "w1", "female", "handed_on", 4),
        (january, "w1", "male", "home", 11),
        (january, "w3", "female", "died", 7),
    ]
    assert Reader(*published(stays)).found_out() == []


def test_a_difference_does_not_follow_from_a_month_that_had_none() -> None:
    """Nobody was handed on in January, and one ward had its stays in January only."""
    december, january = MONTHS[:2]
    stays = [
        (december, "w1", "female", "home", 25),
        (january, "w1", "female", "home", 40),
        (december, "w3", "female", "handed_on", 8),
        (december, "w1", "male", "handed_on", 11),
        (december, "w3", "male", "cdi", 36),
        (january, "w3", "male", "ssi", 18),
        (january, "w2", "female", "cdi", 9),
        (january, "w2", "female", "child", 58),
    ]
    assert Reader(*published(stays)).found_out() == []


def test_a_quarter_does_not_give_its_months_away_nor_a_year_its_quarters() -> None:
    december, january, february = MONTHS
    stays = [
        (december, "w1", "female", "home", 4),
        (january, "w1", "female", "home", 40),
        (february, "w1", "female", "home", 30),
    ]
    results, codes, hidden = published(stays)
    alos = [r.key for r in results if r.key.measure_id == "alos"]
    shown = {g[1:3] for g in alos if g.stratum_type == "overall" and g not in hidden.results}
    assert ("quarter", date(2023, 10, 1)) not in shown
    assert not {("all", None), ("year", date(2024, 1, 1))} <= shown
    assert Reader(results, codes, hidden).found_out() == []
    careless = Hidden(frozenset(g for g in hidden.results if g.grain != "quarter"), hidden.codes)
    assert Reader(results, codes, careless).found_out() != []


def test_transfers_do_not_show_as_the_difference_of_stays_and_episodes() -> None:
    stays = [(MONTHS[0], "w1", "female", "home", 60), (MONTHS[0], "w1", "female", "handed_on", 3)]
    results = results_of(counts_of(stays), BY_ID, ["cdi", "ssi"])
    hidden = hidden_of(results, [], WARDS).results
    whole = ("all", None, "overall", "all")
    assert ResultKey("alos", *whole) not in hidden
    assert ResultKey("alos_episode", *whole) in hidden
