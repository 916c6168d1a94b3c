-- Open balances by age, facility and payer at each stock date. Rows of gold.ar_aging.
-- Reads: source (relations/balance.sql), dates.
with aged as (
  select
    tenant, currency, person_id, account_id, facility, payer, stock_date, owed,
    explode(array(
      named_struct('anchor', 'bill', 'bucket', bill_bucket),
      named_struct('anchor', 'service', 'bucket', service_bucket),
      named_struct('anchor', 'payer', 'bucket', payer_bucket)
    )) as age
  from source
  where owed is not null
)
select
  a.tenant, a.stock_date, a.age.anchor as anchor, a.facility as facility_id, a.payer,
  a.age.bucket as bucket, a.currency, cast(sum(a.owed) as decimal(18,2)) as balance,
  count(*) as accounts, count(distinct a.person_id) as n_persons, t.as_of
from aged as a
join dates as t on a.tenant = t.tenant
group by
  a.tenant, a.stock_date, a.age.anchor, a.facility, a.payer, a.age.bucket, a.currency, t.as_of
