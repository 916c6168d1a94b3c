"""The store: a closed session, publications changed under load, poisoned pointers, time limits."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path

import duckdb
import pytest

from metriccare.errors import MetricCareError
from metriccare.query.published import session as session_module
from metriccare.query.published.refusals import NotPublished, TimedOut
from metriccare.query.published.session import PublishedSession
from metriccare.query.published.statements import Statement
from tests.publishing.mart_lake import MartLake, marts_of_datasets, measure, of

RESULTS = of("measure_results")
SECONDS = 5.0


class Clock:
    """A clock that the test sets."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def lake(tmp_path: Path) -> MartLake:
    lake = MartLake(tmp_path)
    lake.write("publish.measure", measure("a"), measure("b", numerator=77))
    lake.publish()
    return lake


@pytest.fixture
def session(lake: MartLake) -> PublishedSession:
    return lake.store().session("a")


@pytest.mark.parametrize(
    "sql",
    [
        "select * from read_parquet('{lake}/marts/b/measure/run-1-0.parquet')",
        "select * from '{lake}/marts/a/measure/run-1-0.parquet'",
        "select * from read_csv('/etc/passwd')",
        "select * from read_text('{lake}/marts/a/current.json')",
        "select * from glob('{lake}/**')",
        "copy measure to '{lake}/stolen.parquet'",
        "copy measure to '/tmp/stolen.csv'",
        "attach '{lake}/other.db'",
        "install httpfs",
        "load httpfs",
        "set enable_external_access = true",
        "set memory_limit = '100GB'",
        "set allowed_paths = ['/']",
        "export database '{lake}/all'",
        "import database '{lake}/all'",
    ],
)
def test_a_session_reads_and_writes_nothing_outside(
    lake: MartLake, session: PublishedSession, sql: str
):
    before = lake.paths()
    with pytest.raises(duckdb.Error):
        session.run(Statement(sql.format(lake=lake.folder), ()), SECONDS)
    assert lake.paths() == before


def test_many_rows_in_a_small_file_are_read_from_it_and_the_others_from_memory(
    lake: MartLake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_module, "_MOST_VALUES", 10)
    session = lake.store().session("a")

    views = Statement("select view_name from duckdb_views() where not internal", ())
    tables = Statement("select table_name from duckdb_tables()", ())
    assert ("measure",) in session.run(views, SECONDS).rows
    assert ("kpi_close",) in session.run(tables, SECONDS).rows
    assert session.run(Statement("select count(*) > 0 from measure", ()), SECONDS).rows == [(True,)]


def test_a_large_publication_is_read_from_its_files_by_a_session_as_closed(
    lake: MartLake, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(session_module, "_MOST_BYTES", 0)
    large = lake.store().session("a")
    rows = Statement("select numerator from measure", ())
    assert large.run(rows, SECONDS).rows == [(40,)]
    views = Statement("select count(*) from duckdb_views() where not internal", ())
    assert large.run(views, SECONDS).rows == [(len(marts_of_datasets()),)]
    others = "select * from read_parquet('{lake}/marts/b/measure/run-1-0.parquet')"
    for sql in (others, "copy measure to '{lake}/x.parquet'", "set allowed_paths = ['/']"):
        with pytest.raises(duckdb.Error):
            large.run(Statement(sql.format(lake=lake.folder), ()), SECONDS)


def test_a_session_holds_one_tenant(session: PublishedSession):
    statement = Statement("select distinct tenant from measure", ())
    assert session.run(statement, SECONDS).rows == [("a",)]
    names = Statement("select count(*) from duckdb_tables()", ())
    assert session.run(names, SECONDS).rows == [(len(marts_of_datasets()),)]


def test_a_query_is_stopped_at_its_limit(session: PublishedSession):
    endless = Statement(
        "with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n",
        (),
    )
    began = time.monotonic()
    with pytest.raises(TimedOut):
        session.run(endless, 0.2)
    # 5 s: two shared cores may be busy.
    assert time.monotonic() - began < 5
    assert session.run(Statement("select 1", ()), SECONDS).rows == [(1,)]


def test_the_pointer_is_looked_at_every_five_seconds_at_most(lake: MartLake):
    clock = Clock()
    store = lake.store(clock=clock)
    first = store.session("a")
    lake.write("publish.measure", measure("a", numerator=41))
    lake.publish("run-2")
    clock.now = 4.9
    assert store.session("a") is first
    clock.now = 5.0
    assert store.session("a") is first, "the request that finds it keeps what it began with"
    wait_for(lambda: store.session("a").publication.pointer.run_id == "run-2")
    assert first.run(Statement("select numerator from measure", ()), SECONDS).rows == [(40,)]


def test_a_withdrawn_tenant_is_no_longer_answered(lake: MartLake):
    clock = Clock()
    store = lake.store(clock=clock)
    store.session("a")
    lake.publish(run_of=dict.fromkeys("ab").get)
    clock.now = 6
    with pytest.raises(NotPublished):
        store.session("a")


@pytest.mark.parametrize(
    "poison",
    [
        {"tenant": "b"},
        {"sequence": 0},
        {"marts": {"measure": {"manifest": "marts/b/measure/x.json", "sha256": "0" * 64}}},
        {"form": 99},
    ],
)
def test_a_poisoned_pointer_is_refused_and_reported(lake: MartLake, poison: dict[str, object]):
    clock, refused = Clock(), []

    def on_refused(tenant: str, error: MetricCareError) -> None:
        refused.append((tenant, type(error).__name__))

    store = lake.store(clock=clock, on_refused=on_refused)
    first = store.session("a")
    pointer = lake.folder / "marts/a/current.json"
    pointer.write_text(json.dumps(json.loads(pointer.read_text()) | poison))
    clock.now = 10
    store.session("a")
    wait_for(lambda: bool(refused))
    assert refused[0] == ("a", "PublicationRefused")
    assert store.session("a") is first


def test_an_older_pointer_put_back_is_refused(lake: MartLake):
    clock, refused = Clock(), []
    old = lake.objects.read("marts/a/current.json")
    lake.write("publish.measure", measure("a", numerator=41))
    lake.publish("run-2")
    store = lake.store(clock=clock, on_refused=lambda *found: refused.append(found))
    first = store.session("a")
    lake.objects.put("marts/a/current.json", old)
    clock.now = 10
    store.session("a")
    wait_for(lambda: bool(refused))
    assert store.session("a") is first


def test_a_new_publication_under_load_is_never_mixed_with_the_old(lake: MartLake):
    clock = Clock()
    reader_store = lake.store(clock=clock)
    lake.write("publish.measure", *months(0))
    lake.publish("run-0")
    wrong: list[object] = []
    seen: set[object] = set()
    done = threading.Event()

    def read() -> None:
        statement = Statement("select min(numerator), max(numerator) from measure", ())
        while not done.is_set():
            try:
                low, high = reader_store.session("a").run(statement, SECONDS).rows[0]
            except MetricCareError as error:
                wrong.append(error)
                return
            seen.add(low)
            if low != high:
                wrong.append((low, high))

    clock.now = 10
    wait_for(lambda: reader_store.session("a").publication.pointer.run_id == "run-0", clock)
    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for number in range(1, 4):
        lake.write("publish.measure", *months(number))
        lake.publish(f"run-{number}")
        wanted = f"run-{number}"

        def is_seen(wanted: str = wanted) -> bool:
            return reader_store.session("a").publication.pointer.run_id == wanted

        wait_for(is_seen, clock)
    done.set()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert len(seen) > 1


def months(number: int) -> list[dict[str, object]]:
    from datetime import date

    whole = measure("a", numerator=100 + number)
    return [
        whole,
        *(
            whole | {"grain": "month", "period_start": date(2024, month, 1)}
            for month in range(1, 13)
        ),
    ]


def wait_for(is_so: object, clock: Clock | None = None) -> None:
    """Wait for something that another thread does; each look is 6 s later for the store."""
    until = time.monotonic() + 30
    while not is_so():  # type: ignore[operator]
        assert time.monotonic() < until, "it did not happen in 30 s"
        time.sleep(0.02)
        if clock is not None:
            clock.now += 6
