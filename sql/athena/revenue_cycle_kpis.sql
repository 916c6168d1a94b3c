-- The revenue cycle of each month and facility, one row each.
--
-- Question:    How much is billed, collected and still owed, how fast, and how often do payers
--              refuse?
-- Numerator:   those of the KPIs, docs/revenue.md; denial_rate is initial_denial_rate,
--              first_pass_success_rate is first_pass_resolution_rate
-- Denominator: those of the KPIs
-- Exclusions:  those of the KPIs
-- Grain:       one row per tenant, month, facility (`all`: everything) and currency
-- Source:      published KPIs of grain month; provisional if one of its figures is; closed if the
--              month has been closed
-- Caveats:     rows of 1 to 10 persons are hidden: a hidden figure is null, and suppressed is true
--              if any figure of the row is hidden; closed figures are in kpi_close_history

with published as (
    select
        tenant,
        kpi_id,
        period_start,
        stratum_value,
        stratum_label,
        currency,
        value,
        case when provisional then 1 else 0 end as is_provisional,
        case when suppressed then 1 else 0 end as is_hidden,
        as_of
    from kpi
    where
        grain = 'month'
        and stratum_type in ('overall', 'facility')
),

closes as (
    select
        tenant,
        period_start,
        count(*) as closed_rows
    from kpi_close
    where grain = 'month'
    group by tenant, period_start
),

months as (
    select
        tenant,
        period_start,
        stratum_value,
        currency,
        max(stratum_label) as facility_name,
        max(case when kpi_id = 'gross_charges' then value end) as total_charges,
        max(case when kpi_id = 'total_collections' then value end) as total_collections,
        max(case when kpi_id = 'net_collection_rate' then value end) as net_collection_rate,
        max(case when kpi_id = 'net_collection_rate_post' then value end)
            as net_collection_rate_post,
        max(case when kpi_id = 'gross_collection_rate' then value end) as gross_collection_rate,
        max(case when kpi_id = 'days_in_ar' then value end) as days_in_ar,
        max(case when kpi_id = 'ar_over_90' then value end) as ar_over_90,
        max(case when kpi_id = 'initial_denial_rate' then value end) as denial_rate,
        max(case when kpi_id = 'clean_claim_rate' then value end) as clean_claim_rate,
        max(case when kpi_id = 'first_pass_resolution_rate' then value end)
            as first_pass_success_rate,
        max(is_provisional) as is_provisional,
        max(is_hidden) as is_hidden,
        max(as_of) as as_of
    from published
    where
        kpi_id in (
            'gross_charges',
            'total_collections',
            'net_collection_rate',
            'net_collection_rate_post',
            'gross_collection_rate',
            'days_in_ar',
            'ar_over_90',
            'initial_denial_rate',
            'clean_claim_rate',
            'first_pass_resolution_rate'
        )
    group by tenant, period_start, stratum_value, currency
),

final as (
    select
        months.tenant,
        months.period_start,
        months.stratum_value,
        months.facility_name,
        months.total_charges,
        months.total_collections,
        months.net_collection_rate,
        months.net_collection_rate_post,
        months.gross_collection_rate,
        months.days_in_ar,
        months.ar_over_90,
        months.denial_rate,
        months.clean_claim_rate,
        months.first_pass_success_rate,
        coalesce(months.is_provisional, 0) = 1 as provisional,
        closes.closed_rows is not null as closed,
        months.is_hidden = 1 as suppressed,
        months.as_of
    from months
    left join closes
        on
            months.tenant = closes.tenant
            and months.period_start = closes.period_start
)

select
    cast(tenant as varchar) as tenant,
    cast(period_start as date) as month_year,
    cast(stratum_value as varchar) as facility_id,
    cast(facility_name as varchar) as facility_name,
    cast(total_charges as decimal(18, 2)) as total_charges,
    cast(total_collections as decimal(18, 2)) as total_collections,
    cast(net_collection_rate as decimal(18, 6)) as net_collection_rate,
    cast(net_collection_rate_post as decimal(18, 6)) as net_collection_rate_post,
    cast(gross_collection_rate as decimal(18, 6)) as gross_collection_rate,
    cast(days_in_ar as decimal(18, 6)) as days_in_ar,
    cast(ar_over_90 as decimal(18, 6)) as ar_over_90,
    cast(denial_rate as decimal(18, 6)) as denial_rate,
    cast(clean_claim_rate as decimal(18, 6)) as clean_claim_rate,
    cast(first_pass_success_rate as decimal(18, 6)) as first_pass_success_rate,
    cast(provisional as boolean) as provisional,
    cast(closed as boolean) as closed,
    cast(suppressed as boolean) as suppressed,
    cast(as_of as date) as as_of
from final
