"""What did we bill?"""

from metriccare.marts.revenue.definition import MONEY, Kpi, Relation

GROSS_CHARGES = Kpi(
    id="gross_charges",
    title="Gross charges",
    question="What did we bill?",
    relation=Relation.ENTRY,
    unit=MONEY,
    numerator="charges",
    numerator_words="charges, with their corrections and voids",
    placed_by="month",
    placed_words="post date",
    source="HFMA gross patient service revenue, billed basis",
    population="charged",
    candidates="charges is not null",
    caveats="What is not billed yet is not in it.",
)
