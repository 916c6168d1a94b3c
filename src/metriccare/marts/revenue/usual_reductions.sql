-- Charges and contractual reductions of accounts decided in the 365 days to a stock date, as they
-- were known then. One row per tenant, currency, stock date and payer.
-- Reads: account, account_entry, stock_dates.
with decided as (
  select
    a.tenant, a.account_id, a.currency, coalesce(a.payer, 'unknown') as payer, s.stock_date
  from account as a
  join stock_dates as s
    on a.tenant = s.tenant and a.first_remit_date <= s.stock_date
      and date_add(a.first_remit_date, 365) > s.stock_date
  where a.state <> 'void'
),
posted as (
  select
    tenant, account_id, currency, type, post_date, cast(cast(amount as decimal(18,2)) * 100 as bigint) as amount
  from account_entry
  where type in ('charge', 'contractual')
)
select
  d.tenant, d.currency, d.stock_date, d.payer, count(distinct d.account_id) as accounts,
  sum(case when p.type = 'charge' then p.amount else 0 end) as charges,
  sum(case when p.type = 'contractual' then p.amount else 0 end) as contractual
from decided as d
join posted as p
  on d.tenant = p.tenant and d.account_id = p.account_id and d.currency = p.currency
    and p.post_date <= d.stock_date
group by d.tenant, d.currency, d.stock_date, d.payer
