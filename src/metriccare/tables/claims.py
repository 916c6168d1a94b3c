"""Gold: claims, accounts, remits and the ledger. Source: claims specification, section 1.3.

Amounts have cents, rounded once when a row enters gold. Dates are calendar dates in the
facility's zone. Rows of one person each, except those of providers and codes.
"""

from metriccare import naming
from metriccare.tables.declaration import RUN_ID, TENANT, Column, Table, hudi_table
from metriccare.tables.gold import PERSON_NOT_COMPUTED

# Amounts have at most 18 digits, as the views say. They are stored with 38, the one width that both
# engines write alike (engine/duckdb/table_format.py).
MONEY = "decimal(38,2)"
UNITS = "decimal(38,4)"

_PERSON = Column("person_id", "string", "the person, merged patient records followed")
_CLAIM = Column("claim_id", "string", "the claim: one request for payment")
_ACCOUNT = Column("account_id", "string", "lowest of the ids of the claims for the same services")
_REMIT = Column("remit_id", "string", "one answer of a payer")
_LINE = Column("line_number", "int", "line of the claim; 0 for the claim as a whole")
_LEVEL = Column("level", "int", "1 primary, 2 secondary, 3 tertiary payer")
_CURRENCY = Column("currency", "string", "currency of every amount of the row (ISO 4217)")
_BILLING = Column("billing_provider_id", "string", "who bills")
_PROVIDER = Column("provider_id", "string", "the person measured: npi:<10 digits>, else source/id")
_FACILITY = Column("facility_id", "string", "the organisation's id")
_PAYER_ID = Column("payer_id", "string", "the insurer: organisation, feed id, or name of the cover")
_PAYER = Column(
    "payer", "string", "medicare, medicaid, commercial, self_pay, other or unknown, of the cover"
)
_FLAGS = Column("dq_flags", "array<string>", "data quality flags, sorted")
# The row a row mainly comes from.
_SOURCE = (
    RUN_ID,
    Column("source_file", "string", "the file of the row it mainly comes from"),
    Column("source_line", "bigint", "its line or entry number"),
    Column("source_kind", "string", "fhir or feed"),
)

CLAIM = hudi_table(
    Table(
        layer=naming.GOLD,
        name="claim",
        meaning="one row per claim: one submission to one payer",
        key=("tenant", "claim_id"),
        columns=(
            TENANT,
            _CLAIM,
            _ACCOUNT,
            _PERSON,
            _LEVEL,
            Column(
                "frequency", "int", "1 original, 2-4 interim, 5 late charges, 7 replaces, 8 void"
            ),
            Column("submission_no", "int", "its place among the submissions of its level, from 1"),
            Column("in_force", "boolean", "it counts: neither replaced nor voided"),
            Column("claim_type", "string", "institutional, professional, pharmacy, dental, vision"),
            Column("status", "string", "active or cancelled"),
            _BILLING,
            _PROVIDER,
            _FACILITY,
            _PAYER_ID,
            _PAYER,
            Column("encounter_ids", "array<string>", "encounters its lines belong to, sorted"),
            Column("stay_id", "string", "the stay that holds one of its encounters"),
            Column("service_from", "date", "first day of service"),
            Column("service_to", "date", "last day of service"),
            Column(
                "discharge_date", "date", "discharge of the stay, else as sent, else service_to"
            ),
            Column("submitted_date", "date", "when it was sent"),
            Column("type_of_bill", "string", "UB-04 type of bill, as sent"),
            Column("drg", "string", "diagnosis related group, as sent"),
            Column("charge", MONEY, "sum of its lines"),
            _CURRENCY,
            Column("answer", "string", "none, pending, rejected or adjudicated"),
            Column("edit_status", "string", "passed, touched or failed; null without an edit log"),
            Column("related_claim_ids", "array<string>", "claims it names as prior, sorted"),
            _FLAGS,
            *_SOURCE,
        ),
    )
)

CLAIM_LINE = hudi_table(
    Table(
        layer=naming.GOLD,
        name="claim_line",
        meaning="one row per claim line",
        key=("tenant", "claim_id", "line_number"),
        columns=(
            TENANT,
            _CLAIM,
            _LINE,
            _ACCOUNT,
            _PERSON,
            Column("in_force", "boolean", "its claim counts"),
            Column("service_from", "date", "first day of service"),
            Column("service_to", "date", "last day of service"),
            Column("procedure_system", "string", "procedure code: system"),
            Column("procedure_code", "string", "procedure code"),
            Column("modifiers", "array<string>", "modifiers, upper case, sorted"),
            Column("revenue_code", "string", "revenue code"),
            Column("place_of_service", "string", "place of service code"),
            Column("units", UNITS, "units of service"),
            Column("charge", MONEY, "what is charged"),
            _PROVIDER,
            Column("diagnosis_codes", "array<string>", "codes of the diagnoses it points to"),
            Column("posted_date", "date", "when the charge was written down"),
            Column("encounter_id", "string", "the encounter it belongs to"),
            *_SOURCE,
        ),
    )
)

CLAIM_DIAGNOSIS = hudi_table(
    Table(
        layer=naming.GOLD,
        name="claim_diagnosis",
        meaning="one row per diagnosis of a claim",
        key=("tenant", "claim_id", "sequence"),
        columns=(
            TENANT,
            _CLAIM,
            Column("sequence", "int", "place in the claim's list, from 1"),
            _PERSON,
            Column("system", "string", "code system"),
            Column("code", "string", "code"),
            Column("is_principal", "boolean", "the principal diagnosis"),
            Column("poa", "string", "present on admission: Y, N, U, W or 1; null if not said"),
            *_SOURCE,
        ),
    )
)

CLAIM_PROCEDURE = hudi_table(
    Table(
        layer=naming.GOLD,
        name="claim_procedure",
        meaning="one row per procedure of a claim",
        key=("tenant", "claim_id", "sequence"),
        columns=(
            TENANT,
            _CLAIM,
            Column("sequence", "int", "place in the claim's list, from 1"),
            _PERSON,
            Column("system", "string", "code system"),
            Column("code", "string", "code"),
            Column("date", "date", "when it was done"),
            *_SOURCE,
        ),
    )
)

REMIT = hudi_table(
    Table(
        layer=naming.GOLD,
        name="remit",
        meaning="one row per answer of a payer to a claim",
        key=("tenant", "remit_id", "claim_id"),
        columns=(
            TENANT,
            _REMIT,
            _CLAIM,
            _ACCOUNT,
            _PERSON,
            _LEVEL,
            _PAYER_ID,
            Column("kind", "string", "statement (replaces the one before) or event (adds up)"),
            Column("reversal", "boolean", "it takes back what it repeats"),
            Column("answer", "string", "pending, rejected or adjudicated"),
            Column("remit_date", "date", "when the payer decided"),
            Column("payment_date", "date", "when the money came; null if none has"),
            Column("check_number", "string", "number of the check or transfer"),
            Column("charge", MONEY, "charge of the lines it answers"),
            Column("allowed", MONEY, "what the contract says the service is worth"),
            Column("paid", MONEY, "sum of the lines' paid"),
            Column("payment_amount", MONEY, "the payment as sent"),
            Column("provider_level_amount", MONEY, "payment - paid: touches no account"),
            Column("in_force", "boolean", "it counts: not replaced, its claim in force"),
            Column("denies_claim", "boolean", "it denies every line with a charge"),
            *_SOURCE,
            _FLAGS,
        ),
    )
)

REMIT_LINE = hudi_table(
    Table(
        layer=naming.GOLD,
        name="remit_line",
        meaning="one row per line of an answer",
        key=("tenant", "remit_id", "claim_id", "line_number"),
        columns=(
            TENANT,
            _REMIT,
            _CLAIM,
            _LINE,
            _PERSON,
            Column("charge", MONEY, "charge of the line"),
            Column("allowed", MONEY, "allowed"),
            Column("paid", MONEY, "paid"),
            Column("contractual", MONEY, "charge above what the contract allows"),
            Column("patient_share", MONEY, "deductible, coinsurance, copay, what is left to pay"),
            Column("denied", MONEY, "denial amounts outside group PR"),
            Column("prior_payer", MONEY, "paid or taken off by an earlier payer"),
            Column("unexplained", MONEY, "charge - paid - all adjustments"),
            Column("is_denied", "boolean", "paid 0 and allowed 0 with a denial"),
            *_SOURCE,
            Column("in_force", "boolean", "its amounts are part of the answer that counts"),
        ),
    )
)

ADJUSTMENT = hudi_table(
    Table(
        layer=naming.GOLD,
        name="adjustment",
        meaning="one row per adjustment of an answer",
        key=("tenant", "remit_id", "claim_id", "line_number", "position"),
        columns=(
            TENANT,
            _REMIT,
            _CLAIM,
            _LINE,
            Column("position", "int", "place in the line's list, from 1"),
            _PERSON,
            Column("group_code", "string", "CO, PR, OA or PI: who owes it"),
            Column("carc", "string", "claim adjustment reason code"),
            Column("rarc", "array<string>", "remark codes, sorted"),
            Column("amount", MONEY, "amount"),
            Column(
                "adjustment_class",
                "string",
                "contractual, patient, prior_payer, pending, informational or denial: what it is",
            ),
            Column("category", "string", "category of a denial, in our words"),
            *_SOURCE,
        ),
    )
)

ACCOUNT = hudi_table(
    Table(
        layer=naming.GOLD,
        name="account",
        meaning="one row per account: all claims for the same services, as at as_of",
        key=("tenant", "account_id"),
        columns=(
            TENANT,
            _ACCOUNT,
            _PERSON,
            _BILLING,
            _PROVIDER,
            Column("specialty", "string", "the provider's primary taxonomy code, or unknown"),
            _FACILITY,
            _PAYER_ID,
            _PAYER,
            Column("claim_type", "string", "type of the level-1 claim in force"),
            _CURRENCY,
            Column("service_from", "date", "first day of service"),
            Column("service_to", "date", "last day of service"),
            Column("first_billed_date", "date", "the earliest level-1 submission"),
            Column("first_remit_date", "date", "the earliest adjudicated level-1 answer"),
            Column("first_remit_denied", "boolean", "that answer denies the claim"),
            Column("charge", MONEY, "charges in force"),
            Column("payer_paid", MONEY, "payments of payers, takebacks off"),
            Column("patient_paid", MONEY, "payments of the patient"),
            Column("contractual", MONEY, "contractual reductions"),
            Column("written_off", MONEY, "bad debt, charity, denial and other write-offs"),
            Column("refunded", MONEY, "refunds"),
            Column("patient_share", MONEY, "what the answers leave to the patient"),
            Column("balance", MONEY, "what is still owed; negative: a credit"),
            Column("payer_balance", MONEY, "of it, by payers"),
            Column("patient_balance", MONEY, "of it, by the patient"),
            Column("denied_open", MONEY, "denied outside group PR and not settled"),
            Column(
                "state",
                "string",
                "void, credit, closed, rejected, billed, patient_due, denied or underway",
            ),
            Column("payer_clock_date", "date", "since when the balance waits for who owes it"),
            Column("n_submissions", "int", "level-1 submissions by as_of"),
            _FLAGS,
            *_SOURCE,
            Column("claim_ids", "array<string>", "its claims, sorted"),
            Column("discharge_date", "date", "discharge of the level-1 claim in force"),
            Column("first_answer", "string", "answer to the first submission: none, pending ..."),
            Column("first_answer_date", "date", "when that answer came"),
            Column("first_answer_denied", "boolean", "it was adjudicated and denies the claim"),
            Column("edit_status", "string", "passed, touched or failed, of the first submission"),
            Column("first_remit_lines", "int", "lines with a charge that the first remit mentions"),
            Column("first_remit_denied_lines", "int", "denied lines of the first remit"),
            Column("first_remit_charge", MONEY, "charge of the lines the first remit mentions"),
            Column("first_remit_denied_amount", MONEY, "denial amounts of the first remit"),
            Column("resubmitted", "boolean", "a level-1 submission or remit after the first remit"),
            Column("later_remit", "boolean", "a level-1 remit after the first"),
            Column("newest_remit_denied", "boolean", "the newest level-1 remit denies the claim"),
            Column("answer_in_force_denied", "boolean", "the level-1 answer in force denies it"),
            Column("newest_answer", "string", "answer to the newest level-1 submission"),
            Column("first_patient_share_date", "date", "first entry that leaves a patient share"),
            Column("first_payment_date", "date", "first positive payment of a payer"),
        ),
    )
)

ACCOUNT_ENTRY = hudi_table(
    Table(
        layer=naming.GOLD,
        name="account_entry",
        meaning="the ledger: one row per signed, dated money fact of an account",
        key=("tenant", "entry_id"),
        columns=(
            TENANT,
            Column("entry_id", "string", "stable key of the entry"),
            _ACCOUNT,
            _PERSON,
            Column(
                "type",
                "string",
                "charge, contractual, payer_payment, patient_share, patient_payment, bad_debt,"
                " charity, denial_writeoff, small_balance, other_adjustment or refund",
            ),
            Column("amount", MONEY, "amount, positive in its usual sense"),
            Column("sign", "int", "1, 0 or -1: what the type does to the balance"),
            Column("balance_effect", MONEY, "sign x amount"),
            Column("party", "string", "payer or patient"),
            Column("post_date", "date", "when it counts"),
            _LEVEL,
            _CLAIM,
            Column("remit_id", "string", "the answer it comes from"),
            Column("transaction_id", "string", "the transaction it comes from"),
            _CURRENCY,
            *_SOURCE,
            Column("point_of_service", "boolean", "the patient paid when the service was given"),
        ),
    )
)

ACCOUNT_BALANCE = hudi_table(
    Table(
        layer=naming.GOLD,
        name="account_balance",
        meaning="one row per account and span of days over which its balance did not change",
        key=("tenant", "account_id", "from_date"),
        columns=(
            TENANT,
            _ACCOUNT,
            Column("from_date", "date", "first evening with this balance"),
            _PERSON,
            Column("to_date", "date", "first evening with another one; null if none by as_of"),
            Column("balance", MONEY, "what was owed"),
            Column("payer_balance", MONEY, "of it, by payers"),
            Column("patient_balance", MONEY, "of it, by the patient"),
            Column("is_adjudicated", "boolean", "an adjudicated level was in force"),
            Column("bill_date", "date", "age is counted from here: first_billed_date"),
            Column("service_date", "date", "or from here: discharge_date, else service_to"),
            Column("payer_clock_date", "date", "or from here: since when who owes it is asked"),
            RUN_ID,
        ),
    )
)

UNBILLED_CARE = hudi_table(
    Table(
        layer=naming.GOLD,
        name="unbilled_care",
        meaning="one row per stay or visit that no claim names, and span of days over which its"
        " charges did not change",
        key=("tenant", "care_id", "from_date"),
        columns=(
            TENANT,
            Column("care_id", "string", "`stay/` and the stay's id, or `encounter/` and its id"),
            Column("from_date", "date", "first evening of the span"),
            _PERSON,
            Column("to_date", "date", "first evening after it: the day of the first claim at last"),
            Column("is_discharged", "boolean", "it has ended by then: it could be billed"),
            Column("discharge_date", "date", "when it ended"),
            Column("charges", MONEY, "what was written down by then; null if nothing ever was"),
            _CURRENCY,
            Column("encounter_ids", "array<string>", "its encounters, sorted"),
            _PROVIDER,
            Column("specialty", "string", "primary taxonomy code of that person (NUCC)"),
            _FACILITY,
            _PAYER_ID,
            _PAYER,
            RUN_ID,
        ),
    )
)

DENIAL = hudi_table(
    Table(
        layer=naming.GOLD,
        name="denial",
        meaning="one row per denial adjustment of an adjudicated level-1 answer",
        key=("tenant", "denial_id"),
        columns=(
            TENANT,
            Column("denial_id", "string", "stable key of the denial"),
            _ACCOUNT,
            _CLAIM,
            _REMIT,
            _LINE,
            _PERSON,
            Column("group_code", "string", "CO, PR, OA or PI"),
            Column("carc", "string", "claim adjustment reason code"),
            Column("rarc", "array<string>", "remark codes, sorted"),
            Column("category", "string", "category of the reason, in our words"),
            Column("amount", MONEY, "what was denied"),
            Column("denial_date", "date", "when: the remit date"),
            Column("is_initial", "boolean", "it is of the account's first remit"),
            Column("is_leading", "boolean", "the largest amount of its remit"),
            Column(
                "status",
                "string",
                "open, patient_liability, appealed, upheld, overturned or written_off",
            ),
            Column("resolved_date", "date", "when it was settled"),
            Column("days_to_resolution", "int", "resolved_date - denial_date"),
            Column("recovered_amount", MONEY, "paid after it was overturned"),
            *_SOURCE,
        ),
    )
)

EXPECTED_LINE = hudi_table(
    Table(
        layer=naming.GOLD,
        name="expected_line",
        meaning="one row per answered line with what the contract says it is worth",
        key=("tenant", "claim_id", "line_number"),
        columns=(
            TENANT,
            _CLAIM,
            _LINE,
            _ACCOUNT,
            _PERSON,
            Column("allowed", MONEY, "what the payer allowed"),
            Column("expected", MONEY, "what the contract says; null without one rate"),
            Column("rate_id", "string", "the row of the fee schedule"),
            Column("variance", MONEY, "allowed - expected"),
            Column(
                "verdict",
                "string",
                "as_contracted, underpaid, overpaid, no_rate, ambiguous_rate or line_denied",
            ),
            *_SOURCE,
        ),
    )
)

PROVIDER = hudi_table(
    Table(
        layer=naming.GOLD,
        name="provider",
        meaning="one row per provider, person or organisation",
        key=("tenant", "provider_id"),
        columns=(
            TENANT,
            _PROVIDER,
            Column("npi", "string", "National Provider Identifier", identifying=True),
            Column("tax_id", "string", "tax id", identifying=True),
            Column("name", "string", "name", identifying=True),
            Column("entity_type", "int", "1 person, 2 organisation"),
            Column("specialty", "string", "primary taxonomy code"),
            Column("active_from", "date", "first day"),
            Column("active_to", "date", "last day"),
            Column("fte", UNITS, "full time equivalents"),
            *_SOURCE,
        ),
    )
)

PAYER_ORG = hudi_table(
    Table(
        layer=naming.GOLD,
        name="payer_org",
        meaning="one row per insurer",
        key=("tenant", "payer_id"),
        columns=(
            TENANT,
            _PAYER_ID,
            Column("name", "string", "name"),
            _PAYER,
            *_SOURCE,
        ),
    )
)

COVERAGE_SPAN = hudi_table(
    Table(
        layer=naming.GOLD,
        name="coverage_span",
        meaning="one row per cover of a person",
        key=("tenant", "person_id", "payer_id", "level", "start"),
        columns=(
            TENANT,
            _PERSON,
            _PAYER_ID,
            _LEVEL,
            Column("start", "date", "first day; null when open"),
            Column("end", "date", "last day; null when open"),
            Column("plan", "string", "plan"),
            *_SOURCE,
        ),
    )
)

CLAIMS_NOT_COMPUTED = hudi_table(
    Table(
        layer=naming.GOLD,
        name="claims_not_computed",
        meaning="persons the rules of claims failed on: their rows stay, every run tries again",
        key=("tenant", "person_id"),
        columns=PERSON_NOT_COMPUTED.columns[:-2],
    )
)

# Rows of one person each, in the order in which they are written: accounts last.
PERSON_TABLES = (
    CLAIM_LINE,
    CLAIM_DIAGNOSIS,
    CLAIM_PROCEDURE,
    REMIT_LINE,
    ADJUSTMENT,
    REMIT,
    CLAIM,
    COVERAGE_SPAN,
    EXPECTED_LINE,
    UNBILLED_CARE,
    DENIAL,
    ACCOUNT_ENTRY,
    ACCOUNT_BALANCE,
    ACCOUNT,
)
TABLES = (*PERSON_TABLES, PROVIDER, PAYER_ORG, CLAIMS_NOT_COMPUTED)
