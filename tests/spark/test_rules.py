"""Every row rule has a row that trips it, and good rows trip none."""

from __future__ import annotations

from datetime import UTC, datetime

import orjson
import pytest

from metriccare.fhir.resources import BY_TYPE
from metriccare.quality.rules import REJECT, RULES
from tests.spark.conftest import encounter, patient

pytestmark = pytest.mark.spark

NO_DAY, LATER = "2023-02-29", "2190-01-01"
ARRIVED = datetime(2024, 6, 1, tzinfo=UTC)


def of(kind: str, **more: object) -> dict:
    meta = {"lastUpdated": "2024-01-01T00:00:00Z"}
    return {"resourceType": kind, "id": "x", "meta": meta, **more}


# Where each type has a date, as FHIR spells it.
DATED = {
    "Patient": lambda day: patient(deceasedDateTime=day),
    "Coverage": lambda day: of("Coverage", period={"end": day}),
    "Encounter": lambda day: encounter(period={"start": "2024-01-01", "end": day}),
    "Condition": lambda day: of("Condition", onsetDateTime=day),
    "Procedure": lambda day: of("Procedure", performedDateTime=day),
    "Specimen": lambda day: of("Specimen", collection={"collectedDateTime": day}),
    "Observation": lambda day: of("Observation", effectiveDateTime=day),
    "Claim": lambda day: of("Claim", created=day),
    "ClaimResponse": lambda day: of("ClaimResponse", created=day),
    "ExplanationOfBenefit": lambda day: of("ExplanationOfBenefit", created=day),
}
# Where each type has a reference, with one to a type that FHIR does not allow there.
REFERRING = {
    "Organization": of("Organization", partOf={"reference": "Location/1"}),
    "Location": of("Location", managingOrganization={"reference": "Patient/1"}),
    "Patient": patient(link=[{"type": "seealso", "other": {"reference": "Group/1"}}]),
    "Coverage": of("Coverage", beneficiary={"reference": "Group/1"}),
    "Encounter": encounter(partOf={"reference": "https://ehr.example.org/Patient/1"}),
    "Condition": of("Condition", subject={"reference": "Location/1"}),
    "Procedure": of("Procedure", encounter={"reference": "Patient/1/_history/2"}),
    "Specimen": of("Specimen", subject={"type": "Encounter", "identifier": {"value": "1"}}),
    "Observation": of("Observation", specimen={"reference": "Specimens/1"}),
    "Claim": of("Claim", item=[{"encounter": [{"reference": "Claim/1"}]}]),
    "ClaimResponse": of(
        "ClaimResponse",
        request={"reference": "Claim?identifier=1"},
        patient={"reference": "Group?identifier=1"},
    ),
    "ExplanationOfBenefit": of(
        "ExplanationOfBenefit", diagnosis=[{"diagnosisReference": {"reference": "Procedure/1"}}]
    ),
}
TRIPPING = {
    ("shape_invalid", None): patient(link="Patient/p2"),
    ("modifier_extension_unknown", None): patient(modifierExtension=[{"url": "urn:x"}]),
    ("encounter_status_unknown", "Encounter"): encounter(status="done"),
    ("encounter_class_unknown", "Encounter"): encounter(**{"class": {"code": "BED"}}),
    **{("date_invalid", kind): make(NO_DAY) for kind, make in DATED.items()},
    **{("date_in_future", kind): make(LATER) for kind, make in DATED.items()},
    **{("reference_type_unexpected", kind): row for kind, row in REFERRING.items()},
    ("last_updated_missing", None): patient(updated=None),
    ("period_end_before_start", "Encounter"): encounter(
        period={"start": "2024-01-04", "end": "2024-01-01"}
    ),
    ("period_end_missing", "Encounter"): encounter(period={"start": "2024-01-01"}),
    ("period_start_missing", "Encounter"): encounter(period={"end": "2024-01-01"}),
    ("death_before_birth", "Patient"): patient(deceasedDateTime="1949-01-01"),
    ("birth_date_missing", "Patient"): patient(birthDate=None),
}
GOOD = [patient(), encounter(), *[make("2024-02-29") for make in DATED.values()]]
NAMES = [(rule.id, rule.resource_type) for rule in RULES]


@pytest.fixture(scope="module")
def judged(spark) -> dict[str, tuple[str | None, str | None, list[str]]]:
    """Return rule, reason and flags of every row, by its text."""
    from metriccare.jobs.silver import with_judgement
    from metriccare.spark.resource_frame import parse, with_columns

    found = {}
    rows = [*TRIPPING.values(), *GOOD]
    for kind in {row["resourceType"] for row in rows}:
        resource = BY_TYPE[kind]
        frame = parse(
            received(spark, [row for row in rows if row["resourceType"] == kind]), resource
        )
        columns = with_columns(frame, resource)
        for row in with_judgement(columns, resource).collect():
            found[row.raw_sha256] = (row.rule_id, row.reason, row.dq_flags)
    return found


def received(spark, rows: list[dict]):
    """Return resources as rows of bronze; the text stands for its hash."""
    bronze = [
        (
            *("default", row["resourceType"], row["id"], updated(row), False, text(row), text(row)),
            *("day.ndjson", 1, None, "file", 1, ARRIVED, False, None, text(row)),
        )
        for row in rows
    ]
    return spark.createDataFrame(
        bronze,
        "tenant string, resource_type string, resource_id string, last_updated timestamp,"
        " deleted boolean, raw string, raw_sha256 string, source_file string, source_line bigint,"
        " full_url string, file_id string, ingest_sequence bigint, ingested_at timestamp,"
        " indirect boolean, bundle string, record_key string",
    )


def updated(row: dict) -> datetime | None:
    return ARRIVED if "meta" in row else None


def text(row: dict) -> str:
    return orjson.dumps(row).decode()


@pytest.mark.parametrize("name", NAMES, ids=str)
def test_every_rule_has_a_row_that_trips_it(judged, name):
    rule = next(r for r in RULES if (r.id, r.resource_type) == name)
    rule_id, reason, flags = judged[text(TRIPPING[name])]
    if rule.severity == REJECT:
        assert rule_id == rule.id
        assert reason.startswith(rule.sentence)
    else:
        assert (rule_id, rule.id in flags) == (None, True)


def test_no_row_is_kept_for_a_rule_that_is_gone():
    assert TRIPPING.keys() == set(NAMES)


def test_good_rows_trip_nothing(judged):
    for row in GOOD:
        rule_id, _, flags = judged[text(row)]
        assert (rule_id, flags) == (None, [])


def test_a_reason_names_the_dates_and_shows_none_of_them(judged):
    _, reason, _ = judged[text(TRIPPING[("date_invalid", "Patient")])]
    assert reason.endswith("Found in: deceased_date.")
    assert NO_DAY not in reason
