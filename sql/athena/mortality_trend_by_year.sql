-- Mortality by year.
--
-- Written from the declarations by `python -m metriccare.report.generated_sql`.
--
-- Question:    Do the values rise or fall over the years?
-- Numerator:   mortality_in_hospital: stays whose disposition is died; without a disposition, whose
--              dates hold the death; mortality_30d: episodes with death from any cause 0 to 30
--              dates after the first admission
-- Denominator: mortality_in_hospital: finished acute stays of adults with a known disposition;
--              mortality_30d: first stays of episodes of adults, one per person and calendar year
--              of admission, with 30 days seen or the death known; of the year
-- Exclusions:  those of metric_mortality
-- Grain:       one row per tenant, measure and year
-- Source:      published measures mortality_in_hospital, mortality_30d, grain year, stratum overall
-- Caveats:     the year of as_of may be incomplete; not risk-adjusted; counts of 1 to 10, and what
--              would give them away, are hidden

select
    tenant,
    measure_id,
    cast(year(period_start) as integer) as period_year,
    numerator,
    denominator,
    value,
    ci_low,
    ci_high,
    suppressed,
    as_of
from measure
where
    measure_id in ('mortality_in_hospital', 'mortality_30d')
    and grain = 'year'
    and stratum_type = 'overall'
