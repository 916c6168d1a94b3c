"""Silver keeps the newest good version of each resource, typed, with its references resolved.

Each case is a tenant of its own in one of two lakes, so that all of them take few runs.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest

from metriccare.settings import Lake
from tests.loader import Batch, Loader
from tests.pipeline.resources import OLD, bundle_deleting, encounter, female, male, patient

NEW, NEWEST = "2024-02-01T00:00:00Z", "2024-03-01T00:00:00Z"
# What is looked at: a table and its columns.
Look = tuple[str, ...]
PATIENTS = ("silver.patient", "id", "sex", "deleted", "dq_flags")
STAYS = ("silver.encounter", "id", "patient_id", "dq_flags")
WAITING = ("silver.unresolved_reference", "id")
DETAIL = ("silver.encounter_detail", "sex", "age", "service_provider_name", "conditions")
RELEASED = ("silver.released_patient", "patient_id")
STAMPED = ("silver.encounter", "record_key", "run_id")


@dataclass(frozen=True)
class History:
    """What arrives in one run after the other, and what is looked at after each."""

    looks: tuple[Look, ...]
    batches: tuple[Batch, ...]


BY_NUMBER = encounter("e1", {"reference": "Patient?identifier=urn:mrn|77"})
CONDITION = {
    "resourceType": "Condition",
    "id": "c1",
    "meta": {"lastUpdated": OLD},
    "code": {"coding": [{"system": "urn:icd", "code": "J18.9"}]},
    "subject": {"reference": "Patient/p1"},
    "encounter": {"reference": "Encounter/e1"},
    "onsetDateTime": "2024-01-01",
}
HOSPITAL = {"resourceType": "Organization", "id": "h1", "meta": {"lastUpdated": OLD}}
HISTORIES = {
    "older-later": History((PATIENTS,), ([female(NEW)], [male(OLD)])),
    "one-batch": History(
        (PATIENTS,),
        ([female(NEW, "a"), male(OLD, "a"), male(OLD, "b"), patient("b", OLD, gender="other")],),
    ),
    "known-content": History((PATIENTS,), ([male()], [female()], [male(), patient("p2")])),
    "known-content-in-one-batch": History((PATIENTS,), ([male(), female(), male()],)),
    "without-time": History(
        (PATIENTS,), ([male(None)], [female(None)], [male(None), patient("p2")])
    ),
    "tombstone": History(
        (PATIENTS,),
        (
            [male()],
            bundle_deleting("Patient/p1", NEW),
            [male("2024-01-15T00:00:00Z")],
            [female(NEWEST)],
        ),
    ),
    "rejected-newer": History((PATIENTS,), ([male()], [patient("p1", NEW, birthDate="soon")])),
    "target-later": History(
        (STAYS, WAITING),
        (
            [BY_NUMBER, encounter("e2", "Patient/p1")],
            [patient(identifier=[{"system": "urn:mrn", "value": "77"}])],
        ),
    ),
    "detail": History(
        (DETAIL,),
        (
            [male(), encounter(), CONDITION],
            [female(NEW)],
            bundle_deleting("Condition/c1", NEW),
        ),
    ),
    "hospital-later": History(
        (DETAIL,),
        (
            [patient(), encounter(serviceProvider={"reference": "Organization/h1"})],
            [{**HOSPITAL, "name": "Mercy"}],
        ),
    ),
    "corrected-subject": History(
        (RELEASED,),
        (
            [patient(), patient("p2"), encounter()],
            [encounter(subject="Patient/p2", meta={"lastUpdated": NEW})],
        ),
    ),
    "again": History((STAMPED,), ([patient(), encounter()], [patient(), encounter()])),
}


@pytest.fixture(scope="module")
def seen(engine_kind: str, tmp_path_factory) -> dict[str, list[dict[Look, list[tuple]]]]:
    """Return what each history's tenant held after each of its runs."""
    folder = tmp_path_factory.mktemp("histories")
    loader = Loader(engine_kind, Lake(str(folder / "lake")), folder)
    looks = {look for history in HISTORIES.values() for look in history.looks}
    found: dict[str, list[dict[Look, list[tuple]]]] = {name: [] for name in HISTORIES}
    for number in range(max(len(history.batches) for history in HISTORIES.values())):
        arriving = {n: h for n, h in HISTORIES.items() if number < len(h.batches)}
        for name, history in arriving.items():
            loader.receive(history.batches[number], f"{name}-{number}.ndjson", name)
        loader.run()
        rows = {look: loader.rows(look[0], "tenant", *look[1:]) for look in looks}
        for name, history in arriving.items():
            of_tenant = {
                look: [row[1:] for row in rows[look] if row[0] == name] for look in history.looks
            }
            found[name].append(of_tenant)
    return found


def of(seen, name: str, look: Look = PATIENTS) -> list[list[tuple]]:
    """Return what was seen after each run."""
    return [after[look] for after in seen[name]]


def test_an_older_version_that_arrives_later_changes_nothing(seen):
    assert of(seen, "older-later") == [[("p1", "female", False, [])]] * 2


def test_versions_in_one_batch_are_ordered_by_last_updated_then_arrival(seen):
    assert of(seen, "one-batch") == [[("a", "female", False, []), ("b", "other", False, [])]]


def test_content_received_before_never_counts_again(seen):
    one = [("p1", "female", False, [])]
    assert of(seen, "known-content")[1:] == [one, [*one, ("p2", None, False, [])]]
    assert of(seen, "known-content-in-one-batch") == [one]


def test_without_last_updated_the_time_of_arrival_orders_and_is_flagged(seen):
    one = [("p1", "female", False, ["last_updated_missing"])]
    assert of(seen, "without-time")[1:] == [one, [*one, ("p2", None, False, [])]]


def test_a_tombstone_hides_survives_an_older_version_and_yields_to_a_newer(seen):
    assert [(id_, deleted) for ((id_, _, deleted, _),) in of(seen, "tombstone")] == [
        ("p1", False),
        ("p1", True),
        ("p1", True),
        ("p1", False),
    ]
    assert of(seen, "tombstone")[-1] == [("p1", "female", False, [])]


def test_a_newer_version_that_is_rejected_leaves_the_one_before(seen):
    assert of(seen, "rejected-newer") == [[("p1", "male", False, [])]] * 2


def test_a_reference_whose_target_arrives_later_resolves_then(seen):
    assert of(seen, "target-later", STAYS) == [
        [("e1", None, ["reference_dangling"]), ("e2", "p1", ["reference_dangling"])],
        [("e1", "p1", []), ("e2", "p1", [])],
    ]
    assert list(map(len, of(seen, "target-later", WAITING))) == [2, 0]


def test_encounter_detail_joins_patient_and_conditions_and_follows_corrections(seen):
    found = [
        (sex, age, [condition["code"] for condition in conditions])
        for ((sex, age, _, conditions),) in of(seen, "detail", DETAIL)
    ]
    assert found == [("male", 73, ["J18.9"]), ("female", 73, ["J18.9"]), ("female", 73, [])]


def test_encounter_detail_follows_a_hospital_that_arrives_later(seen):
    assert [name for ((_, _, name, _),) in of(seen, "hospital-later", DETAIL)] == [None, "Mercy"]


def test_a_corrected_subject_releases_the_patient_it_named(seen):
    assert of(seen, "corrected-subject", RELEASED) == [[], [("p1",)]]


def test_a_run_without_new_content_changes_no_table(seen):
    before, after = of(seen, "again", STAMPED)
    assert before == after


SOMEONE = patient(identifier=[{"system": "urn:mrn", "value": "77"}])
URN = "urn:uuid:8b0f6b1e-0000-4000-8000-000000000001"
FORMS = {
    "relative": {"reference": "Patient/p1"},
    "absolute": {"reference": "https://ehr.example.org/fhir/Patient/p1"},
    "versioned": {"reference": "Patient/p1/_history/2"},
    "urn": {"reference": URN},
    "search": {"reference": "Patient?identifier=urn:mrn|77"},
    "escaped": {"reference": "Patient?identifier=urn:mrn%7C77"},
    "logical": {"identifier": {"system": "urn:mrn", "value": "77"}},
    "contained": {"reference": "#me"},
}


def bundle_of_forms() -> bytes:
    contained = [{"resourceType": "Patient", "id": "me", "identifier": SOMEONE["identifier"]}]
    stays = [encounter(name, subject, contained=contained) for name, subject in FORMS.items()]
    entries = [{"fullUrl": URN, "resource": SOMEONE}, *[{"resource": stay} for stay in stays]]
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
    return json.dumps(bundle).encode()


_DAY_END = "23:59:59.999999"
DATES = {
    "2024": ("year", "2024-01-01 00:00:00", f"2024-12-31 {_DAY_END}"),
    "2024-02": ("month", "2024-02-01 00:00:00", f"2024-02-29 {_DAY_END}"),
    "2024-02-29": ("day", "2024-02-29 00:00:00", f"2024-02-29 {_DAY_END}"),
    "2024-03-08T00:10:00-05:00": ("instant", *["2024-03-08 05:10:00"] * 2),
    "2016-12-31T23:59:60Z": ("instant", *["2016-12-31 23:59:59"] * 2),
    "2024-03-08T00:10:00.123456789Z": ("instant", *["2024-03-08 00:10:00.123456"] * 2),
}
BROKEN = {
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
ODD = [
    patient("died-before-birth", deceasedDateTime="1949-01-01"),
    patient("from-the-future", birthDate="2031-01-01"),
    {k: v for k, v in patient("ageless").items() if k != "birthDate"},
    patient("p1"),
    encounter("backwards", period={"start": "2024-01-04", "end": "2024-01-01"}),
    encounter("endless", period={"start": "2024-01-04"}),
    encounter("startless", period={"end": "2024-01-04"}),
]
DECIMAL = (
    b'{"resourceType":"Observation","id":"o1","status":"final","subject":{"reference":"Patient/p1"},'
    b'"valueQuantity":{"unit":"mg","value": 1.10}}\n'
)


def participant(role: str, practitioner: str, element: str = "individual") -> dict[str, Any]:
    return {
        "type": [{"coding": [{"code": role}]}],
        element: {"reference": f"Practitioner/{practitioner}"},
    }


ATTENDED = [
    patient(),
    encounter("by-attender", participant=[participant("PPRF", "d1"), participant("ATND", "d2")]),
    encounter("by-performer", participant=[participant("CON", "d1"), participant("PPRF", "d2")]),
    encounter("by-nobody", participant=[participant("CON", "d1"), {}]),
    encounter("in-r5", participant=[participant("ATND", "d3", "actor")]),
]
OF_R5 = {
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


@pytest.fixture(scope="module")
def loaded(engine_kind: str, tmp_path_factory) -> Loader:
    """Return a lake after one run of all cases that need no second one."""
    folder = tmp_path_factory.mktemp("once")
    loader = Loader(engine_kind, Lake(str(folder / "lake")), folder)
    broken = [make(id_, **more) for id_, (make, more, _) in BROKEN.items()]
    batches: dict[str, Batch] = {
        "forms": bundle_of_forms(),
        "dates": [patient(f"p{n}", deceasedDateTime=text) for n, text in enumerate(DATES)],
        "broken": [patient("good"), *broken],
        "odd": ODD,
        "decimal": DECIMAL,
        "r5": [patient(), OF_R5],
        "attended": ATTENDED,
        "north": [patient(gender="male")],
        "south": [patient(gender="female")],
    }
    for tenant, batch in batches.items():
        loader.receive(batch, f"{tenant}.ndjson", tenant)
    run = loader.run()
    assert run.record.rows_quarantined == len(BROKEN)
    return loader


def test_every_form_of_reference_resolves_to_one_key(loaded: Loader):
    found = loaded.rows("silver.encounter", "id", "patient_id", "dq_flags", tenant="forms")
    assert found == [(name, "p1", []) for name in sorted(FORMS)]
    assert loaded.rows("silver.unresolved_reference", "id", tenant="forms") == []


def test_dates_keep_text_bounds_and_precision(loaded: Loader):
    name = "deceased_date"
    columns = (name, f"{name}_precision", f"{name}_lower", f"{name}_upper")
    found = loaded.rows("silver.patient", *columns, tenant="dates")
    assert {text: (kind, str(low), str(high)) for text, kind, low, high in found} == DATES


def test_a_row_that_breaks_a_reject_rule_goes_to_quarantine(loaded: Loader):
    expected = [(id_, rule, line) for line, (id_, (_, _, rule)) in enumerate(BROKEN.items(), 2)]
    columns = ("resource_id", "rule_id", "source_line")
    assert loaded.rows("bronze.quarantine", *columns) == sorted(expected)
    assert loaded.rows("silver.patient", "id", tenant="broken") == [("good",)]
    assert loaded.rows("silver.encounter", "id", tenant="broken") == []


def test_a_row_that_breaks_a_warn_rule_is_flagged_and_kept(loaded: Loader):
    assert loaded.rows("silver.patient", "id", "dq_flags", tenant="odd") == [
        ("ageless", ["birth_date_missing"]),
        ("died-before-birth", ["death_before_birth"]),
        ("from-the-future", ["date_in_future"]),
        ("p1", []),
    ]
    assert loaded.rows("silver.encounter", "id", "dq_flags", tenant="odd") == [
        ("backwards", ["period_end_before_start"]),
        ("endless", ["period_end_missing"]),
        ("startless", ["period_start_missing"]),
    ]


def test_decimals_keep_their_digits(loaded: Loader):
    ((value, digits),) = loaded.rows(
        "silver.observation", "value_quantity", "value_quantity_text", tenant="decimal"
    )
    assert (str(value), digits) == ("1.100000000000", "1.10")


def test_the_attender_is_named_else_the_primary_performer(loaded: Loader):
    assert loaded.rows("silver.encounter", "id", "attender_id", tenant="attended") == [
        ("by-attender", "d2"),
        ("by-nobody", None),
        ("by-performer", "d2"),
        ("in-r5", "d3"),
    ]


def test_an_r5_encounter_is_read_like_an_r4_one(loaded: Loader):
    columns = ("class_code", "period_start", "discharge_disposition_code", "diagnoses")
    ((code, start, disposition, diagnoses),) = loaded.rows(
        "silver.encounter", *columns, tenant="r5"
    )
    assert (code, start, disposition) == ("IMP", "2024-01-01", "home")
    assert (diagnoses[0]["condition_id"], diagnoses[0]["use_codes"]) == ("c1", ["billing"])


def test_tenants_with_the_same_ids_stay_apart(loaded: Loader):
    found = [
        (tenant, *loaded.rows("silver.patient", "sex", tenant=tenant))
        for tenant in ("north", "south")
    ]
    assert found == [("north", ("male",)), ("south", ("female",))]
