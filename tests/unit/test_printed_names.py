"""Names that people read: shared names are made distinct, and none is read as markup."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from metriccare.commands.printing.metrics import write_metrics
from metriccare.commands.printing.progress import Progress
from metriccare.query.engine import Rows

COLUMNS = (
    *("tenant", "measure_id", "grain", "period_start", "stratum_type", "stratum_value"),
    *("stratum_label", "numerator", "denominator", "value", "ci_low", "ci_high", "suppressed"),
    "as_of",
)


def hospital(tenant: str, id_: str, name: str, year: int = 2023) -> tuple[Any, ...]:
    period = ("year", date(year, 1, 1))
    figures = (20, 100, 0.2, 0.1, 0.3, False, date(2024, 6, 30))
    return (tenant, "readmission_30d", *period, "hospital", id_, name, *figures)


def printed(capsys: pytest.CaptureFixture[str], *rows: tuple[Any, ...]) -> list[str]:
    write_metrics(Rows(COLUMNS, rows), "table")
    return capsys.readouterr().out.splitlines()[1:]


def test_two_hospitals_of_one_name_are_printed_with_their_ids(capsys):
    lines = printed(
        capsys,
        hospital("north", "h1", "Mercy [old]", 2022),
        hospital("north", "h1", "Mercy [old]", 2023),
        hospital("north", "h2", "Mercy [old]"),
        hospital("north", "h3", "Saint Brigid"),
        hospital("south", "h4", "Saint Brigid"),
    )
    assert ["Mercy [old] (h1)" in line for line in lines] == [True, True, False, False, False]
    assert "Mercy [old] (h2)" in lines[2]
    assert "Saint Brigid (" not in "".join(lines)


def test_stages_warnings_and_names_are_no_markup(capsys):
    with Progress() as progress:
        progress.stage("Reading [/min]")
        progress.warn("[closed] is empty")
        progress.say("[degF] done")
    said = capsys.readouterr().err
    assert all(text in said for text in ("Reading [/min] in", "[closed] is empty", "[degF] done"))


def test_a_stage_on_a_terminal_is_no_markup(capsys, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    with Progress() as progress:
        progress.stage("Reading [/min]")
        with progress.counted("Taking in [/b]", 1) as advance:
            advance(1)
    said = capsys.readouterr().err
    assert "Reading [/min] ..." in said
    assert "Taking in [/b]" in said


def test_a_long_name_is_not_broken(capsys):
    with Progress() as progress:
        progress.say("n" * 300)
    assert capsys.readouterr().err == "n" * 300 + "\n"
