"""A measure is one file and its line in the registry: everything else is derived from them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

Found = dict[str, Any]
ID = "long_stay_share"
PROGRAM = Path(__file__).with_name("new_measure.py")


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Found:
    folder = tmp_path_factory.mktemp("new-measure")
    program = [sys.executable, str(PROGRAM), str(folder)]
    done = subprocess.run(program, check=True, stdout=subprocess.PIPE, text=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def test_it_has_results_of_its_own_strata(found: Found) -> None:
    assert found["stratum_types"] == ["hospital", "overall", "sex"]


def test_suppression_guards_the_difference_to_the_measure_it_counts_within(found: Found) -> None:
    assert found["differences"] == [f"alos beyond {ID}"]
    assert 0 < found["hidden"] == found["hidden_in_view"] < found["results"]


def test_its_views_are_written_from_the_declaration(found: Found) -> None:
    assert found["view"].startswith("-- Long stays, as published.\n")
    assert "-- Numerator:   stays of at least four days\n" in found["view"]
    assert f"where measure_id = '{ID}'" in found["view"]
    assert "left_at_once" in found["view"]
    assert found["section_view"].startswith("-- Long stays, by hospital.\n")
    assert found["metrics"] > 0


def test_the_health_checks_account_for_its_stays(found: Found) -> None:
    assert found["conservation"]
    assert (found["lost"], found["totals"]) == ([], [])


def test_the_page_of_measures_and_the_report_show_it(found: Found) -> None:
    assert "| `left_at_once` | the person left on the day of admission |" in found["page"]
    assert "Five days are a long stay." in found["page"]
    assert "Long stays, by hospital</h3>" in found["report"]
    assert "<caption>Long stays of each hospital</caption>" in found["report"]
    assert "<h3>Stays of four days and more</h3>" in found["report"]


def test_a_verdict_of_it_is_explained(found: Found) -> None:
    assert any("How many stays last four days or more?" in text for text in found["explained"])
