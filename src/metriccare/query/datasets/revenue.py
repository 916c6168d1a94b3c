"""Datasets of the revenue cycle: KPIs, months, payers, closed months."""

from __future__ import annotations

from metriccare.access.rights import FINANCE_READ, MARTS_READ
from metriccare.query.datasets.declaration import (
    CHOICE,
    DATE,
    DIMENSION,
    EQ,
    FLAG,
    ID,
    MEASURE,
    MONEY,
    RANGE,
    WORDS,
    Dataset,
    Drill,
    FacilityRule,
    Filter,
)
from metriccare.query.datasets.from_marts import columns_of
from metriccare.tables.grains import GRAINS

# The stratum of KPIs that is one facility.
_FACILITY = "facility"
_FIGURES = (MEASURE, MONEY)

KPI_RESULTS = Dataset(
    name="kpi_results",
    title="KPI results",
    meaning="One row for each KPI, period and stratum, as published; small counts are hidden.",
    mart="kpi",
    right=FINANCE_READ,
    columns=columns_of(
        "kpi",
        {
            "tenant": ID,
            "kpi_id": ID,
            "grain": DIMENSION,
            "period_start": DATE,
            "period_end": DATE,
            "stratum_type": DIMENSION,
            "stratum_value": ID,
            "stratum_label": DIMENSION,
            "currency": DIMENSION,
            "numerator": MONEY,
            "denominator": MONEY,
            "value": MEASURE,
            "unit": DIMENSION,
            "ci_low": MEASURE,
            "ci_high": MEASURE,
            "median": MEASURE,
            "percentile_90": MEASURE,
            "provisional": FLAG,
            "note": DIMENSION,
            "suppressed": FLAG,
            "payer": DIMENSION,
            "kpi_version": DIMENSION,
            "as_of": DATE,
        },
    ),
    filters=(
        Filter("kpi_id", CHOICE),
        Filter("grain", CHOICE, GRAINS),
        Filter("period_start", RANGE),
        Filter("stratum_type", CHOICE),
        Filter("stratum_value", CHOICE),
        Filter("stratum_label", WORDS),
        Filter("currency", CHOICE),
        Filter("provisional", (EQ,)),
        Filter("suppressed", (EQ,)),
    ),
    key=("kpi_id", "grain", "period_start", "stratum_type", "stratum_value", "currency"),
    sorts=("kpi_id", "period_start", "stratum_label", "value", "denominator", "numerator"),
    facilities=FacilityRule("stratum_value", {"stratum_type": _FACILITY}),
)

_MONTH_FILTERS = (
    Filter("month_year", RANGE),
    Filter("facility_id", CHOICE),
    Filter("facility_name", WORDS),
    Filter("closed", (EQ,)),
    Filter("suppressed", (EQ,)),
)
_HEADLINE = {
    "tenant": ID,
    "month_year": DATE,
    "facility_id": ID,
    "facility_name": DIMENSION,
    "total_charges": MONEY,
    "total_collections": MONEY,
    "net_collection_rate": MEASURE,
    "days_in_ar": MEASURE,
    "ar_over_90": MEASURE,
    "denial_rate": MEASURE,
    "clean_claim_rate": MEASURE,
    "first_pass_success_rate": MEASURE,
    "provisional": FLAG,
    "closed": FLAG,
    "suppressed": FLAG,
    "as_of": DATE,
}
# The view has no column for the currency: rows of two currencies differ in a figure.
_MONTH_KEY = (
    "month_year",
    "facility_id",
    *(n for n, kind in _HEADLINE.items() if kind in _FIGURES),
)
_MONTH_DRILLS = (Drill("kpi_results", {"stratum_value": "facility_id"}),)

HEADLINE_KPIS = Dataset(
    name="headline_kpis",
    title="Headline figures of the revenue cycle",
    meaning="The eight headline figures of each month and facility; small counts are hidden.",
    mart="revenue_cycle_kpis",
    right=MARTS_READ,
    columns=columns_of("revenue_cycle_kpis", _HEADLINE),
    filters=_MONTH_FILTERS,
    key=_MONTH_KEY,
    sorts=("month_year", "facility_name"),
    order=("-month_year", "facility_id"),
    facilities=FacilityRule("facility_id"),
)

REVENUE_MONTHS = Dataset(
    name="revenue_months",
    title="Revenue cycle by month",
    meaning="All headline KPIs of each month and facility in one row; small counts are hidden.",
    mart="revenue_cycle_kpis",
    right=FINANCE_READ,
    columns=columns_of(
        "revenue_cycle_kpis",
        {**_HEADLINE, "net_collection_rate_post": MEASURE, "gross_collection_rate": MEASURE},
    ),
    filters=_MONTH_FILTERS,
    key=_MONTH_KEY,
    sorts=("month_year", "facility_name", "total_charges", "total_collections"),
    order=("-month_year", "facility_id"),
    drills=_MONTH_DRILLS,
    facilities=FacilityRule("facility_id"),
)

_PAYER = {
    "tenant": ID,
    "month_year": DATE,
    "payer": DIMENSION,
    "payer_id": ID,
    "payer_name": DIMENSION,
    "claims": MEASURE,
    "denial_rate": MEASURE,
    "payment_lag_median": MEASURE,
    "payment_lag_p90": MEASURE,
    "underpayment_amount": MONEY,
    "net_collection_rate": MEASURE,
    "suppressed": FLAG,
    "as_of": DATE,
}
PAYERS = Dataset(
    name="payers",
    title="Payers by month",
    meaning="How each payer decides and pays, by month; small counts are hidden.",
    mart="payer_performance",
    right=FINANCE_READ,
    columns=columns_of("payer_performance", _PAYER),
    filters=(
        Filter("month_year", RANGE),
        Filter("payer", CHOICE),
        Filter("payer_id", CHOICE),
        Filter("payer_name", WORDS),
        Filter("suppressed", (EQ,)),
    ),
    key=("month_year", "payer_id", *(n for n, kind in _PAYER.items() if kind in _FIGURES)),
    sorts=("month_year", "payer_name", "claims", "denial_rate", "underpayment_amount"),
    order=("-month_year", "payer_id"),
)

CLOSES = Dataset(
    name="closes",
    title="Closed months",
    meaning="Figures of closed months as they were closed, beside the restated ones.",
    mart="kpi_close",
    right=FINANCE_READ,
    columns=columns_of(
        "kpi_close",
        {
            "tenant": ID,
            "kpi_id": ID,
            "grain": DIMENSION,
            "period_start": DATE,
            "period_end": DATE,
            "stratum_type": DIMENSION,
            "stratum_value": ID,
            "currency": DIMENSION,
            "close_version": DIMENSION,
            "closed_value": MEASURE,
            "restated_value": MEASURE,
            "difference": MEASURE,
            "prior_period_adjustment": MEASURE,
            "closed_at": DATE,
            "suppressed": FLAG,
            "as_of": DATE,
        },
    ),
    filters=(
        Filter("kpi_id", CHOICE),
        Filter("period_start", RANGE),
        Filter("stratum_type", CHOICE),
        Filter("stratum_value", CHOICE),
        Filter("currency", CHOICE),
        Filter("suppressed", (EQ,)),
    ),
    key=(
        "kpi_id",
        "grain",
        "period_start",
        "stratum_type",
        "stratum_value",
        "currency",
        "close_version",
    ),
    sorts=("period_start", "kpi_id", "difference", "closed_at"),
    facilities=FacilityRule("stratum_value", {"stratum_type": _FACILITY}),
)

DATASETS = (KPI_RESULTS, HEADLINE_KPIS, REVENUE_MONTHS, PAYERS, CLOSES)
