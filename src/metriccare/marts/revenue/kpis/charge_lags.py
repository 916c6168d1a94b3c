"""How fast are services written down?"""

from dataclasses import replace

from metriccare.marts.revenue.definition import DAYS, PROPORTION, Kpi, Reason, Relation
from metriccare.statistics.direction import LOWER

NEGATIVE_LAG = "negative_lag"
CHARGE_LAG = Kpi(
    id="charge_lag",
    better=LOWER,
    title="Charge lag",
    question="How fast are services written down?",
    relation=Relation.LINE,
    unit=DAYS,
    numerator="charge_lag",
    numerator_words="days from service to posting",
    denominator="1",
    denominator_words="lines with both dates",
    placed_by="posted_date",
    placed_words="posting date",
    source="claims specification, 2.5",
    population="posted lines",
    candidates="posted_date is null or posted_date <= as_of",
    reasons=(
        Reason("no_posted_date", "posted_date is null", "no record of when it was written down"),
        Reason(NEGATIVE_LAG, "charge_lag < 0", "written down before the service"),
    ),
    has_percentiles=True,
)
LATE_CHARGE_RATE = replace(
    CHARGE_LAG,
    id="late_charge_rate",
    title="Late charge rate",
    question="How much is written down late?",
    unit=PROPORTION,
    numerator="case when charge_lag > late_charge_days then charge else 0 end",
    numerator_words="charges posted more than 3 days after service",
    denominator="charge",
    denominator_words="charges of lines with both dates",
    source="HFMA CL-2",
    has_percentiles=False,
)
