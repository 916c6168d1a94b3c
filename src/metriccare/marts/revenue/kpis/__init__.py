"""The registry of all KPIs."""

from metriccare.marts.revenue.definition import Kpi, Relation
from metriccare.marts.revenue.kpis.ar_aging import AR_AGING_BILL, AR_AGING_PAYER, AR_AGING_SERVICE
from metriccare.marts.revenue.kpis.bill_lag import BILL_LAG
from metriccare.marts.revenue.kpis.charge_lags import CHARGE_LAG, LATE_CHARGE_RATE
from metriccare.marts.revenue.kpis.claims_processed import CLAIMS_PROCESSED
from metriccare.marts.revenue.kpis.collection_rates import (
    GROSS_COLLECTION_RATE,
    GROSS_COLLECTION_RATE_POST,
    NET_COLLECTION_RATE,
    NET_COLLECTION_RATE_POST,
)
from metriccare.marts.revenue.kpis.contract_rates import (
    OVERPAYMENT_AMOUNT,
    UNDERPAYMENT_AMOUNT,
    UNDERPAYMENT_RATE,
)
from metriccare.marts.revenue.kpis.cost_to_collect import COST_TO_COLLECT
from metriccare.marts.revenue.kpis.denial_outcomes import (
    DENIAL_APPEAL_RATE,
    DENIAL_OVERTURN_RATE,
    FINAL_DENIAL_RATE,
)
from metriccare.marts.revenue.kpis.denied_amounts import (
    DENIAL_DAYS_TO_RESOLUTION,
    TOTAL_DENIED_AMOUNT,
)
from metriccare.marts.revenue.kpis.first_pass import (
    CLEAN_CLAIM_RATE,
    FIRST_PASS_ACCEPTANCE_RATE,
    FIRST_PASS_RESOLUTION_RATE,
)
from metriccare.marts.revenue.kpis.gross_charges import GROSS_CHARGES
from metriccare.marts.revenue.kpis.initial_denials import (
    INITIAL_DENIAL_RATE,
    INITIAL_DENIAL_RATE_AMOUNT,
    INITIAL_DENIAL_RATE_ANY,
    INITIAL_DENIAL_RATE_LINES,
)
from metriccare.marts.revenue.kpis.patient_collection_rate import PATIENT_COLLECTION_RATE
from metriccare.marts.revenue.kpis.payment_lag import PAYMENT_LAG
from metriccare.marts.revenue.kpis.point_of_service_rate import POINT_OF_SERVICE_RATE
from metriccare.marts.revenue.kpis.receivables import (
    AR_OPEN,
    AR_OVER_90,
    CREDIT_BALANCE,
    DAYS_IN_AR,
    NET_DAYS_IN_AR,
)
from metriccare.marts.revenue.kpis.total_collections import TOTAL_COLLECTIONS
from metriccare.marts.revenue.kpis.unbilled import DNFB_COUNT, DNFB_DAYS
from metriccare.marts.revenue.kpis.write_off_rates import (
    BAD_DEBT_RATE,
    CHARITY_RATE,
    DENIAL_WRITEOFF_RATE,
)

# In the order of the specification: money in, receivables, claims and denials, lags, contracts.
KPIS: tuple[Kpi, ...] = (
    GROSS_CHARGES,
    TOTAL_COLLECTIONS,
    GROSS_COLLECTION_RATE,
    NET_COLLECTION_RATE,
    NET_COLLECTION_RATE_POST,
    GROSS_COLLECTION_RATE_POST,
    BAD_DEBT_RATE,
    CHARITY_RATE,
    DENIAL_WRITEOFF_RATE,
    PATIENT_COLLECTION_RATE,
    POINT_OF_SERVICE_RATE,
    COST_TO_COLLECT,
    CREDIT_BALANCE,
    AR_OPEN,
    DAYS_IN_AR,
    NET_DAYS_IN_AR,
    AR_AGING_BILL,
    AR_AGING_SERVICE,
    AR_AGING_PAYER,
    AR_OVER_90,
    CLEAN_CLAIM_RATE,
    FIRST_PASS_ACCEPTANCE_RATE,
    FIRST_PASS_RESOLUTION_RATE,
    INITIAL_DENIAL_RATE,
    INITIAL_DENIAL_RATE_ANY,
    INITIAL_DENIAL_RATE_LINES,
    INITIAL_DENIAL_RATE_AMOUNT,
    DENIAL_APPEAL_RATE,
    DENIAL_OVERTURN_RATE,
    FINAL_DENIAL_RATE,
    TOTAL_DENIED_AMOUNT,
    CLAIMS_PROCESSED,
    DENIAL_DAYS_TO_RESOLUTION,
    CHARGE_LAG,
    LATE_CHARGE_RATE,
    BILL_LAG,
    DNFB_DAYS,
    DNFB_COUNT,
    PAYMENT_LAG,
    UNDERPAYMENT_RATE,
    UNDERPAYMENT_AMOUNT,
    OVERPAYMENT_AMOUNT,
)
BY_ID = {kpi.id: kpi for kpi in KPIS}


def kpis_of(relation: Relation) -> tuple[Kpi, ...]:
    """Return the KPIs over a relation."""
    return tuple(kpi for kpi in KPIS if kpi.relation is relation)
