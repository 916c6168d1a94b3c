"""How fast does each payer pay?"""

from metriccare.marts.revenue.definition import DAYS, Kpi, Relation
from metriccare.statistics.direction import LOWER

_LAG = "datediff(first_payment_date, first_billed_date)"
PAYMENT_LAG = Kpi(
    id="payment_lag",
    better=LOWER,
    title="Payment lag",
    question="How fast does each payer pay?",
    relation=Relation.ACCOUNT,
    unit=DAYS,
    numerator=_LAG,
    numerator_words="days from the first bill to the first payment of a payer",
    denominator="1",
    denominator_words="accounts a payer has paid on",
    placed_by="first_payment_date",
    placed_words="first payment of a payer",
    source="claims specification, 2.5",
    population="paid",
    candidates="not is_self_pay and first_billed_date is not null"
    " and first_payment_date is not null and first_payment_date <= as_of",
    has_percentiles=True,
    caveats="Self-pay and never-paid accounts do not appear.",
)
