"""Odd values in every place of every declaration: a record can spoil itself at most.

What FHIR lets a sender write in several ways is read in all of them; lists are read as lists.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812

from metriccare.fhir.resources import RESOURCES
from metriccare.settings import Lake
from metriccare.spark import hudi
from metriccare.tables import BY_NAME, Table
from metriccare.tables import silver as tables
from tests.pipeline.odd_resources import (
    CLASSES,
    DATES,
    LISTS,
    NUMBERS,
    claim_with,
    good_ones,
    odd_resources,
    whole,
    with_nulls,
)
from tests.pipeline.resources import encounter, ndjson, patient
from tests.spark.conftest import Loader

pytestmark = pytest.mark.spark


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


def nulls_in(value: Any) -> bool:
    """Tell whether a list at any depth holds a null."""
    if isinstance(value, list):
        return any(one is None or nulls_in(one) for one in value)
    return any(map(nulls_in, value)) if isinstance(value, tuple) else False


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
