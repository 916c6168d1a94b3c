"""Both engines give the same evidence, results and violations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from metriccare.marts.revenue.costs import COST_FEED
from metriccare.marts.revenue.doubts import WAITING, doubtful_parts
from metriccare.marts.revenue.evidence import evidence
from metriccare.marts.revenue.gates import violations
from metriccare.marts.revenue.published import published
from metriccare.marts.revenue.results import results_as_of
from metriccare.settings import CMS, Lake, RevenueSettings
from metriccare.tables import BY_NAME, claims
from tests.marts.revenue import ledgers
from tests.marts.revenue.test_published import copies
from tests.marts.revenue.worked_example import A1, A4, A5, ACCOUNTS, AS_OF, DENIALS, REMITS, day

# 30 answered accounts, so that usual reductions are known; halves of cents are rounded.
ENOUGH = [*ACCOUNTS, *copies(A1, 31, facility_id="G"), *copies(A5, 3), *copies(A4, 2)]
LINES = [
    {
        "tenant": "a",
        "claim_id": f"c{number}",
        "line_number": 1,
        "account_id": "A1",
        "person_id": "person of A1",
        "in_force": True,
        "charge": 100 + number,
        "service_from": day(1, 10),
        "posted_date": day(1, 9 + number),
    }
    for number in range(7)
]
CONTRACTS = [
    {
        "tenant": "a",
        "claim_id": f"c{number}",
        "line_number": 1,
        "account_id": "A1",
        "person_id": "person of A1",
        "verdict": verdict,
        "variance": -number,
    }
    for number, verdict in enumerate(("underpaid", "as_contracted", "no_rate", "line_denied"))
]


def computed(engine: Any) -> dict[str, Any]:
    """Everything the mart gives."""
    more = {"denial": DENIALS, "remit": REMITS, "claim_line": LINES, "expected_line": CONTRACTS}
    tables = ledgers.relations(engine, ENOUGH, more)
    tables["claim"] = ledgers.relation(engine, claims.CLAIM, [])
    tables["remit_line"] = ledgers.relation(engine, claims.REMIT_LINE, [])
    costs = [{"tenant": "a", "month": day(2, 1), "facility_id": "F", "amount": 20}]
    tables[COST_FEED] = ledgers.relation(engine, BY_NAME[f"silver.{COST_FEED}"], costs)
    found = results_as_of(engine, tables, {"a": AS_OF}, RevenueSettings())
    relations: Mapping[str, Any] = {
        **found.relations,
        **{f"published {k}": v for k, v in published(engine, found, CMS).items()},
        "evidence": evidence(engine, found.sources, found.inputs.dates),
    }
    rows = {name: _sorted(engine.rows(relation)) for name, relation in relations.items()}
    waiting = engine.from_rows(WAITING, [("a", 2)])
    doubts = sorted(doubtful_parts(engine, tables, waiting).items(), key=str)
    return {**rows, "gates": violations(engine, tables, found), "doubts": doubts}


def _sorted(rows: Any) -> list[Any]:
    return sorted((dict(row) for row in rows), key=str)


@pytest.mark.spark
def test_both_engines_give_the_same_rows(spark, tmp_path):
    from metriccare.engine.spark.engine import SparkEngine

    with ledgers.engine() as engine:
        by_duckdb = computed(engine)
    by_spark = computed(SparkEngine(spark, Lake(str(tmp_path / "lake")), lambda: None))
    assert by_duckdb.keys() == by_spark.keys()
    for name, rows in by_duckdb.items():
        assert by_spark[name] == rows, name
    assert any(row["kpi_id"] == "net_days_in_ar" and row["value"] for row in rows_of(by_duckdb))


def rows_of(found: Mapping[str, Any]) -> list[Any]:
    return list(found["kpi_result"])
