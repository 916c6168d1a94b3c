"""The views of the revenue cycle give the worked example of the claims specification."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from metriccare.query.duckdb.engine import DuckDbEngine
from metriccare.query.views import view_columns
from metriccare.settings import Lake
from metriccare.wiring.queries import open_engine

COLUMNS = {
    "revenue_cycle_kpis": "month_year facility_id facility_name total_charges total_collections"
    " net_collection_rate net_collection_rate_post gross_collection_rate days_in_ar ar_over_90"
    " denial_rate clean_claim_rate first_pass_success_rate provisional closed suppressed as_of",
    "claims_analytics": "kpi_id grain period_start period_end stratum_type stratum_value"
    " stratum_label currency numerator denominator value unit ci_low ci_high provisional note"
    " suppressed as_of",
    "denials": "denial_month facility_id payer category group_code carc total_denials total_claims"
    " denial_rate avg_days_to_resolution total_denied_amount recovered_amount open_amount"
    " suppressed as_of",
    "ar_aging": "stock_date anchor facility_id payer bucket balance share suppressed as_of",
    "payer_performance": "month_year payer payer_id payer_name claims denial_rate"
    " payment_lag_median payment_lag_p90 underpayment_amount net_collection_rate suppressed as_of",
    "kpi_close_history": "kpi_id month_year facility_id close_version closed_value restated_value"
    " difference closed_at",
}


@pytest.fixture(scope="module")
def engine(published_lake: Lake) -> DuckDbEngine:
    return open_engine(published_lake)


@pytest.mark.parametrize("name", COLUMNS)
def test_a_view_has_the_columns_of_the_contract_in_order(name: str) -> None:
    assert list(view_columns(name)) == ["tenant", *COLUMNS[name].split()]


def test_the_months_of_the_revenue_cycle(engine: DuckDbEngine) -> None:
    sql = (
        "select total_charges, net_collection_rate, denial_rate, days_in_ar, provisional, closed"
        " from revenue_cycle_kpis where facility_id = 'all' and month_year = "
    )
    january = engine.query(f"{sql} date '2024-01-01'").rows
    assert january == ((Decimal(2400), Decimal("0.617647"), None, None, False, False),)
    ((charges, _, denied, _, _, closed),) = engine.query(f"{sql} date '2024-02-01'").rows
    assert (charges, denied, closed) == (500, Decimal("0.666667"), True)


def test_a_month_that_was_closed(engine: DuckDbEngine) -> None:
    sql = (
        "select closed_value, restated_value, difference from kpi_close_history"
        " where kpi_id = 'ar_open' and facility_id = 'all'"
    )
    assert engine.query(sql).rows == ((Decimal(2000), Decimal(2000), Decimal(0)),)


def test_denials_by_reason(engine: DuckDbEngine) -> None:
    sql = (
        "select denial_month, carc, total_denials, total_claims, avg_days_to_resolution,"
        " total_denied_amount from denials order by carc"
    )
    assert engine.query(sql).rows == (
        (date(2024, 2, 1), "197", 1, 3, 44.0, Decimal(800)),
        (date(2024, 2, 1), "50", 1, 3, 71.0, Decimal(600)),
    )


def test_payers(engine: DuckDbEngine) -> None:
    sql = (
        "select payer, payer_id, claims, denial_rate from payer_performance"
        " where month_year = date '2024-02-01'"
    )
    assert engine.query(sql).rows == (("commercial", "P", 3, Decimal("0.666667")),)
