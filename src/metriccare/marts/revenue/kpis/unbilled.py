"""What waits to be billed?"""

from dataclasses import replace

from metriccare.marts.revenue.definition import COUNT, Reason
from metriccare.marts.revenue.kpis.receivables import DAYS_IN_AR

_NOT_DISCHARGED = Reason("not_discharged", "not is_discharged", "the stay or visit goes on")
DNFB_DAYS = replace(
    DAYS_IN_AR,
    id="dnfb_days",
    title="Days in discharged, not final billed",
    question="How many days of billing wait for a first claim?",
    numerator="unbilled",
    numerator_words="charges of ended stays and visits that no claim names",
    source="HFMA PB-1 days in DNFB",
    population="waiting or charged",
    candidates="is_care or recent_charges is not null",
    reasons=(_NOT_DISCHARGED,),
    needs_charges=True,
    shows=("waiting",),
    caveats="Charges come from ChargeItem or the feed `charges`; without either it is NULL"
    " (no_charges). Of care billed since then, from the lines of its first claims.",
)
DNFB_COUNT = replace(
    DNFB_DAYS,
    id="dnfb_count",
    title="Discharged, not final billed",
    question="How many stays and visits wait for a first claim?",
    unit=COUNT,
    numerator="1",
    numerator_words="ended stays and visits that no claim names",
    denominator=None,
    denominator_words="none",
    source="claims specification, 2.5",
    population="waiting",
    candidates="is_care",
    needs_charges=False,
    per_day=None,
    shows=(),
    caveats="Their claims have no type yet: claim_type is unknown.",
)
# KPIs with care before its first claim in them; their evidence is that care.
OF_CARE = (DNFB_DAYS, DNFB_COUNT)
