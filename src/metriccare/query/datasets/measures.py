"""Datasets of quality measures: results by period and stratum, infections by code."""

from __future__ import annotations

from metriccare.access.rights import QUALITY_READ
from metriccare.query.datasets.declaration import (
    CHOICE,
    DATE,
    DIMENSION,
    EQ,
    FLAG,
    ID,
    MEASURE,
    RANGE,
    WORDS,
    Dataset,
    Drill,
    FacilityRule,
    Filter,
)
from metriccare.query.datasets.from_marts import columns_of
from metriccare.tables.grains import GRAINS
from metriccare.tables.strata import HOSPITAL, STRATUM_TYPES

RESULTS = Dataset(
    name="measure_results",
    title="Measure results",
    meaning="One row for each measure, period and stratum, as published; small counts are hidden.",
    mart="measure",
    right=QUALITY_READ,
    columns=columns_of(
        "measure",
        {
            "tenant": ID,
            "measure_id": ID,
            "measure_title": DIMENSION,
            "grain": DIMENSION,
            "period_start": DATE,
            "period_end": DATE,
            "stratum_type": DIMENSION,
            "stratum_value": ID,
            "stratum_label": DIMENSION,
            "numerator": MEASURE,
            "denominator": MEASURE,
            "value": MEASURE,
            "ci_low": MEASURE,
            "ci_high": MEASURE,
            "suppressed": FLAG,
            "predicted": MEASURE,
            "sir": MEASURE,
            "median": MEASURE,
            "percentile_90": MEASURE,
            "geometric_mean": MEASURE,
            "method": DIMENSION,
            "ci_method": DIMENSION,
            "measure_version": DIMENSION,
            "as_of": DATE,
        },
    ),
    filters=(
        Filter("measure_id", CHOICE),
        Filter("grain", CHOICE, GRAINS),
        Filter("period_start", RANGE),
        Filter("stratum_type", CHOICE, STRATUM_TYPES),
        Filter("stratum_value", CHOICE),
        Filter("stratum_label", WORDS),
        Filter("suppressed", (EQ,)),
    ),
    key=("measure_id", "grain", "period_start", "stratum_type", "stratum_value"),
    sorts=("measure_id", "period_start", "stratum_label", "value", "denominator", "numerator"),
    drills=(
        Drill(
            "stays_of_result",
            {
                "measure_id": "measure_id",
                "grain": "grain",
                "period_start": "period_start",
                "stratum_type": "stratum_type",
                "stratum_value": "stratum_value",
            },
        ),
    ),
    facilities=FacilityRule("stratum_value", {"stratum_type": HOSPITAL.name}),
)

INFECTIONS = Dataset(
    name="infections_by_code",
    title="Infections by code",
    meaning="Hospital-acquired infection events by code; small counts are hidden.",
    mart="infection_code",
    right=QUALITY_READ,
    columns=columns_of(
        "infection_code",
        {
            "tenant": ID,
            "code_system": ID,
            "code": ID,
            "display": DIMENSION,
            "infection_type": DIMENSION,
            "events": MEASURE,
            "suppressed": FLAG,
            "as_of": DATE,
        },
    ),
    filters=(
        Filter("code_system", CHOICE),
        Filter("infection_type", CHOICE),
        Filter("display", WORDS),
        Filter("suppressed", (EQ,)),
    ),
    key=("code_system", "code"),
    sorts=("events", "display", "infection_type"),
    order=("-events",),
)

EXCLUSIONS = Dataset(
    name="exclusions",
    title="Stays left out",
    meaning="How many candidate stays a measure leaves out, by reason; small counts are hidden.",
    mart="exclusion",
    right=QUALITY_READ,
    columns=columns_of(
        "exclusion",
        {
            "tenant": ID,
            "measure_id": ID,
            "reason": DIMENSION,
            "stays": MEASURE,
            "suppressed": FLAG,
            "as_of": DATE,
        },
    ),
    filters=(
        Filter("measure_id", CHOICE),
        Filter("reason", CHOICE),
        Filter("suppressed", (EQ,)),
    ),
    key=("measure_id", "reason"),
    sorts=("measure_id", "reason", "stays"),
    order=("measure_id", "-stays"),
)

DATASETS = (RESULTS, INFECTIONS, EXCLUSIONS)
