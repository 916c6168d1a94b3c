"""Odd values in every place of every declaration: a record can spoil itself at most.

What FHIR lets a sender write in several ways is read in all of them; lists are read as lists.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812

from metriccare.fhir.forms import declared_shape
from metriccare.fhir.resources import BY_TYPE, RESOURCES
from metriccare.fhir.shapes import INT, Shape
from metriccare.settings import Lake
from metriccare.spark import hudi
from metriccare.tables import BY_NAME, Table
from metriccare.tables import silver as tables
from tests.spark.conftest import Loader, encounter, ndjson, patient

pytestmark = pytest.mark.spark

ACT = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
_DAY = "2024-03-01"
_DATES = ("date", "start", "end", "created", "issued", "instant", "birthdate", "datetime")
# Elements whose form differs between the versions are declared as text.
_AS_TEXT: dict[str, Any] = {
    "class": {"system": ACT, "code": "IMP"},
    "serviceType": {"coding": [{"code": "s"}]},
    "condition": {"reference": "Condition/c1"},
    "reference": "Patient/p1",
    "status": "finished",
    "focal": True,
    "active": True,
}
_SHARED_NAMES = {"use": [{"coding": [{"code": "AD"}]}]}


def whole(kind: str) -> dict[str, Any]:
    """Return a resource of a type with every declared element, once in each list."""
    made = _made(declared_shape(BY_TYPE[kind]), "", kind)
    made.pop("modifierExtension")
    meta = {"lastUpdated": "2024-03-01T00:00:00Z"}
    return {"resourceType": kind, "id": "whole", "meta": meta, **made}


def _made(shape: Shape, name: str, kind: str) -> Any:
    if shape.element is not None:
        return [_made(shape.element, name, kind)]
    if shape.members:
        return {inner: _made(member, inner, kind) for inner, member in shape.members}
    if shape.kind == INT:
        return 1
    if shape.kind != "STRING":
        return True if shape.kind == "BOOLEAN" else 1.5
    if kind == "Encounter" and name in _SHARED_NAMES:
        return _SHARED_NAMES[name]
    is_date = name.lower().endswith(_DATES)
    return copy.deepcopy(_AS_TEXT.get(name, _DAY if is_date else "text"))


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield where something stands in a resource, apart from its header."""
    inner: Any = ()
    if isinstance(value, dict):
        inner = value.items()
    elif isinstance(value, list):
        inner = enumerate(value)
    for name, one in inner:
        if path or name not in ("resourceType", "id", "meta"):
            yield (*path, name)
            yield from places(one, (*path, name))


def with_value(resource: dict[str, Any], path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    changed = copy.deepcopy(resource)
    inside = changed
    for name in path[:-1]:
        inside = inside[name]
    inside[path[-1]] = value
    return changed


ODD: tuple[Any, ...] = (
    None,
    "",
    " ",
    "null",
    "9999-12-31T23:59:59-05:00",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31",
    "9999",
    "0000-01-01",
    "1900-01-01",
    "2024-02-30",
    "2024-03-10T02:30:00-05:00",
    "Group/1",
    "urn:uuid:nobody",
    "#",
    "Patient?identifier=",
    0,
    -1,
    1.5,
    1e40,
    10**30,
    99999999999,
    True,
    {},
    [],
    [None],
    [[None]],
    ["text"],
    [{}],
    [None, {"coding": [None]}],
    {"coding": None},
    {"reference": None, "identifier": {"value": None}},
    "\u0000\ud83d\ude00'\"\\",
)


def odd_resources(share: float) -> list[dict[str, Any]]:
    """Return each resource with one odd value in one place: a share of all there are, by a seed."""
    chosen = random.Random(20240301)
    made = [
        with_value(base, path, value)
        for base in (whole(resource.type) for resource in RESOURCES)
        for path in (*places(base), ("modifierExtension",))
        for value in ODD
        if chosen.random() < share
    ]
    return [{**one, "id": f"odd-{number}"} for number, one in enumerate(made)]


def good_ones() -> list[dict[str, Any]]:
    return [{**whole(resource.type), "id": "good"} for resource in RESOURCES]


def rows_of_good(loader: Loader, tenant: str) -> dict[str, str]:
    """Return the good row of each type as text, without what tells of its arrival."""
    found = {}
    for table in tables.BY_RESOURCE.values():
        names = [n for n in table.column_names if n not in _OF_ARRIVAL]
        rows = hudi.read(loader.spark, loader.lake, table)
        for row in rows.where(f"tenant = '{tenant}' and id = 'good'").select(*names).collect():
            found[table.name] = str(row)
    return found


_OF_ARRIVAL = {"tenant", "run_id", "record_key", "ordering", "ingest_sequence", "source_line"} | {
    "source_file"
}


def whole_rows(loader: Loader, table: Table) -> DataFrame:
    """Return a table's rows, instants as text: PySpark cannot hand over the first of year 1."""
    frame = hudi.read(loader.spark, loader.lake, table)
    instants = [column.name for column in table.columns if column.type == "timestamp"]
    return frame.withColumns({name: F.col(name).cast("string") for name in instants})


def nothing_is_lost(loader: Loader, share: float) -> None:
    odd = odd_resources(share)
    loader.receive(ndjson([*good_ones(), *odd]), "odd.ndjson", "odd")
    loader.receive(ndjson(good_ones()), "alone.ndjson", "alone")
    loader.run()
    stored = {
        (kind, row.id)
        for kind, table in tables.BY_RESOURCE.items()
        for row in whole_rows(loader, table).where("tenant = 'odd'").collect()
    }
    quarantine = hudi.read(loader.spark, loader.lake, BY_NAME["bronze.quarantine"])
    rejected = {
        (row.resource_type, row.resource_id): (row.rule_id, row.reason)
        for row in quarantine.where("tenant = 'odd'").collect()
    }
    sent = {(one["resourceType"], one["id"]) for one in [*good_ones(), *odd]}
    assert stored.isdisjoint(rejected)
    assert stored | rejected.keys() == sent
    assert {rule for rule, _ in rejected.values()} <= {
        *("shape_invalid", "date_invalid", "modifier_extension_unknown"),
        *("encounter_class_unknown", "encounter_status_unknown"),
    }
    unexplained = [r for rule, r in rejected.values() if rule == "shape_invalid" and " (w" not in r]
    assert unexplained == []
    alone = rows_of_good(loader, "alone")
    assert len(alone) == len(RESOURCES)
    assert rows_of_good(loader, "odd") == alone


def test_an_odd_value_anywhere_spoils_its_own_record_at_most(loader):
    nothing_is_lost(loader, share=0.06)


@pytest.mark.slow
def test_every_odd_value_in_every_place_spoils_its_own_record_at_most(loader):
    nothing_is_lost(loader, share=1)


def with_nulls(value: Any) -> Any:
    """Return a value with a null before and after the elements of each of its lists."""
    if isinstance(value, list):
        return [None, *(with_nulls(one) for one in value), None]
    if isinstance(value, dict):
        return {name: with_nulls(one) for name, one in value.items()}
    return value


def nulls_in(value: Any) -> bool:
    """Tell whether a list at any depth holds a null."""
    if isinstance(value, list):
        return any(one is None or nulls_in(one) for one in value)
    return any(map(nulls_in, value)) if isinstance(value, tuple) else False


LOCAL = {"system": "http://local.example/class", "code": "S1"}
INPATIENT, NON_ACUTE, AMBULATORY = (
    {"system": ACT, "code": code} for code in ("IMP", "NONAC", "AMB")
)
CLASSES: dict[str, tuple[Any, str | None]] = {
    "r4": (INPATIENT, "IMP"),
    "r4-without-system": ({"code": "AMB"}, "AMB"),
    "r4-as-list": ([{"code": "IMP"}], "IMP"),
    "r4-as-concept": ({"coding": [LOCAL, INPATIENT]}, "IMP"),
    "r5": ([{"coding": [INPATIENT]}], "IMP"),
    "r5-local-coding-first": ([{"coding": [LOCAL, INPATIENT]}], "IMP"),
    "r5-local-concept-first": ([{"coding": [LOCAL]}, {"coding": [INPATIENT]}], "IMP"),
    "inpatient-wins": ([{"coding": [AMBULATORY, NON_ACUTE]}, {"coding": [INPATIENT]}], "IMP"),
    "acute-wins": ([{"coding": [NON_ACUTE, {"system": ACT, "code": "ACUTE"}]}], "ACUTE"),
    "non-acute-wins": ([{"coding": [AMBULATORY, NON_ACUTE]}], "NONAC"),
    "act-code-before-a-local-like": ([{"coding": [{**LOCAL, "code": "IMP"}, AMBULATORY]}], "AMB"),
    "local-but-known": ([{"coding": [LOCAL, {**LOCAL, "code": "EMER"}]}], "EMER"),
    "nulls": ([None, {"coding": [None, INPATIENT]}], "IMP"),
    "local-only": ([{"coding": [LOCAL]}], None),
    "text": ("IMP", None),
    "none": ([], None),
}
# What is kept of each date: its bounds in UTC.
FIRST, LAST = "0001-01-01 00:00:00", "9999-12-31 23:59:59.999999"
DATES: dict[str, tuple[str, str] | None] = {
    "9999-12-31T23:59:59-05:00": ("9999-12-31 23:59:59",) * 2,
    "9999-12-31T23:59:60.5-11:00": ("9999-12-31 23:59:59.5",) * 2,
    "0001-01-01T00:00:00+14:00": (FIRST, FIRST),
    "9999-12-31": ("9999-12-31 00:00:00", LAST),
    "9999-12": ("9999-12-01 00:00:00", LAST),
    "9999": ("9999-01-01 00:00:00", LAST),
    "0001-01-01": (FIRST, "0001-01-01 23:59:59.999999"),
    "0001": (FIRST, "0001-12-31 23:59:59.999999"),
    "1900-01-01": ("1900-01-01 00:00:00", "1900-01-01 23:59:59.999999"),
    "0000-01-01": None,
}
NUMBERS: dict[str, tuple[Any, int | None]] = {
    "1": (1, 1),
    "1.0": (1, 1),
    "1e0": (1, 1),
    "1.5": (None, None),
    "99999999999": (None, None),
    "1e40": (None, None),
}


def claim_with(id_: str, sequence: str, total: str = "10.10") -> bytes:
    """Return a claim whose numbers are written as given."""
    return (
        f'{{"resourceType":"Claim","id":"{id_}","patient":{{"reference":"Patient/p1"}},'
        '"item":[{"net":{"value":7.0}}],'
        f'"diagnosis":[{{"sequence":{sequence}}}],"total":{{"value":{total}}}}}\n'
    ).encode()


LISTS = [
    patient(
        "names",
        name=[
            {"use": "maiden", "family": "Former"},
            {"use": "usual", "family": "Usual"},
            {"use": "official", "family": "Official", "given": ["A", None, "B"]},
        ],
        address=[{"use": "old", "state": "MA"}, {"state": "NY"}, {"use": "home", "state": "VT"}],
    ),
    patient("former", name=[{"use": "old", "family": "Former"}, {"family": "Plain"}]),
    {
        "resourceType": "Coverage",
        "id": "v",
        "order": 2.0,
        "payor": [{"reference": "Patient/p1"}, {"reference": "Organization/i", "display": "I"}],
    },
    {
        "resourceType": "Claim",
        "id": "c",
        "type": {"coding": [{"code": "local"}, {"system": "x"}, {"code": "institutional"}]},
        "insurance": [
            {"coverage": {"reference": "Coverage/first"}},
            {"focal": True, "coverage": {"reference": "Coverage/focal"}},
        ],
        "diagnosis": [
            {
                "onAdmission": {"coding": [{"code": "local"}, {"code": "y"}]},
                "type": [{"text": "no coding"}, {"coding": [{"code": "principal"}]}],
            }
        ],
    },
    {
        "resourceType": "Condition",
        "id": "d",
        "verificationStatus": {
            "coding": [
                {"system": "urn:local", "code": "sure"},
                {
                    "system": "http://terminology.hl7.org/CodeSystem/condition-ver-status",
                    "code": "confirmed",
                },
            ]
        },
        "code": {"coding": [{"display": "no code"}, {"system": "urn:icd", "code": "J18"}]},
    },
    encounter(
        "r5",
        serviceType=[
            {"concept": {"coding": [{"code": "s1"}]}},
            {"concept": {"coding": [{"code": "s2"}]}},
        ],
        diagnosis=[
            {
                "condition": [
                    {"reference": {"reference": "Condition/c1"}},
                    {"concept": {"coding": [{"code": "J18"}]}},
                ],
                "use": [{"coding": [{"code": "AD"}]}, {"coding": [{"code": "billing"}]}],
            },
            {"rank": 1.0},
        ],
    ),
    {
        "resourceType": "Observation",
        "id": "bp",
        "component": [
            {
                "code": {"coding": [{"system": "http://loinc.org", "code": "8480-6"}]},
                "valueQuantity": {"value": 120, "unit": "mm Hg", "code": "mm[Hg]"},
            },
            None,
            {
                "code": {"coding": [{"code": "8462-4"}]},
                "valueCodeableConcept": {"coding": [{"code": "low"}], "text": "low"},
            },
        ],
    },
]


@pytest.fixture(scope="module")
def loader_of_forms(spark, tmp_path_factory) -> Loader:
    """Return a lake that has taken in every form, a tenant for each kind, in one run."""
    folder = tmp_path_factory.mktemp("forms")
    loader = Loader(spark, Lake(str(folder / "lake")), folder)
    nulls = [with_nulls({**whole(r.type), "id": "nulls"}) for r in RESOURCES]
    classes = [encounter(id_, **{"class": value}) for id_, (value, _) in CLASSES.items()]
    dates = [patient(f"p{n}", deceasedDateTime=text) for n, text in enumerate(DATES)]
    claims = [claim_with(f"n{n}", text) for n, text in enumerate(NUMBERS)]
    claims.append(claim_with("total", "1", "1e40"))
    loader.receive(ndjson(nulls), "nulls.ndjson", "nulls")
    loader.receive(ndjson(classes), "classes.ndjson", "classes")
    loader.receive(ndjson(dates), "dates.ndjson", "dates")
    loader.receive(b"".join(claims), "numbers.ndjson", "numbers")
    loader.receive(ndjson(LISTS), "lists.ndjson", "lists")
    loader.run()
    return loader


def rows(loader: Loader, tenant: str, table: str, *columns: str) -> list[tuple]:
    found = loader.rows(table, "tenant", *columns)
    return [tuple(rest) for of_tenant, *rest in found if of_tenant == tenant]


def rejected(loader: Loader, tenant: str) -> dict[str, tuple[str, str]]:
    found = rows(loader, tenant, "bronze.quarantine", "resource_id", "rule_id", "reason")
    return {id_: (rule, reason) for id_, rule, reason in found}


def test_null_elements_are_left_out_of_every_list(loader_of_forms):
    assert rejected(loader_of_forms, "nulls") == {}
    for table in tables.BY_RESOURCE.values():
        arrays = [column.name for column in table.columns if column.type.startswith("array")]
        ((_, *found),) = rows(loader_of_forms, "nulls", table.full_name, "id", *arrays)
        assert not nulls_in(found), table.name


def test_every_class_is_read_and_inpatient_wins(loader_of_forms):
    found = dict(rows(loader_of_forms, "classes", "silver.encounter", "id", "class_code"))
    assert found == {id_: code for id_, (_, code) in CLASSES.items() if code}
    refused = {id_: rule for id_, (rule, _) in rejected(loader_of_forms, "classes").items()}
    unknown = {id_ for id_, (_, code) in CLASSES.items() if code is None}
    assert refused == dict.fromkeys(unknown, "encounter_class_unknown")


def test_dates_at_the_ends_of_time_are_kept_with_bounds_that_everyone_can_hold(loader_of_forms):
    name = "deceased_date"
    found = whole_rows(loader_of_forms, tables.BY_RESOURCE["Patient"]).where("tenant = 'dates'")
    bounds_of = found.select(name, f"{name}_lower", f"{name}_upper").collect()
    assert {text: (low, high) for text, low, high in bounds_of} == {
        text: bounds for text, bounds in DATES.items() if bounds
    }
    assert [rule for rule, _ in rejected(loader_of_forms, "dates").values()] == ["date_invalid"]


def test_whole_numbers_are_read_as_json_writes_them_and_others_are_named(loader_of_forms):
    found = rows(loader_of_forms, "numbers", "silver.claim", "id", "diagnoses", "total_text")
    assert {id_: (d[0].sequence, text) for id_, d, text in found} == {
        f"n{n}": (1, "10.10") for n in range(3)
    }
    refused = rejected(loader_of_forms, "numbers")
    assert {id_: rule for id_, (rule, _) in refused.items()} == dict.fromkeys(
        ["n3", "n4", "n5", "total"], "shape_invalid"
    )
    assert "diagnosis.sequence (wanted a whole number between" in refused["n4"][1]
    assert "total.value (wanted a number of at most 26 digits" in refused["total"][1]


def test_the_name_and_address_in_use_are_taken(loader_of_forms):
    columns = ("id", "family_name", "given_names", "state")
    assert rows(loader_of_forms, "lists", "silver.patient", *columns) == [
        ("former", "Plain", None, None),
        ("names", "Official", "A B", "VT"),
    ]


def test_the_focal_cover_and_the_paying_organisation_are_taken(loader_of_forms):
    ((payor, display, rank),) = rows(
        loader_of_forms, "lists", "silver.coverage", "payor_id", "payor_display", "rank"
    )
    assert (payor, display, rank) == ("i", "I", "2")
    columns = ("coverage_id", "type_code", "diagnoses")
    ((coverage, kind, (diagnosis,)),) = rows(loader_of_forms, "lists", "silver.claim", *columns)
    assert (coverage, kind) == ("focal", "local")
    assert (diagnosis.on_admission, diagnosis.type_codes) == ("y", ["principal"])


def test_a_concept_gives_the_code_of_its_own_system_else_the_first_there_is(loader_of_forms):
    columns = ("code", "verification_status")
    assert rows(loader_of_forms, "lists", "silver.condition", *columns) == [("J18", "confirmed")]


def test_every_condition_use_and_service_of_an_r5_encounter_is_read(loader_of_forms):
    columns = ("service_type_codings", "diagnoses")
    ((services, diagnoses),) = rows(loader_of_forms, "lists", "silver.encounter", *columns)
    assert [coding.code for coding in services] == ["s1", "s2"]
    assert [(d.condition_id, d.use_codes, d.rank) for d in diagnoses] == [
        ("c1", ["AD", "billing"], None),
        (None, ["AD", "billing"], None),
        (None, None, 1),
    ]
    assert [coding.code for coding in diagnoses[1].codings] == ["J18"]


def test_the_components_of_a_result_are_read(loader_of_forms):
    ((parts,),) = rows(loader_of_forms, "lists", "silver.observation", "components")
    assert [(p.code, p.value, p.unit, p.value_text) for p in parts] == [
        ("8480-6", Decimal("120.000000000000"), "mm[Hg]", None),
        ("8462-4", None, None, "low"),
    ]
