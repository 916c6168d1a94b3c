"""Who pays below contract?"""

from dataclasses import replace

from metriccare.marts.revenue.definition import (
    MONEY,
    PROPORTION,
    SELF_PAY,
    Kpi,
    Reason,
    Relation,
)
from metriccare.statistics.direction import LOWER

_LINE_DENIED = Reason("line_denied", "verdict = 'line_denied'", "a denied line is not compared")
_NO_RATE = Reason(
    "no_rate", "verdict in ('no_rate', 'ambiguous_rate')", "no contract rate, or more than one"
)
UNDERPAYMENT_RATE = Kpi(
    id="underpayment_rate",
    better=LOWER,
    title="Underpayment rate",
    question="How many lines do payers pay below contract?",
    relation=Relation.EXPECTED,
    unit=PROPORTION,
    numerator="case when verdict = 'underpaid' then 1 else 0 end",
    numerator_words="lines allowed below the contract's rate by more than the tolerance",
    denominator="1",
    denominator_words="answered lines with one contract rate that are not denied",
    placed_by="first_remit_date",
    placed_words="first decision",
    source="claims specification, 2.6",
    population="compared lines",
    candidates="first_remit_date is not null",
    reasons=(SELF_PAY, _LINE_DENIED, _NO_RATE),
    is_count=True,
)
UNDERPAYMENT_AMOUNT = replace(
    UNDERPAYMENT_RATE,
    id="underpayment_amount",
    title="Underpayments",
    question="How much do payers pay below contract?",
    unit=MONEY,
    numerator="case when verdict = 'underpaid' then -variance else 0 end",
    numerator_words="expected less allowed, of underpaid lines",
    denominator=None,
    denominator_words="none",
    is_count=False,
    caveats="Never netted against overpayments.",
)
OVERPAYMENT_AMOUNT = replace(
    UNDERPAYMENT_AMOUNT,
    id="overpayment_amount",
    title="Overpayments",
    question="How much do payers pay above contract?",
    numerator="case when verdict = 'overpaid' then variance else 0 end",
    numerator_words="allowed less expected, of overpaid lines",
    caveats="Never netted against underpayments.",
)
