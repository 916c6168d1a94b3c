"""Data quality flags that the rules of claims set. Source: claims specification, 7.2."""

REMIT_ORPHAN = "remit_orphan"
REMIT_OUT_OF_BALANCE = "remit_out_of_balance"
REMIT_EMPTY = "remit_empty"
REMIT_BEFORE_SUBMISSION = "remit_before_submission"
PAYMENT_BEFORE_REMIT = "payment_before_remit"
PAYMENT_MISMATCH = "payment_mismatch"
PAYMENT_DATE_DERIVED = "payment_date_derived"
ALLOWED_OVER_CHARGE = "allowed_over_charge"
CARC_UNKNOWN = "carc_unknown"
CLAIM_TOTAL_MISMATCH = "claim_total_mismatch"
CHARGE_DERIVED = "charge_derived"
CHARGE_NEGATIVE = "charge_negative"
DUPLICATE_CLAIM_NUMBER = "duplicate_claim_number"
CURRENCY_MISSING = "currency_missing"
CURRENCY_MIXED = "currency_mixed"
SUB_CENT = "sub_cent"
NPI_INVALID = "npi_invalid"
RELATED_OTHER_PERSON = "related_other_person"
UNITS_NOT_POSITIVE = "units_not_positive"
SERVICE_AFTER_SUBMISSION = "service_after_submission"
DATE_IN_FUTURE = "date_in_future"

# What each says, in one sentence.
MEANING = {
    REMIT_ORPHAN: "The claim that the answer names has not arrived; it is attached when it does.",
    REMIT_OUT_OF_BALANCE: "Payment and adjustments do not add up to the charge; the rest stays"
    " open with the payer.",
    REMIT_EMPTY: "The answer carries no amount but the submitted one: it decides nothing.",
    REMIT_BEFORE_SUBMISSION: "The answer is dated before the claim was submitted.",
    PAYMENT_BEFORE_REMIT: "The payment is dated before the payer's answer.",
    PAYMENT_MISMATCH: "Payment and reconciliation name different amounts; they are not added.",
    PAYMENT_DATE_DERIVED: "The payment has no date and posts on that of the answer.",
    ALLOWED_OVER_CHARGE: "The amount allowed is above the charge.",
    CARC_UNKNOWN: "An adjustment reason is not in the table of reasons; its group decides.",
    CLAIM_TOTAL_MISMATCH: "The lines do not add up to the claim's total; the lines count.",
    CHARGE_DERIVED: "A line without a charge has what is missing of the claim's total.",
    CHARGE_NEGATIVE: "A line below zero is left out, as the claim voids no other.",
    CURRENCY_MISSING: "An amount has no currency; it is taken as the tenant's.",
    CURRENCY_MIXED: "Amounts in another currency than the account's charges are left out.",
    SUB_CENT: "An amount has parts of a cent; it is rounded.",
    NPI_INVALID: "The NPI of a provider has no valid check digit; it is never a key.",
    RELATED_OTHER_PERSON: "The claim names another person's claim as its prior one; the link is"
    " not followed.",
    DUPLICATE_CLAIM_NUMBER: "Claims of two persons or billing providers have this number; both are"
    " kept apart.",
    UNITS_NOT_POSITIVE: "The units of a line are zero or negative.",
    SERVICE_AFTER_SUBMISSION: "The service begins after the claim was submitted.",
    DATE_IN_FUTURE: "A date lies after the day the row arrived; what it dates is not counted until"
    " it is corrected.",
}
