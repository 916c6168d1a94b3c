"""How old is what is still owed to us?"""

from dataclasses import replace

from metriccare.marts.revenue.definition import BUCKET, PROPORTION, Kpi, KpiStratum, Relation

# In the order of age.
BUCKETS = ("0-30", "31-60", "61-90", "91-120", "121+")
AR_AGING_BILL = Kpi(
    id="ar_aging_bill",
    title="Ageing by first bill",
    question="How old is what is owed, counted from the first bill?",
    relation=Relation.BALANCE,
    unit=PROPORTION,
    numerator="owed",
    numerator_words="open balances of the bucket",
    denominator="owed",
    denominator_words="open receivables",
    placed_by="stock_date",
    placed_words="the evening of the period's last day",
    source="HFMA AR-1",
    population="owed",
    candidates="owed is not null",
    strata=(KpiStratum(BUCKET, "bill_bucket"),),
    caveats="By facility and payer: the view ar_aging.",
)
AR_AGING_SERVICE = replace(
    AR_AGING_BILL,
    id="ar_aging_service",
    title="Ageing by service",
    question="How old is what is owed, counted from discharge or the last day of service?",
    source="HFMA AR-3",
    strata=(KpiStratum(BUCKET, "service_bucket"),),
)
AR_AGING_PAYER = replace(
    AR_AGING_BILL,
    id="ar_aging_payer",
    title="Ageing by who owes it",
    question="How long has whoever owes it had it?",
    source="claims specification, 2.3",
    strata=(KpiStratum(BUCKET, "payer_bucket"),),
)
