-- Infections acquired in hospital, as published.
--
-- Written from the declarations by `python -m metriccare.report.generated_sql`.
--
-- Question:    How often do people catch an infection while they are in hospital? How many acute
--              stays see at least one hospital-acquired infection? How often is C. difficile found
--              in people who have been in hospital for days? How often is MRSA found in the blood
--              of people who have been in hospital for days?
-- Numerator:   infection_hospital_acquired: infection events with onset on hospital day 3 or later,
--              up to the day after discharge, or coded as not present on admission;
--              infection_stay_share: stays with at least one hospital-acquired infection event;
--              infection_cdiff_labid: positive specimens collected on hospital day 4 or later, one
--              in 14 days; infection_mrsa_labid: positive blood specimens collected on hospital day
--              4 or later, one in 14 days
-- Denominator: infection_hospital_acquired, infection_mrsa_labid: patient days of acute stays of
--              all ages, open ones included (value per 1,000); infection_stay_share: finished acute
--              stays of all ages; infection_cdiff_labid: patient days of acute stays of all ages,
--              open ones included (value per 10,000)
-- Exclusions:  infection_hospital_acquired, infection_cdiff_labid, infection_mrsa_labid: not_acute,
--              invalid_dates, open_stay_too_long; infection_stay_share: open_stay, not_acute,
--              invalid_dates; docs/measures.md says what each word means
-- Grain:       one row per tenant, measure, period and stratum; periods by
--              infection_hospital_acquired: event date (of events known only from a claim, the
--              discharge date); patient days by their own date; left-out stays by discharge date;
--              infection_stay_share: discharge date; infection_cdiff_labid, infection_mrsa_labid:
--              date of collection; patient days by their own date
-- Source:      hospital day 3 timing rule with present-on-admission indicators; CDC/NHSN LabID
--              events in outline; 95 % interval of rates exact Poisson below 10 events, else Byar;
--              95 % interval of proportions by Wilson
-- Caveats:     A screening proxy by timing and codes; never a CLABSI, CAUTI or other surveillance
--              result. A proxy for laboratory surveillance: any positive test counts, symptomatic
--              or not, and no location is left out. The ratio sir, events / predicted, is given
--              only where a file of predictions has at least 1 event. Counts of 1 to 10, and what
--              would give them away, are hidden.

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
where measure_id in (
    'infection_hospital_acquired',
    'infection_stay_share',
    'infection_cdiff_labid',
    'infection_mrsa_labid'
)
