-- How good each table is, run by run.
--
-- Question:    How far may I trust the rows received in the 30 days up to as_of?
-- Numerator:   score: 100 x the components by weight: completeness 0.35, validity 0.30,
--              consistency 0.15, uniqueness 0.10, timeliness 0.10
-- Denominator: the weights of the components that apply
-- Exclusions:  none
-- Grain:       one row per tenant, layer, table, feed and run
-- Source:      published data quality scores
-- Caveats:     null where no row arrived; validity and completeness are hidden where they show a
--              count of 1 to 10 rows with a fault, all figures where there are 1 to 10 rows

with final as (
    select
        tenant,
        layer,
        table_name,
        feed,
        as_of,
        run_id,
        score,
        completeness,
        validity,
        consistency,
        uniqueness,
        timeliness,
        rows,
        suppressed
    from data_quality_score
)

select
    cast(tenant as varchar) as tenant,
    cast(layer as varchar) as layer,
    cast(table_name as varchar) as table_name,
    cast(feed as varchar) as feed,
    cast(as_of as date) as as_of,
    cast(score as double) as score,
    cast(completeness as double) as completeness,
    cast(validity as double) as validity,
    cast(consistency as double) as consistency,
    cast(uniqueness as double) as uniqueness,
    cast(timeliness as double) as timeliness,
    cast(rows as bigint) as rows,
    cast(suppressed as boolean) as suppressed,
    cast(run_id as varchar) as run_id
from final
