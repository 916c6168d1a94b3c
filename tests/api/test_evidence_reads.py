"""Evidence: for a purpose, of the own tenant, persons by pseudonyms, each read audited."""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Iterator
from datetime import date
from statistics import median
from typing import Any

import pytest
from typer.testing import CliRunner

from metriccare.commands.audit import app
from tests.api.running import Browser, Running, running
from tests.publishing.mart_lake import MartLake

_STAYS = "/v1/evidence/measures/readmission_30d/stays"
_PURPOSE = {"metriccare-purpose": "quality-improvement; March"}
_PERSON = "patient-of-ours"


def _stay(tenant: str, stay_id: str, person: str, day: int) -> dict[str, Any]:
    return {
        "tenant": tenant,
        "stay_id": stay_id,
        "person_id": person,
        "hospital_id": "h1",
        "hospital_name": "Hospital",
        "encounter_ids": [stay_id],
        "admit_date": date(2024, 3, day),
        "discharge_date": date(2024, 3, day + 1),
        "los_days": 1,
        "dq_flags": [],
    }


def _verdict(tenant: str, stay_id: str, person: str, day: int, **more: Any) -> dict[str, Any]:
    return {
        "tenant": tenant,
        "measure_id": "readmission_30d",
        "stay_id": stay_id,
        "person_id": person,
        "hospital_id": "h1",
        "period_date": date(2024, 3, day),
        "in_denominator": True,
        "numerator": 0,
        "exclusion_reasons": [],
        "as_of": date(2024, 12, 31),
    } | more


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    lake = MartLake(tmp_path_factory.mktemp("evidence"))
    lake.write(
        "gold.stay",
        _stay("default", "s1", _PERSON, 1),
        _stay("default", "s2", _PERSON, 10),
        _stay("default", "s3", "somebody", 20),
        _stay("second", "foreign", "a-stranger", 5),
    )
    lake.write(
        "gold.measure_stay",
        _verdict("default", "s1", _PERSON, 2, numerator=1),
        _verdict("default", "s2", _PERSON, 11),
        _verdict("default", "s3", "somebody", 21, in_denominator=False, numerator=None,
                 exclusion_reasons=["died"]),
        _verdict("second", "foreign", "a-stranger", 6),
    )  # fmt: skip
    lake.write(
        "bronze.resource",
        _resource("default", 1, "Encounter", "e1", _SENT.replace("finished", "planned")),
        _resource("default", 2, "Encounter", "e1", _SENT),
        _resource("default", 3, "Encounter", "gone", _SENT, deleted=True),
        _resource("default", 4, "Encounter", "broken", "no json"),
        _resource("second", 5, "Encounter", "foreign", _SENT),
    )
    lake.write(
        "silver.encounter",
        {"tenant": "default", "id": "e1", "patient_id": _PERSON, "deleted": False},
    )
    with running(lake.folder) as api:
        yield api


_SENT = (
    '{"resourceType":"Encounter","id":"e1", "status":"finished",'
    f'"subject":{{"reference":"Patient/{_PERSON}","display":"Jane Roe"}},'
    '"period":{"start":"2024-03-01"}}'
)


def _resource(
    tenant: str, line: int, resource_type: str, id_: str, raw: str, *, deleted: bool = False
) -> dict[str, Any]:
    return {
        "tenant": tenant,
        "file_id": "f1",
        "source_file": "sent/a.ndjson",
        "source_line": line,
        "ingest_sequence": line,
        "resource_type": resource_type,
        "resource_id": id_,
        "deleted": deleted,
        "raw": raw,
    }


def _record(officer: Browser, name: str, **more: Any) -> Any:
    return officer.get(f"/v1/evidence/records/{name}", headers=_PURPOSE, **more)


def test_a_record_is_its_newest_text_with_the_person_masked(officer: Browser) -> None:
    found = _record(officer, "Encounter/e1").json()

    assert '"status":"finished"' in found["text"]
    assert '"start":"2024-03-01"' in found["text"]
    assert "Jane" not in json.dumps(found)
    assert _PERSON not in json.dumps(found)
    assert (found["masked"], found["versions"], found["source_line"]) == (2, 2, 2)


@pytest.mark.parametrize(
    "name", ["Encounter/gone", "Encounter/broken", "Encounter/foreign", "Basic/e1", "Patient/e1"]
)
def test_a_record_that_may_not_be_shown_does_not_exist(officer: Browser, name: str) -> None:
    answer = _record(officer, name)

    assert answer.status_code == 404
    assert "Jane" not in answer.text


def test_a_record_is_read_for_a_purpose_and_its_person_is_in_the_audit(
    served: Running, officer: Browser
) -> None:
    assert officer.get("/v1/evidence/records/Encounter/e1").status_code == 403
    _record(officer, "Encounter/e1")
    row = served.audit()[-1]

    assert row["patient_hash"] == [served.served.services.pseudonyms.in_audit("default", _PERSON)]
    assert row["object"].startswith("Encounter /v1/evidence/records")
    assert '"e1"' not in json.dumps(row)


@pytest.mark.parametrize("role", ["analyst", "finance", "executive", "data_engineer"])
def test_others_read_no_record(served: Running, role: str) -> None:
    assert _record(served.program(role), "Encounter/e1").status_code == 403


@pytest.fixture
def officer(served: Running) -> Browser:
    served.served.services.limiter._windows.clear()
    return served.program("quality_officer")


def _stays(officer: Browser, **parameters: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = officer.get(_STAYS, params=parameters, headers=_PURPOSE).json()[
        "data"
    ]
    return found


def test_the_stays_of_a_cell_are_those_of_its_period_and_verdict(officer: Browser) -> None:
    march = {"grain": "month", "period_start": "2024-03-01"}

    assert [row["stay_id"] for row in _stays(officer, **march)] == ["s3", "s2", "s1"]
    assert [row["stay_id"] for row in _stays(officer, **march, counted="outcome")] == ["s1"]
    assert [row["stay_id"] for row in _stays(officer, **march, reason="died")] == ["s3"]
    assert _stays(officer, grain="month", period_start="2024-04-01") == []


def test_persons_appear_by_a_name_that_is_the_same_each_time(officer: Browser) -> None:
    rows = _stays(officer)
    by_stay = {row["stay_id"]: row["person"] for row in rows}

    assert by_stay["s1"] == by_stay["s2"] != by_stay["s3"]
    assert _PERSON not in json.dumps(rows)


def test_without_a_purpose_no_record_is_shown(served: Running, officer: Browser) -> None:
    answer = officer.get(_STAYS)

    assert (answer.status_code, answer.json()["type"]) == (403, "/problems/purpose-required")
    for words in ("curiosity", "quality-improvement: March", "audit; " + "x" * 201):
        refused = officer.get(_STAYS, headers={"metriccare-purpose": words})
        assert refused.status_code == 403


def test_another_tenants_stay_answers_as_one_that_does_not_exist(officer: Browser) -> None:
    foreign, unknown = (
        officer.get(
            f"/v1/evidence/stays/{stay}/explanation?measure=readmission_30d", headers=_PURPOSE
        )
        for stay in ("foreign", "no-such-stay")
    )

    assert foreign.status_code == unknown.status_code == 404
    same = ({**a.json(), "instance": ""} for a in (foreign, unknown))
    assert next(same) == next(same)


def test_how_long_an_answer_takes_does_not_say_whether_a_stay_is_another_tenants(
    served: Running, officer: Browser
) -> None:
    def seconds(stay: str) -> float:
        began = time.process_time()
        address = f"/v1/evidence/stays/{stay}/explanation?measure=readmission_30d"
        assert officer.get(address, headers=_PURPOSE).status_code == 404
        return time.process_time() - began

    # One after the other, so that what else runs on the machine changes both.
    pairs = [(seconds("foreign"), seconds(f"no-such-{number}")) for number in range(12)]
    foreign, unknown = (median(each) for each in zip(*pairs, strict=True))

    assert 0.7 < foreign / unknown < 1.4


def test_the_audit_knows_whose_records_were_seen_without_naming_them(
    served: Running, officer: Browser
) -> None:
    _stays(officer)
    row = served.audit()[-1]
    pseudonyms = served.served.services.pseudonyms

    assert (row["action"], row["row_count"], row["purpose"]) == (
        "explain", 3, _PURPOSE["metriccare-purpose"])  # fmt: skip
    assert pseudonyms.in_audit("default", _PERSON) in row["patient_hash"]
    assert len(row["patient_hash"]) == 2
    assert _PERSON not in json.dumps(row)
    assert pseudonyms.person("default", _PERSON) not in row["patient_hash"]


def test_the_command_says_who_saw_a_persons_records(served: Running, officer: Browser) -> None:
    _stays(officer, counted="out")
    lake = ["--lake", str(served.lake), "--format", "json"]
    asked = {
        person: json.loads(CliRunner().invoke(app, ["who", "--patient", person, *lake]).output)
        for person in ("somebody", "nobody-we-know")
    }

    assert asked["somebody"][0]["principal"] == "quality_officer"
    assert asked["nobody-we-know"] == []


def test_ids_of_stays_are_hashed_in_the_audit(served: Running, officer: Browser) -> None:
    officer.get("/v1/evidence/stays/s-secret/explanation?measure=alos", headers=_PURPOSE)

    assert "s-secret" not in json.dumps(served.audit()[-1])


def test_a_person_of_one_hospital_sees_no_evidence_of_all(served: Running) -> None:
    users = served.provider.users
    users["of_h1"] = dataclasses.replace(
        users["quality_officer"], subject="of_h1", facilities=["h1"]
    )
    program = served.program("of_h1")
    own = {"by": "hospital", "stratum_value": "h1"}
    other = {"by": "hospital", "stratum_value": "h2"}

    assert program.get(_STAYS, headers=_PURPOSE).status_code == 403
    assert program.get(_STAYS, params=other, headers=_PURPOSE).status_code == 403
    assert program.get(_STAYS, params=own, headers=_PURPOSE).status_code == 200


def test_a_person_of_another_hospital_sees_no_stay_and_no_record_of_this_one(
    served: Running,
) -> None:
    users = served.provider.users
    users["of_h9"] = dataclasses.replace(
        users["quality_officer"], subject="of_h9", facilities=["h9"]
    )
    program, officer = served.program("of_h9"), served.program("quality_officer")
    address = "/v1/evidence/stays/s1/explanation?measure=readmission_30d"

    assert program.get(address, headers=_PURPOSE).status_code == 404
    assert officer.get(address, headers=_PURPOSE).status_code == 200
    assert _record(program, "Encounter/e1").status_code == 403


def test_30_reads_of_evidence_a_minute(served: Running, officer: Browser) -> None:
    limiter = served.served.services.limiter
    limiter._windows["evidence", "quality_officer"] = (limiter._clock(), 30)

    assert officer.get(_STAYS, headers=_PURPOSE).status_code == 429
    assert officer.get("/v1/me").status_code == 200
