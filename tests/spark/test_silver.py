"""Silver keeps the newest good version of each resource, typed, with its references resolved."""

from __future__ import annotations

import json

import pytest

from tests.pipeline.resources import encounter, patient

pytestmark = pytest.mark.spark

OLD, NEW = "2024-01-01T00:00:00Z", "2024-02-01T00:00:00Z"


def bundle_deleting(url: str, at: str) -> bytes:
    entry = {"request": {"method": "DELETE", "url": url}}
    return json.dumps({"resourceType": "Bundle", "timestamp": at, "entry": [entry]}).encode()


def test_an_older_version_that_arrives_later_changes_nothing(loader):
    loader.load([patient(updated=NEW, gender="female")], [patient(updated=OLD, gender="male")])
    assert loader.rows("silver.patient", "id", "sex") == [("p1", "female")]


def test_versions_in_one_batch_are_ordered_by_last_updated_then_arrival(loader):
    loader.load(
        [
            patient("a", NEW, gender="female"),
            patient("a", OLD, gender="male"),
            patient("b", OLD, gender="male"),
            patient("b", OLD, gender="other"),
        ]
    )
    assert loader.rows("silver.patient", "id", "sex") == [("a", "female"), ("b", "other")]


def test_content_received_before_never_counts_again(loader):
    first, second = [patient(gender="male")], [patient(gender="female")]
    loader.load(first, second, [*first, patient("p2")])
    assert loader.rows("silver.patient", "id", "sex") == [("p1", "female"), ("p2", None)]


def test_without_last_updated_the_time_of_arrival_orders_and_is_flagged(loader):
    loader.load([patient(updated=None, gender="male")], [patient(updated=None, gender="female")])
    assert loader.rows("silver.patient", "sex", "dq_flags") == [
        ("female", ["last_updated_missing"])
    ]
    loader.load([patient(updated=None, gender="male"), patient("p2")])
    assert loader.rows("silver.patient", "id", "sex") == [("p1", "female"), ("p2", None)]


def test_a_tombstone_hides_survives_an_older_version_and_yields_to_a_newer(loader):
    loader.load([patient(updated="2024-01-01T00:00:00Z")], bundle_deleting("Patient/p1", NEW))
    assert loader.rows("silver.patient", "id", "deleted") == [("p1", True)]
    loader.load([patient(updated="2024-01-15T00:00:00Z")])
    assert loader.rows("silver.patient", "id", "deleted") == [("p1", True)]
    loader.load([patient(updated="2024-03-01T00:00:00Z")])
    assert loader.rows("silver.patient", "id", "deleted") == [("p1", False)]


def test_every_form_of_reference_resolves_to_one_key(loader):
    someone = patient(identifier=[{"system": "urn:mrn", "value": "77"}])
    urn = "urn:uuid:8b0f6b1e-0000-4000-8000-000000000001"
    forms = {
        "relative": {"reference": "Patient/p1"},
        "absolute": {"reference": "https://ehr.example.org/fhir/Patient/p1"},
        "versioned": {"reference": "Patient/p1/_history/2"},
        "urn": {"reference": urn},
        "search": {"reference": "Patient?identifier=urn:mrn|77"},
        "escaped": {"reference": "Patient?identifier=urn:mrn%7C77"},
        "logical": {"identifier": {"system": "urn:mrn", "value": "77"}},
        "contained": {"reference": "#me"},
    }
    contained = [{"resourceType": "Patient", "id": "me", "identifier": someone["identifier"]}]
    stays = [encounter(name, subject, contained=contained) for name, subject in forms.items()]
    entries = [{"fullUrl": urn, "resource": someone}, *[{"resource": stay} for stay in stays]]
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
    loader.load(json.dumps(bundle).encode())
    assert loader.rows("silver.encounter", "id", "patient_id", "dq_flags") == [
        (name, "p1", []) for name in sorted(forms)
    ]
    assert loader.rows("silver.unresolved_reference", "id") == []


def test_a_reference_whose_target_comes_later_resolves_by_itself(loader):
    by_mrn = encounter("e1", {"reference": "Patient?identifier=urn:mrn|77"})
    loader.load([by_mrn, encounter("e2", "Patient/p1")])
    assert loader.rows("silver.encounter", "id", "patient_id", "dq_flags") == [
        ("e1", None, ["reference_dangling"]),
        ("e2", "p1", ["reference_dangling"]),
    ]
    assert len(loader.rows("silver.unresolved_reference", "id")) == 2
    loader.load([patient(identifier=[{"system": "urn:mrn", "value": "77"}])])
    assert loader.rows("silver.encounter", "id", "patient_id", "dq_flags") == [
        ("e1", "p1", []),
        ("e2", "p1", []),
    ]
    assert loader.rows("silver.unresolved_reference", "id") == []


def test_dates_keep_text_bounds_and_precision(loader):
    day_end = "23:59:59.999999"
    expected = {
        "2024": ("year", "2024-01-01 00:00:00", f"2024-12-31 {day_end}"),
        "2024-02": ("month", "2024-02-01 00:00:00", f"2024-02-29 {day_end}"),
        "2024-02-29": ("day", "2024-02-29 00:00:00", f"2024-02-29 {day_end}"),
        "2024-03-08T00:10:00-05:00": ("instant", *["2024-03-08 05:10:00"] * 2),
        "2016-12-31T23:59:60Z": ("instant", *["2016-12-31 23:59:59"] * 2),
        "2024-03-08T00:10:00.123456789Z": ("instant", *["2024-03-08 00:10:00.123456"] * 2),
    }
    loader.load([patient(f"p{n}", deceasedDateTime=text) for n, text in enumerate(expected)])
    name = "deceased_date"
    columns = (name, f"{name}_precision", f"{name}_lower", f"{name}_upper")
    found = loader.rows("silver.patient", *columns)
    assert {text: (kind, str(low), str(high)) for text, kind, low, high in found} == expected


def test_a_row_that_breaks_a_reject_rule_goes_to_quarantine(loader):
    broken = {
        "no-such-day": (patient, {"deceasedDateTime": "2023-02-29"}, "date_invalid"),
        "hour-24": (patient, {"deceasedDateTime": "2024-03-08T24:00:00Z"}, "date_invalid"),
        "no-offset": (patient, {"deceasedDateTime": "2024-03-08T10:00:00"}, "date_invalid"),
        "no-date": (patient, {"birthDate": "yesterday"}, "date_invalid"),
        "no-array": (patient, {"link": "Patient/p2"}, "shape_invalid"),
        "modified": (
            patient,
            {"modifierExtension": [{"url": "urn:x"}]},
            "modifier_extension_unknown",
        ),
        "local-class": (encounter, {"class": {"code": "BED"}}, "encounter_class_unknown"),
        "no-status": (encounter, {"status": "done"}, "encounter_status_unknown"),
    }
    rows = [make(id_, **more) for id_, (make, more, _) in broken.items()]
    run = loader.load([patient("good"), *rows])
    expected = [(id_, rule, line) for line, (id_, (_, _, rule)) in enumerate(broken.items(), 2)]
    found = loader.rows("bronze.quarantine", "resource_id", "rule_id", "source_line")
    assert found == sorted(expected)
    assert loader.rows("silver.patient", "id") == [("good",)]
    assert run.record.rows_quarantined == len(broken)


def test_a_row_that_breaks_a_warn_rule_is_flagged_and_kept(loader):
    people = [
        patient("died-before-birth", deceasedDateTime="1949-01-01"),
        patient("from-the-future", birthDate="2031-01-01"),
        {k: v for k, v in patient("ageless").items() if k != "birthDate"},
        patient("p1"),
    ]
    stays = [
        encounter("backwards", period={"start": "2024-01-04", "end": "2024-01-01"}),
        encounter("endless", period={"start": "2024-01-04"}),
        encounter("startless", period={"end": "2024-01-04"}),
    ]
    loader.load([*people, *stays])
    assert loader.rows("silver.patient", "id", "dq_flags") == [
        ("ageless", ["birth_date_missing"]),
        ("died-before-birth", ["death_before_birth"]),
        ("from-the-future", ["date_in_future"]),
        ("p1", []),
    ]
    assert loader.rows("silver.encounter", "id", "dq_flags") == [
        ("backwards", ["period_end_before_start"]),
        ("endless", ["period_end_missing"]),
        ("startless", ["period_start_missing"]),
    ]


def test_decimals_keep_their_digits(loader):
    observation = (
        b'{"resourceType":"Observation","id":"o1","status":"final","subject":{"reference":"Patient/p1"},'
        b'"valueQuantity":{"unit":"mg","value": 1.10}}'
    )
    loader.load(observation + b"\n")
    ((value, digits),) = loader.rows("silver.observation", "value_quantity", "value_quantity_text")
    assert (str(value), digits) == ("1.100000000000", "1.10")


def test_an_r5_encounter_is_read_like_an_r4_one(loader):
    stay = {
        "resourceType": "Encounter",
        "id": "e5",
        "status": "completed",
        "class": [{"coding": [{"system": "urn:v3", "code": "IMP"}]}],
        "subject": {"reference": "Patient/p1"},
        "actualPeriod": {"start": "2024-01-01", "end": "2024-01-03"},
        "admission": {"dischargeDisposition": {"coding": [{"code": "home"}]}},
        "diagnosis": [
            {
                "condition": [{"reference": {"reference": "Condition/c1"}}],
                "use": [{"coding": [{"code": "billing"}]}],
            }
        ],
    }
    loader.load([patient(), stay])
    columns = ("class_code", "period_start", "discharge_disposition_code", "diagnoses")
    ((code, start, disposition, diagnoses),) = loader.rows("silver.encounter", *columns)
    assert (code, start, disposition) == ("IMP", "2024-01-01", "home")
    assert (diagnoses[0].condition_id, diagnoses[0].use_codes) == ("c1", ["billing"])


def test_tenants_with_the_same_ids_stay_apart(loader):
    loader.receive([patient(gender="male")], tenant="north")
    loader.receive([patient(gender="female")], tenant="south")
    loader.run()
    assert loader.rows("silver.patient", "tenant", "sex") == [
        ("north", "male"),
        ("south", "female"),
    ]


def test_encounter_detail_joins_patient_and_conditions_and_follows_corrections(loader):
    condition = {
        "resourceType": "Condition",
        "id": "c1",
        "meta": {"lastUpdated": OLD},
        "code": {"coding": [{"system": "urn:icd", "code": "J18.9"}]},
        "subject": {"reference": "Patient/p1"},
        "encounter": {"reference": "Encounter/e1"},
        "onsetDateTime": "2024-01-01",
    }
    loader.load([patient(gender="male"), encounter(), condition])
    ((sex, age, conditions),) = loader.rows("silver.encounter_detail", "sex", "age", "conditions")
    assert (sex, age, [c.code for c in conditions]) == ("male", 73, ["J18.9"])
    loader.load([patient(updated=NEW, gender="female")], bundle_deleting("Condition/c1", NEW))
    assert loader.rows("silver.encounter_detail", "sex", "conditions") == [("female", [])]


def test_encounter_detail_follows_a_hospital_that_arrives_later(loader):
    name = "silver.encounter_detail", "service_provider_name"
    hospital = {"resourceType": "Organization", "id": "h1", "meta": {"lastUpdated": OLD}}
    loader.load([patient(), encounter(serviceProvider={"reference": "Organization/h1"})])
    assert loader.rows(*name) == [(None,)]
    loader.load([{**hospital, "name": "Mercy"}])
    assert loader.rows(*name) == [("Mercy",)]


def test_a_corrected_subject_releases_the_patient_it_named(loader):
    loader.load([patient(), patient("p2"), encounter()])
    moved = encounter(subject="Patient/p2", meta={"lastUpdated": NEW})
    loader.load([moved])
    assert loader.rows("silver.released_patient", "patient_id") == [("p1",)]


def test_a_run_without_new_files_changes_no_table(loader):
    loader.load([patient(), encounter()])
    before = loader.rows("silver.encounter", "record_key", "run_id")
    loader.receive([patient(), encounter()], name="again.ndjson")
    loader.run()
    assert loader.rows("silver.encounter", "record_key", "run_id") == before
