-- Shares of revenue that a gate may doubt: answers without their claim, credit balances of open
-- receivables by currency, accounts with an answer out of balance.
-- Reads: account, remit, waiting (answers of feeds whose claim has not arrived, by tenant).
with answers as (
  select tenant, count_if(account_id is null) as orphans, count(*) as answers
  from remit
  group by tenant
  union all
  select tenant, answers, answers
  from waiting
)
select
  tenant, 'orphan_remits' as gate, cast(null as string) as currency,
  cast(sum(orphans) as decimal(38,2)) as part, cast(sum(answers) as decimal(38,2)) as whole
from answers
group by tenant
union all
select
  tenant, 'credit_balances', currency,
  cast(sum(case when balance < 0 then -balance else 0 end) as decimal(38,2)),
  cast(sum(case when balance > 0 then balance else 0 end) as decimal(38,2))
from account
group by tenant, currency
union all
select
  tenant, 'accounts_out_of_balance', null,
  cast(count_if(coalesce(array_contains(dq_flags, 'remit_out_of_balance'), false)) as decimal(38,2)),
  cast(count(*) as decimal(38,2))
from account
where state <> 'void'
group by tenant
