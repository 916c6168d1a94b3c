"""What cash came in?"""

from metriccare.marts.revenue.definition import MONEY, Kpi, Relation

TOTAL_COLLECTIONS = Kpi(
    id="total_collections",
    title="Total collections",
    question="What cash came in?",
    relation=Relation.ENTRY,
    unit=MONEY,
    numerator="collected",
    numerator_words="payments of payers and patients, less refunds and takebacks",
    placed_by="month",
    placed_words="post date",
    source="HFMA total patient service cash",
    population="collected",
    candidates="collected is not null",
    caveats="Without a feed of transactions it is the payers' cash alone.",
)
