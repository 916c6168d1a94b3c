-- Unplanned readmission within 30 days, as published.
--
-- Written from the declarations by `python -m metriccare.report.generated_sql`.
--
-- Question:    How often do people who leave the hospital alive come back unplanned within 30 days?
-- Numerator:   index stays whose first acute admission 0 to 30 dates after discharge, at any acute
--              hospital, is unplanned
-- Denominator: last acute stays of an episode of adults discharged alive, with 30 days seen
-- Exclusions:  open_stay, invalid_dates, not_acute, under_age, over_age, age_indeterminate, died,
--              against_medical_advice, psychiatric, rehabilitation, cancer_treatment,
--              transferred_out, stay_too_long, censored; docs/measures.md says what each word means
-- Grain:       one row per tenant, measure, period and stratum; periods by discharge date
-- Source:      CMS hospital-wide readmission (CBE 1789), without risk adjustment; 95 % interval of
--              proportions by Wilson
-- Caveats:     It is an observed rate, not a CMS risk-standardised rate; hospitals with sicker
--              patients are not made comparable. Counts of 1 to 10, and what would give them away,
--              are hidden.

select
    tenant,
    measure_id,
    grain,
    period_start,
    period_end,
    stratum_type,
    stratum_value,
    coalesce(stratum_label, stratum_value) as stratum_label,
    numerator,
    denominator,
    value,
    ci_low,
    ci_high,
    suppressed,
    as_of,
    measure_title,
    method,
    predicted,
    sir,
    median,
    percentile_90,
    geometric_mean
from measure
where measure_id = 'readmission_30d'
