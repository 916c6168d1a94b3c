-- Rows that share a key, in any table.
--
-- Written from the declarations by `python -m metriccare.report.generated_sql`.
--
-- Question:    Is every row of every table there once?
-- Numerator:   keys that occur more than once
-- Denominator: none
-- Exclusions:  none
-- Grain:       one row per tenant and table with such keys; none when healthy
-- Source:      every declared table, by its declared key
-- Caveats:     reads the key columns of the whole lake

with bronze_resource_keys as (
    select
        tenant,
        file_id,
        source_line
    from bronze.resource
    group by tenant, file_id, source_line
    having count(*) > 1
),

bronze_record_keys as (
    select
        tenant,
        file_id,
        source_line
    from bronze.record
    group by tenant, file_id, source_line
    having count(*) > 1
),

bronze_feed_layout_keys as (
    select
        tenant,
        file_id
    from bronze.feed_layout
    group by tenant, file_id
    having count(*) > 1
),

bronze_quarantine_keys as (
    select
        tenant,
        file_id,
        source_line,
        rule_id
    from bronze.quarantine
    group by tenant, file_id, source_line, rule_id
    having count(*) > 1
),

bronze_drift_keys as (
    select
        tenant,
        file_id,
        resource_type,
        field_path
    from bronze.drift
    group by tenant, file_id, resource_type, field_path
    having count(*) > 1
),

silver_organization_keys as (
    select
        tenant,
        id
    from silver.organization
    group by tenant, id
    having count(*) > 1
),

silver_location_keys as (
    select
        tenant,
        id
    from silver.location
    group by tenant, id
    having count(*) > 1
),

silver_practitioner_keys as (
    select
        tenant,
        id
    from silver.practitioner
    group by tenant, id
    having count(*) > 1
),

silver_practitioner_role_keys as (
    select
        tenant,
        id
    from silver.practitioner_role
    group by tenant, id
    having count(*) > 1
),

silver_patient_keys as (
    select
        tenant,
        id
    from silver.patient
    group by tenant, id
    having count(*) > 1
),

silver_coverage_keys as (
    select
        tenant,
        id
    from silver.coverage
    group by tenant, id
    having count(*) > 1
),

silver_encounter_keys as (
    select
        tenant,
        id
    from silver.encounter
    group by tenant, id
    having count(*) > 1
),

silver_condition_keys as (
    select
        tenant,
        id
    from silver.condition
    group by tenant, id
    having count(*) > 1
),

silver_procedure_keys as (
    select
        tenant,
        id
    from silver.procedure
    group by tenant, id
    having count(*) > 1
),

silver_specimen_keys as (
    select
        tenant,
        id
    from silver.specimen
    group by tenant, id
    having count(*) > 1
),

silver_observation_keys as (
    select
        tenant,
        id
    from silver.observation
    group by tenant, id
    having count(*) > 1
),

silver_account_keys as (
    select
        tenant,
        id
    from silver.account
    group by tenant, id
    having count(*) > 1
),

silver_charge_item_keys as (
    select
        tenant,
        id
    from silver.charge_item
    group by tenant, id
    having count(*) > 1
),

silver_invoice_keys as (
    select
        tenant,
        id
    from silver.invoice
    group by tenant, id
    having count(*) > 1
),

silver_claim_keys as (
    select
        tenant,
        id
    from silver.claim
    group by tenant, id
    having count(*) > 1
),

silver_claim_response_keys as (
    select
        tenant,
        id
    from silver.claim_response
    group by tenant, id
    having count(*) > 1
),

silver_explanation_of_benefit_keys as (
    select
        tenant,
        id
    from silver.explanation_of_benefit
    group by tenant, id
    having count(*) > 1
),

silver_payment_reconciliation_keys as (
    select
        tenant,
        id
    from silver.payment_reconciliation
    group by tenant, id
    having count(*) > 1
),

silver_encounter_detail_keys as (
    select
        tenant,
        encounter_id
    from silver.encounter_detail
    group by tenant, encounter_id
    having count(*) > 1
),

silver_unresolved_reference_keys as (
    select
        tenant,
        table_name,
        id,
        reference
    from silver.unresolved_reference
    group by tenant, table_name, id, reference
    having count(*) > 1
),

silver_resolved_name_keys as (
    select
        tenant,
        name
    from silver.resolved_name
    group by tenant, name
    having count(*) > 1
),

silver_released_patient_keys as (
    select
        tenant,
        patient_id,
        run_id
    from silver.released_patient
    group by tenant, patient_id, run_id
    having count(*) > 1
),

silver_feed_claims_keys as (
    select
        tenant,
        claim_id
    from silver.feed_claims
    group by tenant, claim_id
    having count(*) > 1
),

silver_feed_claim_lines_keys as (
    select
        tenant,
        claim_id,
        line_number
    from silver.feed_claim_lines
    group by tenant, claim_id, line_number
    having count(*) > 1
),

silver_feed_remits_keys as (
    select
        tenant,
        remit_id,
        claim_id,
        line_number
    from silver.feed_remits
    group by tenant, remit_id, claim_id, line_number
    having count(*) > 1
),

silver_feed_remit_adjustments_keys as (
    select
        tenant,
        remit_id,
        claim_id,
        line_number,
        position
    from silver.feed_remit_adjustments
    group by tenant, remit_id, claim_id, line_number, position
    having count(*) > 1
),

silver_feed_transactions_keys as (
    select
        tenant,
        transaction_id
    from silver.feed_transactions
    group by tenant, transaction_id
    having count(*) > 1
),

silver_feed_charges_keys as (
    select
        tenant,
        charge_id
    from silver.feed_charges
    group by tenant, charge_id
    having count(*) > 1
),

silver_feed_providers_keys as (
    select
        tenant,
        provider_id
    from silver.feed_providers
    group by tenant, provider_id
    having count(*) > 1
),

silver_feed_members_keys as (
    select
        tenant,
        member_id,
        payer_id,
        coverage_from
    from silver.feed_members
    group by tenant, member_id, payer_id, coverage_from
    having count(*) > 1
),

silver_feed_payers_keys as (
    select
        tenant,
        payer_id
    from silver.feed_payers
    group by tenant, payer_id
    having count(*) > 1
),

silver_feed_fee_schedule_keys as (
    select
        tenant,
        rate_id
    from silver.feed_fee_schedule
    group by tenant, rate_id
    having count(*) > 1
),

silver_feed_revenue_cycle_cost_keys as (
    select
        tenant,
        month,
        facility_id
    from silver.feed_revenue_cycle_cost
    group by tenant, month, facility_id
    having count(*) > 1
),

silver_released_name_keys as (
    select
        tenant,
        name,
        run_id
    from silver.released_name
    group by tenant, name, run_id
    having count(*) > 1
),

gold_stay_keys as (
    select
        tenant,
        stay_id
    from gold.stay
    group by tenant, stay_id
    having count(*) > 1
),

gold_episode_keys as (
    select
        tenant,
        episode_id
    from gold.episode
    group by tenant, episode_id
    having count(*) > 1
),

gold_measure_stay_keys as (
    select
        tenant,
        measure_id,
        stay_id
    from gold.measure_stay
    group by tenant, measure_id, stay_id
    having count(*) > 1
),

gold_infection_event_keys as (
    select
        tenant,
        event_id
    from gold.infection_event
    group by tenant, event_id
    having count(*) > 1
),

gold_patient_day_keys as (
    select
        tenant,
        hospital_id,
        department,
        month
    from gold.patient_day
    group by tenant, hospital_id, department, month
    having count(*) > 1
),

gold_stay_day_keys as (
    select
        tenant,
        stay_id,
        department,
        month
    from gold.stay_day
    group by tenant, stay_id, department, month
    having count(*) > 1
),

gold_measure_result_keys as (
    select
        tenant,
        measure_id,
        grain,
        period_start,
        stratum_type,
        stratum_value
    from gold.measure_result
    group by tenant, measure_id, grain, period_start, stratum_type, stratum_value
    having count(*) > 1
),

gold_person_not_computed_keys as (
    select
        tenant,
        person_id
    from gold.person_not_computed
    group by tenant, person_id
    having count(*) > 1
),

gold_claim_line_keys as (
    select
        tenant,
        claim_id,
        line_number
    from gold.claim_line
    group by tenant, claim_id, line_number
    having count(*) > 1
),

gold_claim_diagnosis_keys as (
    select
        tenant,
        claim_id,
        sequence
    from gold.claim_diagnosis
    group by tenant, claim_id, sequence
    having count(*) > 1
),

gold_claim_procedure_keys as (
    select
        tenant,
        claim_id,
        sequence
    from gold.claim_procedure
    group by tenant, claim_id, sequence
    having count(*) > 1
),

gold_remit_line_keys as (
    select
        tenant,
        remit_id,
        claim_id,
        line_number
    from gold.remit_line
    group by tenant, remit_id, claim_id, line_number
    having count(*) > 1
),

gold_adjustment_keys as (
    select
        tenant,
        remit_id,
        claim_id,
        line_number,
        position
    from gold.adjustment
    group by tenant, remit_id, claim_id, line_number, position
    having count(*) > 1
),

gold_remit_keys as (
    select
        tenant,
        remit_id,
        claim_id
    from gold.remit
    group by tenant, remit_id, claim_id
    having count(*) > 1
),

gold_claim_keys as (
    select
        tenant,
        claim_id
    from gold.claim
    group by tenant, claim_id
    having count(*) > 1
),

gold_coverage_span_keys as (
    select
        tenant,
        person_id,
        payer_id,
        level,
        start
    from gold.coverage_span
    group by tenant, person_id, payer_id, level, start
    having count(*) > 1
),

gold_expected_line_keys as (
    select
        tenant,
        claim_id,
        line_number
    from gold.expected_line
    group by tenant, claim_id, line_number
    having count(*) > 1
),

gold_unbilled_care_keys as (
    select
        tenant,
        care_id,
        from_date
    from gold.unbilled_care
    group by tenant, care_id, from_date
    having count(*) > 1
),

gold_denial_keys as (
    select
        tenant,
        denial_id
    from gold.denial
    group by tenant, denial_id
    having count(*) > 1
),

gold_account_entry_keys as (
    select
        tenant,
        entry_id
    from gold.account_entry
    group by tenant, entry_id
    having count(*) > 1
),

gold_account_balance_keys as (
    select
        tenant,
        account_id,
        from_date
    from gold.account_balance
    group by tenant, account_id, from_date
    having count(*) > 1
),

gold_account_keys as (
    select
        tenant,
        account_id
    from gold.account
    group by tenant, account_id
    having count(*) > 1
),

gold_provider_keys as (
    select
        tenant,
        provider_id
    from gold.provider
    group by tenant, provider_id
    having count(*) > 1
),

gold_payer_org_keys as (
    select
        tenant,
        payer_id
    from gold.payer_org
    group by tenant, payer_id
    having count(*) > 1
),

gold_claims_not_computed_keys as (
    select
        tenant,
        person_id
    from gold.claims_not_computed
    group by tenant, person_id
    having count(*) > 1
),

gold_kpi_account_keys as (
    select
        tenant,
        kpi_id,
        account_id,
        item
    from gold.kpi_account
    group by tenant, kpi_id, account_id, item
    having count(*) > 1
),

gold_ar_aging_keys as (
    select
        tenant,
        stock_date,
        anchor,
        facility_id,
        payer,
        bucket,
        currency
    from gold.ar_aging
    group by tenant, stock_date, anchor, facility_id, payer, bucket, currency
    having count(*) > 1
),

gold_denial_month_keys as (
    select
        tenant,
        denial_month,
        facility_id,
        payer,
        group_code,
        carc,
        currency
    from gold.denial_month
    group by tenant, denial_month, facility_id, payer, group_code, carc, currency
    having count(*) > 1
),

gold_kpi_result_keys as (
    select
        tenant,
        kpi_id,
        grain,
        period_start,
        stratum_type,
        stratum_value,
        currency
    from gold.kpi_result
    group by tenant, kpi_id, grain, period_start, stratum_type, stratum_value, currency
    having count(*) > 1
),

gold_kpi_close_keys as (
    select
        tenant,
        kpi_id,
        grain,
        period_start,
        stratum_type,
        stratum_value,
        currency,
        close_version
    from gold.kpi_close
    group by
        tenant,
        kpi_id,
        grain,
        period_start,
        stratum_type,
        stratum_value,
        currency,
        close_version
    having count(*) > 1
),

publish_kpi_keys as (
    select
        tenant,
        kpi_id,
        grain,
        period_start,
        stratum_type,
        stratum_value,
        currency
    from publish.kpi
    group by tenant, kpi_id, grain, period_start, stratum_type, stratum_value, currency
    having count(*) > 1
),

publish_kpi_close_keys as (
    select
        tenant,
        kpi_id,
        grain,
        period_start,
        stratum_type,
        stratum_value,
        currency,
        close_version
    from publish.kpi_close
    group by
        tenant,
        kpi_id,
        grain,
        period_start,
        stratum_type,
        stratum_value,
        currency,
        close_version
    having count(*) > 1
),

publish_ar_by_age_keys as (
    select
        tenant,
        stock_date,
        anchor,
        facility_id,
        payer,
        bucket,
        currency
    from publish.ar_by_age
    group by tenant, stock_date, anchor, facility_id, payer, bucket, currency
    having count(*) > 1
),

publish_denial_month_keys as (
    select
        tenant,
        denial_month,
        facility_id,
        payer,
        group_code,
        carc,
        currency
    from publish.denial_month
    group by tenant, denial_month, facility_id, payer, group_code, carc, currency
    having count(*) > 1
),

publish_measure_keys as (
    select
        tenant,
        measure_id,
        grain,
        period_start,
        stratum_type,
        stratum_value
    from publish.measure
    group by tenant, measure_id, grain, period_start, stratum_type, stratum_value
    having count(*) > 1
),

publish_infection_code_keys as (
    select
        tenant,
        code_system,
        code
    from publish.infection_code
    group by tenant, code_system, code
    having count(*) > 1
),

publish_data_quality_keys as (
    select
        tenant,
        layer,
        table_name,
        rule_id
    from publish.data_quality
    group by tenant, layer, table_name, rule_id
    having count(*) > 1
),

publish_freshness_keys as (
    select
        tenant,
        resource_type
    from publish.freshness
    group by tenant, resource_type
    having count(*) > 1
),

gold_data_quality_arrival_keys as (
    select
        tenant,
        table_name,
        feed,
        arrival
    from gold.data_quality_arrival
    group by tenant, table_name, feed, arrival
    having count(*) > 1
),

gold_data_quality_score_keys as (
    select
        tenant,
        layer,
        table_name,
        feed,
        run_id
    from gold.data_quality_score
    group by tenant, layer, table_name, feed, run_id
    having count(*) > 1
),

publish_data_quality_score_keys as (
    select
        tenant,
        layer,
        table_name,
        feed,
        run_id
    from publish.data_quality_score
    group by tenant, layer, table_name, feed, run_id
    having count(*) > 1
),

final as (
    select
        tenant,
        'bronze.resource' as table_name,
        count(*) as duplicated_keys
    from bronze_resource_keys
    group by tenant
    union all
    select
        tenant,
        'bronze.record' as table_name,
        count(*) as duplicated_keys
    from bronze_record_keys
    group by tenant
    union all
    select
        tenant,
        'bronze.feed_layout' as table_name,
        count(*) as duplicated_keys
    from bronze_feed_layout_keys
    group by tenant
    union all
    select
        tenant,
        'bronze.quarantine' as table_name,
        count(*) as duplicated_keys
    from bronze_quarantine_keys
    group by tenant
    union all
    select
        tenant,
        'bronze.drift' as table_name,
        count(*) as duplicated_keys
    from bronze_drift_keys
    group by tenant
    union all
    select
        tenant,
        'silver.organization' as table_name,
        count(*) as duplicated_keys
    from silver_organization_keys
    group by tenant
    union all
    select
        tenant,
        'silver.location' as table_name,
        count(*) as duplicated_keys
    from silver_location_keys
    group by tenant
    union all
    select
        tenant,
        'silver.practitioner' as table_name,
        count(*) as duplicated_keys
    from silver_practitioner_keys
    group by tenant
    union all
    select
        tenant,
        'silver.practitioner_role' as table_name,
        count(*) as duplicated_keys
    from silver_practitioner_role_keys
    group by tenant
    union all
    select
        tenant,
        'silver.patient' as table_name,
        count(*) as duplicated_keys
    from silver_patient_keys
    group by tenant
    union all
    select
        tenant,
        'silver.coverage' as table_name,
        count(*) as duplicated_keys
    from silver_coverage_keys
    group by tenant
    union all
    select
        tenant,
        'silver.encounter' as table_name,
        count(*) as duplicated_keys
    from silver_encounter_keys
    group by tenant
    union all
    select
        tenant,
        'silver.condition' as table_name,
        count(*) as duplicated_keys
    from silver_condition_keys
    group by tenant
    union all
    select
        tenant,
        'silver.procedure' as table_name,
        count(*) as duplicated_keys
    from silver_procedure_keys
    group by tenant
    union all
    select
        tenant,
        'silver.specimen' as table_name,
        count(*) as duplicated_keys
    from silver_specimen_keys
    group by tenant
    union all
    select
        tenant,
        'silver.observation' as table_name,
        count(*) as duplicated_keys
    from silver_observation_keys
    group by tenant
    union all
    select
        tenant,
        'silver.account' as table_name,
        count(*) as duplicated_keys
    from silver_account_keys
    group by tenant
    union all
    select
        tenant,
        'silver.charge_item' as table_name,
        count(*) as duplicated_keys
    from silver_charge_item_keys
    group by tenant
    union all
    select
        tenant,
        'silver.invoice' as table_name,
        count(*) as duplicated_keys
    from silver_invoice_keys
    group by tenant
    union all
    select
        tenant,
        'silver.claim' as table_name,
        count(*) as duplicated_keys
    from silver_claim_keys
    group by tenant
    union all
    select
        tenant,
        'silver.claim_response' as table_name,
        count(*) as duplicated_keys
    from silver_claim_response_keys
    group by tenant
    union all
    select
        tenant,
        'silver.explanation_of_benefit' as table_name,
        count(*) as duplicated_keys
    from silver_explanation_of_benefit_keys
    group by tenant
    union all
    select
        tenant,
        'silver.payment_reconciliation' as table_name,
        count(*) as duplicated_keys
    from silver_payment_reconciliation_keys
    group by tenant
    union all
    select
        tenant,
        'silver.encounter_detail' as table_name,
        count(*) as duplicated_keys
    from silver_encounter_detail_keys
    group by tenant
    union all
    select
        tenant,
        'silver.unresolved_reference' as table_name,
        count(*) as duplicated_keys
    from silver_unresolved_reference_keys
    group by tenant
    union all
    select
        tenant,
        'silver.resolved_name' as table_name,
        count(*) as duplicated_keys
    from silver_resolved_name_keys
    group by tenant
    union all
    select
        tenant,
        'silver.released_patient' as table_name,
        count(*) as duplicated_keys
    from silver_released_patient_keys
    group by tenant
    union all
    select
        tenant,
        'silver.feed_claims' as table_name,
        count(*) as duplicated_keys
    from silver_feed_claims_keys
    group by tenant
    union all
    select
        tenant,
        'silver.feed_claim_lines' as table_name,
        count(*) as duplicated_keys
    from silver_feed_claim_lines_keys
    group by tenant
    union all
    select
        tenant,
        'silver.feed_remits' as table_name,
        count(*) as duplicated_keys
    from silver_feed_remits_keys
    group by tenant
    union all
    select
        tenant,
        'silver.feed_remit_adjustments' as table_name,
        count(*) as duplicated_keys
    from silver_feed_remit_adjustments_keys
    group by tenant
    union all
    select
        tenant,
        'silver.feed_transactions' as table_name,
        count(*) as duplicated_keys
    from silver_feed_transactions_keys
    group by tenant
    union all
    select
        tenant,
        'silver.feed_charges' as table_name,
        count(*) as duplicated_keys
    from silver_feed_charges_keys
    group by tenant
    union all
    select
        tenant,
        'silver.feed_providers' as table_name,
        count(*) as duplicated_keys
    from silver_feed_providers_keys
    group by tenant
    union all
    select
        tenant,
        'silver.feed_members' as table_name,
        count(*) as duplicated_keys
    from silver_feed_members_keys
    group by tenant
    union all
    select
        tenant,
        'silver.feed_payers' as table_name,
        count(*) as duplicated_keys
    from silver_feed_payers_keys
    group by tenant
    union all
    select
        tenant,
        'silver.feed_fee_schedule' as table_name,
        count(*) as duplicated_keys
    from silver_feed_fee_schedule_keys
    group by tenant
    union all
    select
        tenant,
        'silver.feed_revenue_cycle_cost' as table_name,
        count(*) as duplicated_keys
    from silver_feed_revenue_cycle_cost_keys
    group by tenant
    union all
    select
        tenant,
        'silver.released_name' as table_name,
        count(*) as duplicated_keys
    from silver_released_name_keys
    group by tenant
    union all
    select
        tenant,
        'gold.stay' as table_name,
        count(*) as duplicated_keys
    from gold_stay_keys
    group by tenant
    union all
    select
        tenant,
        'gold.episode' as table_name,
        count(*) as duplicated_keys
    from gold_episode_keys
    group by tenant
    union all
    select
        tenant,
        'gold.measure_stay' as table_name,
        count(*) as duplicated_keys
    from gold_measure_stay_keys
    group by tenant
    union all
    select
        tenant,
        'gold.infection_event' as table_name,
        count(*) as duplicated_keys
    from gold_infection_event_keys
    group by tenant
    union all
    select
        tenant,
        'gold.patient_day' as table_name,
        count(*) as duplicated_keys
    from gold_patient_day_keys
    group by tenant
    union all
    select
        tenant,
        'gold.stay_day' as table_name,
        count(*) as duplicated_keys
    from gold_stay_day_keys
    group by tenant
    union all
    select
        tenant,
        'gold.measure_result' as table_name,
        count(*) as duplicated_keys
    from gold_measure_result_keys
    group by tenant
    union all
    select
        tenant,
        'gold.person_not_computed' as table_name,
        count(*) as duplicated_keys
    from gold_person_not_computed_keys
    group by tenant
    union all
    select
        tenant,
        'gold.claim_line' as table_name,
        count(*) as duplicated_keys
    from gold_claim_line_keys
    group by tenant
    union all
    select
        tenant,
        'gold.claim_diagnosis' as table_name,
        count(*) as duplicated_keys
    from gold_claim_diagnosis_keys
    group by tenant
    union all
    select
        tenant,
        'gold.claim_procedure' as table_name,
        count(*) as duplicated_keys
    from gold_claim_procedure_keys
    group by tenant
    union all
    select
        tenant,
        'gold.remit_line' as table_name,
        count(*) as duplicated_keys
    from gold_remit_line_keys
    group by tenant
    union all
    select
        tenant,
        'gold.adjustment' as table_name,
        count(*) as duplicated_keys
    from gold_adjustment_keys
    group by tenant
    union all
    select
        tenant,
        'gold.remit' as table_name,
        count(*) as duplicated_keys
    from gold_remit_keys
    group by tenant
    union all
    select
        tenant,
        'gold.claim' as table_name,
        count(*) as duplicated_keys
    from gold_claim_keys
    group by tenant
    union all
    select
        tenant,
        'gold.coverage_span' as table_name,
        count(*) as duplicated_keys
    from gold_coverage_span_keys
    group by tenant
    union all
    select
        tenant,
        'gold.expected_line' as table_name,
        count(*) as duplicated_keys
    from gold_expected_line_keys
    group by tenant
    union all
    select
        tenant,
        'gold.unbilled_care' as table_name,
        count(*) as duplicated_keys
    from gold_unbilled_care_keys
    group by tenant
    union all
    select
        tenant,
        'gold.denial' as table_name,
        count(*) as duplicated_keys
    from gold_denial_keys
    group by tenant
    union all
    select
        tenant,
        'gold.account_entry' as table_name,
        count(*) as duplicated_keys
    from gold_account_entry_keys
    group by tenant
    union all
    select
        tenant,
        'gold.account_balance' as table_name,
        count(*) as duplicated_keys
    from gold_account_balance_keys
    group by tenant
    union all
    select
        tenant,
        'gold.account' as table_name,
        count(*) as duplicated_keys
    from gold_account_keys
    group by tenant
    union all
    select
        tenant,
        'gold.provider' as table_name,
        count(*) as duplicated_keys
    from gold_provider_keys
    group by tenant
    union all
    select
        tenant,
        'gold.payer_org' as table_name,
        count(*) as duplicated_keys
    from gold_payer_org_keys
    group by tenant
    union all
    select
        tenant,
        'gold.claims_not_computed' as table_name,
        count(*) as duplicated_keys
    from gold_claims_not_computed_keys
    group by tenant
    union all
    select
        tenant,
        'gold.kpi_account' as table_name,
        count(*) as duplicated_keys
    from gold_kpi_account_keys
    group by tenant
    union all
    select
        tenant,
        'gold.ar_aging' as table_name,
        count(*) as duplicated_keys
    from gold_ar_aging_keys
    group by tenant
    union all
    select
        tenant,
        'gold.denial_month' as table_name,
        count(*) as duplicated_keys
    from gold_denial_month_keys
    group by tenant
    union all
    select
        tenant,
        'gold.kpi_result' as table_name,
        count(*) as duplicated_keys
    from gold_kpi_result_keys
    group by tenant
    union all
    select
        tenant,
        'gold.kpi_close' as table_name,
        count(*) as duplicated_keys
    from gold_kpi_close_keys
    group by tenant
    union all
    select
        tenant,
        'publish.kpi' as table_name,
        count(*) as duplicated_keys
    from publish_kpi_keys
    group by tenant
    union all
    select
        tenant,
        'publish.kpi_close' as table_name,
        count(*) as duplicated_keys
    from publish_kpi_close_keys
    group by tenant
    union all
    select
        tenant,
        'publish.ar_by_age' as table_name,
        count(*) as duplicated_keys
    from publish_ar_by_age_keys
    group by tenant
    union all
    select
        tenant,
        'publish.denial_month' as table_name,
        count(*) as duplicated_keys
    from publish_denial_month_keys
    group by tenant
    union all
    select
        tenant,
        'publish.measure' as table_name,
        count(*) as duplicated_keys
    from publish_measure_keys
    group by tenant
    union all
    select
        tenant,
        'publish.infection_code' as table_name,
        count(*) as duplicated_keys
    from publish_infection_code_keys
    group by tenant
    union all
    select
        tenant,
        'publish.data_quality' as table_name,
        count(*) as duplicated_keys
    from publish_data_quality_keys
    group by tenant
    union all
    select
        tenant,
        'publish.freshness' as table_name,
        count(*) as duplicated_keys
    from publish_freshness_keys
    group by tenant
    union all
    select
        tenant,
        'gold.data_quality_arrival' as table_name,
        count(*) as duplicated_keys
    from gold_data_quality_arrival_keys
    group by tenant
    union all
    select
        tenant,
        'gold.data_quality_score' as table_name,
        count(*) as duplicated_keys
    from gold_data_quality_score_keys
    group by tenant
    union all
    select
        tenant,
        'publish.data_quality_score' as table_name,
        count(*) as duplicated_keys
    from publish_data_quality_score_keys
    group by tenant
)

select
    cast(tenant as varchar) as tenant,
    cast(table_name as varchar) as table_name,
    cast(duplicated_keys as bigint) as duplicated_keys
from final
