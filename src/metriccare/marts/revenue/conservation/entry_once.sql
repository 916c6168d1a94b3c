-- Sources that gave more than one entry: entry ids, transactions, charges of a submission, payments
-- of an answer. One row per tenant.
-- Reads: account_entry.
with sources as (
  select tenant, concat('entry ', entry_id) as source
  from account_entry
  union all
  select tenant, concat('transaction ', transaction_id)
  from account_entry
  where transaction_id is not null
  union all
  -- What is taken back later is an entry of its own, negative.
  select tenant, concat('payment ', claim_id, '|', remit_id)
  from account_entry
  where type = 'payer_payment' and amount > 0 and claim_id is not null and remit_id is not null
),
counted as (
  select tenant, source, count(*) as entries
  from sources
  group by tenant, source
)
select tenant, count_if(entries > 1) as violations
from counted
group by tenant
