"""Every listed function, cast and operator gives Trino's recorded values, or refuses.

Trino's answers were recorded from a real one; tests/trino asks it again.
"""

from __future__ import annotations

import pytest

from metriccare.query.duckdb.engine import DuckDbEngine
from metriccare.query.duckdb.lake_files import FolderFiles
from metriccare.query.translate.casts import CASTS
from metriccare.query.translate.functions import FUNCTIONS
from tests.query.shown.cases import Case
from tests.query.shown.outcomes import REFUSED, outcomes
from tests.query.shown.recorded import recorded, recorded_cases

CASES = recorded_cases()
ANSWERS = recorded()
# The first of every name and a sixth of the others; all of them take minutes.
FIRST = {case.expression.partition("(")[0]: case.name for case in reversed(CASES)}
SOME = [case for place, case in enumerate(CASES) if place % 6 == 0 or case.name in FIRST.values()]
# Groups keep the report short; a failure names its case.
GROUPS = [SOME[start : start + 25] for start in range(0, len(SOME), 25)]


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> DuckDbEngine:
    return DuckDbEngine(FolderFiles(tmp_path_factory.mktemp("lake")))


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group[0].expression)
def test_an_answer_is_trinos_or_refused(engine: DuckDbEngine, group: list[Case]) -> None:
    assert _differing(engine, group) == []


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_every_recorded_answer_is_trinos_or_refused(engine: DuckDbEngine) -> None:
    assert _differing(engine, CASES) == []


def _differing(engine: DuckDbEngine, cases: list[Case]) -> list[tuple[str, str, str]]:
    found = []
    for case in cases:
        pairs = zip(ANSWERS[case.name], outcomes(engine, case), strict=True)
        found += [(case.name, *pair) for pair in pairs if pair[1] not in (pair[0], REFUSED)]
    return found


def test_every_entry_of_the_list_has_recorded_answers() -> None:
    called = {name.partition("(")[0] for name in ANSWERS}
    assert {function.name for function in FUNCTIONS} - called == {"now"}
    assert {case.name for case in CASES} == set(ANSWERS)
    assert len([name for name in ANSWERS if name.startswith("CAST(c0 AS")]) >= len(CASTS) - 20


def test_most_answers_are_values_and_not_refusals(engine: DuckDbEngine) -> None:
    """A list of refusals would be equal too."""
    sample = CASES[::20]
    found = [one for case in sample for one in outcomes(engine, case)]
    assert found.count(REFUSED) < len(found) / 4
