-- Records and stays lost on the way.
--
-- Written from the declarations by `python -m metriccare.report.generated_sql`.
--
-- Question:    Is every resource received either in silver or in quarantine, does every measure
--              account for all its candidate stays, are patient days by month those by stay?
-- Numerator:   found: resources in silver or quarantine; denominator plus exclusions; patient days
--              by hospital, department and month
-- Denominator: wanted: resources in bronze; candidate stays; patient days by stay
-- Exclusions:  resource types that silver does not hold; rates, whose denominator is patient days
-- Grain:       one row per tenant and subject where the two differ; none when healthy
-- Source:      bronze.resource, bronze.quarantine, silver, gold
-- Caveats:     a resource counts once, however many versions were received

with received as (
    select
        tenant,
        resource_type,
        resource_id
    from bronze.resource
    where
        resource_type in (
            'Organization',
            'Location',
            'Practitioner',
            'PractitionerRole',
            'Patient',
            'Coverage',
            'Encounter',
            'Condition',
            'Procedure',
            'Specimen',
            'Observation',
            'Account',
            'ChargeItem',
            'Invoice',
            'Claim',
            'ClaimResponse',
            'ExplanationOfBenefit',
            'PaymentReconciliation'
        )
    group by tenant, resource_type, resource_id
),

kept as (
    select
        tenant,
        'Organization' as resource_type,
        id as resource_id
    from silver.organization
    union distinct
    select
        tenant,
        'Location' as resource_type,
        id as resource_id
    from silver.location
    union distinct
    select
        tenant,
        'Practitioner' as resource_type,
        id as resource_id
    from silver.practitioner
    union distinct
    select
        tenant,
        'PractitionerRole' as resource_type,
        id as resource_id
    from silver.practitioner_role
    union distinct
    select
        tenant,
        'Patient' as resource_type,
        id as resource_id
    from silver.patient
    union distinct
    select
        tenant,
        'Coverage' as resource_type,
        id as resource_id
    from silver.coverage
    union distinct
    select
        tenant,
        'Encounter' as resource_type,
        id as resource_id
    from silver.encounter
    union distinct
    select
        tenant,
        'Condition' as resource_type,
        id as resource_id
    from silver.condition
    union distinct
    select
        tenant,
        'Procedure' as resource_type,
        id as resource_id
    from silver.procedure
    union distinct
    select
        tenant,
        'Specimen' as resource_type,
        id as resource_id
    from silver.specimen
    union distinct
    select
        tenant,
        'Observation' as resource_type,
        id as resource_id
    from silver.observation
    union distinct
    select
        tenant,
        'Account' as resource_type,
        id as resource_id
    from silver.account
    union distinct
    select
        tenant,
        'ChargeItem' as resource_type,
        id as resource_id
    from silver.charge_item
    union distinct
    select
        tenant,
        'Invoice' as resource_type,
        id as resource_id
    from silver.invoice
    union distinct
    select
        tenant,
        'Claim' as resource_type,
        id as resource_id
    from silver.claim
    union distinct
    select
        tenant,
        'ClaimResponse' as resource_type,
        id as resource_id
    from silver.claim_response
    union distinct
    select
        tenant,
        'ExplanationOfBenefit' as resource_type,
        id as resource_id
    from silver.explanation_of_benefit
    union distinct
    select
        tenant,
        'PaymentReconciliation' as resource_type,
        id as resource_id
    from silver.payment_reconciliation
    union distinct
    select
        tenant,
        resource_type,
        resource_id
    from bronze.quarantine
    where redriven_run_id is null
),

resources as (
    select
        received.tenant,
        received.resource_type as subject,
        count(*) as wanted,
        count(kept.resource_id) as found
    from received
    left join kept
        on
            received.tenant = kept.tenant
            and received.resource_type = kept.resource_type
            and received.resource_id = kept.resource_id
    group by received.tenant, received.resource_type
),

candidates as (
    select
        tenant,
        measure_id,
        count(*) as wanted
    from gold.measure_stay
    group by tenant, measure_id
),

accounted as (
    select
        tenant,
        measure_id,
        sum(coalesce(denominator, 0) + coalesce(excluded, 0)) as found
    from gold.measure_result
    where
        grain = 'all'
        and stratum_type = 'overall'
        and measure_id in (
            'readmission_30d',
            'mortality_in_hospital',
            'mortality_30d',
            'infection_stay_share',
            'alos',
            'alos_episode'
        )
    group by tenant, measure_id
),

days_by_stay as (
    select
        tenant,
        sum(patient_days) as wanted
    from gold.stay_day
    group by tenant
),

days_by_month as (
    select
        tenant,
        sum(patient_days) as found
    from gold.patient_day
    group by tenant
),

compared as (
    select
        tenant,
        subject,
        wanted,
        found
    from resources
    union all
    select
        accounted.tenant,
        accounted.measure_id as subject,
        candidates.wanted,
        accounted.found
    from accounted
    left join candidates
        on
            accounted.tenant = candidates.tenant
            and accounted.measure_id = candidates.measure_id
    union all
    select
        days_by_stay.tenant,
        'patient days' as subject,
        days_by_stay.wanted,
        days_by_month.found
    from days_by_stay
    left join days_by_month
        on days_by_stay.tenant = days_by_month.tenant
),

final as (
    select
        tenant,
        subject,
        wanted,
        found
    from compared
    where coalesce(wanted, 0) <> coalesce(found, 0)
)

select
    cast(tenant as varchar) as tenant,
    cast(subject as varchar) as subject,
    cast(wanted as bigint) as wanted,
    cast(found as bigint) as found
from final
