"""The evidence says of each account whether it counts, and adds up to the results."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

import pytest

from metriccare.marts.revenue.evidence import evidence
from metriccare.marts.revenue.results import results_as_of
from metriccare.settings import RevenueSettings
from tests.marts.revenue import ledgers
from tests.marts.revenue.ledgers import Entry, Ledger
from tests.marts.revenue.worked_example import (
    A1,
    ACCOUNTS,
    AS_OF,
    DENIALS,
    REMITS,
    day,
)

VOID = Ledger("V", {**A1.columns, "state": "void"}, (Entry("payer_payment", "5", day(2, 9)),))
SELF = Ledger(
    "S",
    {**A1.columns, "payer": "self_pay", "state": "closed"},
    (Entry("charge", "10", day(1, 15)), Entry("patient_payment", "10", day(1, 20))),
)


@pytest.fixture(scope="module")
def found():
    with ledgers.engine() as engine:
        tables = ledgers.relations(
            engine, (*ACCOUNTS, VOID, SELF), {"denial": DENIALS, "remit": REMITS}
        )
        results = results_as_of(engine, tables, {"a": AS_OF}, RevenueSettings())
        rows = engine.rows(evidence(engine, results.sources, results.inputs.dates))
        yield rows, results.figures


def reasons(rows, kpi: str) -> dict[str, list[str]]:
    return {r["account_id"]: r["exclusion_reasons"] for r in rows if r["kpi_id"] == kpi}


def test_every_reason_is_named(found):
    assert reasons(found[0], "final_denial_rate") == {
        "A1": [],
        "A2": [],
        "A3": [],
        "A4": ["run_out"],
        "A5": ["no_answer", "pending"],
        "A6": ["no_answer", "pending"],
        "A7": ["run_out"],
        "S": ["self_pay"],
        "V": ["void"],
    }


def test_a_row_that_does_not_count_has_no_numbers(found):
    left_out = [row for row in found[0] if not row["in_denominator"]]
    assert {(row["numerator"], row["denominator"]) for row in left_out} == {(None, None)}


def test_every_row_has_a_key_of_its_own(found):
    keys = [(row["kpi_id"], row["account_id"], row["item"]) for row in found[0]]
    assert len(keys) == len(set(keys))


def test_evidence_adds_up_to_the_results(found):
    every, figures = found
    sums: dict[str, list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
    for row in every:
        sums[row["kpi_id"]][0] += row["numerator"] or 0
        sums[row["kpi_id"]][1] += row["denominator"] or 0
    overall = {
        figure.key.kpi_id: figure.sums
        for figure in figures
        if figure.key.grain == "all" and figure.key.stratum_type == "overall"
    }
    assert {kpi: total for kpi, total in sums.items() if kpi in overall} == {
        kpi: [Decimal(overall[kpi].numerator) / 100, Decimal(overall[kpi].denominator) / 100]
        for kpi in sums
        if kpi in overall
    }


def test_an_answer_counts_once_it_is_overruled_and_not_when_it_only_takes_back():
    answers = [
        {**REMITS[0], "remit_id": "first", "in_force": False},
        {**REMITS[0], "remit_id": "second", "in_force": True},
        {**REMITS[0], "remit_id": "taken back", "reversal": True},
    ]
    with ledgers.engine() as engine:
        tables = ledgers.relations(engine, ACCOUNTS, {"remit": answers})
        results = results_as_of(engine, tables, {"a": AS_OF}, RevenueSettings())
        rows = engine.rows(evidence(engine, results.sources, results.inputs.dates))
    decided = [r["item"] for r in rows if r["kpi_id"] == "claims_processed"]
    assert sorted(item.rsplit("|", 1)[1] for item in decided) == ["first", "second"]
