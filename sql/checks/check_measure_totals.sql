-- Parts that do not add up to the whole, before suppression.
--
-- Question:    Do the strata of every measure and period sum to its overall figure, and the months,
--              quarters and years to the whole time?
-- Numerator:   the sum of the parts' numerators, against the whole's
-- Denominator: the sum of the parts' denominators, against the whole's
-- Exclusions:  departments and infection types: a stay may count in several
-- Grain:       one row per tenant, measure, period and kind of part that does not add up; none when
--              healthy
-- Source:      gold.measure_result
-- Caveats:     unsuppressed figures: for the operator, never for a dashboard

with results as (
    select
        tenant,
        measure_id,
        grain,
        period_start,
        period_end,
        stratum_type,
        stratum_value,
        numerator,
        denominator
    from gold.measure_result
),

wholes as (
    select
        tenant,
        measure_id,
        grain,
        period_end,
        numerator,
        denominator
    from results
    where stratum_type = 'overall'
),

sums_of_strata as (
    select
        tenant,
        measure_id,
        grain,
        period_end,
        stratum_type as part,
        sum(numerator) as numerator,
        sum(denominator) as denominator
    from results
    where stratum_type in ('hospital', 'age_band', 'sex', 'payer')
    group by tenant, measure_id, grain, period_end, stratum_type
),

sums_of_periods as (
    select
        tenant,
        measure_id,
        grain as part,
        sum(numerator) as numerator,
        sum(denominator) as denominator
    from results
    where
        stratum_type = 'overall'
        and grain in ('year', 'quarter', 'month')
    group by tenant, measure_id, grain
),

compared as (
    select
        wholes.tenant,
        wholes.measure_id,
        wholes.grain,
        wholes.period_end,
        sums_of_strata.part,
        wholes.numerator as whole_numerator,
        sums_of_strata.numerator as parts_numerator,
        wholes.denominator as whole_denominator,
        sums_of_strata.denominator as parts_denominator
    from wholes
    inner join sums_of_strata
        on
            wholes.tenant = sums_of_strata.tenant
            and wholes.measure_id = sums_of_strata.measure_id
            and wholes.grain = sums_of_strata.grain
            and wholes.period_end = sums_of_strata.period_end
    union all
    select
        wholes.tenant,
        wholes.measure_id,
        wholes.grain,
        wholes.period_end,
        sums_of_periods.part,
        wholes.numerator as whole_numerator,
        sums_of_periods.numerator as parts_numerator,
        wholes.denominator as whole_denominator,
        sums_of_periods.denominator as parts_denominator
    from wholes
    inner join sums_of_periods
        on
            wholes.tenant = sums_of_periods.tenant
            and wholes.measure_id = sums_of_periods.measure_id
    where wholes.grain = 'all'
),

final as (
    select
        tenant,
        measure_id,
        grain,
        period_end,
        part,
        whole_numerator,
        parts_numerator,
        whole_denominator,
        parts_denominator
    from compared
    where
        coalesce(whole_numerator, 0) <> coalesce(parts_numerator, 0)
        or coalesce(whole_denominator, 0) <> coalesce(parts_denominator, 0)
)

select
    cast(tenant as varchar) as tenant,
    cast(measure_id as varchar) as measure_id,
    cast(grain as varchar) as grain,
    cast(period_end as date) as period_end,
    cast(part as varchar) as part,
    cast(whole_numerator as bigint) as whole_numerator,
    cast(parts_numerator as bigint) as parts_numerator,
    cast(whole_denominator as bigint) as whole_denominator,
    cast(parts_denominator as bigint) as parts_denominator
from final
