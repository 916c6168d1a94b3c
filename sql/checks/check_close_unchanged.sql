-- Closed figures without a fingerprint, or there more than once.
--
-- Question:    Is every closed figure there once, as one close wrote it?
-- Numerator:   figures: rows of one figure and close; without_fingerprint: those without SHA-256
-- Denominator: none
-- Exclusions:  none
-- Grain:       one row per tenant, KPI, month, stratum, currency and close that is wrong; none when
--              healthy
-- Source:      gold.kpi_close
-- Caveats:     whether the fingerprint is that of the figures is checked by every run (gate
--              close_unchanged), because SQL engines spell amounts differently

with closes as (
    select
        tenant,
        kpi_id,
        period_start,
        stratum_type,
        stratum_value,
        currency,
        close_version,
        case when figures_sha256 is null then 1 else 0 end as is_without
    from gold.kpi_close
),

counted as (
    select
        tenant,
        kpi_id,
        period_start,
        stratum_type,
        stratum_value,
        currency,
        close_version,
        count(*) as figures,
        sum(is_without) as without_fingerprint
    from closes
    group by
        tenant,
        kpi_id,
        period_start,
        stratum_type,
        stratum_value,
        currency,
        close_version
),

final as (
    select
        tenant,
        kpi_id,
        period_start,
        stratum_type,
        stratum_value,
        currency,
        close_version,
        figures,
        without_fingerprint
    from counted
    where
        figures > 1
        or without_fingerprint > 0
)

select
    cast(tenant as varchar) as tenant,
    cast(kpi_id as varchar) as kpi_id,
    cast(period_start as date) as period_start,
    cast(stratum_type as varchar) as stratum_type,
    cast(stratum_value as varchar) as stratum_value,
    cast(currency as varchar) as currency,
    cast(close_version as integer) as close_version,
    cast(figures as bigint) as figures,
    cast(without_fingerprint as bigint) as without_fingerprint
from final
