"""Feeds of what was answered and paid: remittances, their adjustments, other transactions.

Source: the claims model, section 1.2; code values are those of X12 835.
"""

from metriccare.sources.feeds.declarations import Feed, FeedColumn, Kind

GROUP_CODES = ("CO", "PR", "OA", "PI", "CR")
TRANSACTION_TYPES = (
    "patient_payment",
    "refund",
    "bad_debt",
    "charity",
    "denial_writeoff",
    "small_balance",
    "other_adjustment",
)
# CLP02: processed as primary, secondary, tertiary; denied; forwarded; reversal; not ours; estimate.
CLAIM_STATUS_CODES = ("1", "2", "3", "4", "19", "20", "21", "22", "23", "25")

_REMIT_ID = FeedColumn("remit_id", Kind.TEXT, "the payer's answer", required=True)
_CLAIM_ID = FeedColumn(
    "claim_id", Kind.TEXT, "the claim", required=True, names="claims", refers="claims"
)
_LINE_NUMBER = FeedColumn("line_number", Kind.INTEGER, "line; empty means the whole claim")

REMITS = Feed(
    "remits",
    "one payer answer, for a claim or a line of it",
    ("remit_id", "claim_id", "line_number"),
    (
        _REMIT_ID,
        _CLAIM_ID,
        _LINE_NUMBER,
        FeedColumn(
            "claim_status_code", Kind.TEXT, "X12 CLP02", expected=True, words=CLAIM_STATUS_CODES
        ),
        FeedColumn(
            "answer",
            Kind.TEXT,
            "what the payer did with the claim",
            words=("adjudicated", "rejected", "pending"),
        ),
        FeedColumn("payer_id", Kind.TEXT, "who answers", refers="payers"),
        FeedColumn("remit_date", Kind.DATE, "day of the answer", required=True),
        FeedColumn("payment_date", Kind.DATE, "day of the payment"),
        FeedColumn("check_number", Kind.TEXT, "check or transfer"),
        FeedColumn("charge", Kind.MONEY, "charge answered", expected=True),
        FeedColumn("allowed", Kind.MONEY, "amount allowed", expected=True),
        FeedColumn("paid", Kind.MONEY, "amount paid", required=True),
    ),
)

REMIT_ADJUSTMENTS = Feed(
    "remit_adjustments",
    "one adjustment of a payer answer",
    ("remit_id", "claim_id", "line_number", "position"),
    (
        _REMIT_ID,
        _CLAIM_ID,
        _LINE_NUMBER,
        FeedColumn("position", Kind.INTEGER, "order within the answer", required=True),
        FeedColumn(
            "group_code",
            Kind.TEXT,
            "X12 claim adjustment group",
            required=True,
            words=GROUP_CODES,
            unknown_rule="group_code_unknown",
        ),
        FeedColumn("carc", Kind.TEXT, "claim adjustment reason code", required=True),
        FeedColumn("rarc", Kind.LIST, "remittance advice remark codes"),
        FeedColumn("amount", Kind.MONEY, "amount adjusted", required=True),
        FeedColumn("quantity", Kind.NUMBER, "units adjusted"),
    ),
)

TRANSACTIONS = Feed(
    "transactions",
    "one payment or adjustment outside of remittances",
    ("transaction_id",),
    (
        FeedColumn("transaction_id", Kind.TEXT, "the transaction", required=True),
        FeedColumn("claim_id", Kind.TEXT, "the claim", names="claims", refers="claims"),
        FeedColumn(
            "account_number",
            Kind.TEXT,
            "the account, where no claim is named",
            names="account",
            identifying=True,
        ),
        FeedColumn(
            "type",
            Kind.TEXT,
            "what it is",
            required=True,
            words=TRANSACTION_TYPES,
            unknown_rule="transaction_type_unknown",
        ),
        FeedColumn(
            "amount",
            Kind.MONEY,
            "positive in the usual sense; a negative one undoes",
            required=True,
        ),
        FeedColumn("post_date", Kind.DATE, "day it was posted", required=True),
        FeedColumn("party", Kind.TEXT, "whose share it concerns", words=("payer", "patient")),
        FeedColumn("point_of_service", Kind.BOOLEAN, "paid at the visit"),
    ),
    one_of=("claim_id", "account_number"),
)
