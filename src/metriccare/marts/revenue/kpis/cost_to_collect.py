"""What does a dollar of cash cost us?"""

from metriccare.marts.revenue.definition import PROPORTION, USUAL_STRATA, Kpi, Relation
from metriccare.statistics.direction import LOWER

COST_TO_COLLECT = Kpi(
    id="cost_to_collect",
    better=LOWER,
    title="Cost to collect",
    question="What does a dollar of cash cost us?",
    relation=Relation.COST,
    unit=PROPORTION,
    numerator="cost",
    numerator_words="cost of the revenue cycle",
    denominator="collected",
    denominator_words="collections",
    placed_by="month",
    placed_words="month",
    source="HFMA Cost to Collect",
    population="collected",
    strata=tuple(stratum for stratum in USUAL_STRATA if stratum.name == "facility"),
    caveats="NULL without the user's file of costs by month and facility.",
)
