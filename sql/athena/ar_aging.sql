-- Open receivables by age, facility and payer at the end of each month.
--
-- Question:    How old is what is still owed to us?
-- Numerator:   positive account balances of the bucket
-- Denominator: of share, the balances of the same date, anchor, facility and payer
-- Exclusions:  credit balances
-- Grain:       one row per tenant, date, anchor (bill, service, payer), facility, payer, bucket and
--              currency
-- Source:      published balances by age
-- Caveats:     the current month is taken at as_of; rows of 1 to 10 persons, and what would give
--              them away, are hidden

select
    tenant,
    stock_date,
    anchor,
    facility_id,
    payer,
    bucket,
    balance,
    share,
    suppressed,
    as_of
from ar_by_age
