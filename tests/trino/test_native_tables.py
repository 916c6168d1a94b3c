"""Trino reads what the native writer wrote, after every kind of history."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

import pytest

from metriccare.query.trino import install
from metriccare.query.trino.engine import TrinoEngine
from metriccare.query.trino.server import TrinoServer
from metriccare.settings import Lake
from metriccare.tables import BY_NAME
from metriccare.wiring.queries import open_engine
from tests.engine.lakes import NativeTable
from tests.trino.test_equal_rows import _free_port

pytestmark = pytest.mark.trino
CODINGS = [{"system": "s", "code": "c", "display": None}, None]
DIAGNOSIS = {"sequence": 1, "codings": CODINGS, "type_codes": ["x", None]}


@pytest.fixture(scope="module", autouse=True)
def _trino_is_there(request: pytest.FixtureRequest) -> None:
    from metriccare.errors import SetupError

    try:
        install.jdk()
    except SetupError as error:
        pytest.skip(str(error))
    if not install.is_installed(install.trino_home()):
        pytest.skip("Trino is not fetched; `make trino` does that.")


def claim(id_: str, ordering: int, tenant: str = "north") -> dict[str, object]:
    return {
        "tenant": tenant,
        "id": id_,
        "record_key": id_,
        "ordering": ordering,
        "total": Decimal("12345678901234567890.123456789012"),
        "created_lower": dt.datetime.fromisoformat("1753-01-01T23:59:59"),
        "diagnoses": [DIAGNOSIS],
        "dq_flags": ["a", None],
    }


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """Return a lake of native tables: inserted, upserted, deleted, cleaned, trimmed, empty."""
    lake = Lake(str(tmp_path_factory.mktemp("native") / "lake"))
    claims = NativeTable(lake, BY_NAME["silver.claim"])
    claims.insert([claim("c1", 1), claim("c2", 1), claim("c1", 1, "south")], "run-0")
    for number in range(1, 36):
        claims.upsert([claim("c1", 1 + number), claim(f"new-{number}", 1)], f"run-{number}")
    claims.delete([claim("c2", 0)], "run-40")
    stays = NativeTable(lake, BY_NAME["gold.stay"])
    stays.insert([{"tenant": "a", "stay_id": "s", "record_key": "s", "ordering": 1}], "run-1")
    stays.delete([{"tenant": "a", "record_key": "s"}], "run-2")
    return lake


@pytest.fixture(scope="module")
def trino(lake: Lake) -> Iterator[TrinoEngine]:
    with TrinoServer(lake, _free_port()) as server:
        yield TrinoEngine(server.uri)


def test_trino_reads_the_newest_rows_of_a_native_table(trino: TrinoEngine, lake: Lake):
    columns = "tenant, id, ordering, total, created_lower, diagnoses[1].codings[1].code, dq_flags"
    sql = f"select {columns} from silver.claim order by tenant, id"
    found = trino.query(sql).rows
    assert found == open_engine(lake).query(sql).rows
    assert len(found) == 37
    assert found[0] == (
        "north",
        "c1",
        36,
        Decimal("12345678901234567890.123456789012"),
        dt.datetime.fromisoformat("1753-01-01T23:59:59"),
        "c",
        ["a", None],
    )
    assert found[-1][:3] == ("south", "c1", 1)


def test_trino_sees_that_every_row_was_deleted(trino: TrinoEngine):
    assert trino.query("select stay_id from gold.stay").rows == ()
