"""Feeds of what was billed: claims, their lines, and charges.

Source: the claims model, section 1.2; code values are those of X12 837 and UB-04.
"""

from collections.abc import Mapping
from typing import Any

from metriccare.sources.feeds.declarations import Feed, FeedColumn, Kind, RowCheck

CLAIM_TYPES = ("professional", "institutional", "pharmacy", "dental", "vision")

VOID = "8"


def _is_negative_charge(row: Mapping[str, Any]) -> bool:
    return str(row.get("total_charge", "")).startswith("-") and row.get("frequency_code") != VOID


CLAIMS = Feed(
    "claims",
    "one submission of a claim",
    ("claim_id",),
    (
        FeedColumn("claim_id", Kind.TEXT, "the claim's number", required=True, names="claims"),
        FeedColumn(
            "account_number",
            Kind.TEXT,
            "the patient control number; claims of one account share it",
            names="account",
            identifying=True,
        ),
        FeedColumn("frequency_code", Kind.TEXT, "1 original, 7 replacement, 8 void"),
        FeedColumn(
            "original_claim_id", Kind.TEXT, "the claim it replaces or voids", refers="claims"
        ),
        FeedColumn("claim_type", Kind.TEXT, "form of the claim", required=True, words=CLAIM_TYPES),
        FeedColumn(
            "member_id",
            Kind.TEXT,
            "the insured person",
            required=True,
            missing_rule="claim_without_person",
            names="member",
            identifying=True,
            refers="members",
        ),
        FeedColumn(
            "billing_provider_id", Kind.TEXT, "who bills", required=True, refers="providers"
        ),
        FeedColumn("rendering_provider_id", Kind.TEXT, "who did it", refers="providers"),
        FeedColumn("attending_provider_id", Kind.TEXT, "who was responsible", refers="providers"),
        FeedColumn("referring_provider_id", Kind.TEXT, "who referred", refers="providers"),
        FeedColumn("facility_id", Kind.TEXT, "where it was done", expected=True),
        FeedColumn("payer_id", Kind.TEXT, "who is billed", required=True, refers="payers"),
        FeedColumn(
            "payer_sequence",
            Kind.TEXT,
            "primary, secondary or tertiary payer",
            words=("P", "S", "T"),
        ),
        FeedColumn("service_from", Kind.DATE, "first day of service", required=True),
        FeedColumn("service_to", Kind.DATE, "last day of service", expected=True),
        FeedColumn("discharge_date", Kind.DATE, "day of discharge"),
        FeedColumn("discharge_status", Kind.TEXT, "patient discharge status (UB-04)"),
        FeedColumn("type_of_bill", Kind.TEXT, "type of bill (UB-04)"),
        FeedColumn("place_of_service", Kind.TEXT, "place of service (CMS)"),
        FeedColumn("drg", Kind.TEXT, "diagnosis related group"),
        FeedColumn("diagnosis_codes", Kind.LIST, "ICD-10-CM, principal first", expected=True),
        FeedColumn("poa", Kind.LIST, "present on admission, in the order of the diagnoses"),
        FeedColumn("submitted_date", Kind.DATE, "day of submission", required=True),
        FeedColumn("total_charge", Kind.MONEY, "charge of the whole claim", required=True),
        FeedColumn("currency", Kind.TEXT, "ISO 4217; the tenant's where it is empty"),
        FeedColumn(
            "edit_status",
            Kind.TEXT,
            "what became of the claim scrubber's edits",
            words=("passed", "touched", "failed"),
        ),
        FeedColumn("encounter_id", Kind.TEXT, "the encounter billed", names="Encounter"),
    ),
    checks=(
        RowCheck(
            "charge_negative",
            "total_charge",
            _is_negative_charge,
            "total_charge: wanted no negative amount, unless the claim is a void (8)",
        ),
    ),
)

CLAIM_LINES = Feed(
    "claim_lines",
    "one service line of a claim",
    ("claim_id", "line_number"),
    (
        FeedColumn(
            "claim_id", Kind.TEXT, "the claim", required=True, names="claims", refers="claims"
        ),
        FeedColumn("line_number", Kind.INTEGER, "number of the line", required=True),
        FeedColumn("service_from", Kind.DATE, "first day; the claim's where it is empty"),
        FeedColumn("service_to", Kind.DATE, "last day"),
        FeedColumn("procedure_code", Kind.TEXT, "CPT or HCPCS code", expected=True),
        FeedColumn("modifiers", Kind.LIST, "procedure modifiers"),
        FeedColumn("revenue_code", Kind.TEXT, "revenue code (UB-04)"),
        FeedColumn("place_of_service", Kind.TEXT, "place of service (CMS)"),
        FeedColumn("units", Kind.NUMBER, "units of service", expected=True),
        FeedColumn("charge", Kind.MONEY, "charge of the line", required=True),
        FeedColumn("diagnosis_pointers", Kind.LIST, "positions in the claim's diagnoses, from 1"),
        FeedColumn("rendering_provider_id", Kind.TEXT, "who did it", refers="providers"),
        FeedColumn("posted_date", Kind.DATE, "day the charge was posted"),
        FeedColumn("ndc", Kind.TEXT, "drug (NDC)"),
    ),
)

CHARGES = Feed(
    "charges",
    "one charge, billed or not",
    ("charge_id",),
    (
        FeedColumn("charge_id", Kind.TEXT, "the charge", required=True),
        FeedColumn("encounter_id", Kind.TEXT, "the encounter", required=True, names="Encounter"),
        FeedColumn(
            "member_id",
            Kind.TEXT,
            "the person",
            required=True,
            names="member",
            identifying=True,
            refers="members",
        ),
        FeedColumn("service_date", Kind.DATE, "day of service", required=True),
        FeedColumn("posted_date", Kind.DATE, "day the charge was posted", expected=True),
        FeedColumn("procedure_code", Kind.TEXT, "CPT or HCPCS code"),
        FeedColumn("revenue_code", Kind.TEXT, "revenue code (UB-04)"),
        FeedColumn("units", Kind.NUMBER, "units of service"),
        FeedColumn("amount", Kind.MONEY, "the charge", required=True),
        FeedColumn("facility_id", Kind.TEXT, "where it was done"),
        FeedColumn("rendering_provider_id", Kind.TEXT, "who did it", refers="providers"),
    ),
)
