"""The columns of each feed, in order; every file ends with ``updated_at`` and ``op``."""

from __future__ import annotations

COLUMNS = {
    "claims": (
        "claim_id", "account_number", "frequency_code", "original_claim_id", "claim_type",
        "member_id", "billing_provider_id", "rendering_provider_id", "attending_provider_id",
        "referring_provider_id", "facility_id", "payer_id", "payer_sequence", "service_from",
        "service_to", "discharge_date", "discharge_status", "type_of_bill", "place_of_service",
        "drg", "diagnosis_codes", "poa", "submitted_date", "total_charge", "currency",
        "edit_status", "encounter_id",
    ),
    "claim_lines": (
        "claim_id", "line_number", "service_from", "service_to", "procedure_code", "modifiers",
        "revenue_code", "place_of_service", "units", "charge", "diagnosis_pointers",
        "rendering_provider_id", "posted_date", "ndc",
    ),
    "remits": (
        "remit_id", "claim_id", "line_number", "claim_status_code", "answer", "payer_id",
        "remit_date", "payment_date", "check_number", "charge", "allowed", "paid",
    ),
    "remit_adjustments": (
        "remit_id", "claim_id", "line_number", "position", "group_code", "carc", "rarc", "amount",
        "quantity",
    ),
    "transactions": (
        "transaction_id", "claim_id", "account_number", "type", "amount", "post_date", "party",
        "point_of_service",
    ),
    "charges": (
        "charge_id", "encounter_id", "member_id", "service_date", "posted_date", "procedure_code",
        "revenue_code", "units", "amount", "facility_id", "rendering_provider_id",
    ),
    "providers": (
        "provider_id", "npi", "tax_id", "name", "entity_type", "taxonomy_codes", "facility_id",
        "zip", "fte", "active_from", "active_to",
    ),
    "members": (
        "member_id", "payer_id", "coverage_from", "patient_id", "birth_date", "sex", "death_date",
        "zip", "plan", "coverage_to", "sequence",
    ),
    "payers": ("payer_id", "name", "payer_group"),
    "fee_schedule": (
        "rate_id", "payer_id", "plan", "procedure_code", "modifier", "drg", "facility_id",
        "rate_type", "rate", "lesser_of", "valid_from", "valid_to",
    ),
    "revenue_cycle_cost": ("month", "facility_id", "amount"),
}  # fmt: skip
# How many of the first columns identify a row.
KEY_LENGTHS = {
    "claims": 1, "claim_lines": 2, "remits": 3, "remit_adjustments": 4, "transactions": 1,
    "charges": 1, "providers": 1, "members": 3, "payers": 1, "fee_schedule": 1,
    "revenue_cycle_cost": 2,
}  # fmt: skip
# Facts that FHIR has no form for: written beside FHIR files too.
ALWAYS = ("claims", "claim_lines", "transactions", "fee_schedule", "revenue_cycle_cost")
