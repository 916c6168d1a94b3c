"""How often does the payer's first answer refuse the claim, a part, a line, a dollar of it?"""

from dataclasses import replace

from metriccare.marts.revenue.definition import (
    NO_ANSWER,
    PROPORTION,
    SELF_PAY,
    Kpi,
    Reason,
    Relation,
)
from metriccare.statistics.direction import LOWER

UNANSWERED = Reason(NO_ANSWER, "first_remit_date is null", "no decision yet")
INITIAL_DENIAL_RATE = Kpi(
    id="initial_denial_rate",
    better=LOWER,
    title="Initial denial rate",
    question="How often does the payer's first answer refuse the claim?",
    relation=Relation.ACCOUNT,
    unit=PROPORTION,
    numerator="case when first_remit_denied then 1 else 0 end",
    numerator_words="first decision denies the claim",
    denominator="1",
    denominator_words="accounts with a first decision",
    placed_by="first_remit_date",
    placed_words="first decision",
    source="HFMA AR-5 Remittance Denial Rate, claims fully denied",
    population="first remit",
    numerator_name="initially denied",
    reasons=(SELF_PAY, UNANSWERED),
    is_count=True,
    caveats="Rejections are not denials.",
)
INITIAL_DENIAL_RATE_ANY = replace(
    INITIAL_DENIAL_RATE,
    id="initial_denial_rate_any",
    numerator_name=None,
    title="Initial denial rate, any line",
    question="How often does the payer's first answer refuse a part of the claim?",
    numerator="case when first_remit_denied or first_remit_denied_lines > 0 then 1 else 0 end",
    numerator_words="first decision denies at least one line",
    source="claims specification, 2.4",
)
INITIAL_DENIAL_RATE_LINES = replace(
    INITIAL_DENIAL_RATE,
    id="initial_denial_rate_lines",
    numerator_name=None,
    title="Initial denial rate, by line",
    question="How many lines do payers' first answers refuse?",
    numerator="first_remit_denied_lines",
    numerator_words="denied lines of first decisions",
    denominator="first_remit_lines",
    denominator_words="lines with a charge that first decisions mention",
    source="claims specification, 2.4",
)
INITIAL_DENIAL_RATE_AMOUNT = replace(
    INITIAL_DENIAL_RATE,
    id="initial_denial_rate_amount",
    numerator_name=None,
    title="Initial denial rate, by dollars",
    question="How much do payers' first answers refuse?",
    numerator="first_remit_denied_amount",
    numerator_words="denied amounts of first decisions",
    denominator="first_remit_charge",
    denominator_words="charges of the lines first decisions mention",
    source="claims specification, 2.4",
    is_count=False,
    caveats="Partial denials count with their amount.",
)
