"""The published quality summary: small counts of people's rows are hidden, places' are not."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from metriccare.engine.duckdb.engine import DuckDbEngine
from metriccare.pipeline.publish import data_quality
from metriccare.settings import Lake
from metriccare.tables import BY_NAME
from tests.pipeline.stored_rows import context_of, engine_of, store

COUNTS = [
    ("bronze", "Encounter", "rows", 40),
    ("bronze", "Encounter", "bad_json", 3),
    ("silver", "encounter", "reference_not_found", 35),
    ("silver", "encounter", "date_without_offset", 20),
    ("bronze", "Patient", "rows", 7),
    ("bronze", "Organization", "rows", 4),
    ("gold", "stay", "derived", 2),
    ("gold", "stay", "missing_disposition", 12),
    ("bronze", "Claim", "rule_of_old", 11),
]
_COLUMNS = [
    BY_NAME["publish.data_quality"].column(name)
    for name in ("tenant", "layer", "table_name", "rule_id", "row_count")
]


@pytest.fixture
def engine(lake: Lake) -> DuckDbEngine:
    return engine_of(lake)


def test_small_counts_and_few_rows_beside_a_count_are_hidden(engine: DuckDbEngine, lake: Lake):
    counts = engine.from_rows(_COLUMNS, [("north", *row) for row in COUNTS])
    rows = engine.rows(data_quality.described(engine, counts, context_of(lake)))
    shown = {(r["table_name"], r["rule_id"]): (r["row_count"], r["suppressed"]) for r in rows}
    assert shown == {
        ("Encounter", "rows"): (40, False),
        ("Encounter", "bad_json"): (None, True),
        # 5 of the 40 rows do not trip the rule.
        ("encounter", "reference_not_found"): (None, True),
        ("encounter", "date_without_offset"): (20, False),
        ("Patient", "rows"): (None, True),
        ("Organization", "rows"): (4, False),
        ("stay", "derived"): (None, True),
        ("stay", "missing_disposition"): (12, False),
        ("Claim", "rule_of_old"): (11, False),
    }


def test_a_rule_that_is_not_declared_any_more_is_put_into_words(engine: DuckDbEngine, lake: Lake):
    counts = engine.from_rows(_COLUMNS, [("north", "bronze", "Claim", "rule_of_OLD", 11)])
    context = context_of(lake, as_of_by_tenant={"north": date(2024, 5, 31)})
    (row,) = engine.rows(data_quality.described(engine, counts, context))
    assert (row["severity"], row["meaning"]) == ("reject", "Rule Of Old")
    assert row["as_of"] == date(2024, 5, 31)


def test_rows_rejects_flags_and_uncomputed_persons_are_counted(engine: DuckDbEngine, lake: Lake):
    at = datetime.fromisoformat("2024-05-01")
    store(
        engine,
        "bronze.resource",
        [
            {"file_id": "f", "source_line": n, "resource_type": "Patient", "ingested_at": at}
            for n in (1, 2)
        ],
    )
    reject = {"file_id": "f", "source_line": 3, "rule_id": "bad_json"}
    store(
        engine, "bronze.quarantine", [reject, {**reject, "source_line": 4, "redriven_run_id": "x"}]
    )
    flagged = {"deleted": False, "dq_flags": ["a", "b"]}
    patients = [{"id": "p1", **flagged}, {"id": "p2", **flagged, "deleted": True}, {"id": "p3"}]
    store(engine, "silver.patient", [{"deleted": False, **row} for row in patients])
    store(engine, "gold.stay", [{"stay_id": "s", "dq_flags": ["c"]}])
    store(engine, "gold.claim", [{"claim_id": "c", "dq_flags": ["remit_orphan"]}])
    store(engine, "gold.person_not_computed", [{"person_id": "p1"}])

    received = data_quality.received(engine, context_of(lake))
    table = BY_NAME["gold.person_not_computed"]
    persons = [(table, engine.read(table))]
    counts = data_quality.with_uncomputed(engine, received, persons).counts
    gold = {name: engine.read(BY_NAME[f"gold.{name}"]) for name in ("stay", "claim")}
    rows = engine.rows(data_quality.data_quality(engine, counts, gold, context_of(lake)))
    assert {(r["layer"], r["table_name"], r["rule_id"]) for r in rows} == {
        ("bronze", "Patient", "rows"),
        ("bronze", "unknown", "bad_json"),
        ("silver", "patient", "a"),
        ("silver", "patient", "b"),
        ("gold", "person_not_computed", "person_not_computed"),
        ("gold", "stay", "c"),
        ("gold", "claim", "remit_orphan"),
    }
    assert {r["row_count"] for r in engine.rows(counts)} == {1, 2}
    assert engine.rows(received.freshness) == [
        {
            "tenant": "north",
            "resource_type": "Patient",
            "last_updated": None,
            "last_ingested_at": at,
            "published_at": datetime.fromisoformat("2024-06-01"),
            "as_of": date(2024, 6, 1),
        }
    ]
