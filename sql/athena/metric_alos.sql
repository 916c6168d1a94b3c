-- Average length of stay, as published.
--
-- Written from the declarations by `python -m metriccare.report.generated_sql`.
--
-- Question:    How many days do acute stays last? How many days do people spend in acute care when
--              transfers are one stay?
-- Numerator:   alos: days of the stays: dates from admission to discharge, at least 1;
--              alos_episode: days of the episodes: dates from the first admission to the last
--              discharge, at least 1
-- Denominator: alos: finished acute stays of all ages; alos_episode: finished episodes of acute
--              stays of all ages
-- Exclusions:  alos: open_stay, invalid_dates, not_acute; alos_episode: open_stay, invalid_dates,
--              not_acute, transferred_out; docs/measures.md says what each word means
-- Grain:       one row per tenant, measure, period and stratum; periods by alos: discharge date;
--              alos_episode: discharge date of the episode
-- Source:      pooled days over discharges; no interval is published for a mean
-- Caveats:     Never an average of averages, and never elapsed hours; a transfer counts at both
--              hospitals. It belongs to the hospital that ends the episode, which may have had the
--              person for the shorter part. Counts of 1 to 10, and what would give them away, are
--              hidden.

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
where measure_id in ('alos', 'alos_episode')
