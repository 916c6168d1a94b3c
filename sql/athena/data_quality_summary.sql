-- Rows received, loaded, rejected and flagged, by table and rule.
--
-- Question:    Which rules do the data trip, and how often?
-- Numerator:   rows that trip the rule
-- Denominator: rows of the table (the rule `rows`)
-- Exclusions:  none
-- Grain:       one row per tenant, layer, table and rule
-- Source:      published data quality
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

whole_tables as (
    select
        tenant,
        layer,
        table_name,
        row_count as table_rows
    from published
    where rule_id = 'rows'
),

final as (
    select
        published.tenant,
        published.layer,
        published.table_name,
        published.rule_id,
        published.severity,
        published.meaning,
        published.row_count,
        cast(published.row_count as double)
        / nullif(cast(whole_tables.table_rows as double), 0e0) as share_of_rows,
        published.suppressed,
        published.as_of
    from published
    left join whole_tables
        on
            published.tenant = whole_tables.tenant
            and published.layer = whole_tables.layer
            and published.table_name = whole_tables.table_name
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
