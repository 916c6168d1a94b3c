"""How much of what we bill, or are owed by contract, becomes cash?"""

from dataclasses import replace

from metriccare.marts.revenue.definition import POSTED, PROPORTION, Kpi, Relation, run_out
from metriccare.statistics.direction import HIGHER

_NET_CAVEAT = (
    "Bad debt, charity and denial write-offs are not contractual: they lower the rate. May exceed 1"
    " (overpayments)."
)
GROSS_COLLECTION_RATE = Kpi(
    id="gross_collection_rate",
    better=HIGHER,
    title="Gross collection rate",
    question="How much of what we bill becomes cash?",
    relation=Relation.ACCOUNT,
    unit=PROPORTION,
    numerator="collected",
    numerator_words="collections of the cohort's accounts",
    denominator="charge",
    denominator_words="charges of the cohort's accounts",
    placed_by="service_to",
    placed_words="last day of service",
    source="claims specification, 2.2",
    population="cohort",
    candidates="service_to is not null and service_to <= as_of",
    reasons=(run_out("service_to"),),
    caveats="NULL until the cohort has had its time to be paid.",
)
NET_COLLECTION_RATE = replace(
    GROSS_COLLECTION_RATE,
    id="net_collection_rate",
    title="Net collection rate",
    question="How much of what we were contractually owed did we get?",
    denominator="charge - contractual",
    denominator_words="charges less contractual reductions of the cohort's accounts",
    source="MGMA adjusted collection percentage",
    caveats=_NET_CAVEAT,
)
_POSTED = replace(
    GROSS_COLLECTION_RATE,
    relation=Relation.ENTRY,
    numerator_words="collections posted in the period",
    placed_by="month",
    placed_words="post date",
    source="claims specification, 2.2",
    reasons=(),
    caveats="Transaction basis: moves with the month's volume; read it over 12 months.",
)
GROSS_COLLECTION_RATE_POST = replace(
    _POSTED,
    id="gross_collection_rate_post",
    title="Gross collection rate, by post date",
    question="How much of what we bill becomes cash, as the month's books show it?",
    denominator="charges",
    denominator_words="charges posted in the period",
    population="posted",
    candidates=POSTED,
    shows=("charged", "collected"),
)
NET_COLLECTION_RATE_POST = replace(
    _POSTED,
    id="net_collection_rate_post",
    title="Net collection rate, by post date",
    question="How much of what we are contractually owed do we get, as the month's books show it?",
    denominator="coalesce(charges, 0) - coalesce(contractual, 0)",
    denominator_words="charges less contractual reductions posted in the period",
    population="posted",
    candidates=POSTED,
    shows=("collected",),
)
