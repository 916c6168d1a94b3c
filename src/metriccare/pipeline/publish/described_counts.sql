-- Reads: counts (rows by layer, table and rule), words (severity and meaning of each rule),
-- types (the resource type of each silver table), days (as_of of tenants with a date of their own).
-- Gives: publish.data_quality. Grain: tenant, layer, table and rule.
-- A count is hidden if it is a small cell, or if the rows of its resource type that it leaves out
-- are one. How many resources there are that speak of no patient identifies nobody.
with counted as (
    select
        c.tenant,
        c.layer,
        c.table_name,
        c.rule_id,
        c.row_count,
        coalesce(t.resource_type, c.table_name) as resource_type
    from counts c
    left join types t on t.table_name = c.table_name
),

with_rest as (
    select
        *,
        max(if(rule_id = 'rows', row_count, null)) over (partition by tenant, resource_type)
        - row_count as rest
    from counted
),

judged as (
    select
        *,
        coalesce(
            (
                row_count > 0
                and row_count < :smallest_shown
                and (rule_id <> 'rows' or not array_contains(:of_nobody, resource_type))
            )
            or (layer = 'silver' and rest > 0 and rest < :smallest_shown),
            false
        ) as suppressed
    from with_rest
)

select
    j.tenant,
    j.layer,
    j.table_name,
    j.rule_id,
    coalesce(w.severity, if(j.layer = 'bronze', 'reject', 'warn')) as severity,
    coalesce(
        w.meaning,
        array_join(
            transform(
                split(replace(j.rule_id, '_', ' '), ' '),
                word -> concat(upper(left(word, 1)), lower(substring(word, 2)))
            ),
            ' '
        )
    ) as meaning,
    if(j.suppressed, null, j.row_count) as row_count,
    j.suppressed,
    coalesce(d.as_of, :as_of) as as_of
from judged j
left join words w on w.rule_id = j.rule_id
left join days d on d.tenant = j.tenant
