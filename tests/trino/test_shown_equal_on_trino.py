"""What `query` lists as equal is asked of a real Trino, over odd values with a fixed seed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from metriccare.errors import SetupError
from metriccare.query.duckdb.engine import DuckDbEngine
from metriccare.query.duckdb.lake_files import FolderFiles
from metriccare.query.trino import install
from metriccare.query.trino.engine import TrinoEngine
from metriccare.query.trino.server import TrinoServer
from metriccare.settings import Lake
from tests.query.shown.cases import Case, all_cases
from tests.query.shown.outcomes import REFUSED, outcomes, outcomes_with_try
from tests.query.shown.recorded import answers_of, free_port, recorded, recorded_cases

pytestmark = pytest.mark.trino
_MANY = 40


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return Lake(str(tmp_path_factory.mktemp("shown")))


@pytest.fixture(scope="module")
def trino(lake: Lake) -> Iterator[TrinoEngine]:
    try:
        install.jdk()
    except SetupError as error:
        pytest.skip(str(error))
    if not install.is_installed(install.trino_home()):
        pytest.skip("Trino is not fetched; `make trino` does that.")
    with TrinoServer(lake, free_port()) as server:
        yield TrinoEngine(server.uri)


@pytest.mark.timeout(3600)
def test_the_recorded_answers_are_trinos(trino: TrinoEngine) -> None:
    assert answers_of(trino, recorded_cases()) == recorded()


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("part", range(10))
def test_many_odd_values_are_answered_as_by_trino_or_refused(
    trino: TrinoEngine, lake: Lake, part: int
) -> None:
    here = DuckDbEngine(FolderFiles(lake.folder))
    differing = []
    for case in all_cases(_MANY)[part::10]:
        differing += _differing(case, outcomes_with_try(trino, case), outcomes(here, case))
    assert differing == []


def _differing(case: Case, there: list[str], here: list[str]) -> list[tuple[object, ...]]:
    places = range(len(there))
    rows = [None for _ in places] if case.is_aggregate else [case.rows[place] for place in places]
    found = zip(rows, there, here, strict=True)
    return [(case.name, *one) for one in found if one[2] not in (one[1], REFUSED)]
