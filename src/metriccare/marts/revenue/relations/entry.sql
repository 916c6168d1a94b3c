-- Sums of an account's entries by the month they are posted in; null where there are none of a
-- type. Money of void accounts stays in the sums. One row per account and month.
-- Reads: account, account_entry, dates.
with sums as (
  select
    e.tenant, e.account_id, cast(trunc(e.post_date, 'month') as date) as month,
    sum(case when e.type = 'charge' then e.amount end) as charges,
    sum(case when e.type = 'contractual' then e.amount end) as contractual,
    sum(
      case
        when e.type in ('payer_payment', 'patient_payment') then e.amount
        when e.type = 'refund' then -e.amount
      end
    ) as collected,
    sum(case when e.type = 'patient_payment' then e.amount end) as patient_payments,
    sum(case when e.type = 'patient_payment' and e.point_of_service then e.amount end)
    as point_of_service,
    sum(case when e.type = 'bad_debt' then e.amount end) as bad_debt,
    sum(case when e.type = 'charity' then e.amount end) as charity,
    sum(case when e.type = 'denial_writeoff' then e.amount end) as denial_writeoff
  from account_entry as e
  join dates as t on e.tenant = t.tenant
  where e.post_date <= t.as_of
  group by e.tenant, e.account_id, cast(trunc(e.post_date, 'month') as date)
)
select
  s.tenant, a.person_id, s.account_id, '' as item,
  false as is_void, s.month, s.charges, s.contractual, s.collected, s.patient_payments,
  s.point_of_service, s.bad_debt, s.charity, s.denial_writeoff
from sums as s
join account as a on s.tenant = a.tenant and s.account_id = a.account_id
