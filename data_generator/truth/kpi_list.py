"""The KPIs of the answer key: which sums are above and below the line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

CENTS, COUNT = "cents", "count"


@dataclass(frozen=True, slots=True)
class Kpi:
    """One KPI: signed sums above and below the line; nothing below is a single figure.

    ``whole`` is a sum over everything, the denominator of shares. ``lags`` names the days of which
    a median is given. Without ``zeros`` a period with nothing above the line has no row.
    """

    above: Mapping[str, int]
    below: Mapping[str, int] = field(default_factory=dict)
    above_unit: str = CENTS
    below_unit: str = CENTS
    stock: bool = False
    whole: str = ""
    above_needed: bool = False
    lags: str = ""
    zeros: bool = True


def _money(above: str, **below: int) -> Kpi:
    return Kpi({above: 1}, below)


def _stock(above: str, **below: int) -> Kpi:
    return Kpi({above: 1}, below, stock=True, above_needed=True)


def _share(above: str, below: str) -> Kpi:
    return Kpi({above: 1}, {below: 1}, COUNT, COUNT)


def _lag(above: str, below: str) -> Kpi:
    return Kpi({above: 1}, {below: 1}, COUNT, COUNT, lags=above)


def _aging(anchor: str) -> Kpi:
    return Kpi({f"aging_{anchor}": 1}, stock=True, whole="open", above_needed=True, zeros=False)


KPIS = {
    "gross_charges": _money("charges"),
    "total_collections": _money("cash"),
    "gross_collection_rate": _money("cohort_cash", cohort_charges=1),
    "net_collection_rate": _money("cohort_cash", cohort_charges=1, cohort_contractual=-1),
    "net_collection_rate_post": _money("cash", charges=1, contractual=-1),
    "gross_collection_rate_post": _money("cash", charges=1),
    "bad_debt_rate": _money("bad_debt", charges=1),
    "charity_rate": _money("charity", charges=1),
    "denial_writeoff_rate": _money("denial_writeoff", charges=1, contractual=-1),
    "patient_collection_rate": _money("share_paid", share=1),
    "point_of_service_rate": _money("paid_at_the_desk", patient_payments=1),
    "cost_to_collect": Kpi({"cost": 1}, {"cash": 1}, above_needed=True, zeros=False),
    "credit_balance": _stock("credit"),
    "ar_open": _stock("open"),
    "days_in_ar": Kpi({"open": 1}, {"daily_charges": 1}, stock=True),
    "net_days_in_ar": Kpi({"net_open": 1}, {"daily_net_charges": 1}, stock=True),
    "ar_aging_bill": _aging("bill"),
    "ar_aging_service": _aging("service"),
    "ar_aging_payer": _aging("payer"),
    "ar_over_90": Kpi({"over_90": 1}, {"open": 1}, stock=True),
    "clean_claim_rate": _share("clean", "answered"),
    "first_pass_acceptance_rate": _share("accepted", "answered"),
    "first_pass_resolution_rate": _share("resolved", "answered"),
    "initial_denial_rate": _share("denied", "remits"),
    "initial_denial_rate_any": _share("denied_any", "remits"),
    "initial_denial_rate_lines": _share("denied_lines", "remit_lines"),
    "initial_denial_rate_amount": _money("denied_amount", remit_charges=1),
    "denial_appeal_rate": _share("appealed", "denied"),
    "denial_overturn_rate": _share("overturned", "appeals_decided"),
    "final_denial_rate": _share("denied_finally", "final"),
    "total_denied_amount": _money("denied_initially"),
    "claims_processed": Kpi({"processed": 1}, above_unit=COUNT),
    "denial_days_to_resolution": _lag("resolution_days", "resolutions"),
    "charge_lag": _lag("posting_days", "posted"),
    "late_charge_rate": _money("posted_late", posted_amount=1),
    "bill_lag": _lag("billing_days", "bills"),
    "payment_lag": _lag("payment_days", "payments"),
    "underpayment_rate": _share("underpaid", "compared"),
    "underpayment_amount": _money("underpaid_amount"),
    "overpayment_amount": _money("overpaid_amount"),
    "dnfb_days": Kpi({"unbilled": 1}, {"daily_charges": 1}, stock=True),
    "dnfb_count": Kpi({"unbilled_care": 1}, above_unit=COUNT, stock=True),
}
# Averages of days, known when all accounts are counted: signed sums of what is added by day.
DAILY = {
    "daily_charges": {"charges": 1},
    "daily_net_charges": {"charges": 1, "contractual": -1},
}
DAY_SUMS = ("charges", "contractual")
NET_OPEN = "net_open"
# Every sum that a KPI is made of.
SUMS = tuple(
    sorted({name for kpi in KPIS.values() for name in (*kpi.above, *kpi.below)} - DAILY.keys())
)
