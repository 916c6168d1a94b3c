-- Facilities and months whose net balance is not the sum of all that was posted by the month's end.
-- Then every month ends with what it began with and what was posted in it. One row per tenant.
-- Reads: account, account_entry, account_balance, stock_dates, dates.
with facilities as (
  select distinct tenant, currency, coalesce(facility_id, 'unknown') as facility
  from account
),
ends as (
  select f.tenant, f.currency, f.facility, s.stock_date
  from facilities as f
  join stock_dates as s on f.tenant = s.tenant
),
owed as (
  select
    a.tenant, a.currency, coalesce(a.facility_id, 'unknown') as facility, s.stock_date,
    sum(b.balance) as balance
  from account_balance as b
  join account as a on b.tenant = a.tenant and b.account_id = a.account_id
  join stock_dates as s
    on b.tenant = s.tenant and b.from_date <= s.stock_date
      and (b.to_date is null or b.to_date > s.stock_date)
  group by a.tenant, a.currency, coalesce(a.facility_id, 'unknown'), s.stock_date
),
posted as (
  select
    a.tenant, a.currency, coalesce(a.facility_id, 'unknown') as facility,
    cast(trunc(e.post_date, 'month') as date) as month, sum(e.balance_effect) as effect
  from account_entry as e
  join account as a on e.tenant = a.tenant and e.account_id = a.account_id
  join dates as t on e.tenant = t.tenant
  where e.post_date <= t.as_of
  group by
    a.tenant, a.currency, coalesce(a.facility_id, 'unknown'),
    cast(trunc(e.post_date, 'month') as date)
),
posted_by as (
  select e.tenant, e.currency, e.facility, e.stock_date, sum(p.effect) as effects
  from ends as e
  join posted as p
    on e.tenant = p.tenant and e.currency = p.currency and e.facility = p.facility
      and p.month <= e.stock_date
  group by e.tenant, e.currency, e.facility, e.stock_date
),
compared as (
  select e.tenant, coalesce(o.balance, 0) = coalesce(p.effects, 0) as is_equal
  from ends as e
  left join owed as o
    on e.tenant = o.tenant and e.currency = o.currency and e.facility = o.facility
      and e.stock_date = o.stock_date
  left join posted_by as p
    on e.tenant = p.tenant and e.currency = p.currency and e.facility = p.facility
      and e.stock_date = p.stock_date
)
select tenant, count_if(not is_equal) as violations
from compared
group by tenant
