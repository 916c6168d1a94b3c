"""How many refusals do we contest, how many do we win, how many claims end unpaid?"""

from dataclasses import replace

from metriccare.marts.revenue.definition import PENDING, SELF_PAY, Reason, run_out
from metriccare.marts.revenue.kpis.initial_denials import INITIAL_DENIAL_RATE, UNANSWERED
from metriccare.statistics.direction import HIGHER

_NOT_DENIED = Reason(
    "not_denied", "not coalesce(first_remit_denied, false)", "the first decision denies nothing"
)
_NO_APPEAL = Reason("no_appeal", "not coalesce(later_remit, false)", "no later decision")
DENIAL_APPEAL_RATE = replace(
    INITIAL_DENIAL_RATE,
    id="denial_appeal_rate",
    better=None,
    title="Denial appeal rate",
    question="How many refusals do we contest?",
    numerator="case when resubmitted then 1 else 0 end",
    numerator_words="initially denied with a later level-1 submission or decision",
    denominator_words="initially denied accounts",
    source="claims specification, 2.4",
    population="initially denied",
    numerator_name=None,
    reasons=(SELF_PAY, UNANSWERED, _NOT_DENIED),
    part_of="first remit",
    caveats="",
)
DENIAL_OVERTURN_RATE = replace(
    DENIAL_APPEAL_RATE,
    id="denial_overturn_rate",
    better=HIGHER,
    title="Denial overturn rate",
    question="How many of the refusals we contest do we win?",
    numerator="case when newest_remit_denied then 0 else 1 end",
    numerator_words="the newest decision does not deny the claim",
    denominator_words="initially denied accounts with a later level-1 decision",
    population="contested",
    reasons=(SELF_PAY, UNANSWERED, _NOT_DENIED, _NO_APPEAL),
    part_of="initially denied",
)
FINAL_DENIAL_RATE = replace(
    DENIAL_APPEAL_RATE,
    id="final_denial_rate",
    title="Final denial rate",
    question="How many claims end unpaid?",
    numerator="case when first_remit_denied and answer_in_force_denied and payer_paid = 0"
    " then 1 else 0 end",
    numerator_words="initially denied, denied by the answer in force, nothing paid by any payer",
    denominator_words="accounts with a first decision that have had time to be settled",
    population="settled",
    reasons=(
        SELF_PAY,
        UNANSWERED,
        run_out("first_remit_date"),
        Reason(
            PENDING,
            "coalesce(newest_answer, 'none') in ('none', 'pending')",
            "the newest submission is unanswered",
        ),
    ),
    part_of="first remit",
)
