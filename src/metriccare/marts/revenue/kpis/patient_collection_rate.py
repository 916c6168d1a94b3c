"""What do patients pay of their share?"""

from metriccare.marts.revenue.definition import PROPORTION, Kpi, Relation, run_out
from metriccare.statistics.direction import HIGHER

PATIENT_COLLECTION_RATE = Kpi(
    id="patient_collection_rate",
    better=HIGHER,
    title="Patient collection rate",
    question="What do patients pay of their share?",
    relation=Relation.ACCOUNT,
    unit=PROPORTION,
    numerator="case when patient_cash < 0 then 0 when patient_cash > patient_share"
    " then patient_share else patient_cash end",
    numerator_words="patient cash less patient refunds, from 0 to the patient's share, per account",
    denominator="patient_share",
    denominator_words="what answers leave to the patient; of self-pay, charges less contractual",
    placed_by="patient_share_date",
    placed_words="first entry that leaves a share to the patient; of self-pay, the first bill",
    source="claims specification, 2.2",
    population="patient share",
    candidates="patient_share > 0 and patient_share_date is not null",
    reasons=(run_out("patient_share_date"),),
    needs_transactions=True,
)
