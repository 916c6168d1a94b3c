-- Mortality in hospital and within 30 days of admission, as published.
--
-- Written from the declarations by `python -m metriccare.report.generated_sql`.
--
-- Question:    How many acute stays of adults end by death? How many adults admitted to acute care
--              die, anywhere, within 30 days of admission?
-- Numerator:   mortality_in_hospital: stays whose disposition is died; without a disposition, whose
--              dates hold the death; mortality_30d: episodes with death from any cause 0 to 30
--              dates after the first admission
-- Denominator: mortality_in_hospital: finished acute stays of adults with a known disposition;
--              mortality_30d: first stays of episodes of adults, one per person and calendar year
--              of admission, with 30 days seen or the death known
-- Exclusions:  mortality_in_hospital: open_stay, invalid_dates, not_acute, under_age, over_age,
--              age_indeterminate, unknown_disposition, transferred_out, from_hospice;
--              mortality_30d: open_stay, invalid_dates, not_acute, under_age, over_age,
--              age_indeterminate, not_first_in_episode, against_medical_advice,
--              vital_status_unknown, death_before_admission, indeterminate_death_date, censored,
--              not_sampled; docs/measures.md says what each word means
-- Grain:       one row per tenant, measure, period and stratum; periods by mortality_in_hospital:
--              discharge date; mortality_30d: admission date of the episode
-- Source:      AHRQ inpatient quality indicators, without risk adjustment; CMS 30-day mortality,
--              without risk adjustment; 95 % interval of proportions by Wilson
-- Caveats:     It does not see deaths after discharge, and hospice deaths (NUBC 40-42) are not
--              deaths in hospital. It needs deaths outside the hospital to be known: a feed that
--              does not hear of them shows too few. Counts of 1 to 10, and what would give them
--              away, are hidden.

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
where measure_id in ('mortality_in_hospital', 'mortality_30d')
