"""When do patients pay?"""

from metriccare.marts.revenue.definition import PROPORTION, Kpi, Relation
from metriccare.statistics.direction import HIGHER

POINT_OF_SERVICE_RATE = Kpi(
    id="point_of_service_rate",
    better=HIGHER,
    title="Point-of-service rate",
    question="How much of what patients pay do they pay when the service is given?",
    relation=Relation.ENTRY,
    unit=PROPORTION,
    numerator="point_of_service",
    numerator_words="patient payments made at the point of service",
    denominator="patient_payments",
    denominator_words="patient payments",
    placed_by="month",
    placed_words="post date",
    source="HFMA PA-7",
    population="patient payments",
    candidates="patient_payments is not null",
    needs_transactions=True,
)
