"""`feeds.toml` is checked as it is read, and a file is read with the one contract that fits it."""

from __future__ import annotations

import pytest

from metriccare.errors import UnreadableFile, UsageError
from metriccare.sources.feeds.contracts import read_contracts
from metriccare.sources.feeds.detection import is_feed, layout_of, named_contracts

OWN = '[feed.own]\ncanonical = "payers"\nmatch = ["acme/*.csv"]\n'


def contracts(text: str):
    return read_contracts(text, "feeds.toml")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[feed", "feeds.toml is not valid TOML"),
        ("[feeds.own]", "unknown section [feeds]; known: [feed.NAME]."),
        ("[feed.own]\nmatch = ['*']", "canonical in [feed.own] wants one of 'claims', "),
        ("[feed.own]\ncanonical = 'payers'\nmatch = []", "match in [feed.own] wants a pattern"),
        ("[feed.payers]\ncanonical = 'payers'\nmatch = ['*']", "has the name of a canonical feed"),
        (f"{OWN}mode = 'snapshot'", "mode in [feed.own] wants one of 'delta', found 'snapshot'."),
        (f"{OWN}zone = 'Mars'", "zone in [feed.own] wants an IANA time zone, found 'Mars'."),
        (f"{OWN}version = 0", "version in [feed.own] wants a number from 1, found 0."),
        (f"{OWN}colour = 1", "unknown key 'colour' in [feed.own]"),
        (f"{OWN}[feed.own.columns]\nplan = 'x'", "unknown column 'plan'; payers has: payer_id, "),
        (f"{OWN}[feed.own.columns]\nname = 1", "name wants the sender's name of the column"),
        (f"{OWN}[feed.own.columns]\nname = {{ from = 'a', const = 'b' }}", "found both"),
        (f"{OWN}[feed.own.columns]\nname = {{ sql = 'a' }}", "unknown key 'sql'"),
    ],
)
def test_what_is_wrong_is_one_sentence(text, sentence):
    with pytest.raises(UsageError) as raised:
        contracts(text)
    assert sentence in str(raised.value)


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("claims.csv", ["claims"]),
        ("out/Claims_2024-01.csv.gz", ["claims"]),
        ("claim_lines.csv", ["claim_lines"]),
        ("feeds/remit_adjustments/part-1.csv", ["remit_adjustments"]),
        ("claims/remits.csv", ["remits"]),
        ("acme/x.csv", ["own"]),
        ("deep/acme/x.csv", ["own"]),
        ("feed=own/claims.csv", ["own"]),
        ("feed=claims/acme/x.dat", ["claims"]),
        ("feed=none/claims.csv", []),
        ("export.csv", []),
        ("myclaims.csv", []),
    ],
)
def test_a_name_or_a_pattern_chooses(name, wanted):
    assert [c.name for c in named_contracts(name, "north", contracts(OWN))] == wanted


def test_a_contract_of_other_tenants_is_not_used():
    found = named_contracts("acme/x.csv", "south", contracts(f"{OWN}tenants = ['north']"))
    assert found == []


@pytest.mark.parametrize(
    ("name", "head", "wanted"),
    [
        ("claims.csv", b"claim_id,x\n", True),
        ("claims.csv", b'\xef\xbb\xbf{"resourceType":"Patient"}', False),
        ("claims.ndjson", b'{"claim_id":"C1"}\n', True),
        ("claims.ndjson", b'{"id":1}\n{"resourceType":"Claim"}\n', False),
        ("claims.json", b"[1]", False),
        ("feed=claims/export.dat", b"claim_id,x\n", True),
        ("claims.ndjson", b"not json\n", False),
        ("claims.csv", "a,b\n".encode("utf-16"), True),
    ],
)
def test_content_decides_between_fhir_and_feeds(name, head, wanted):
    assert is_feed(name, head) is wanted


def layout(head: bytes, text: str = "", name: str = "payers.csv"):
    return layout_of(name, "north", head, contracts(text))


def test_headers_are_compared_without_case_spaces_and_underscores():
    found = layout(b"\xef\xbb\xbf Payer ID ;PAYERGROUP;Else\nP;other;x\n")
    assert found.columns == ("payer_id", "payer_group", "")
    assert (found.dialect.delimiter, found.unknown, found.first.line) == (";", ("Else",), 2)


def test_two_contracts_that_fit_are_none():
    both = f"{OWN}{OWN.replace('feed.own', 'feed.other')}"
    with pytest.raises(UnreadableFile, match="feed_ambiguous: the contracts own, other fit"):
        layout(b"payer_id\n", both, "acme/x.csv")


def test_variants_of_a_name_that_are_both_there_are_refused():
    own = f"{OWN}[feed.own.columns]\npayer_id = ['No', 'Number']\n"
    with pytest.raises(UnreadableFile, match="column payer_id is in the header 2 times"):
        layout(b"No,Number\n", own, "acme/x.csv")


def test_a_first_line_that_is_no_header_is_not_repeated_in_the_reason():
    with pytest.raises(UnreadableFile) as raised:
        layout(b"Smith,1950-01-01\n")
    assert "2 cells, none of them the name of a column" in str(raised.value)
    assert "Smith" not in str(raised.value)


def test_a_header_may_be_quoted_and_have_line_ends():
    found = layout(b'"payer\nid","name"\n1,2\n')
    assert (found.columns, found.first) == (("payer_id", "name"), (18, 3))
