"""Odd values in every place of every declaration: a record can spoil itself at most.

What FHIR lets a sender write in several ways is read in all of them; lists are read as lists.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from metriccare.settings import Lake
from metriccare.sources.fhir.resources import RESOURCES
from metriccare.tables import silver as tables
from tests.loader import Loader
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

# Numbers that JSON readers read differently, and what is read: the value and its digits.
EXACT = {
    "12345678901234567890.123": "12345678901234567890.123",
    "12345678901.1234564": "12345678901.1234564",
    "0.0000000000005": "0.000000000001",
    "-1.5e3": "-1500",
    '"7.5"': "7.5",
    '"1,000"': "1000",
}


SHARE = 0.06


def odd_and_good(share: float) -> dict[str, list[dict[str, Any]]]:
    """Return odd resources with good ones, and the good ones alone, by tenant."""
    return {"odd": [*good_ones(), *odd_resources(share)], "alone": good_ones()}


@pytest.fixture(scope="module")
def forms(engine_kind: str, tmp_path_factory) -> Loader:
    """Return a lake that has taken in every form, a tenant for each kind, in one run."""
    folder = tmp_path_factory.mktemp("forms")
    made = Loader(engine_kind, Lake(str(folder / "lake")), folder)
    claims = [claim_with(f"n{n}", text) for n, text in enumerate(NUMBERS)]
    claims.append(claim_with("total", "1", "1e40"))
    exact = [claim_with(f"x{n}", "1", text) for n, text in enumerate(EXACT)]
    batches: dict[str, Any] = {
        **odd_and_good(SHARE),
        "nulls": [with_nulls({**whole(r.type), "id": "nulls"}) for r in RESOURCES],
        "classes": [encounter(id_, **{"class": value}) for id_, (value, _) in CLASSES.items()],
        "dates": [patient(f"p{n}", deceasedDateTime=text) for n, text in enumerate(DATES)],
        "numbers": b"".join(claims),
        "exact": b"".join(exact),
        "lists": LISTS,
        "texts": ndjson([patient("t", gender=1e40, name=[{"family": 12, "given": ["\u0000é"]}])]),
    }
    for tenant, batch in batches.items():
        made.receive(batch, f"{tenant}.ndjson", tenant)
    made.run()
    return made


def rejected(forms: Loader, tenant: str) -> dict[str, tuple[str, str]]:
    columns = ("resource_id", "rule_id", "reason", "resource_type")
    found = forms.rows("bronze.quarantine", *columns, tenant=tenant)
    return {f"{kind}/{id_}": (rule, reason) for id_, rule, reason, kind in found}


# Few odd values in a claim break these: a share of all values may hold none.
_OF_SOME_CLAIMS = {"charge_negative", "claim_without_person"}


def nothing_is_lost(loader: Loader, share: float) -> None:
    """Check that every record is stored or rejected for a reason, and good rows are as alone."""
    odd, good = odd_and_good(share)["odd"], good_ones()
    stored = {
        f"{kind}/{id_}"
        for kind, table in tables.BY_RESOURCE.items()
        for (id_,) in loader.rows(table.full_name, "id", tenant="odd")
    }
    refused = rejected(loader, "odd")
    assert stored.isdisjoint(refused)
    assert stored | refused.keys() == {f"{r['resourceType']}/{r['id']}" for r in odd}
    rules = {rule for rule, _ in refused.values()}
    assert rules - _OF_SOME_CLAIMS == {
        *("shape_invalid", "date_invalid", "modifier_extension_unknown"),
        *("encounter_class_unknown", "encounter_status_unknown"),
    }
    unexplained = [r for rule, r in refused.values() if rule == "shape_invalid" and " (w" not in r]
    assert unexplained == []
    alone = rows_of_good(loader, "alone")
    assert len(alone) == len(good)
    assert rows_of_good(loader, "odd") == alone


_OF_ARRIVAL = {"tenant", "run_id", "record_key", "ordering", "ingest_sequence", "source_line"} | {
    "source_file"
}


def rows_of_good(loader: Loader, tenant: str) -> dict[str, tuple]:
    """Return the valid row of each type, without the columns about its arrival."""
    found = {}
    for table in tables.BY_RESOURCE.values():
        names = [n for n in table.column_names if n not in _OF_ARRIVAL]
        of_tenant = loader.rows(table.full_name, "id", *names, tenant=tenant)
        (found[table.name],) = [row for row in of_tenant if row[0] == "good"]
    return found


def test_an_odd_value_anywhere_spoils_its_own_record_at_most(forms: Loader):
    nothing_is_lost(forms, SHARE)


@pytest.mark.slow
def test_every_odd_value_in_every_place_spoils_its_own_record_at_most(loader: Loader):
    for tenant, batch in odd_and_good(1).items():
        loader.receive(batch, f"{tenant}.ndjson", tenant)
    loader.run()
    nothing_is_lost(loader, share=1)


def nulls_in(value: Any) -> bool:
    """Return True if a list at any depth holds a null."""
    if isinstance(value, list):
        return any(one is None or nulls_in(one) for one in value)
    return any(map(nulls_in, value.values())) if isinstance(value, dict) else False


def test_null_elements_are_left_out_of_every_list(forms: Loader):
    assert rejected(forms, "nulls") == {}
    for table in tables.BY_RESOURCE.values():
        arrays = [column.name for column in table.columns if column.type.startswith("array")]
        (found,) = forms.rows(table.full_name, *arrays, tenant="nulls")
        assert not nulls_in(list(found)), table.name
        assert None not in found, table.name


def test_every_class_is_read_and_inpatient_wins(forms: Loader):
    found = dict(forms.rows("silver.encounter", "id", "class_code", tenant="classes"))
    assert found == {id_: code for id_, (_, code) in CLASSES.items() if code}
    unknown = {f"Encounter/{id_}" for id_, (_, code) in CLASSES.items() if code is None}
    refused = {id_: rule for id_, (rule, _) in rejected(forms, "classes").items()}
    assert refused == dict.fromkeys(unknown, "encounter_class_unknown")


def test_dates_at_the_ends_of_time_have_bounds_that_everyone_can_hold(forms: Loader):
    name = "deceased_date"
    found = forms.rows("silver.patient", name, f"{name}_lower", f"{name}_upper", tenant="dates")
    assert {text: (low, high) for text, low, high in found} == {
        text: tuple(dt.datetime.fromisoformat(bound) for bound in bounds)
        for text, bounds in DATES.items()
        if bounds
    }
    assert [rule for rule, _ in rejected(forms, "dates").values()] == ["date_invalid"]


def test_whole_numbers_are_read_as_json_writes_them_and_others_are_named(forms: Loader):
    found = forms.rows("silver.claim", "id", "diagnoses", "total_text", tenant="numbers")
    assert {id_: (d[0]["sequence"], text) for id_, d, text in found} == {
        f"n{n}": (1, "10.10") for n in range(3)
    }
    refused = rejected(forms, "numbers")
    wrong = [f"Claim/{id_}" for id_ in ("n3", "n4", "n5", "total")]
    assert {id_: rule for id_, (rule, _) in refused.items()} == dict.fromkeys(
        wrong, "shape_invalid"
    )
    assert "diagnosis.sequence (wanted a whole number between" in refused["Claim/n4"][1]
    assert "total.value (wanted a number of at most 26 digits" in refused["Claim/total"][1]


def test_numbers_of_any_length_and_numbers_sent_as_text_are_read_exactly(forms: Loader):
    found = dict(forms.rows("silver.claim", "id", "total", tenant="exact"))
    assert found == {f"x{n}": Decimal(value) for n, value in enumerate(EXACT.values())}


def test_a_number_in_the_place_of_text_is_text(forms: Loader):
    columns = ("sex", "family_name", "given_names")
    assert forms.rows("silver.patient", *columns, tenant="texts") == [("1.0E40", "12", "\u0000é")]


def test_of_repeated_elements_those_in_use_or_with_a_code_are_taken(forms: Loader):
    def of(table: str, *columns: str) -> list[tuple[Any, ...]]:
        return forms.rows(table, *columns, tenant="lists")

    assert of("silver.patient", "id", "family_name", "given_names", "state") == [
        ("former", "Plain", None, None),
        ("names", "Official", "A B", "VT"),
    ]
    assert of("silver.coverage", "payor_id", "payor_display", "rank") == [("i", "I", "2")]
    ((coverage, kind, (diagnosis,)),) = of("silver.claim", "coverage_id", "type_code", "diagnoses")
    assert (coverage, kind) == ("focal", "local")
    assert (diagnosis["on_admission"], diagnosis["type_codes"]) == ("y", ["principal"])
    assert of("silver.condition", "code", "verification_status") == [("J18", "confirmed")]
    ((services, diagnoses),) = of("silver.encounter", "service_type_codings", "diagnoses")
    assert [coding["code"] for coding in services] == ["s1", "s2"]
    assert [(d["condition_id"], d["use_codes"], d["rank"]) for d in diagnoses] == [
        ("c1", ["AD", "billing"], None),
        (None, ["AD", "billing"], None),
        (None, None, 1),
    ]
    ((parts,),) = of("silver.observation", "components")
    assert [(p["code"], p["value"], p["unit"], p["value_text"]) for p in parts] == [
        ("8480-6", Decimal("120"), "mm[Hg]", None),
        ("8462-4", None, None, "low"),
    ]
