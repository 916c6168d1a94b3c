"""How fast do we bill?"""

from metriccare.marts.revenue.definition import DAYS, Kpi, Reason, Relation
from metriccare.marts.revenue.kpis.charge_lags import NEGATIVE_LAG
from metriccare.statistics.direction import LOWER

_LAG = "datediff(first_billed_date, coalesce(discharge_date, service_to))"
BILL_LAG = Kpi(
    id="bill_lag",
    better=LOWER,
    title="Bill lag",
    question="How fast do we bill?",
    relation=Relation.ACCOUNT,
    unit=DAYS,
    numerator=_LAG,
    numerator_words="days from discharge, else the last day of service, to the first bill",
    denominator="1",
    denominator_words="billed accounts",
    placed_by="first_billed_date",
    placed_words="first bill",
    source="claims specification, 2.5",
    population="billed",
    candidates="first_billed_date is not null and first_billed_date <= as_of"
    " and coalesce(discharge_date, service_to) is not null",
    reasons=(Reason(NEGATIVE_LAG, f"{_LAG} < 0", "billed before discharge"),),
    has_percentiles=True,
)
