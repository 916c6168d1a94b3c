"""Every rule that rejects claims and payments: what breaks it is in quarantine, the rest is loaded.

Rows of feeds and resources go through one run. A resource with an amount that is no number does not
fit its shape.
"""

from __future__ import annotations

import pytest

from tests.pipeline.feed_lake import FeedLake, claim, claims
from tests.pipeline.resources import ndjson

TRANSACTIONS = "transaction_id,claim_id,type,amount,post_date"
TAKEN = "remit_id,claim_id,line_number,position,group_code,carc,amount"
PERSON = {"reference": "Patient/p1"}


def resource(id_: str, **more: object) -> dict:
    meta = {"lastUpdated": "2024-01-01T00:00:00Z"}
    return {"resourceType": "Claim", "id": id_, "meta": meta, "patient": PERSON, **more}


def line(amount: object) -> list[dict]:
    return [{"sequence": 1, "net": {"value": amount, "currency": "USD"}}]


def rows(header: str, *lines: str) -> bytes:
    return "\n".join((header, *lines, "")).encode()


# The rule, the file with what breaks it and what does not, and the key that breaks it.
FILES = {
    "amount_invalid": ("claims.csv", claims(claim("C1", charge="much"), claim("C2")), "C1"),
    "charge_negative": (
        "claims.csv",
        claims(claim("C1", charge="-1"), claim("C2", charge="1")),
        "C1",
    ),
    "claim_without_person": ("claims.csv", claims(claim("C1", member=""), claim("C2")), "C1"),
    "transaction_type_unknown": (
        "transactions.csv",
        rows(TRANSACTIONS, "T1,C1,gift,5,2024-02-01", "T2,C1,refund,5,2024-02-01"),
        "T1",
    ),
    "group_code_unknown": (
        "remit_adjustments.csv",
        rows(TAKEN, "R1,C1,1,1,XX,45,5", "R1,C1,1,2,CO,45,5"),
        "R1|C1|1|1",
    ),
}
RESOURCES = {
    "shape_invalid": resource("x1", item=line("much")),
    "charge_negative": resource("x2", item=line(-5)),
    "claim_without_person": {**resource("x3", item=line(5)), "patient": None},
}


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> FeedLake:
    lake = FeedLake(tmp_path_factory.mktemp("rejected"))
    for rule, (name, content, _) in FILES.items():
        lake.receive(name, content, rule)
    broken = [
        {name: value for name, value in each.items() if value is not None}
        for each in RESOURCES.values()
    ]
    lake.receive("claims.ndjson", ndjson([*broken, resource("ok", item=line(5))]), "fhir")
    lake.run()
    return lake


@pytest.mark.parametrize("rule", FILES)
def test_a_row_of_a_feed_is_rejected_by_the_rule_it_breaks(lake: FeedLake, rule: str):
    name, _, key = FILES[rule]
    found = lake.rows(
        f"SELECT rule_id, resource_id, record_type FROM bronze.quarantine WHERE tenant = '{rule}'"
    )
    assert [(each[0], each[2]) for each in found] == [(rule, name.removesuffix(".csv"))]
    loaded = lake.rows(f"SELECT record_id FROM bronze.record WHERE tenant = '{rule}'")
    assert len(loaded) == 1
    assert loaded[0][0] != key


@pytest.mark.parametrize("rule", RESOURCES)
def test_a_resource_is_rejected_by_the_rule_it_breaks(lake: FeedLake, rule: str):
    found = lake.rows(
        "SELECT rule_id FROM bronze.quarantine WHERE tenant = 'fhir'"
        f" AND resource_id = '{RESOURCES[rule]['id']}'"
    )
    assert found == [(rule,)]


def test_what_breaks_no_rule_is_loaded(lake: FeedLake):
    assert lake.rows("SELECT id FROM silver.claim WHERE tenant = 'fhir'") == [("ok",)]
