-- Every KPI of the revenue cycle, as published.
--
-- Written from the declarations by `python -m metriccare.report.generated_sql`.
--
-- Question:    What did we bill? What cash came in? How much of what we bill becomes cash? How much
--              of what we were contractually owed did we get? How much of what we are contractually
--              owed do we get, as the month's books show it? How much of what we bill becomes cash,
--              as the month's books show it? What do we not collect although it is owed? What do we
--              not collect by choice? What do we give up? What do patients pay of their share? How
--              much of what patients pay do they pay when the service is given? What does a dollar
--              of cash cost us? What do we owe back? What is still owed to us? How many days of
--              billing is what is still owed? How many days of expected revenue is what is still
--              owed? How old is what is owed, counted from the first bill? How old is what is owed,
--              counted from discharge or the last day of service? How long has whoever owes it had
--              it? How much of what is owed is older than 90 days? How many claims pass every edit
--              untouched? How many claims does the payer take in? How many claims are settled
--              without a second try? How often does the payer's first answer refuse the claim? How
--              often does the payer's first answer refuse a part of the claim? How many lines do
--              payers' first answers refuse? How much do payers' first answers refuse? How many
--              refusals do we contest? How many of the refusals we contest do we win? How many
--              claims end unpaid? How much do payers refuse at first, and why? How many claims do
--              payers decide? How long until a refusal is settled? How fast are services written
--              down? How much is written down late? How fast do we bill? How many days of billing
--              wait for a first claim? How many stays and visits wait for a first claim? How fast
--              does each payer pay? How many lines do payers pay below contract? How much do payers
--              pay below contract? How much do payers pay above contract?
-- Numerator:   gross_charges: charges, with their corrections and voids; total_collections:
--              payments of payers and patients, less refunds and takebacks; gross_collection_rate,
--              net_collection_rate: collections of the cohort's accounts; net_collection_rate_post,
--              gross_collection_rate_post: collections posted in the period; bad_debt_rate: bad
--              debt posted in the period, less recoveries; charity_rate: charity posted in the
--              period; denial_writeoff_rate: denial write-offs posted in the period;
--              patient_collection_rate: patient cash less patient refunds, from 0 to the patient's
--              share, per account; point_of_service_rate: patient payments made at the point of
--              service; cost_to_collect: cost of the revenue cycle; credit_balance: sum of negative
--              account balances, as a positive amount; ar_open, days_in_ar: sum of positive account
--              balances; net_days_in_ar: open balances, of unanswered accounts less their payer's
--              usual reduction; ar_aging_bill, ar_aging_service, ar_aging_payer: open balances of
--              the bucket; ar_over_90: balances older than 90 days by first bill; clean_claim_rate:
--              first answer not rejected, and passed every edit without manual work;
--              first_pass_acceptance_rate: first answer not rejected; first_pass_resolution_rate:
--              first answer decides and does not deny the claim, submitted once by as_of;
--              initial_denial_rate: first decision denies the claim; initial_denial_rate_any: first
--              decision denies at least one line; initial_denial_rate_lines: denied lines of first
--              decisions; initial_denial_rate_amount: denied amounts of first decisions;
--              denial_appeal_rate: initially denied with a later level-1 submission or decision;
--              denial_overturn_rate: the newest decision does not deny the claim;
--              final_denial_rate: initially denied, denied by the answer in force, nothing paid by
--              any payer; total_denied_amount: amounts of initial denials; claims_processed:
--              decisions of primary payers, replaced ones too; denial_days_to_resolution: days from
--              denial to resolution; charge_lag: days from service to posting; late_charge_rate:
--              charges posted more than 3 days after service; bill_lag: days from discharge, else
--              the last day of service, to the first bill; dnfb_days: charges of ended stays and
--              visits that no claim names; dnfb_count: ended stays and visits that no claim names;
--              payment_lag: days from the first bill to the first payment of a payer;
--              underpayment_rate: lines allowed below the contract's rate by more than the
--              tolerance; underpayment_amount: expected less allowed, of underpaid lines;
--              overpayment_amount: allowed less expected, of overpaid lines
-- Denominator: gross_charges, total_collections, credit_balance, ar_open, total_denied_amount,
--              claims_processed, dnfb_count, underpayment_amount, overpayment_amount: none;
--              gross_collection_rate: charges of the cohort's accounts; net_collection_rate:
--              charges less contractual reductions of the cohort's accounts;
--              net_collection_rate_post, denial_writeoff_rate: charges less contractual reductions
--              posted in the period; gross_collection_rate_post, bad_debt_rate, charity_rate:
--              charges posted in the period; patient_collection_rate: what answers leave to the
--              patient; of self-pay, charges less contractual; point_of_service_rate: patient
--              payments; cost_to_collect: collections; days_in_ar, dnfb_days: charges posted in the
--              90 days ending on the date, per day; net_days_in_ar: charges less contractual
--              reductions of 90 days, per day; ar_aging_bill, ar_aging_service, ar_aging_payer,
--              ar_over_90: open receivables; clean_claim_rate, first_pass_acceptance_rate,
--              first_pass_resolution_rate: accounts whose first submission has a first answer;
--              initial_denial_rate, initial_denial_rate_any: accounts with a first decision;
--              initial_denial_rate_lines: lines with a charge that first decisions mention;
--              initial_denial_rate_amount: charges of the lines first decisions mention;
--              denial_appeal_rate: initially denied accounts; denial_overturn_rate: initially
--              denied accounts with a later level-1 decision; final_denial_rate: accounts with a
--              first decision that have had time to be settled; denial_days_to_resolution: denials
--              overturned, upheld or written off; charge_lag: lines with both dates;
--              late_charge_rate: charges of lines with both dates; bill_lag: billed accounts;
--              payment_lag: accounts a payer has paid on; underpayment_rate: answered lines with
--              one contract rate that are not denied
-- Exclusions:  gross_charges, total_collections, net_collection_rate_post,
--              gross_collection_rate_post, bad_debt_rate, charity_rate, denial_writeoff_rate,
--              point_of_service_rate, cost_to_collect, credit_balance, ar_open, days_in_ar,
--              net_days_in_ar, ar_aging_bill, ar_aging_service, ar_aging_payer, ar_over_90,
--              payment_lag: none; gross_collection_rate, net_collection_rate,
--              patient_collection_rate: run_out; clean_claim_rate, first_pass_acceptance_rate,
--              first_pass_resolution_rate: self_pay, no_answer, pending; initial_denial_rate,
--              initial_denial_rate_any, initial_denial_rate_lines, initial_denial_rate_amount:
--              self_pay, no_answer; denial_appeal_rate: self_pay, no_answer, not_denied;
--              denial_overturn_rate: self_pay, no_answer, not_denied, no_appeal; final_denial_rate:
--              self_pay, no_answer, run_out, pending; total_denied_amount, claims_processed,
--              denial_days_to_resolution: self_pay; charge_lag, late_charge_rate: no_posted_date,
--              negative_lag; bill_lag: negative_lag; dnfb_days, dnfb_count: not_discharged;
--              underpayment_rate, underpayment_amount, overpayment_amount: self_pay, line_denied,
--              no_rate
-- Grain:       one row per tenant, KPI, period, stratum and currency; periods by gross_charges,
--              total_collections, net_collection_rate_post, gross_collection_rate_post,
--              bad_debt_rate, charity_rate, denial_writeoff_rate, point_of_service_rate: post date;
--              gross_collection_rate, net_collection_rate: last day of service;
--              patient_collection_rate: first entry that leaves a share to the patient; of
--              self-pay, the first bill; cost_to_collect: month; credit_balance, ar_open,
--              days_in_ar, net_days_in_ar, ar_aging_bill, ar_aging_service, ar_aging_payer,
--              ar_over_90, dnfb_days, dnfb_count: the evening of the period's last day;
--              clean_claim_rate, first_pass_acceptance_rate, first_pass_resolution_rate, bill_lag:
--              first bill; initial_denial_rate, initial_denial_rate_any, initial_denial_rate_lines,
--              initial_denial_rate_amount, denial_appeal_rate, denial_overturn_rate,
--              final_denial_rate, underpayment_rate, underpayment_amount, overpayment_amount: first
--              decision; total_denied_amount, denial_days_to_resolution: denial date;
--              claims_processed: decision date; charge_lag, late_charge_rate: posting date;
--              payment_lag: first payment of a payer
-- Source:      gross_charges: HFMA gross patient service revenue, billed basis; total_collections:
--              HFMA total patient service cash; gross_collection_rate, net_collection_rate_post,
--              gross_collection_rate_post, patient_collection_rate, credit_balance: claims
--              specification, 2.2; net_collection_rate: MGMA adjusted collection percentage;
--              bad_debt_rate: HFMA Bad Debt (of gross revenue); charity_rate: HFMA Charity Care (of
--              gross revenue); denial_writeoff_rate: HFMA denial write-offs (of net revenue);
--              point_of_service_rate: HFMA PA-7; cost_to_collect: HFMA Cost to Collect; ar_open,
--              ar_aging_payer: claims specification, 2.3; days_in_ar: gross, 90-day convention;
--              HFMA; net_days_in_ar: HFMA Net Days in A/R; ar_aging_bill, ar_over_90: HFMA AR-1;
--              ar_aging_service: HFMA AR-3; clean_claim_rate: HFMA CL-1;
--              first_pass_acceptance_rate, first_pass_resolution_rate, initial_denial_rate_any,
--              initial_denial_rate_lines, initial_denial_rate_amount, denial_appeal_rate,
--              denial_overturn_rate, final_denial_rate, total_denied_amount, claims_processed,
--              denial_days_to_resolution: claims specification, 2.4; initial_denial_rate: HFMA AR-5
--              Remittance Denial Rate, claims fully denied; charge_lag, bill_lag, dnfb_count,
--              payment_lag: claims specification, 2.5; late_charge_rate: HFMA CL-2; dnfb_days: HFMA
--              PB-1 days in DNFB; underpayment_rate, underpayment_amount, overpayment_amount:
--              claims specification, 2.6; 95 % interval of proportions of counts by Wilson
-- Caveats:     gross_charges: What is not billed yet is not in it. total_collections: Without a
--              feed of transactions it is the payers' cash alone. gross_collection_rate: NULL until
--              the cohort has had its time to be paid. net_collection_rate: Bad debt, charity and
--              denial write-offs are not contractual: they lower the rate. May exceed 1
--              (overpayments). net_collection_rate_post: Transaction basis: moves with the month's
--              volume; read it over 12 months. gross_collection_rate_post: Transaction basis: moves
--              with the month's volume; read it over 12 months. cost_to_collect: NULL without the
--              user's file of costs by month and facility. credit_balance: Its own figure: it never
--              reduces open receivables. ar_open: Credits are apart. An account owed by payer and
--              patient counts once, by its total. days_in_ar: short_history: divided by the days
--              since the first charge; NULL below 30 days. net_days_in_ar: NULL where fewer than 30
--              answered accounts of a year show the usual reduction. ar_aging_bill: By facility and
--              payer: the view ar_aging. ar_aging_service: By facility and payer: the view
--              ar_aging. ar_aging_payer: By facility and payer: the view ar_aging. ar_over_90: Age
--              is counted from the first bill. clean_claim_rate: Without an edit log it is
--              acceptance: note no_edit_log. first_pass_resolution_rate: A later replacement
--              without a denial fails it too. initial_denial_rate: Rejections are not denials.
--              initial_denial_rate_any: Rejections are not denials. initial_denial_rate_lines:
--              Rejections are not denials. initial_denial_rate_amount: Partial denials count with
--              their amount. claims_processed: Per day: divide by the days of the period.
--              dnfb_days: Charges come from ChargeItem or the feed `charges`; without either it is
--              NULL (no_charges). Of care billed since then, from the lines of its first claims.
--              dnfb_count: Their claims have no type yet: claim_type is unknown. payment_lag:
--              Self-pay and never-paid accounts do not appear. underpayment_amount: Never netted
--              against overpayments. overpayment_amount: Never netted against underpayments. Rows
--              of 1 to 10 persons, and what would give them away, are hidden.

select
    tenant,
    kpi_id,
    grain,
    period_start,
    period_end,
    stratum_type,
    stratum_value,
    stratum_label,
    currency,
    numerator,
    denominator,
    value,
    unit,
    ci_low,
    ci_high,
    provisional,
    note,
    suppressed,
    as_of
from kpi
