-- Reads: payment_reconciliation, claim, claim_response. Gives: details of payments with the patient
-- of the answer, else of the claim, they name. Grain: a detail.
with details as (
  select
    p.tenant, p.id, p.status, p.payment_date, p.payment_identifier, p.created, p.deleted,
    explode(p.details) as detail
  from payment_reconciliation p
  where not p.deleted
)
select
  d.tenant, d.id, d.status, d.payment_date, d.payment_identifier, d.created, d.deleted,
  d.detail.response_id, d.detail.request_id, d.detail.amount, d.detail.currency, d.detail.date,
  coalesce(r.patient_id, c.patient_id) as patient_id
from details d
left join claim_response r on d.tenant = r.tenant and d.detail.response_id = r.id
left join claim c on d.tenant = c.tenant and d.detail.request_id = c.id
where coalesce(r.patient_id, c.patient_id) is not null
