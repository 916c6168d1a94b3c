"""Rules of feeds: what rejects a row when it is read, and what is only flagged in silver.

A row that breaks a reject rule goes to quarantine with its column. A `warn` rule adds its id to the
row's `dq_flags`; `condition` is a SQL expression over the columns of the feed's silver table, where
`f` has the canonical texts, and is true where the rule is broken. Source: the claims model, 7.2.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from metriccare.quality.rules import HEAVY, LIGHT
from metriccare.sources.feeds.declarations import Feed, FeedColumn, Kind
from metriccare.sources.feeds.registry import FEEDS

DATES = frozenset({Kind.DATE, Kind.MONTH, Kind.TIMESTAMP})


@dataclass(frozen=True)
class FeedRule:
    """One `warn` rule of a feed."""

    id: str
    condition: str
    sentence: str
    fix: str
    weight: int


@dataclass(frozen=True)
class RejectRule:
    """One rule that rejects a row on reception."""

    id: str
    sentence: str
    fix: str


NO_UPDATE_TIME, DUPLICATE_IN_FILE = "no_update_time", "duplicate_in_file"
# Found when the newest row of a key is chosen.
DUPLICATE = FeedRule(
    DUPLICATE_IN_FILE,
    "is_duplicate",
    "The file has several rows of this key with different content and no `updated_at`; the last one"
    " is taken.",
    "Send `updated_at`, or each key once.",
    HEAVY,
)

REJECT_RULES: tuple[RejectRule, ...] = (
    RejectRule(
        "value_missing",
        "A required value is missing.",
        "Send the value, or map another column to it in feeds.toml.",
    ),
    RejectRule(
        "claim_without_person",
        "A claim names no person.",
        "Send the member's id with every claim.",
    ),
    RejectRule(
        "amount_invalid",
        "An amount is no plain decimal number in the contract's spelling.",
        "Send amounts as 1234.50, or declare `decimal`, `thousands` or `money` in feeds.toml.",
    ),
    RejectRule(
        "number_invalid",
        "A number is none, or has decimals where whole numbers are wanted.",
        "Send numbers as 2 or 1.5.",
    ),
    RejectRule(
        "date_invalid",
        "A date does not exist, or has another form than the contract declares.",
        "Send dates as YYYY-MM-DD, or declare `dates` in feeds.toml.",
    ),
    RejectRule(
        "time_invalid",
        "A time has another form than the contract declares.",
        "Send times as YYYY-MM-DDTHH:MM:SS with an offset.",
    ),
    RejectRule(
        "boolean_invalid",
        "A value that is true or false is another word.",
        "Send true or false, 1 or 0, Y or N.",
    ),
    RejectRule(
        "value_invalid",
        "A value of JSON is an object where text is wanted.",
        "Send a text, a number, or a list of texts.",
    ),
    RejectRule(
        "word_unknown",
        "A word is none of those allowed in its column.",
        "Map the sender's words in feeds.toml (`map`).",
    ),
    RejectRule(
        "transaction_type_unknown",
        "The type of a transaction is none of the known ones.",
        "Map the sender's words in feeds.toml (`map`).",
    ),
    RejectRule(
        "group_code_unknown",
        "The group code of an adjustment is not CO, PR, OA, PI or CR.",
        "Send the X12 group code.",
    ),
    RejectRule(
        "charge_negative",
        "The charge of a claim is below zero, and the claim is no void.",
        "Send charges as positive amounts, and voids with frequency code 8.",
    ),
    RejectRule(
        "field_count",
        "A row has more or fewer fields than the header.",
        "Quote fields with delimiters or line ends in them.",
    ),
    RejectRule(
        "header_repeated",
        "A row is the header once more.",
        "Join files without their headers.",
    ),
    RejectRule(
        "quote_unclosed",
        "A quoted field is not closed within 1 MiB, 1,000 lines, or a row of the right width.",
        "Close the quote, and write quotes in fields twice.",
    ),
    RejectRule("field_too_large", "A field is longer than 1 MiB.", "Leave out attachments."),
    RejectRule("nul_byte", "A row has a NUL byte.", "Export text, not binary data."),
)


def rules_of(feed: Feed) -> tuple[FeedRule, ...]:
    """Return the `warn` rules of a feed, in the order of their flags."""
    return tuple(_rules(feed))


def total_weight(feed: Feed) -> int:
    """Return the weight of all rules that apply to a feed's rows, those that reject included."""
    rejecting = sum(
        HEAVY if _is_heavy(feed, column) else LIGHT
        for column in feed.own_columns
        if column.required or column.words or column.kind is not Kind.TEXT
    )
    return rejecting + sum(rule.weight for rule in (*rules_of(feed), DUPLICATE))


def _is_heavy(feed: Feed, column: FeedColumn) -> bool:
    is_amount_or_date = column.kind is Kind.MONEY or column.kind in DATES
    return column.name in feed.key or bool(column.names) or is_amount_or_date


def _rules(feed: Feed) -> Iterator[FeedRule]:
    names = {column.name for column in feed.own_columns}
    yield FeedRule(
        NO_UPDATE_TIME,
        "updated_at_sent is null",
        "`updated_at` is missing; the time of arrival orders the rows of a key instead.",
        "Send `updated_at` with every row.",
        LIGHT,
    )
    yield from _date_rules(feed)
    yield from _amount_rules(feed)
    for needed, rule in _OF_COLUMNS:
        if names.issuperset(needed):
            yield rule


def _date_rules(feed: Feed) -> Iterator[FeedRule]:
    # The end of a span is often a day that never comes, such as 9999-12-31.
    dates = [
        column.name
        for column in feed.own_columns
        if column.kind in DATES and not column.name.endswith("_to")
    ]
    if dates:
        outside = "{0} < cast('1900-01-01' as date) or {0} >= cast('2100-01-01' as date)"
        yield FeedRule(
            "date_unlikely",
            " or ".join(f"coalesce({outside.format(name)}, false)" for name in dates),
            "A date is before 1900 or after 2099.",
            "Correct the date.",
            HEAVY,
        )


def _amount_rules(feed: Feed) -> Iterator[FeedRule]:
    amounts = [column.name for column in feed.own_columns if column.kind is Kind.MONEY]
    # More than 2 decimals, apart from binary noise: |x - round(x, 2)| > 1e-9 in digits. A rate may
    # have as many as it likes.
    if amounts and feed.name != "fee_schedule":
        broken = " or ".join(
            f"coalesce(f.{name} rlike '[.][0-9][0-9][0-9]*[1-9]'"
            f" and not (f.{name} rlike '[.][0-9][0-9](0000000|9999999)'), false)"
            for name in amounts
        )
        yield FeedRule(
            "sub_cent",
            broken,
            "An amount has parts of a cent; it is rounded when claims are computed.",
            "Send amounts with two decimals.",
            HEAVY,
        )


def _luhn_fails(name: str) -> str:
    """Return the condition for an NPI whose check digit is wrong (prefix 80840)."""
    digits = [f"(instr('0123456789', substring({name}, {at}, 1)) - 1)" for at in range(1, 11)]
    doubled = [
        f"({digit} * 2 - if({digit} > 4, 9, 0))" if at % 2 == 0 else digit
        for at, digit in enumerate(digits)
    ]
    doubled[9] = digits[9]
    # 24 is what the digits of the prefix add.
    total = f"(24 + {' + '.join(doubled)})"
    is_number = f"{name} rlike '^[0-9]{{10}}$'"
    return f"coalesce(not ({is_number}) or {total} <> 10 * floor({total} / 10), false)"


_OF_COLUMNS: tuple[tuple[frozenset[str], FeedRule], ...] = (
    (
        frozenset({"total_charge", "currency"}),
        FeedRule(
            "currency_missing",
            "currency is null",
            "An amount has no currency; it is taken as the tenant's.",
            "Send the currency (ISO 4217).",
            HEAVY,
        ),
    ),
    (
        frozenset({"units"}),
        FeedRule(
            "units_not_positive",
            "coalesce(units <= 0, false)",
            "The units of service are zero or negative.",
            "Send the units that were billed.",
            LIGHT,
        ),
    ),
    (
        frozenset({"npi"}),
        FeedRule(
            "npi_invalid",
            _luhn_fails("npi"),
            "The NPI has no valid check digit; it is never a key.",
            "Correct the NPI, or leave it empty.",
            HEAVY,
        ),
    ),
    (
        frozenset({"service_from", "submitted_date"}),
        FeedRule(
            "service_after_submission",
            "coalesce(service_from > submitted_date, false)",
            "The service begins after the claim was submitted.",
            "Correct the dates.",
            HEAVY,
        ),
    ),
    (
        frozenset({"payment_date", "remit_date"}),
        FeedRule(
            "payment_before_remit",
            "coalesce(payment_date < remit_date, false)",
            "The payment is dated before the payer's answer.",
            "Correct the dates.",
            HEAVY,
        ),
    ),
    (
        frozenset({"allowed", "charge"}),
        FeedRule(
            "allowed_over_charge",
            "coalesce(allowed > charge, false)",
            "The amount allowed is above the charge.",
            "Correct the amounts.",
            HEAVY,
        ),
    ),
)
# Every `warn` rule once, for the documents and the counts.
WARN_RULES: dict[str, FeedRule] = {
    rule.id: rule for feed in FEEDS for rule in (*rules_of(feed), DUPLICATE)
}
