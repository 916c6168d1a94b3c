"""The health checks that are written from the declarations of tables and measures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from metriccare.marts.measures import MEASURES
from metriccare.marts.measures.definition import RATE
from metriccare.tables import TABLES, Table
from metriccare.tables.silver import BY_RESOURCE

_UNIQUE_KEYS = """\
-- Rows that share a key, in any table.
--
-- {written_by}
--
-- Question:    Is every row of every table there once?
-- Numerator:   keys that occur more than once
-- Denominator: none
-- Exclusions:  none
-- Grain:       one row per tenant and table with such keys; none when healthy
-- Source:      every declared table, by its declared key
-- Caveats:     reads the key columns of the whole lake

with {ctes},

final as (
    {union}
)

select
    cast(tenant as varchar) as tenant,
    cast(table_name as varchar) as table_name,
    cast(duplicated_keys as bigint) as duplicated_keys
from final
"""

_CONSERVATION = """\
-- Records and stays lost on the way.
--
-- {written_by}
--
-- Question:    Is every resource received either in silver or in quarantine, does every measure
--              account for all its candidate stays, are patient days by month those by stay?
-- Numerator:   found: resources in silver or quarantine; denominator plus exclusions; patient days
--              by hospital, department and month
-- Denominator: wanted: resources in bronze; candidate stays; patient days by stay
-- Exclusions:  resource types that silver does not hold; rates, whose denominator is patient days
-- Grain:       one row per tenant and subject where the two differ; none when healthy
-- Source:      bronze.resource, bronze.quarantine, silver, gold
-- Caveats:     a resource counts once, however many versions were received

with received as (
    select
        tenant,
        resource_type,
        resource_id
    from bronze.resource
    where
        resource_type in ({types})
    group by tenant, resource_type, resource_id
),

kept as (
    {kept}
    union distinct
    select
        tenant,
        resource_type,
        resource_id
    from bronze.quarantine
    where redriven_run_id is null
),

resources as (
    select
        received.tenant,
        received.resource_type as subject,
        count(*) as wanted,
        count(kept.resource_id) as found
    from received
    left join kept
        on
            received.tenant = kept.tenant
            and received.resource_type = kept.resource_type
            and received.resource_id = kept.resource_id
    group by received.tenant, received.resource_type
),

candidates as (
    select
        tenant,
        measure_id,
        count(*) as wanted
    from gold.measure_stay
    group by tenant, measure_id
),

accounted as (
    select
        tenant,
        measure_id,
        sum(coalesce(denominator, 0) + coalesce(excluded, 0)) as found
    from gold.measure_result
    where
        grain = 'all'
        and stratum_type = 'overall'
        and measure_id in ({measures})
    group by tenant, measure_id
),

days_by_stay as (
    select
        tenant,
        sum(patient_days) as wanted
    from gold.stay_day
    group by tenant
),

days_by_month as (
    select
        tenant,
        sum(patient_days) as found
    from gold.patient_day
    group by tenant
),

compared as (
    select
        tenant,
        subject,
        wanted,
        found
    from resources
    union all
    select
        accounted.tenant,
        accounted.measure_id as subject,
        candidates.wanted,
        accounted.found
    from accounted
    left join candidates
        on
            accounted.tenant = candidates.tenant
            and accounted.measure_id = candidates.measure_id
    union all
    select
        days_by_stay.tenant,
        'patient days' as subject,
        days_by_stay.wanted,
        days_by_month.found
    from days_by_stay
    left join days_by_month
        on days_by_stay.tenant = days_by_month.tenant
),

final as (
    select
        tenant,
        subject,
        wanted,
        found
    from compared
    where coalesce(wanted, 0) <> coalesce(found, 0)
)

select
    cast(tenant as varchar) as tenant,
    cast(subject as varchar) as subject,
    cast(wanted as bigint) as wanted,
    cast(found as bigint) as found
from final
"""


# Of every generated SQL file, above its header.
WRITTEN_BY = "Written from the declarations by `python -m metriccare.report.generated_sql`."


# What fits into a line of 100 characters behind `group by`.
_LONGEST_KEY = 87


def generated_checks() -> Mapping[str, str]:
    """Return the text of each generated check by its name."""
    return {"check_unique_keys": unique_keys(), "check_conservation": conservation()}


def unique_keys() -> str:
    """Return the check that no key occurs twice in any table."""
    ctes = ",\n\n".join(_repeated(table) for table in TABLES)
    union = "\n    union all\n    ".join(_count_of(table) for table in TABLES)
    return _UNIQUE_KEYS.format(written_by=WRITTEN_BY, ctes=ctes, union=union)


def conservation() -> str:
    """Return the check that nothing is lost between the layers."""
    kept = "\n    union distinct\n    ".join(
        f"select\n        tenant,\n        '{resource_type}' as resource_type,\n"
        f"        id as resource_id\n    from {table.full_name}"
        for resource_type, table in BY_RESOURCE.items()
    )
    return _CONSERVATION.format(
        written_by=WRITTEN_BY,
        types=_listed(BY_RESOURCE),
        measures=_listed(measure.id for measure in MEASURES if measure.shape != RATE),
        kept=kept,
    )


def _listed(values: Iterable[str]) -> str:
    """Return texts as literals, one a line, to be put between parentheses."""
    literals = ",\n            ".join(f"'{value}'" for value in values)
    return f"\n            {literals}\n        "


def _cte_name(table: Table) -> str:
    return f"{table.layer}_{table.name}_keys"


def _repeated(table: Table) -> str:
    columns = ",\n        ".join(table.key)
    by = f" {', '.join(table.key)}"
    if len(by) > _LONGEST_KEY:
        by = f"\n        {columns}"
    return (
        f"{_cte_name(table)} as (\n    select\n        {columns}\n    from {table.full_name}\n"
        f"    group by{by}\n    having count(*) > 1\n)"
    )


def _count_of(table: Table) -> str:
    return (
        f"select\n        tenant,\n        '{table.full_name}' as table_name,\n"
        f"        count(*) as duplicated_keys\n    from {_cte_name(table)}\n    group by tenant"
    )
