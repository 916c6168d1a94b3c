"""What is still owed to us, what do we owe back, and how many days of billing is that?"""

from dataclasses import replace

from metriccare.marts.revenue.definition import DAYS, MONEY, PROPORTION, Divisor, Kpi, Relation
from metriccare.statistics.direction import LOWER

AR_OPEN = Kpi(
    id="ar_open",
    title="Open receivables",
    question="What is still owed to us?",
    relation=Relation.BALANCE,
    unit=MONEY,
    numerator="owed",
    numerator_words="sum of positive account balances",
    placed_by="stock_date",
    placed_words="the evening of the period's last day",
    source="claims specification, 2.3",
    population="owed",
    candidates="owed is not null",
    caveats="Credits are apart. An account owed by payer and patient counts once, by its total.",
)
CREDIT_BALANCE = replace(
    AR_OPEN,
    id="credit_balance",
    title="Credit balances",
    question="What do we owe back?",
    numerator="credit",
    numerator_words="sum of negative account balances, as a positive amount",
    source="claims specification, 2.2",
    population="credit",
    candidates="credit is not null",
    caveats="Its own figure: it never reduces open receivables.",
)
DAYS_IN_AR = replace(
    AR_OPEN,
    id="days_in_ar",
    better=LOWER,
    title="Days in A/R",
    question="How many days of billing is what is still owed?",
    unit=DAYS,
    denominator="recent_charges",
    denominator_words="charges posted in the 90 days ending on the date, per day",
    source="gross, 90-day convention; HFMA",
    population="owed or charged",
    candidates="owed is not null or recent_charges is not null",
    shows=("owed",),
    per_day=Divisor.CHARGES,
    caveats="short_history: divided by the days since the first charge; NULL below 30 days.",
)
NET_DAYS_IN_AR = replace(
    DAYS_IN_AR,
    id="net_days_in_ar",
    better=LOWER,
    title="Net days in A/R",
    question="How many days of expected revenue is what is still owed?",
    numerator="net_owed",
    numerator_words="open balances, of unanswered accounts less their payer's usual reduction",
    denominator="recent_net_charges",
    denominator_words="charges less contractual reductions of 90 days, per day",
    source="HFMA Net Days in A/R",
    shows=(),
    per_day=Divisor.NET_CHARGES,
    caveats="NULL where fewer than 30 answered accounts of a year show the usual reduction.",
)
AR_OVER_90 = replace(
    AR_OPEN,
    id="ar_over_90",
    better=LOWER,
    title="Receivables over 90 days",
    question="How much of what is owed is older than 90 days?",
    unit=PROPORTION,
    numerator="case when bill_age > 90 then owed end",
    numerator_words="balances older than 90 days by first bill",
    denominator="owed",
    denominator_words="open receivables",
    source="HFMA AR-1",
    caveats="Age is counted from the first bill.",
)
