"""How many claims do payers decide?"""

from metriccare.marts.revenue.definition import COUNT, SELF_PAY, Kpi, Relation

CLAIMS_PROCESSED = Kpi(
    id="claims_processed",
    title="Claims decided",
    question="How many claims do payers decide?",
    relation=Relation.REMIT,
    unit=COUNT,
    numerator="1",
    numerator_words="decisions of primary payers, replaced ones too",
    placed_by="remit_date",
    placed_words="decision date",
    source="claims specification, 2.4",
    population="decisions",
    reasons=(SELF_PAY,),
    caveats="Per day: divide by the days of the period.",
)
