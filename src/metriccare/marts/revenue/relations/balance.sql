-- What was owed on an account at each stock date, what was charged on it in the 90 days ending then,
-- and the care that no claim named then. One row per account and stock date with a balance, one per
-- account and stock date with recent charges, and one per stay or visit and stock date.
-- Reads: account, account_balance, account_entry, unbilled_care, stock_dates, open_shares.
with owed as (
  select
    b.tenant, b.account_id, s.stock_date, cast(b.balance as decimal(18,2)) as balance,
    b.is_adjudicated,
    datediff(s.stock_date, b.bill_date) as bill_age,
    datediff(s.stock_date, b.service_date) as service_age,
    datediff(s.stock_date, b.payer_clock_date) as payer_age
  from account_balance as b
  join stock_dates as s
    on b.tenant = s.tenant and b.from_date <= s.stock_date
      and (b.to_date is null or b.to_date > s.stock_date)
  where b.balance <> 0
),
charged as (
  select
    e.tenant, e.account_id, s.stock_date,
    cast(sum(case when e.type = 'charge' then e.amount else 0 end) as decimal(18,2)) as charges,
    cast(sum(case when e.type = 'charge' then e.amount else -e.amount end) as decimal(18,2))
    as net_charges
  from account_entry as e
  join stock_dates as s
    on e.tenant = s.tenant and e.post_date <= s.stock_date
      and date_add(e.post_date, 90) > s.stock_date
  where e.type in ('charge', 'contractual')
  group by e.tenant, e.account_id, s.stock_date
),
stocks as (
  select
    tenant, account_id, stock_date, balance, is_adjudicated, bill_age, service_age, payer_age,
    cast(null as decimal(18,2)) as charges, cast(null as decimal(18,2)) as net_charges
  from owed
  union all
  select tenant, account_id, stock_date, null, null, null, null, null, charges, net_charges
  from charged
)
select
  d.tenant, a.person_id, d.account_id, '' as item, false as is_void, d.stock_date,
  case when d.balance > 0 then d.balance end as owed,
  case when d.balance < 0 then -d.balance end as credit,
  case
    when d.balance > 0 and d.is_adjudicated then d.balance
    -- Rounded half up per account, so that strata add up. 20 digits: with 18 DuckDB would keep the
    -- product in 18 digits too, 11 of them decimals, and fail on balances over 92,000.
    when d.balance > 0 then cast(
      floor(cast(d.balance * 100 as decimal(20,0)) * p.open_share + 0.5) as decimal(18,0)
    ) * 0.01
  end as net_owed,
  d.charges as recent_charges, d.net_charges as recent_net_charges, d.bill_age,
  case
    when coalesce(d.bill_age, 0) <= 30 then '0-30' when d.bill_age <= 60 then '31-60'
    when d.bill_age <= 90 then '61-90' when d.bill_age <= 120 then '91-120' else '121+'
  end as bill_bucket,
  case
    when coalesce(d.service_age, 0) <= 30 then '0-30' when d.service_age <= 60 then '31-60'
    when d.service_age <= 90 then '61-90' when d.service_age <= 120 then '91-120' else '121+'
  end as service_bucket,
  case
    when coalesce(d.payer_age, 0) <= 30 then '0-30' when d.payer_age <= 60 then '31-60'
    when d.payer_age <= 90 then '61-90' when d.payer_age <= 120 then '91-120' else '121+'
  end as payer_bucket,
  false as is_care, cast(null as boolean) as is_discharged,
  cast(null as decimal(18,2)) as unbilled
from stocks as d
join account as a on d.tenant = a.tenant and d.account_id = a.account_id
left join open_shares as p
  on d.tenant = p.tenant and a.currency = p.currency and d.stock_date = p.stock_date
    and coalesce(a.payer, 'unknown') = p.payer
union all
select
  u.tenant, u.person_id, u.care_id, '', false, s.stock_date,
  null, null, null, null, null, null, null, null, null,
  true, u.is_discharged, cast(u.charges as decimal(18,2))
from unbilled_care as u
join stock_dates as s
  on u.tenant = s.tenant and u.from_date <= s.stock_date
    and (u.to_date is null or u.to_date > s.stock_date)
