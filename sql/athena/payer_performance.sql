-- How each payer decides and pays, by month.
--
-- Question:    How often does each payer refuse, how fast and how fully does it pay?
-- Numerator:   those of the KPIs initial_denial_rate, payment_lag, underpayment_amount and
--              net_collection_rate
-- Denominator: those of the KPIs; claims is the number of first answers
-- Exclusions:  those of the KPIs
-- Grain:       one row per tenant, month, payer and currency
-- Source:      published KPIs of grain month and stratum payer_id
-- Caveats:     rows of 1 to 10 persons are hidden: a hidden figure is null, and suppressed is true
--              if any figure of the row is hidden; payment lags are calendar days

with published as (
    select
        tenant,
        kpi_id,
        period_start,
        stratum_value,
        stratum_label,
        payer,
        currency,
        denominator,
        value,
        median,
        percentile_90,
        case when suppressed then 1 else 0 end as is_hidden,
        as_of
    from kpi
    where
        grain = 'month'
        and stratum_type = 'payer_id'
        and kpi_id in (
            'initial_denial_rate',
            'payment_lag',
            'underpayment_amount',
            'net_collection_rate'
        )
),

final as (
    select
        tenant,
        period_start,
        stratum_value,
        currency,
        max(payer) as payer,
        max(stratum_label) as payer_name,
        max(case when kpi_id = 'initial_denial_rate' then denominator end) as claims,
        max(case when kpi_id = 'initial_denial_rate' then value end) as denial_rate,
        max(case when kpi_id = 'payment_lag' then median end) as payment_lag_median,
        max(case when kpi_id = 'payment_lag' then percentile_90 end) as payment_lag_p90,
        max(case when kpi_id = 'underpayment_amount' then value end) as underpayment_amount,
        max(case when kpi_id = 'net_collection_rate' then value end) as net_collection_rate,
        max(is_hidden) = 1 as suppressed,
        max(as_of) as as_of
    from published
    group by tenant, period_start, stratum_value, currency
)

select
    cast(tenant as varchar) as tenant,
    cast(period_start as date) as month_year,
    cast(payer as varchar) as payer,
    cast(stratum_value as varchar) as payer_id,
    cast(payer_name as varchar) as payer_name,
    cast(claims as bigint) as claims,
    cast(denial_rate as decimal(18, 6)) as denial_rate,
    cast(payment_lag_median as bigint) as payment_lag_median,
    cast(payment_lag_p90 as bigint) as payment_lag_p90,
    cast(underpayment_amount as decimal(18, 2)) as underpayment_amount,
    cast(net_collection_rate as decimal(18, 6)) as net_collection_rate,
    cast(suppressed as boolean) as suppressed,
    cast(as_of as date) as as_of
from final
