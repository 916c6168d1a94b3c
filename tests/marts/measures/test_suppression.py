"""Small cells of measures: what is hidden of them, and that nobody can work it out."""

from __future__ import annotations

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from metriccare.marts.measures import BY_ID
from metriccare.marts.measures.published_rows import CodeCount, hidden_of, publication_of
from metriccare.marts.measures.results import NO_ESTIMATE, Count, Result, ResultKey, results_of
from tests.disclosure.derivable import assert_nothing_follows

MONTHS = [date(2023, 11, 1), date(2023, 12, 1), date(2024, 1, 1)]
WARDS = {"w1": "h1", "w2": "h1", "w3": "h2"}
stay = st.tuples(
    st.sampled_from(MONTHS),
    st.sampled_from(sorted(WARDS)),
    st.sampled_from(["female", "male"]),
    st.sampled_from(["none", "none", "none", "cdi", "ssi"]),
    st.integers(1, 30),
)


def _counts(stays: list[tuple[date, str, str, str, int]]) -> list[Count]:
    """Finished stays, some with an infection, as three measures would count them."""
    found = []
    for month, ward, sex, kind, weight in stays:
        event = int(kind != "none")
        strata = [
            ("overall", "all"),
            ("hospital", WARDS[ward]),
            ("department", ward),
            ("sex", sex),
        ]
        for type_, value in strata:
            add = (month, type_, value)
            found.append(Count("alos", *add, 4, 4 * weight, weight, 0))
            found.append(Count("infection_stay_share", *add, None, event, weight, 0))
            rate = "infection_hospital_acquired"
            found.append(Count(rate, *add, None, event, 4 * weight, 0))
        if event:
            for measure in ("infection_stay_share", "infection_hospital_acquired"):
                found.append(Count(measure, month, "infection_type", kind, None, 1, 0, 0))
    return found


@settings(max_examples=25, deadline=None)
@given(st.lists(stay, min_size=1, max_size=16))
def test_nothing_hidden_follows_from_all_that_is_published(stays) -> None:  # type: ignore[no-untyped-def]
    results = results_of(_counts(stays), BY_ID, ["cdi", "ssi"])
    totals = {
        r.key.stratum_value: r.numerator
        for r in results
        if r.key[:2] == ("infection_hospital_acquired", "all")
        and r.key.stratum_type == "infection_type"
    }
    codes = [CodeCount("icd", f"{k}1", k, n // 2) for k, n in totals.items()]
    codes += [CodeCount("icd", f"{k}2", k, n - n // 2) for k, n in totals.items()]
    publication = publication_of(results, codes, WARDS)
    rows = [row for row in publication.rows if row.published]
    named = {quantity for row in rows for quantity in row.quantities}
    lines = [line for line in publication.lines if {line.total, *line.parts} <= named]
    assert_nothing_follows(rows, lines)


def test_results_and_codes_are_hidden_together() -> None:
    key = ResultKey("infection_hospital_acquired", "all", None, "infection_type", "ssi")
    result = Result(key, 40, 9000, 0, NO_ESTIMATE, None, None, None, None)
    codes = [CodeCount("icd", "a", "ssi", 4), CodeCount("icd", "b", "ssi", 36)]
    found = hidden_of([result], codes, {})
    assert found.codes == {("icd", "a"), ("icd", "b")}
    assert found.results == frozenset()
