"""Code sets: shape of the files, matching, a user's own additions."""

from __future__ import annotations

import json
import pickle
import re
from pathlib import Path

import pytest

from metriccare.errors import UsageError
from metriccare.marts.stays.codesets import FILES, load_code_sets, plain
from metriccare.marts.stays.history import Coding
from tests.marts.measures.people import ICD, SNOMED, codes

OWN = {
    "name": "infections",
    "version": "1",
    "date": "2024-01-01",
    "source": "our infection control",
    "checked": "all",
    "codes": [
        {"value": "other", "system": "icd10cm", "code": "T80.29", "label": "x", "checked": True}
    ],
}


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("T83.511A", "cauti"),
        ("t83511a", "cauti"),
        ("T81.40XA", "ssi"),
        ("T81.49XS", "ssi"),
        ("T81.50", None),
        ("T83.511D", None),
        ("A04.7", None),
    ],
)
def test_icd_codes_compare_without_dot_and_case_and_by_their_beginning(code, kind) -> None:  # type: ignore[no-untyped-def]
    assert codes()["infections"].value((Coding(ICD, code),)) == kind


def test_a_code_counts_only_in_its_own_system() -> None:
    sets = codes()["infections"]
    assert sets.value((Coding(SNOMED, "186431008"),)) == "cdi"
    assert sets.value((Coding(ICD, "186431008"), Coding(None, "A04.72"))) is None


@pytest.mark.parametrize("name", FILES)
def test_every_file_says_where_its_codes_come_from_and_which_were_checked(name: str) -> None:
    assert codes()[name].entries
    assert all(entry.label for entry in codes()[name].entries)


@pytest.mark.parametrize("name", FILES)
def test_the_pattern_of_a_set_finds_each_of_its_codes(name: str) -> None:
    sets = codes()[name]
    pattern = re.compile(sets.pattern())
    for entry in sets.entries:
        ends = entry.code.split("-") if entry.system == "icd10cm" else [entry.code]
        for end in ends:
            assert pattern.match(plain(end).replace("?", "A").replace("*", "B")), entry


def test_a_users_own_file_adds_to_the_shipped_one(tmp_path: Path) -> None:
    (tmp_path / "infections.json").write_text(json.dumps(OWN))
    sets = load_code_sets(tmp_path)["infections"]
    assert sets.value((Coding(ICD, "T80.29"),)) == "other"
    assert sets.value((Coding(ICD, "T83.511A"),)) == "cauti"
    assert sets.version.endswith("+1")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"source": ""}, "is missing source"),
        ({"codes": [{"value": "x"}]}, "entry 1"),
    ],
)
def test_a_file_of_another_shape_is_refused(tmp_path: Path, change, message: str) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "infections.json").write_text(json.dumps(OWN | change))
    with pytest.raises(UsageError, match=message):
        load_code_sets(tmp_path)


def test_an_unknown_file_name_is_refused(tmp_path: Path) -> None:
    (tmp_path / "infection.json").write_text(json.dumps(OWN))
    with pytest.raises(UsageError, match="no such code set"):
        load_code_sets(tmp_path)


def test_sets_travel_to_a_worker_and_answer_the_same() -> None:
    sets = pickle.loads(pickle.dumps(codes()))
    assert sets["infections"].value((Coding(ICD, "T83.511A"),)) == "cauti"
