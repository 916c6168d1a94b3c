"""How much do payers refuse, why, and how long until a refusal is settled?"""

from dataclasses import replace

from metriccare.marts.revenue.definition import (
    CARC,
    CATEGORY,
    DAYS,
    MONEY,
    SELF_PAY,
    USUAL_STRATA,
    Kpi,
    Relation,
)
from metriccare.statistics.direction import LOWER

TOTAL_DENIED_AMOUNT = Kpi(
    id="total_denied_amount",
    better=LOWER,
    title="Denied amount",
    question="How much do payers refuse at first, and why?",
    relation=Relation.DENIAL,
    unit=MONEY,
    numerator="amount",
    numerator_words="amounts of initial denials",
    placed_by="denial_date",
    placed_words="denial date",
    source="claims specification, 2.4",
    population="initial denials",
    candidates="is_initial",
    reasons=(SELF_PAY,),
    strata=(*USUAL_STRATA, CATEGORY, CARC),
)
DENIAL_DAYS_TO_RESOLUTION = replace(
    TOTAL_DENIED_AMOUNT,
    id="denial_days_to_resolution",
    title="Days until a denial is settled",
    question="How long until a refusal is settled?",
    unit=DAYS,
    numerator="days_to_resolution",
    numerator_words="days from denial to resolution",
    denominator="1",
    denominator_words="denials overturned, upheld or written off",
    population="settled denials",
    candidates="status in ('overturned', 'upheld', 'written_off')"
    " and days_to_resolution is not null",
    has_percentiles=True,
)
