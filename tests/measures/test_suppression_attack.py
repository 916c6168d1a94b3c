"""A reader with everything published, linear programming and patience finds no hidden count.

The reader here knows what the words mean and nothing of how rows were chosen for hiding: which
figures add up, which measures divide by the same stays, which stays one measure counts among
those of another, and that no numerator is above its denominator.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator
from datetime import date

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from metriccare.disclosure.suppression import is_small
from metriccare.measures import BY_ID
from metriccare.measures.published_rows import CodeCount, Hidden, hidden_of
from metriccare.measures.results import Count, Result, ResultKey, results_of

MONTHS = (date(2023, 12, 1), date(2024, 1, 1), date(2024, 2, 1))
WARDS = {"w1": "h1", "w2": "h1", "w3": "h2"}
EVENTS, SHARE = "infection_hospital_acquired", "infection_stay_share"
STAYS = ("alos", SHARE)
WITHIN = {
    "alos_episode": "alos",
    "mortality_in_hospital": "alos_episode",
    "readmission_30d": "alos_episode",
}

# Groups of like stays: when, where, who, how they ended, and how many there are.
like_stays = st.tuples(
    st.sampled_from(MONTHS),
    st.sampled_from(sorted(WARDS)),
    st.sampled_from(["female", "male"]),
    st.sampled_from(["home", "home", "died", "handed_on", "readmitted", "child", "cdi", "ssi"]),
    st.one_of(st.integers(1, 14), st.integers(1, 60)),
)
tables = st.lists(like_stays, min_size=1, max_size=14)


def counts_of(stays: list[tuple[date, str, str, str, int]]) -> Iterator[Count]:
    for month, ward, sex, how, n in stays:
        strata = (("overall", "all"), ("hospital", WARDS[ward]), ("department", ward), ("sex", sex))
        sick = how in ("cdi", "ssi")
        for type_, value in strata:
            at = (month, type_, value)
            yield Count("alos", *at, 4, 4 * n, n, 0)
            last = how != "handed_on"
            yield Count("alos_episode", *at, 4, 4 * n * last, n * last, n * (not last))
            adult = last and how != "child"
            yield Count("mortality_in_hospital", *at, None, n * (how == "died"), n * adult, 0)
            alive = adult and how != "died"
            yield Count("readmission_30d", *at, None, n * (how == "readmitted"), n * alive, 0)
            yield Count(SHARE, *at, None, n * sick, n, 0)
            yield Count(EVENTS, *at, None, n * sick, 4 * n, 0)
        if sick:
            for measure in (SHARE, EVENTS):
                yield Count(measure, month, "infection_type", how, None, n, 0, 0)


def codes_of(results: list[Result]) -> list[CodeCount]:
    """Each infection type is coded in two ways."""
    found = []
    for r in results:
        if r.key[:2] == (EVENTS, "all") and r.key.stratum_type == "infection_type":
            kind, n = r.key.stratum_value, r.numerator
            found += [CodeCount("icd", f"{kind}1", kind, n // 3)]
            found += [CodeCount("icd", f"{kind}2", kind, n - n // 3)]
    return found


def longer_periods(key: ResultKey) -> Iterator[ResultKey]:
    """The quarter, year and whole time that a period is part of."""
    start = key.period_start
    if start is None:
        return
    yield key._replace(grain="all", period_start=None)
    if key.grain != "year":
        yield key._replace(grain="year", period_start=date(start.year, 1, 1))
    if key.grain == "month":
        first = {1: 1, 2: 1, 12: 10}[start.month]
        yield key._replace(grain="quarter", period_start=date(start.year, first, 1))


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
        name = "stays" if key.measure_id in STAYS else key.measure_id
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
            wide = r.key.measure_id
            while wide in WITHIN:
                wide = WITHIN[wide]
                more = self.bottom(r.key._replace(measure_id=wide))
                less = self.bottom(r.key)
                self.above.append((less, more))
                if is_small(self.true.get(more, 0) - self.true[less]):
                    self.secret.add((more, less))

    def found_out(self) -> list[tuple[Hashable, ...]]:
        """Return the secrets whose value the reader knows: its least and greatest are the same."""
        unknown = [name for name in self.true if name not in self.known]
        place = {name: i for i, name in enumerate(unknown)}
        equal = [self._row({t: -1, **dict.fromkeys(p, 1)}, place) for t, p in self.sums]
        less = [self._row({a: 1, b: -1}, place) for a, b in self.above]
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
                A_eq=np.array([r for r, _ in equal]),
                b_eq=[b for _, b in equal],
                A_ub=np.array([r for r, _ in less]),
                b_ub=[b for _, b in less],
                bounds=(0, None),
            )
            if solved.status == 3:  # unbounded: nothing is known of that end
                return False
            ends.append(sign * solved.fun - fixed)
        return bool(ends[1] - ends[0] < 1 - 1e-6)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(tables)
def test_a_reader_of_everything_published_finds_no_hidden_count(stays) -> None:  # type: ignore[no-untyped-def]
    results = results_of(counts_of(stays), BY_ID, ["cdi", "ssi"])
    codes = codes_of(results)
    reader = Reader(results, codes, hidden_of(results, codes, WARDS))
    assert reader.found_out() == []


def test_the_reader_finds_what_is_not_hidden() -> None:
    """The same reader, were nothing hidden beyond the small rows themselves, finds counts."""
    stays = [(MONTHS[0], "w1", "female", "home", 40), (MONTHS[0], "w3", "male", "died", 5)]
    results = results_of(counts_of(stays), BY_ID, ["cdi", "ssi"])
    codes = codes_of(results)
    rows = {r.key for r in results if is_small(r.numerator) or is_small(r.denominator)}
    careless = Hidden(frozenset(rows), frozenset())
    assert Reader(results, codes, careless).found_out() != []
    assert Reader(results, codes, hidden_of(results, codes, WARDS)).found_out() == []


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
    results = results_of(counts_of(stays), BY_ID, ["cdi", "ssi"])
    codes = codes_of(results)
    assert Reader(results, codes, hidden_of(results, codes, WARDS)).found_out() == []


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
    results = results_of(counts_of(stays), BY_ID, ["cdi", "ssi"])
    codes = codes_of(results)
    assert Reader(results, codes, hidden_of(results, codes, WARDS)).found_out() == []


def test_a_quarter_does_not_give_its_months_away_nor_a_year_its_quarters() -> None:
    december, january, february = MONTHS
    stays = [
        (december, "w1", "female", "home", 4),
        (january, "w1", "female", "home", 40),
        (february, "w1", "female", "home", 30),
    ]
    results = results_of(counts_of(stays), BY_ID, ["cdi", "ssi"])
    codes = codes_of(results)
    hidden = hidden_of(results, codes, WARDS)
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
