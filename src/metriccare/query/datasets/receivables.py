"""Datasets of what is denied and what is still owed."""

from __future__ import annotations

from metriccare.access.rights import FINANCE_READ
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
    Dataset,
    FacilityRule,
    Filter,
)
from metriccare.query.datasets.from_marts import columns_of

DENIALS = Dataset(
    name="denials",
    title="Denials by month and reason",
    meaning="Initial denials by month, facility, payer and reason; small counts are hidden.",
    mart="denial_month",
    right=FINANCE_READ,
    columns=columns_of(
        "denial_month",
        {
            "tenant": ID,
            "denial_month": DATE,
            "facility_id": ID,
            "payer": DIMENSION,
            "category": DIMENSION,
            "group_code": DIMENSION,
            "carc": ID,
            "currency": DIMENSION,
            "total_denials": MEASURE,
            "total_claims": MEASURE,
            "total_denied_amount": MONEY,
            "recovered_amount": MONEY,
            "open_amount": MONEY,
            "resolved": MEASURE,
            "resolution_days": MEASURE,
            "suppressed": FLAG,
            "as_of": DATE,
        },
    ),
    filters=(
        Filter("denial_month", RANGE),
        Filter("facility_id", CHOICE),
        Filter("payer", CHOICE),
        Filter("category", CHOICE),
        Filter("group_code", CHOICE, ("CO", "PR", "OA", "PI")),
        Filter("carc", CHOICE),
        Filter("currency", CHOICE),
        Filter("suppressed", (EQ,)),
    ),
    key=("denial_month", "facility_id", "payer", "group_code", "carc", "currency"),
    sorts=("denial_month", "total_denied_amount", "open_amount", "total_denials"),
    order=("-denial_month", "-total_denied_amount"),
    facilities=FacilityRule("facility_id"),
)

AR_AGING = Dataset(
    name="ar_aging",
    title="Open balances by age",
    meaning="What is still owed at the end of each month, by age; small counts are hidden.",
    mart="ar_by_age",
    right=FINANCE_READ,
    columns=columns_of(
        "ar_by_age",
        {
            "tenant": ID,
            "stock_date": DATE,
            "anchor": DIMENSION,
            "facility_id": ID,
            "payer": DIMENSION,
            "bucket": DIMENSION,
            "currency": DIMENSION,
            "balance": MONEY,
            "share": MEASURE,
            "suppressed": FLAG,
            "as_of": DATE,
        },
    ),
    filters=(
        Filter("stock_date", (EQ, *RANGE)),
        Filter("anchor", CHOICE, ("bill", "service", "payer")),
        Filter("facility_id", CHOICE),
        Filter("payer", CHOICE),
        Filter("bucket", CHOICE, ("0-30", "31-60", "61-90", "91-120", "121+")),
        Filter("currency", CHOICE),
        Filter("suppressed", (EQ,)),
    ),
    key=("stock_date", "anchor", "facility_id", "payer", "bucket", "currency"),
    sorts=("stock_date", "balance", "share"),
    order=("-stock_date", "anchor", "facility_id", "payer", "bucket"),
    facilities=FacilityRule("facility_id"),
)

DATASETS = (DENIALS, AR_AGING)
