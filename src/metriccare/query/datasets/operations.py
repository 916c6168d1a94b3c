"""Datasets about the runs of a lake: what they took in, and what needs a person."""

from __future__ import annotations

from metriccare.access.rights import MARTS_READ, OPS_READ
from metriccare.query.datasets.declaration import (
    CHOICE,
    DATE,
    DIMENSION,
    EQ,
    FLAG,
    ID,
    MEASURE,
    RANGE,
    Dataset,
    Filter,
)
from metriccare.query.datasets.from_marts import columns_in
from metriccare.query.published.operations_marts import ALERT, RUN
from metriccare.query.published.publication import OPERATIONS

_SEVERITIES, _STATES = ("failure", "warning"), ("open", "closed")

RUNS = Dataset(
    name="runs",
    title="Runs",
    meaning="The runs that have ended, each with what it took in; refusals in words, not counts.",
    mart=RUN.name,
    right=OPS_READ,
    columns=columns_in(
        RUN,
        {
            "tenant": ID,
            "run_id": ID,
            "state": DIMENSION,
            "stage": DIMENSION,
            "data_as_of": DATE,
            "started_at": DATE,
            "ended_at": DATE,
            "files": MEASURE,
            "rows_received": MEASURE,
            "rows_loaded": MEASURE,
            "rows_quarantined": MEASURE,
            "suppressed": FLAG,
            "refused_gate": DIMENSION,
            "refused_because": DIMENSION,
        },
    ),
    filters=(
        Filter("state", CHOICE),
        Filter("started_at", RANGE),
        Filter("refused_gate", CHOICE),
        Filter("suppressed", (EQ,)),
    ),
    key=("run_id",),
    sorts=("started_at", "state", "rows_received", "rows_quarantined"),
    order=("-started_at",),
    is_of_no_facility=True,
    pointer=OPERATIONS,
)

_HEADLINE = {
    "tenant": ID,
    "alert_id": ID,
    "rule": DIMENSION,
    "subject": DIMENSION,
    "severity": DIMENSION,
    "state": DIMENSION,
    "meaning": DIMENSION,
    "page": DIMENSION,
    "raised_at": DATE,
    "closed_at": DATE,
}
_FILTERS = (
    Filter("alert_id", CHOICE),
    Filter("rule", CHOICE),
    Filter("severity", CHOICE, _SEVERITIES),
    Filter("state", CHOICE, _STATES),
    Filter("raised_at", RANGE),
)
_SORTS = ("raised_at", "closed_at", "severity", "rule")

ALERTS = Dataset(
    name="alerts",
    title="Alerts",
    meaning="What needs a person, with limits and next steps; small counts are hidden.",
    mart=ALERT.name,
    right=OPS_READ,
    columns=columns_in(
        ALERT,
        {
            **_HEADLINE,
            "next_step": DIMENSION,
            "value": MEASURE,
            "allowed": MEASURE,
            "unit": DIMENSION,
            "suppressed": FLAG,
        },
    ),
    filters=(*_FILTERS, Filter("suppressed", (EQ,))),
    key=("alert_id",),
    sorts=_SORTS,
    order=("-raised_at",),
    is_of_no_facility=True,
    pointer=OPERATIONS,
)

ALERT_HEADLINES = Dataset(
    name="alert_headlines",
    title="Alerts in words",
    meaning="What needs a person, in words only: for everybody who reads figures.",
    mart=ALERT.name,
    right=MARTS_READ,
    columns=columns_in(ALERT, {**_HEADLINE, "raised_sequence": ID, "closed_sequence": ID}),
    filters=_FILTERS,
    key=("alert_id",),
    sorts=_SORTS,
    order=("-raised_at",),
    is_of_no_facility=True,
    pointer=OPERATIONS,
)

DATASETS = (RUNS, ALERTS, ALERT_HEADLINES)
