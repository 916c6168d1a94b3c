"""Datasets about the data itself: its quality and its age."""

from __future__ import annotations

from metriccare import naming
from metriccare.access.rights import MARTS_READ
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
    Filter,
)
from metriccare.query.datasets.from_marts import columns_of

QUALITY = Dataset(
    name="data_quality",
    title="Data quality",
    meaning="Rows received, loaded, rejected and flagged, by table and rule.",
    mart="data_quality",
    right=MARTS_READ,
    columns=columns_of(
        "data_quality",
        {
            "tenant": ID,
            "layer": DIMENSION,
            "table_name": ID,
            "rule_id": ID,
            "severity": DIMENSION,
            "meaning": DIMENSION,
            "row_count": MEASURE,
            "suppressed": FLAG,
            "as_of": DATE,
        },
    ),
    filters=(
        Filter("layer", CHOICE, (naming.BRONZE, naming.SILVER, naming.GOLD)),
        Filter("table_name", WORDS),
        Filter("rule_id", CHOICE),
        Filter("severity", CHOICE, ("info", "warn", "reject")),
        Filter("suppressed", (EQ,)),
    ),
    key=("layer", "table_name", "rule_id"),
    sorts=("layer", "table_name", "rule_id", "severity", "row_count"),
    is_of_no_facility=True,
)

SCORES = Dataset(
    name="data_quality_scores",
    title="Data quality scores",
    meaning="How good each table and feed is, by run: a score from 0 to 100, parts from 0 to 1.",
    mart="data_quality_score",
    right=MARTS_READ,
    columns=columns_of(
        "data_quality_score",
        {
            "tenant": ID,
            "layer": DIMENSION,
            "table_name": ID,
            "feed": DIMENSION,
            "as_of": DATE,
            "score": MEASURE,
            "completeness": MEASURE,
            "validity": MEASURE,
            "consistency": MEASURE,
            "uniqueness": MEASURE,
            "timeliness": MEASURE,
            "rows": MEASURE,
            "suppressed": FLAG,
            "run_id": ID,
        },
    ),
    filters=(
        Filter("layer", CHOICE),
        Filter("table_name", WORDS),
        Filter("feed", CHOICE),
        Filter("as_of", (EQ, *RANGE)),
        Filter("suppressed", (EQ,)),
    ),
    key=("layer", "table_name", "feed", "as_of", "run_id"),
    sorts=("as_of", "layer", "table_name", "score", "rows"),
    order=("-as_of", "layer", "table_name"),
    is_of_no_facility=True,
)

FRESHNESS = Dataset(
    name="freshness",
    title="Freshness",
    meaning="How old the data behind the results is, by resource type; instants are in UTC.",
    mart="freshness",
    right=MARTS_READ,
    columns=columns_of(
        "freshness",
        {
            "tenant": ID,
            "resource_type": ID,
            "last_updated": DATE,
            "last_ingested_at": DATE,
            "published_at": DATE,
            "as_of": DATE,
        },
    ),
    filters=(Filter("resource_type", CHOICE),),
    key=("resource_type",),
    sorts=("resource_type", "last_updated", "last_ingested_at"),
    is_of_no_facility=True,
)

DATASETS = (QUALITY, SCORES, FRESHNESS)
