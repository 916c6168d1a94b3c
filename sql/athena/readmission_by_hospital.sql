-- Unplanned readmission within 30 days, by hospital.
--
-- Written from the declarations by `python -m metriccare.report.generated_sql`.
--
-- Question:    How often do people who leave the hospital alive come back unplanned within 30 days?
-- Numerator:   index stays whose first acute admission 0 to 30 dates after discharge, at any acute
--              hospital, is unplanned
-- Denominator: last acute stays of an episode of adults discharged alive, with 30 days seen
-- Exclusions:  those of metric_readmission
-- Grain:       one row per tenant and hospital
-- Source:      published measure readmission_30d, grain all, stratum hospital
-- Caveats:     not risk-adjusted: hospitals differ in the people they treat, so compare intervals,
--              not ranks; counts of 1 to 10, and what would give them away, are hidden

select
    tenant,
    stratum_value as hospital_id,
    coalesce(stratum_label, stratum_value) as hospital_name,
    numerator,
    denominator,
    value,
    ci_low,
    ci_high,
    suppressed,
    as_of
from measure
where
    measure_id = 'readmission_30d'
    and grain = 'all'
    and stratum_type = 'hospital'
