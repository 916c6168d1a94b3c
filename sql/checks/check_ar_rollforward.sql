-- Balances that are not the sum of their entries.
--
-- Question:    Is every balance, on the evening it begins, the sum of the entries posted by then?
--              Then each month ends with what it began with and what was posted in it.
-- Numerator:   found: balances of accounts
-- Denominator: wanted: sums of balance effects
-- Exclusions:  none
-- Grain:       one row per tenant, facility and month with such balances; none when healthy
-- Source:      gold.account_balance, gold.account_entry, gold.account
-- Caveats:     unsuppressed figures: for the operator, never for a dashboard

with spans as (
    select
        account_balance.tenant,
        account_balance.account_id,
        account_balance.from_date,
        account.facility_id,
        account_balance.balance
    from gold.account_balance
    inner join gold.account
        on
            account_balance.tenant = account.tenant
            and account_balance.account_id = account.account_id
),

posted as (
    select
        spans.tenant,
        spans.account_id,
        spans.from_date,
        spans.facility_id,
        spans.balance,
        sum(account_entry.balance_effect) as effects
    from spans
    left join gold.account_entry
        on
            spans.tenant = account_entry.tenant
            and spans.account_id = account_entry.account_id
            and spans.from_date >= account_entry.post_date
    group by
        spans.tenant,
        spans.account_id,
        spans.from_date,
        spans.facility_id,
        spans.balance
),

wrong as (
    select
        tenant,
        facility_id,
        year(from_date) as in_year,
        month(from_date) as in_month,
        coalesce(effects, 0) as effects,
        balance
    from posted
    where balance <> coalesce(effects, 0)
),

final as (
    select
        tenant,
        facility_id,
        in_year,
        in_month,
        count(*) as balances,
        sum(effects) as wanted,
        sum(balance) as found
    from wrong
    group by tenant, facility_id, in_year, in_month
)

select
    cast(tenant as varchar) as tenant,
    cast(facility_id as varchar) as facility_id,
    cast(in_year as bigint) as in_year,
    cast(in_month as bigint) as in_month,
    cast(balances as bigint) as balances,
    cast(wanted as decimal(18, 2)) as wanted,
    cast(found as decimal(18, 2)) as found
from final
