"""Texts of values: what is canonical, and what rejects the row."""

from __future__ import annotations

import pytest

from metriccare.sources.feeds.contracts import CANONICAL, Contract, read_contracts
from metriccare.sources.feeds.declarations import FeedColumn, Kind
from metriccare.sources.feeds.values import Fault, parser_of

ZONE = "America/New_York"


def parsed(kind: Kind, text: str, contract: Contract = CANONICAL[0]) -> object:
    """Return the canonical value, or the rule of a fault."""
    value = parser_of(FeedColumn("x", kind, ""), contract, ZONE)(text)
    return f"!{value.rule_id}" if isinstance(value, Fault) else value


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("1234.50", "1234.50"),
        (" 5 ", "5"),
        ("", None),
        ("-0.1", "-0.1"),
        ("+2", "2"),
        (".5", "0.5"),
        ("1e3", "1000"),
        ("108.80000000000001", "108.800000000000"),
        ("1,234.50", "!amount_invalid"),
        ("$5", "!amount_invalid"),
        ("(5.00)", "!amount_invalid"),
        ("NaN", "!amount_invalid"),
        ("٣", "!amount_invalid"),
        ("1" * 27, "!amount_invalid"),
        ("ten", "!amount_invalid"),
    ],
)
def test_amounts_are_plain_decimals(text, wanted):
    assert parsed(Kind.MONEY, text) == wanted


@pytest.mark.parametrize(
    ("settings", "text", "wanted"),
    [
        ('decimal = ","\nthousands = "."', "1.234,50", "1234.50"),
        ('decimal = ","', "1.234,50", "!amount_invalid"),
        ('thousands = ","', "1,234.50", "1234.50"),
        ('money = "accounting"', "(1,234.50)", "-1234.50"),
        ('money = "accounting"', "$5.00-", "-5.00"),
        ('[feed.own.columns]\nx_charge = { from = "x", unit = "cents" }', "12345", "123.45"),
    ],
)
def test_other_spellings_of_amounts_are_declared(settings, text, wanted):
    settings = settings.replace("x_charge", "total_charge")
    toml = f'[feed.own]\ncanonical = "claims"\nmatch = ["*.csv"]\n{settings}\n'
    (contract,) = read_contracts(toml, "feeds.toml")
    column = contract.feed.column("total_charge")
    value = parser_of(column, contract, ZONE)(text)
    assert (f"!{value.rule_id}" if isinstance(value, Fault) else value) == wanted


@pytest.mark.parametrize(
    ("kind", "text", "wanted"),
    [
        (Kind.DATE, "2024-02-29", "2024-02-29"),
        (Kind.DATE, "2019-02-30", "!date_invalid"),
        (Kind.DATE, "20240131", "!date_invalid"),
        (Kind.DATE, "44927", "!date_invalid"),
        (Kind.DATE, "01/31/2024", "!date_invalid"),
        (Kind.MONTH, "2024-01", "2024-01-01"),
        (Kind.MONTH, "2024-01-15", "2024-01-01"),
        (Kind.MONTH, "2024-13", "!date_invalid"),
        (Kind.TIMESTAMP, "2024-01-31T08:00:00-05:00", "2024-01-31 13:00:00.000000"),
        (Kind.TIMESTAMP, "2024-01-31 08:00", "2024-01-31 13:00:00.000000"),
        (Kind.TIMESTAMP, "2024-01-31", "2024-01-31 05:00:00.000000"),
        (Kind.TIMESTAMP, "2024-01-31T24:30", "!time_invalid"),
        (Kind.TIMESTAMP, "0001-01-01T00:00+23:00", "!time_invalid"),
        (Kind.INTEGER, "01", "1"),
        (Kind.INTEGER, "1.0", "!number_invalid"),
        (Kind.NUMBER, "0.50", "0.50"),
        (Kind.NUMBER, "two", "!number_invalid"),
        (Kind.BOOLEAN, "Y", "true"),
        (Kind.BOOLEAN, "0", "false"),
        (Kind.BOOLEAN, "maybe", "!boolean_invalid"),
        (Kind.LIST, "E11.9| I10 |", ["E11.9", "I10"]),
        (Kind.TEXT, "  x ", "x"),
    ],
)
def test_other_values_have_one_form_or_are_rejected(kind, text, wanted):
    assert parsed(kind, text) == wanted


def test_words_are_compared_without_case_and_kept_as_declared():
    column = FeedColumn("x", Kind.TEXT, "", words=("P", "S"), unknown_rule="odd_word")
    parse = parser_of(column, CANONICAL[0], ZONE)
    assert parse("p") == "P"
    fault = parse("secret")
    assert isinstance(fault, Fault)
    assert (fault.rule_id, "secret" in fault.reason) == ("odd_word", False)
