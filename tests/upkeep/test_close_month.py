"""A month is closed once; its figures stay whatever arrives later."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from metriccare.engine.duckdb.engine import DuckDbEngine
from metriccare.errors import UsageError
from metriccare.incremental.context import RunContext
from metriccare.local.folder_store import FolderStore, LocalRawFiles
from metriccare.marts.revenue.gates import changed_closes
from metriccare.settings import Lake
from metriccare.tables.revenue import KPI_CLOSE
from metriccare.upkeep.close_month import MonthToClose, close_month
from metriccare.upkeep.month import month_of
from tests.marts.revenue import ledgers
from tests.marts.revenue.worked_example import ACCOUNTS, AS_OF

MARCH = date(2024, 3, 1)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[DuckDbEngine]:
    with DuckDbEngine(FolderStore(tmp_path / "lake"), lambda: None) as opened:
        yield opened


def close(engine: DuckDbEngine, run: str, accounts=ACCOUNTS, **asked):  # type: ignore[no-untyped-def]
    context = RunContext(
        run_id=run,
        lake=Lake("lake"),
        started_at=datetime(2024, 7, 5, tzinfo=UTC),
        as_of=AS_OF,
        raw_files=LocalRawFiles(),
    )

    def claims_as_of(as_of):  # type: ignore[no-untyped-def]
        last = as_of["a"]
        known = [replace(a, entries=[e for e in a.entries if e.day <= last]) for a in accounts]
        return ledgers.relations(engine, known)

    month = MonthToClose(**{"month": MARCH, "tenants": ["a"], **asked})
    return close_month(engine, context, month, claims_as_of)


def closed(engine: DuckDbEngine, kpi: str = "ar_open"):  # type: ignore[no-untyped-def]
    rows = engine.rows(engine.read(KPI_CLOSE))
    return sorted(
        (row["close_version"], row["value"], row["reason"])
        for row in rows
        if (row["kpi_id"], row["stratum_type"]) == (kpi, "overall")
    )


def test_figures_are_those_of_the_months_last_day(engine):
    outcome = close(engine, "run-1")
    assert (outcome.month, outcome.tenants) == (MARCH, ("a",))
    assert closed(engine) == [(1, 3050, None)]
    rows = engine.rows(engine.read(KPI_CLOSE))
    assert len(rows) == outcome.figures
    assert {(row["grain"], row["period_start"], row["run_id"]) for row in rows} == {
        ("month", MARCH, "run-1")
    }
    assert list(changed_closes(rows)) == []


def test_a_closed_month_is_refused_and_a_reason_adds_a_version(engine):
    close(engine, "run-1")
    with pytest.raises(UsageError, match=r"2024-03 of tenant a is closed \(version 1\)"):
        close(engine, "run-2", ACCOUNTS[:4])
    assert closed(engine) == [(1, 3050, None)]
    close(engine, "run-3", ACCOUNTS[:4], reason="the feed was wrong")
    assert closed(engine) == [(1, 3050, None), (2, 1050, "the feed was wrong")]


def test_a_month_that_is_not_over_is_refused(engine):
    with pytest.raises(UsageError, match="is not over on 2024-06-30"):
        close(engine, "run-1", month=date(2024, 7, 1))


def test_a_month_is_named_by_year_and_month():
    assert month_of("2024-03") == MARCH
    with pytest.raises(UsageError, match="written as 2024-03, found '03/2024'"):
        month_of("03/2024")
