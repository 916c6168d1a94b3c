"""What one sender sends, however odd, hurts nobody else: a folder of odd input for each tenant.

All folders lie in one lake and are taken through by one run, beside a tenant whose files are in
order. The inputs are made up; they follow faults that other systems were reported to have.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from metriccare.tracking.states import FileState, RunState
from tests.end_to_end.conftest import Lakeside
from tests.pipeline.resources import encounter, ndjson, patient

AS_OF = "2024-06-30"
INPUTS = Path(__file__).with_name("hostile")
FOLDERS = sorted(folder.name for folder in INPUTS.iterdir() if folder.is_dir())
ORDERLY = "orderly"
# Numerator and denominator of a measure over all time.
OVERALL = "measure_id = '{}' AND grain = 'all' AND stratum_type = 'overall'"


@pytest.fixture(scope="module")
def hostile(lakeside: Lakeside, tmp_path_factory: pytest.TempPathFactory) -> Lakeside:
    """Return a lake with each folder loaded as its own tenant, after one run."""
    orderly = tmp_path_factory.mktemp("orderly") / "all.ndjson"
    orderly.write_bytes(ndjson([patient("p1"), encounter("e1", "Patient/p1")]))
    lakeside.ingest(orderly, tenant=ORDERLY)
    for folder in FOLDERS:
        lakeside.ingest(INPUTS / folder, tenant=folder)
    record = lakeside.run(AS_OF)
    assert record is not None
    assert record.state is RunState.SUCCEEDED
    return lakeside


def rows(lake: Lakeside, tenant: str, what: str, table: str, where: str = "true") -> list[tuple]:
    found = lake.ask(f"SELECT {what} FROM {table} WHERE tenant = '{tenant}' AND {where}").rows
    return sorted(found, key=repr)


def ids(found: Iterable[tuple]) -> list[str]:
    return [row[0] for row in found]


def quarantined(lake: Lakeside, tenant: str) -> list[tuple]:
    return rows(lake, tenant, "source_line, rule_id", "bronze.quarantine")


def overall(lake: Lakeside, tenant: str, measure: str) -> list[tuple]:
    what, where = "numerator, denominator", OVERALL.format(measure)
    return rows(lake, tenant, what, "gold.measure_result", where)


def stays(lake: Lakeside, tenant: str) -> list[tuple]:
    return rows(lake, tenant, "stay_id, person_id", "gold.stay")


@pytest.mark.parametrize("tenant", [*FOLDERS, ORDERLY])
def test_every_tenant_is_published(hostile: Lakeside, tenant: str):
    with hostile.store() as store:
        states = {file.state for file in store.files() if file.tenant == tenant}
    assert states == {FileState.PUBLISHED}
    assert rows(hostile, tenant, "count(*)", "publish.freshness") != [(0,)]


def test_the_tenant_in_order_has_its_stay(hostile: Lakeside):
    assert stays(hostile, ORDERLY) == [("e1", "p1")]
    assert overall(hostile, ORDERLY, "alos") == [(3, 1)]


def test_births_before_1900_are_dates_like_others(hostile: Lakeside):
    found = rows(hostile, "before-1900", "id, birth_date, deceased_date", "silver.patient")
    assert found == [
        ("p-dead", "1950-03-15", "2024-04-01"),
        ("p-old1", "1899-12-30", None),
        ("p-old2", "1753-01-01", None),
        ("p-old3", "0001-01-01", None),
        ("p-young", "1950-03-15", None),
    ]
    years = rows(hostile, "before-1900", "year(birth_date_lower)", "silver.patient")
    assert years == [(1,), (1753,), (1899,), (1950,), (1950,)]


def test_a_null_in_a_list_is_ignored_or_rejected_by_a_rule(hostile: Lakeside):
    assert ("e-good", "p-good") in stays(hostile, "null-in-list")
    known = ids(rows(hostile, "null-in-list", "id", "silver.encounter"))
    assert "e-null" in known or quarantined(hostile, "null-in-list")


def test_the_end_of_time_is_a_date_or_a_rejected_one(hostile: Lakeside):
    assert ("e-good", "p-good") in stays(hostile, "latest-instants")
    people = ids(rows(hostile, "latest-instants", "id", "silver.patient"))
    assert len(people) + len(quarantined(hostile, "latest-instants")) >= 3


def test_headers_of_odd_types_are_rejected_with_their_rule(hostile: Lakeside):
    assert ids(rows(hostile, "header-types", "id", "silver.patient")) == ["p1", "p3"]
    rules = sorted(rule for _, rule in quarantined(hostile, "header-types"))
    assert rules == ["delete_target_unknown", "resource_type_unknown"]


def test_joined_bundles_are_all_read(hostile: Lakeside):
    assert ids(rows(hostile, "joined-bundles", "id", "silver.patient")) == ["p1", "p2", "p3"]
    assert ids(rows(hostile, "joined-bundles", "id", "silver.encounter")) == ["e1", "e2", "e3"]
    assert quarantined(hostile, "joined-bundles") == []


def test_a_long_first_bundle_does_not_hide_the_lines_below_it(hostile: Lakeside):
    assert ids(rows(hostile, "long-first-bundle", "id", "silver.patient")) == ["p1", "p2", "p3"]
    assert ids(rows(hostile, "long-first-bundle", "id", "silver.encounter")) == ["e1", "e2"]


def test_a_bundle_is_known_by_its_type_wherever_that_is_written(hostile: Lakeside):
    assert rows(hostile, "sorted-keys", "count(*)", "silver.patient") == [(80,)]
    assert rows(hostile, "sorted-keys", "count(*)", "silver.encounter") == [(2,)]


def test_a_urn_names_an_entry_of_its_own_bundle(hostile: Lakeside):
    assert stays(hostile, "same-urn") == [("e-a", "p-a"), ("e-b", "p-b")]
    assert overall(hostile, "same-urn", "readmission_30d") == [(0, 2)]


def test_a_place_or_a_group_is_no_patient(hostile: Lakeside):
    assert stays(hostile, "subject-no-patient") == [("e1", "1")]
    assert rows(hostile, "subject-no-patient", "*", "gold.infection_event") == []
    assert overall(hostile, "subject-no-patient", "readmission_30d") == [(0, 1)]
    swab = rows(
        hostile, "subject-no-patient", "patient_id, patient_reference", "silver.observation"
    )
    assert swab == [(None, "Location/1")]


def test_a_number_of_two_people_names_neither(hostile: Lakeside):
    found = rows(hostile, "shared-number", "id, patient_id", "silver.encounter")
    assert found == [("e-any", None), ("e-one", "p-b")]
    flagged = "contains(dq_flags, 'reference_ambiguous')"
    assert ids(rows(hostile, "shared-number", "id", "silver.encounter", flagged)) == ["e-any"]


def test_a_local_class_does_not_hide_the_standard_one(hostile: Lakeside):
    assert stays(hostile, "r5-class") == [("e0", "p0"), ("e1", "p1"), ("e2", "p2")]


def test_files_that_cannot_be_fhir_are_left_out_by_name(lakeside: Lakeside):
    found = lakeside.ingest(INPUTS / "other-files", tenant="other-files-again")
    left_out = {Path(file.name).name for file in found.left_out}
    assert left_out == {"export.zip", "Observation.ndjson.bz2"}


def test_entries_on_lines_of_their_own_are_read(hostile: Lakeside):
    assert ids(rows(hostile, "entry-on-its-own-line", "id", "silver.patient")) == ["p1", "p2"]
    assert quarantined(hostile, "entry-on-its-own-line") == []


def test_a_corrected_copy_of_an_old_birth_goes_through(hostile: Lakeside, tmp_path: Path):
    changed = patient("p-old1", "2024-06-02T00:00:00Z", birthDate="1899-12-30", gender="male")
    correction = tmp_path / "correction.ndjson"
    correction.write_bytes(ndjson([changed]))
    hostile.ingest(correction, tenant="before-1900")
    record = hostile.run(AS_OF)
    assert record is not None
    assert record.state is RunState.SUCCEEDED
    found = rows(hostile, "before-1900", "id, birth_date, sex", "silver.patient")
    assert found[1] == ("p-old1", "1899-12-30", "male")
