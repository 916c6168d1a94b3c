-- Rows received, loaded, rejected and flagged, by table and rule.
--
-- Question:    Which rules do the data trip, and how often?
-- Numerator:   rows that trip the rule; of index_stay, index stays whose hospital is unknown
-- Denominator: rows of the table (the rule `rows`); of index_stay, the index stays of
--              readmission_30d
-- Exclusions:  none
-- Grain:       one row per tenant, layer, table and rule
-- Source:      published data quality, and for index_stay the published readmission_30d
-- Caveats:     a row may trip several rules; counts of 1 to 10 are hidden, and so are their shares

with published as (
    select
        tenant,
        layer,
        table_name,
        rule_id,
        severity,
        meaning,
        row_count,
        suppressed,
        as_of
    from data_quality
),

index_stays as (
    select
        tenant,
        stratum_type,
        stratum_value,
        denominator,
        suppressed,
        as_of
    from measure
    where
        measure_id = 'readmission_30d'
        and grain = 'all'
        and stratum_type in ('overall', 'hospital')
),

index_stays_of_tenants as (
    select
        tenant,
        'gold' as layer,
        'index_stay' as table_name,
        'rows' as rule_id,
        'info' as severity,
        'Index stays of readmission_30d.' as meaning,
        denominator as row_count,
        suppressed,
        as_of
    from index_stays
    where stratum_type = 'overall'
),

index_stays_without_hospital as (
    select
        index_stays_of_tenants.tenant,
        index_stays_of_tenants.layer,
        index_stays_of_tenants.table_name,
        'unknown_hospital' as rule_id,
        'warn' as severity,
        'Index stays whose record does not say which hospital.' as meaning,
        case
            when index_stays.tenant is null then 0
            else index_stays.denominator
        end as row_count,
        coalesce(index_stays.suppressed, false) as suppressed,
        index_stays_of_tenants.as_of
    from index_stays_of_tenants
    left join index_stays
        on
            index_stays_of_tenants.tenant = index_stays.tenant
            and index_stays.stratum_type = 'hospital'
            and index_stays.stratum_value = 'unknown'
),

counted as (
    select
        tenant,
        layer,
        table_name,
        rule_id,
        severity,
        meaning,
        row_count,
        suppressed,
        as_of
    from published
    union all
    select
        tenant,
        layer,
        table_name,
        rule_id,
        severity,
        meaning,
        row_count,
        suppressed,
        as_of
    from index_stays_of_tenants
    union all
    select
        tenant,
        layer,
        table_name,
        rule_id,
        severity,
        meaning,
        row_count,
        suppressed,
        as_of
    from index_stays_without_hospital
),

whole_tables as (
    select
        tenant,
        layer,
        table_name,
        row_count as table_rows
    from counted
    where rule_id = 'rows'
),

final as (
    select
        counted.tenant,
        counted.layer,
        counted.table_name,
        counted.rule_id,
        counted.severity,
        counted.meaning,
        counted.row_count,
        cast(counted.row_count as double)
        / nullif(cast(whole_tables.table_rows as double), 0e0) as share_of_rows,
        counted.suppressed,
        counted.as_of
    from counted
    left join whole_tables
        on
            counted.tenant = whole_tables.tenant
            and counted.layer = whole_tables.layer
            and counted.table_name = whole_tables.table_name
)

select
    cast(tenant as varchar) as tenant,
    cast(layer as varchar) as layer,
    cast(table_name as varchar) as table_name,
    cast(rule_id as varchar) as rule_id,
    cast(severity as varchar) as severity,
    cast(meaning as varchar) as meaning,
    cast(row_count as bigint) as row_count,
    cast(share_of_rows as double) as share_of_rows,
    cast(suppressed as boolean) as suppressed,
    cast(as_of as date) as as_of
from final
