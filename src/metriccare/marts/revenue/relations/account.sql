-- Accounts as at as_of, with the columns that KPIs judge them by. One row per account.
-- Reads: account, account_entry, dates.
with patient_refunds as (
  select e.tenant, e.account_id, sum(e.amount) as amount
  from account_entry as e
  join dates as t on e.tenant = t.tenant
  where e.type = 'refund' and coalesce(e.party, 'patient') = 'patient' and e.post_date <= t.as_of
  group by e.tenant, e.account_id
)
select
  a.tenant, a.person_id, a.account_id, '' as item,
  a.state = 'void' as is_void, coalesce(a.payer = 'self_pay', false) as is_self_pay,
  a.service_to, a.discharge_date, a.first_billed_date, a.first_remit_date, a.first_remit_denied,
  a.first_remit_lines, a.first_remit_denied_lines, a.first_remit_charge,
  a.first_remit_denied_amount, a.first_answer, a.first_answer_denied, a.edit_status,
  a.n_submissions, a.resubmitted, a.later_remit, a.newest_remit_denied, a.answer_in_force_denied,
  a.newest_answer, a.first_payment_date, a.charge, a.contractual, a.payer_paid,
  a.payer_paid + a.patient_paid - a.refunded as collected,
  case when a.payer = 'self_pay' then a.first_billed_date else a.first_patient_share_date end
  as patient_share_date,
  case when a.payer = 'self_pay' then a.charge - a.contractual else a.patient_share end
  as patient_share,
  a.patient_paid - coalesce(r.amount, 0) as patient_cash,
  t.as_of, t.run_out_by
from account as a
join dates as t on a.tenant = t.tenant
left join patient_refunds as r on a.tenant = r.tenant and a.account_id = r.account_id
