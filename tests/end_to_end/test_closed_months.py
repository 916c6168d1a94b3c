"""A month closed in daily operation equals the answer key, whatever later days correct."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from data_generator import GeneratorConfig, generate
from metriccare.naming import DEFAULT_TENANT
from metriccare.report.truth import (
    KPI_COLUMNS,
    Comparison,
    compare_closes,
    compare_kpis,
    read_truth,
)
from metriccare.settings import INTERNAL, RevenueSettings
from metriccare.upkeep.close_month import MonthToClose
from metriccare.wiring.local_upkeep import close_local
from tests.end_to_end.conftest import Lakeside

# December is closed on January 5, and three more days change what is known of it.
HISTORY_END, CLOSED_ON, LAST = date(2022, 12, 28), "2023-01-05", "2023-01-08"
DECEMBER = date(2022, 12, 1)


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Lakeside, Path]:
    """Return a lake that closed December on the 5th and went on, and the generated folder."""
    folder = tmp_path_factory.mktemp("closed")
    out = folder / "generated"
    generate(
        GeneratorConfig(out, patients=60, seed=5, start=date(2022, 3, 1), end=HISTORY_END, days=11)
    )
    lakeside = Lakeside(folder, "duckdb")
    # So few people that every published figure would be hidden.
    shown = replace(lakeside.here.settings, revenue=RevenueSettings(small_cells=INTERNAL))
    lakeside.here = replace(lakeside.here, settings=shown)
    days = sorted((out / "days").iterdir())
    lakeside.ingest(out / "json", out / "feeds")
    send(lakeside, *(day for day in days if day.name <= CLOSED_ON))
    lakeside.run(CLOSED_ON)
    month = MonthToClose(DECEMBER, (DEFAULT_TENANT,))
    close_local(lakeside.here, month, date.fromisoformat(CLOSED_ON), lakeside.said.append)
    send(lakeside, *(day for day in days if day.name > CLOSED_ON))
    lakeside.run(LAST)
    return lakeside, out


def send(lakeside: Lakeside, *days: Path) -> None:
    sent = [day / kind for day in days for kind in ("json", "feeds")]
    lakeside.ingest(*(path for path in sent if path.exists()))


def test_closed_figures_are_those_of_the_day_of_the_close(closed: tuple[Lakeside, Path]):
    lakeside, out = closed
    truth = read_truth(out / "days" / LAST / "truth.json")
    assert_equal(compare_closes(truth, rows(lakeside, "kpi_close")), 200)
    assert {key[0] for key in truth.closes} >= {"dnfb_days", "days_in_ar", "cost_to_collect"}


def test_restated_figures_are_those_of_the_last_day(closed: tuple[Lakeside, Path]):
    lakeside, out = closed
    truth = read_truth(out / "days" / LAST / "truth.json")
    assert_equal(compare_kpis(truth, rows(lakeside, "kpi_result")), 3000)


def test_what_later_days_changed_is_the_difference(closed: tuple[Lakeside, Path]):
    lakeside, out = closed
    truth = read_truth(out / "days" / LAST / "truth.json")
    restated = {key: truth.kpis.get(key) for key in truth.closes}
    assert any(truth.closes[key] != figure for key, figure in restated.items())
    shown = lakeside.ask(
        "SELECT closed_value, restated_value, difference FROM publish.kpi_close"
        " WHERE NOT suppressed AND difference <> 0"
    ).rows
    assert shown
    assert all(now - then == difference for then, now, difference in shown)


def rows(lakeside: Lakeside, table: str) -> list[dict]:
    names = [n for n in KPI_COLUMNS if table != "kpi_close" or n not in ("median", "percentile_90")]
    return list(lakeside.ask(f"SELECT {', '.join(names)} FROM gold.{table}").records())


def assert_equal(compared: Comparison, at_least: int) -> None:
    # A few say what is wrong; thousands would hide it.
    assert compared.different[:3] == ()
    assert compared.equal > at_least
