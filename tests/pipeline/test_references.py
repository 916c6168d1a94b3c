"""A reference means one resource of the right type, or none; the order of arrival decides nothing.

Each case is a tenant of its own in one lake, so that all of them take few runs.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from metriccare.settings import Lake
from tests.loader import Loader
from tests.pipeline.reference_cases import (
    FIRST,
    HISTORIES,
    ONE_NUMBER,
    OTHER_URN,
    SECOND,
    SEVERAL,
    SUBJECTS,
    URN,
    WAITING_AT_THE_END,
    WRONG_TYPE,
    by_number,
    numbered,
    receive_single_run_cases,
)
from tests.pipeline.resources import encounter


class Tenants:
    """The rows of a lake by tenant."""

    def __init__(self, kind: str, folder: Path) -> None:
        self.lake = Loader(kind, Lake(str(folder / "lake")), folder)

    def receive(self, tenant: str, *batches: Any) -> None:
        for batch in batches:
            self.lake.receive(batch, f"{tenant}-{self.lake.count}.ndjson", tenant)

    def references(self, tenant: str, kind: str = "encounter") -> dict[str, list[Any]]:
        """Return patient, reference and flags of each row."""
        columns = ("id", "patient_id", "patient_reference", "dq_flags")
        rows = self.lake.rows(f"silver.{kind}", *columns, tenant=tenant)
        return {id_: rest for id_, *rest in rows}

    def patients(self, tenant: str) -> dict[str, tuple[Any, ...]]:
        return {id_: (key, flags) for id_, (key, _, flags) in self.references(tenant).items()}

    def waiting(self, tenant: str) -> list[tuple[Any, ...]]:
        columns = ("id", "reference", "ambiguous")
        return self.lake.rows("silver.unresolved_reference", *columns, tenant=tenant)

    def row(self, tenant: str, kind: str, *columns: str) -> tuple[Any, ...]:
        (found,) = self.lake.rows(f"silver.{kind}", *columns, tenant=tenant)
        return found


@pytest.fixture(scope="module")
def loaded(engine_kind: str, tmp_path_factory) -> Tenants:
    """Return a lake after one run of all cases that need no second one."""
    tenants = Tenants(engine_kind, tmp_path_factory.mktemp("references"))
    receive_single_run_cases(tenants)
    tenants.lake.run()
    return tenants


def test_only_a_patient_is_a_patient_whatever_the_form_of_the_reference(loaded: Tenants):
    expected = {id_: (key, flags) for id_, (_, key, flags) in SUBJECTS.items()}
    assert loaded.patients("types") == expected


def test_a_reference_to_another_type_keeps_its_text_and_waits_for_nothing(loaded: Tenants):
    references = loaded.references("types")
    assert references["ward"][1] == "Location/1"
    assert references["logical-group"][1] == "Group?identifier=urn:mrn|77"
    assert references["contained"][1] == "Patient?identifier=urn:mrn|77"
    assert loaded.waiting("types") == [
        ("no-reference", "Ms. Smith", False),
        ("not-there", "Patient/2", False),
    ]


def test_a_result_of_a_ward_belongs_to_no_person_and_is_no_error(loaded: Tenants):
    assert loaded.references("types", "observation") == {"swab": [None, "Location/1", []]}


def test_references_in_arrays_and_of_other_elements_keep_to_their_types(loaded: Tenants):
    columns = ("provider_id", "provider_reference", "coverage_id", "encounters", "diagnoses")
    found = loaded.row("arrays", "claim", *columns, "dq_flags")
    provider, provider_text, coverage, encounters, diagnoses, flags = found
    assert (provider, provider_text, coverage) == (None, "Practitioner/h1", None)
    assert [e["encounter_id"] for e in encounters] == ["e1", None]
    assert [d["condition_id"] for d in diagnoses] == ["d"]
    assert flags == [WRONG_TYPE]
    diagnoses, locations, flags = loaded.row(
        "arrays", "encounter", "diagnoses", "locations", "dq_flags"
    )
    assert [d["condition_id"] for d in diagnoses] == [None, "d"]
    assert [place["location_id"] for place in locations] == [None]
    assert flags == [WRONG_TYPE]
    ((link,), flags) = loaded.row("arrays", "patient", "links", "dq_flags")
    assert (link["patient_id"], link["patient_reference"]) == (None, "RelatedPerson/p2")
    assert flags == []


def test_an_urn_means_the_entry_of_its_own_bundle(loaded: Tenants):
    expected = {f"e{letter}": (f"p{letter}", []) for letter in "abcd"}
    assert loaded.patients("template") == expected


def test_an_urn_of_an_entry_of_another_type_is_no_patient_and_does_not_wait(loaded: Tenants):
    assert loaded.patients("urns-of-others") == {
        "e-device": (None, []),
        "e-ward": (None, [WRONG_TYPE]),
    }
    assert loaded.references("urns-of-others", "observation") == {"o-device": [None, URN, []]}
    assert loaded.waiting("urns-of-others") == []


def test_an_urn_of_another_bundle_is_found_where_only_one_has_it(loaded: Tenants):
    assert loaded.patients("elsewhere") == {"e1": ("p1", [])}


def test_a_reference_shared_by_several_resolves_to_none_and_is_reported(loaded: Tenants):
    assert loaded.patients("several") == {
        "e-any": (None, [SEVERAL]),
        "e-in": (None, [SEVERAL]),
        "e-one": ("p2", []),
        "e-out": (None, [SEVERAL]),
        "e-same": ("p2", []),
    }
    assert loaded.waiting("several") == [
        ("e-any", "Patient?identifier=100", True),
        ("e-in", URN, True),
        ("e-out", OTHER_URN, True),
    ]


def test_the_order_of_arrival_decides_nothing(engine_kind: str, tmp_path: Path):
    tenants = Tenants(engine_kind, tmp_path)
    for number in range(max(map(len, HISTORIES.values()))):
        for name, steps in HISTORIES.items():
            if number < len(steps):
                tenants.receive(name, steps[number][0])
        tenants.lake.run()
        expected = {
            name: steps[number][1]
            for name, steps in HISTORIES.items()
            if number < len(steps) and steps[number][1] is not None
        }
        assert {name: tenants.patients(name)["e1"] for name in expected} == expected
    assert {name: tenants.waiting(name) for name in HISTORIES if tenants.waiting(name)} == (
        WAITING_AT_THE_END
    )
    released = tenants.lake.rows("silver.released_patient", "tenant", "patient_id")
    assert {("second-holder-later", "pa"), ("second-holder-later", "pb"), ("urn", "pa")} <= set(
        released
    )
    ends_like_all_at_once(tenants)


def ends_like_all_at_once(tenants: Tenants) -> None:
    """Load each history's batches in one run into its own tenant, and compare."""
    for name, steps in HISTORIES.items():
        tenants.receive(f"{name}-whole", *[batch for batch, _ in steps])
    tenants.lake.run()
    whole = {name: tenants.references(f"{name}-whole")["e1"] for name in HISTORIES}
    assert whole == {name: tenants.references(name)["e1"] for name in HISTORIES}
    waiting = {name: tenants.waiting(f"{name}-whole") for name in HISTORIES}
    assert waiting == {name: tenants.waiting(name) for name in HISTORIES}


def test_a_run_that_changes_no_name_writes_no_row_again(loader: Loader):
    loader.load([FIRST, SECOND, ONE_NUMBER, encounter("e2", by_number("100", "a"))])
    before = loader.rows("silver.encounter", "record_key", "run_id")
    waiting = loader.rows("silver.unresolved_reference", "record_key", "run_id")
    names = loader.rows("silver.resolved_name", "name", "target_id")
    assert names == [("Patient?identifier=a|100", "pa")]
    loader.load([numbered("pz", "z|1")])
    assert loader.rows("silver.encounter", "record_key", "run_id") == before
    assert loader.rows("silver.unresolved_reference", "record_key", "run_id") == waiting
