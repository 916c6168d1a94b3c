"""Measures of adults can be asked for other ages: CMS's 65 and more, and 65 to 94."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from metriccare.errors import UsageError
from metriccare.marts.measures.compute import compute
from metriccare.marts.measures.rulebook import load_rulebook
from metriccare.settings import Ages, Lake, MeasureFiles, load_settings
from tests.marts.measures.people import codes, encounter, person

STAY = ("2024-03-01", "2024-03-05")
CMS = {"readmission_30d": Ages(65), "mortality_30d": Ages(65, 94)}


def outcomes(measure: str, born: str, ages: dict[str, Ages] = CMS) -> dict[str, Any]:
    """Return the numerator by stay, or why it does not count, of a person who came back."""
    stays = (encounter("e1", *STAY), encounter("e2", "2024-03-20", "2024-03-22"))
    found = compute(person(*stays, born=born), codes(), ages=ages).evidence
    return {
        e.stay_id: list(e.exclusion_reasons) or e.numerator for id_, e in found if id_ == measure
    }


@pytest.mark.parametrize(
    ("born", "expected"), [("1959-03-01", 1), ("1959-03-02", ["under_age"]), ("1924-01-01", 1)]
)
def test_the_readmission_index_begins_at_65_and_has_no_upper_end(born: str, expected: object):
    assert outcomes("readmission_30d", born)["e1"] == expected


def test_the_readmission_may_be_at_an_age_the_index_may_not():
    """63 on the day of the index, 64 on that of the readmission."""
    ages = {"readmission_30d": Ages(63, 63)}
    found = outcomes("readmission_30d", "1960-03-10", ages)
    assert found == {"e1": 1, "e2": ["over_age"]}


@pytest.mark.parametrize(
    ("born", "expected"),
    [
        ("1959-03-02", ["under_age"]),
        ("1959-03-01", 0),
        ("1929-03-02", 0),
        ("1929-03-01", ["over_age"]),
    ],
)
def test_mortality_counts_65_to_94_both_included(born: str, expected: object):
    assert outcomes("mortality_30d", born)["e1"] == expected


@pytest.mark.parametrize("born", ["1959", "1929", "1929-03"])
def test_a_vague_birth_is_indeterminate_at_either_end(born: str):
    assert outcomes("mortality_30d", born)["e1"] == ["age_indeterminate"]


def test_measures_without_ages_of_their_own_count_adults():
    assert outcomes("mortality_in_hospital", "2006-03-01")["e1"] == 0
    assert outcomes("mortality_in_hospital", "2006-03-02")["e1"] == ["under_age"]
    assert outcomes("mortality_30d", "1920-01-01", {})["e1"] == 0


def settings(folder: Path, text: str) -> MeasureFiles:
    config = folder / "metriccare.toml"
    config.write_text(f"[measures.ages]\n{text}\n")
    return load_settings(Lake(str(folder / "lake")), config).measures


def test_ages_come_from_the_settings_and_results_carry_their_edition(tmp_path: Path):
    found = settings(tmp_path, 'readmission_30d = "65+"\nmortality_30d = "65-94"')
    assert found == MeasureFiles(ages=CMS)
    rules = load_rulebook(found)
    assert rules.ages == CMS
    assert rules.edition
    assert rules.edition != load_rulebook(MeasureFiles(ages={"mortality_30d": Ages(65)})).edition


@pytest.mark.parametrize("text", ['"65"', '"94-65"', '"old"', "65"])
def test_odd_ages_are_refused_with_what_was_wanted(tmp_path: Path, text: str):
    with pytest.raises(UsageError, match=r'wants ages such as "65\+" or "65-94"'):
        settings(tmp_path, f"readmission_30d = {text}")


def test_a_measure_that_knows_no_age_is_named():
    with pytest.raises(UsageError, match="ages for 'alos'; known: readmission_30d"):
        load_rulebook(MeasureFiles(ages={"alos": Ages(65)}))
