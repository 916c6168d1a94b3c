"""What do we not collect, by choice or not, and what do we give up?"""

from dataclasses import replace

from metriccare.marts.revenue.definition import POSTED, PROPORTION, Kpi, Relation
from metriccare.statistics.direction import LOWER

BAD_DEBT_RATE = Kpi(
    id="bad_debt_rate",
    better=LOWER,
    title="Bad debt rate",
    question="What do we not collect although it is owed?",
    relation=Relation.ENTRY,
    unit=PROPORTION,
    numerator="bad_debt",
    numerator_words="bad debt posted in the period, less recoveries",
    denominator="charges",
    denominator_words="charges posted in the period",
    placed_by="month",
    placed_words="post date",
    source="HFMA Bad Debt (of gross revenue)",
    population="posted",
    candidates=POSTED,
    shows=("charged",),
    needs_transactions=True,
)
CHARITY_RATE = replace(
    BAD_DEBT_RATE,
    id="charity_rate",
    better=None,
    title="Charity rate",
    question="What do we not collect by choice?",
    numerator="charity",
    numerator_words="charity posted in the period",
    source="HFMA Charity Care (of gross revenue)",
)
DENIAL_WRITEOFF_RATE = replace(
    BAD_DEBT_RATE,
    id="denial_writeoff_rate",
    title="Denial write-off rate",
    question="What do we give up?",
    numerator="denial_writeoff",
    numerator_words="denial write-offs posted in the period",
    denominator="coalesce(charges, 0) - coalesce(contractual, 0)",
    denominator_words="charges less contractual reductions posted in the period",
    source="HFMA denial write-offs (of net revenue)",
    shows=(),
)
