"""How many claims pass the first time: every edit, the payer's door, and the decision?"""

from dataclasses import replace

from metriccare.marts.revenue.definition import (
    NO_ANSWER,
    PENDING,
    PROPORTION,
    SELF_PAY,
    Kpi,
    Reason,
    Relation,
)
from metriccare.statistics.direction import HIGHER

_ACCEPTED = "first_answer <> 'rejected'"
FIRST_PASS_ACCEPTANCE_RATE = Kpi(
    id="first_pass_acceptance_rate",
    better=HIGHER,
    title="First-pass acceptance rate",
    question="How many claims does the payer take in?",
    relation=Relation.ACCOUNT,
    unit=PROPORTION,
    numerator=f"case when {_ACCEPTED} then 1 else 0 end",
    numerator_words="first answer not rejected",
    denominator="1",
    denominator_words="accounts whose first submission has a first answer",
    placed_by="first_billed_date",
    placed_words="first bill",
    source="claims specification, 2.4",
    population="first answer",
    candidates="first_billed_date is not null and first_billed_date <= as_of",
    reasons=(
        SELF_PAY,
        Reason(NO_ANSWER, "coalesce(first_answer, 'none') = 'none'", "no answer yet"),
        Reason(PENDING, "first_answer = 'pending'", "the payer has not decided"),
    ),
    is_count=True,
)
CLEAN_CLAIM_RATE = replace(
    FIRST_PASS_ACCEPTANCE_RATE,
    id="clean_claim_rate",
    title="Clean claim rate",
    question="How many claims pass every edit untouched?",
    numerator=f"case when {_ACCEPTED} and coalesce(edit_status, 'passed') = 'passed'"
    " then 1 else 0 end",
    numerator_words="first answer not rejected, and passed every edit without manual work",
    source="HFMA CL-1",
    notes_missing_edit_log=True,
    caveats="Without an edit log it is acceptance: note no_edit_log.",
)
FIRST_PASS_RESOLUTION_RATE = replace(
    FIRST_PASS_ACCEPTANCE_RATE,
    id="first_pass_resolution_rate",
    title="First-pass resolution rate",
    question="How many claims are settled without a second try?",
    numerator="case when first_answer = 'adjudicated' and not coalesce(first_answer_denied, false)"
    " and n_submissions = 1 then 1 else 0 end",
    numerator_words="first answer decides and does not deny the claim, submitted once by as_of",
    caveats="A later replacement without a denial fails it too.",
)
