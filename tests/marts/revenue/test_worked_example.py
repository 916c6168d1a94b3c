"""The worked example of the claims specification, section 10, figure by figure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from metriccare.marts.revenue.costs import COST_FEED
from metriccare.marts.revenue.evidence import evidence
from metriccare.marts.revenue.gates import wrong_totals
from metriccare.marts.revenue.inputs import CHARGE_ROWS
from metriccare.marts.revenue.results import results_as_of
from metriccare.settings import RevenueSettings
from metriccare.tables import BY_NAME
from metriccare.tables.claims import UNBILLED_CARE
from metriccare.tables.declaration import TENANT
from tests.marts.revenue import ledgers
from tests.marts.revenue.worked_example import ACCOUNTS, AS_OF, DENIALS, REMITS

Rows = Mapping[tuple[str, ...], Mapping[str, Any]]
JANUARY, FEBRUARY, MARCH, APRIL, MAY, JUNE = (f"2024-{month:02}" for month in range(1, 7))
ALL = "all"


@pytest.fixture(scope="module")
def computed() -> dict[str, list[Mapping[str, Any]]]:
    with ledgers.engine() as engine:
        tables = ledgers.relations(engine, ACCOUNTS, {"denial": DENIALS, "remit": REMITS})
        found = results_as_of(engine, tables, {"a": AS_OF}, RevenueSettings())
        return {name: engine.rows(relation) for name, relation in found.relations.items()}


@pytest.fixture(scope="module")
def rows(computed) -> Rows:
    return {
        (row["kpi_id"], _period(row), row["stratum_type"], row["stratum_value"]): row
        for row in computed["kpi_result"]
    }


def _period(row: Mapping[str, Any]) -> str:
    start: date | None = row["period_start"]
    if start is None:
        return ALL
    return f"{start:%Y-%m}" if row["grain"] == "month" else f"{start:%Y-%m} {row['grain']}"


def overall(rows: Rows, kpi: str, period: str) -> Mapping[str, Any]:
    return rows[kpi, period, "overall", "all"]


@pytest.mark.parametrize(
    ("kpi", "period", "numerator", "denominator", "value"),
    [
        ("gross_charges", ALL, "5700", None, "5700"),
        ("total_collections", ALL, "1290", None, "1290"),
        ("ar_open", ALL, "2900", None, "2900"),
        ("ar_open", JUNE, "2900", None, "2900"),
        ("ar_open", MARCH, "3050", None, "3050"),
        ("credit_balance", ALL, "20", None, "20"),
        ("credit_balance", MARCH, "0", None, "0"),
        ("days_in_ar", JUNE, "2900", "8.89", "326.25"),
        ("days_in_ar", MARCH, "3050", "63.64", "47.928571"),
        ("ar_over_90", JUNE, "2400", "2900", "0.827586"),
        ("net_collection_rate", JANUARY, "1050", "1700", "0.617647"),
        ("gross_collection_rate", JANUARY, "1050", "2400", "0.4375"),
        ("gross_collection_rate", APRIL, "0", "0", None),
        ("net_collection_rate", APRIL, "0", "0", None),
        ("initial_denial_rate", FEBRUARY, "2", "3", "0.666667"),
        ("initial_denial_rate_any", FEBRUARY, "2", "3", "0.666667"),
        ("initial_denial_rate_lines", FEBRUARY, "2", "3", "0.666667"),
        ("initial_denial_rate_amount", FEBRUARY, "1400", "2400", "0.583333"),
        ("denial_appeal_rate", FEBRUARY, "1", "2", "0.5"),
        ("denial_overturn_rate", FEBRUARY, "1", "1", "1"),
        ("final_denial_rate", FEBRUARY, "1", "3", "0.333333"),
        ("denial_days_to_resolution", FEBRUARY, "115", "2", "57.5"),
        ("total_denied_amount", FEBRUARY, "1400", None, "1400"),
        ("claims_processed", FEBRUARY, "3", None, "3"),
        ("claims_processed", ALL, "6", None, "6"),
        ("clean_claim_rate", JANUARY, "3", "3", "1"),
        ("first_pass_resolution_rate", JANUARY, "1", "3", "0.333333"),
        ("clean_claim_rate", FEBRUARY, "0", "1", "0"),
        ("first_pass_resolution_rate", FEBRUARY, "0", "1", "0"),
        ("clean_claim_rate", MARCH, "0", "0", None),
        ("clean_claim_rate", JUNE, "0", "0", None),
        ("point_of_service_rate", ALL, "20", "90", "0.222222"),
        ("bad_debt_rate", MAY, "50", "0", None),
        ("denial_writeoff_rate", MAY, "600", "0", None),
        ("payment_lag", ALL, "121", "3", "40.333333"),
        ("bill_lag", JANUARY, "11", "3", "3.666667"),
        ("gross_collection_rate_post", ALL, "1290", "5700", "0.226316"),
        ("net_collection_rate_post", ALL, "1290", "4820", "0.267635"),
        ("gross_charges", "2024-01 quarter", "4900", None, "4900"),
        ("gross_charges", "2024-01 year", "5700", None, "5700"),
        ("patient_collection_rate", ALL, "50", "100", "0.5"),
    ],
)
def test_a_figure(rows, kpi, period, numerator, denominator, value):
    row = overall(rows, kpi, period)
    assert (row["numerator"], row["denominator"], row["value"]) == (
        _decimal(numerator),
        _decimal(denominator),
        _decimal(value),
    )


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def test_every_cent_that_is_charged_is_collected_taken_off_or_owed():
    def total(*types: str) -> Decimal:
        return sum((ledger.total(*types) for ledger in ACCOUNTS), Decimal(0))

    accounts = [ledger.account() for ledger in ACCOUNTS]
    written_off = total("bad_debt", "denial_writeoff")
    cash = total("payer_payment", "patient_payment")
    balance = sum(account["balance"] for account in accounts)
    assert (total("charge"), cash, total("contractual"), written_off, balance) == (
        5700,
        1290,
        880,
        650,
        2880,
    )


@pytest.mark.parametrize(
    ("anchor", "buckets"),
    [
        ("bill", {"0-30": 500, "91-120": 2000, "121+": 400}),
        ("service", {"31-60": 500, "91-120": 2000, "121+": 400}),
        ("payer", {"0-30": 500, "91-120": 2400}),
    ],
)
def test_open_balances_by_age(rows, computed, anchor, buckets):
    shares = {
        key[3]: row
        for key, row in rows.items()
        if key[:3] == (f"ar_aging_{anchor}", JUNE, "bucket")
    }
    assert {name: row["numerator"] for name, row in shares.items()} == buckets
    assert {row["denominator"] for row in shares.values()} == {2900}
    table = [
        row for row in computed["ar_aging"] if (row["stock_date"], row["anchor"]) == (AS_OF, anchor)
    ]
    assert {row["bucket"]: row["balance"] for row in table} == buckets
    assert {(row["facility_id"], row["payer"]) for row in table} == {("F", "commercial")}


def test_a_cohort_that_is_too_young_is_provisional(rows):
    assert overall(rows, "net_collection_rate", APRIL)["provisional"]
    assert overall(rows, "net_collection_rate", APRIL)["excluded"] == 1
    assert not overall(rows, "net_collection_rate", JANUARY)["provisional"]


def test_a_short_history_is_noted(rows):
    assert overall(rows, "days_in_ar", MARCH)["note"] == "short_history"
    assert overall(rows, "days_in_ar", JUNE)["note"] is None


def test_less_than_30_days_give_no_days_in_ar(rows):
    assert overall(rows, "days_in_ar", JANUARY)["value"] is None


def test_net_days_in_ar_need_30_answered_accounts(rows):
    row = overall(rows, "net_days_in_ar", JUNE)
    assert (row["value"], row["note"]) == (None, "few_accounts")


def test_payment_lag_has_the_nearest_rank_median(rows):
    row = overall(rows, "payment_lag", ALL)
    assert (row["median"], row["percentile_90"]) == (25, 73)


def test_without_an_edit_log_clean_claims_are_accepted_claims(rows):
    assert overall(rows, "clean_claim_rate", JANUARY)["note"] == "no_edit_log"


def test_proportions_of_counts_have_an_interval(rows):
    row = overall(rows, "initial_denial_rate", FEBRUARY)
    assert (row["ci_low"], row["ci_high"]) == (Decimal("0.207660"), Decimal("0.938508"))
    assert overall(rows, "initial_denial_rate_amount", FEBRUARY)["ci_low"] is None


def test_denials_by_reason(rows, computed):
    amounts = {
        key[3]: row["numerator"]
        for key, row in rows.items()
        if key[:3] == ("total_denied_amount", FEBRUARY, "carc")
    }
    assert amounts == {"197": 800, "50": 600}
    row = next(row for row in computed["denial_month"] if row["carc"] == "197")
    assert (row["total_denials"], row["total_claims"]) == (1, 3)
    assert (row["total_denied_amount"], row["recovered_amount"], row["open_amount"]) == (
        800,
        500,
        0,
    )
    assert (row["resolved"], row["resolution_days"]) == (1, 44)


def test_costs_stand_beside_collections():
    with ledgers.engine() as engine:
        tables = ledgers.relations(engine, ACCOUNTS)
        rows = [
            {"tenant": "a", "month": date(2024, 2, 1), "facility_id": "F", "amount": 20},
            {"tenant": "a", "month": date(2024, 2, 1), "facility_id": "G", "amount": 5},
            {"tenant": "a", "month": date(2024, 3, 1), "facility_id": "F", "amount": 1, **DELETED},
        ]
        tables[COST_FEED] = ledgers.relation(engine, BY_NAME[f"silver.{COST_FEED}"], rows)
        found = results_as_of(engine, tables, {"a": AS_OF}, RevenueSettings())
        costs = {
            (_period(row), row["stratum_value"]): (
                row["numerator"],
                row["denominator"],
                row["value"],
            )
            for row in engine.rows(found.relations["kpi_result"])
            if row["kpi_id"] == "cost_to_collect"
        }
        assert list(wrong_totals(found.figures)) == []
    assert costs[FEBRUARY, "all"] == (25, 500, Decimal("0.05"))
    assert costs[FEBRUARY, "F"] == (20, 500, Decimal("0.04"))
    assert costs[FEBRUARY, "G"] == (5, 0, None)
    assert costs[ALL, "all"] == (25, 1290, Decimal("0.01938"))
    assert (MARCH, "all") not in costs


DELETED = {"deleted": True}


def test_care_without_a_claim_waits_in_days_of_charges():
    def care(number: int, begin: date, **columns: Any) -> dict[str, Any]:
        usual = {"tenant": "a", "person_id": "P1", "currency": "USD", "is_discharged": True}
        of = {"care_id": f"encounter/{number}", "from_date": begin, "payer": "medicare"}
        return {**usual, **of, **columns}

    june_20 = date(2024, 6, 20)
    waiting = [
        care(1, june_20, charges=80),
        care(2, june_20, charges=None),
        care(3, june_20, charges=50, is_discharged=False),
        care(4, date(2024, 5, 20), charges=30, to_date=date(2024, 6, 2)),
    ]
    with ledgers.engine() as engine:
        tables = ledgers.relations(engine, ACCOUNTS, {"denial": DENIALS})
        tables["unbilled_care"] = ledgers.relation(engine, UNBILLED_CARE, waiting)
        without = results_as_of(engine, tables, {"a": AS_OF}, RevenueSettings())
        tables[CHARGE_ROWS] = engine.from_rows((TENANT,), [["a"]])
        found = results_as_of(engine, tables, {"a": AS_OF}, RevenueSettings())
        figures = {
            (r["kpi_id"], _period(r), r["stratum_value"]): r
            for r in engine.rows(found.relations["kpi_result"])
        }
        evidence_rows = [
            row
            for row in engine.rows(evidence(engine, found.sources, found.inputs.dates))
            if row["kpi_id"] == "dnfb_days"
        ]
        assert list(wrong_totals(found.figures)) == []
        unknown = [
            r
            for r in engine.rows(without.relations["kpi_result"])
            if (r["kpi_id"], r["stratum_type"]) == ("dnfb_days", "overall")
        ]
    # 800 charges in 90 days: 8.89 a day.
    june = figures["dnfb_days", JUNE, "all"]
    assert (june["numerator"], june["denominator"], june["value"]) == (80, Decimal("8.89"), 9)
    assert (june["excluded"], june["note"]) == (1, None)
    assert figures["dnfb_count", JUNE, "all"]["numerator"] == 2
    assert figures["dnfb_count", MAY, "all"]["numerator"] == 1
    assert figures["dnfb_days", MAY, "medicare"]["numerator"] == 30
    assert figures["dnfb_days", JUNE, "unknown"]["value"] is None
    # Without ChargeItem or the feed of charges only the count is known.
    assert {(row["numerator"], row["value"]) for row in unknown} == {(None, None)}
    assert all("no_charges" in row["note"] for row in unknown)
    assert {r["account_id"]: (r["numerator"], r["exclusion_reasons"]) for r in evidence_rows} == {
        "encounter/1": (80, []),
        "encounter/2": (0, []),
        "encounter/3": (None, ["not_discharged"]),
    }


def test_every_stratum_of_one_facility_equals_the_whole(rows):
    for (kpi, period, kind, value), row in rows.items():
        if kind == "facility":
            whole = rows[kpi, period, "overall", "all"]
            assert value == "F"
            assert (row["numerator"], row["denominator"]) == (
                whole["numerator"],
                whole["denominator"],
            )
