-- Open balances by age, facility and payer at each stock date. Rows of gold.ar_aging.
-- Reads: source (relations/balance.sql), account, dates.
with aged as (
  select
    s.tenant, a.currency, s.person_id, coalesce(a.facility_id, 'unknown') as facility,
    coalesce(a.payer, 'unknown') as payer, s.stock_date, s.owed,
    explode(array(
      named_struct('anchor', 'bill', 'bucket', s.bill_bucket),
      named_struct('anchor', 'service', 'bucket', s.service_bucket),
      named_struct('anchor', 'payer', 'bucket', s.payer_bucket)
    )) as age
  from source as s
  join account as a on s.tenant = a.tenant and s.account_id = a.account_id
  where s.owed is not null
)
select
  a.tenant, a.stock_date, a.age.anchor as anchor, a.facility as facility_id, a.payer,
  a.age.bucket as bucket, a.currency, cast(sum(a.owed) as decimal(38,2)) as balance,
  count(*) as accounts, count(distinct a.person_id) as n_persons, t.as_of
from aged as a
join dates as t on a.tenant = t.tenant
group by
  a.tenant, a.stock_date, a.age.anchor, a.facility, a.payer, a.age.bucket, a.currency, t.as_of
