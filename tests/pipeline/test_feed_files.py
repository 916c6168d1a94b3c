"""Files of feeds through a whole run: one tenant of one lake for each case."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from metriccare.tracking.states import FileState
from tests.both_engines import different_rows
from tests.pipeline.feed_lake import HEADER, FeedLake, claim, claims

FEEDS = """
[feed.acme_claims]
canonical = "claims"
version = 3
tenants = ["acme"]
match = ["acme/bills_*.csv"]
delimiter = ";"
encoding = "windows-1252"
dates = ["%m/%d/%Y", "iso"]
decimal = ","
thousands = "."
[feed.acme_claims.columns]
claim_id = ["Claim No", "ClaimNumber"]
claim_type = { from = "Type", map = { P = "professional", I = "institutional" } }
member_id = { from = "Member", pad = 6 }
billing_provider_id = "Doctor"
payer_id = { const = "BCBS" }
service_from = "From"
submitted_date = "Sent"
total_charge = "Billed"
diagnosis_codes = { from = "Dx", split = " " }
"""
ACME = (
    "Claim No;Type;Member;Doctor;From;Sent;Billed;Dx;Note\r\n"
    "1;P;42;Dr Müller;01/31/2024;2024-02-01;1.234,50;E11.9 I10;x\r\n"
    "2;X;43;P1;01/31/2024;02/01/2024;10,00;;\r\n"
)
HOSTILE = {
    "bom": (b"\xef\xbb\xbf" + claims(claim("C1")), 1, 0),
    "crlf": (claims(claim("C1"), claim("C2")).replace(b"\n", b"\r\n"), 2, 0),
    "returns": (claims(claim("C1"), claim("C2")).replace(b"\n", b"\r"), 2, 0),
    "utf16": (claims(claim("C1", "Mü"), claim("C2")).decode().encode("utf-16"), 2, 0),
    "gzip": (gzip.compress(claims(claim("C1"))), 1, 0),
    "quoted": (claims(claim('"C\n1, ""x"""', account_number=""), claim("C2")), 2, 0),
    "stray": (claims(claim('C"1"'), claim("C2")), 2, 0),
    "unclosed": (
        claims(claim("C1"), claim('"C2', account_number=""), claim("C3"), claim("C4")),
        3,
        1,
    ),
    "big": (claims(claim("C1"), claim("x" * 10 * 2**20), claim("C3")), 2, 1),
    "header_twice": (claims(claim("C1"), HEADER, claim("C2")), 2, 1),
    "bytes": (claims(claim("C1"), claim("C2", "M@")).replace(b"@", b"\xe9"), 1, 1),
    "nul": (claims(claim("C1"), claim("C2", "M\0")), 1, 1),
    "fields": (claims(claim("C1") + ",", claim("C2") + ",x", "C3"), 1, 2),
    "blank": (b"\n\n" + claims("", claim("C1"), "  ", claim("C2")), 2, 0),
    "only_header": (claims(), 0, 0),
    "values": (
        claims(
            claim("C1", charge="one hundred"),
            claim("C2", service_from="2019-02-30"),
            claim("C3", claim_type="other"),
            claim("C4", member=""),
            claim("", charge="1"),
            claim("C6", charge="-1"),
            claim("C7", updated_at="yesterday"),
            claim("C8", charge="1e2"),
        ),
        1,
        7,
    ),
}
UNREADABLE = {
    "empty": (b"", "wanted a header line, found an empty file"),
    "missing": (
        claims(claim("C1")).replace(b"payer_id", b"payor"),
        "claims: missing: payer_id; found: claim_id, account_number",
    ),
    "no_header": (claim("C1").encode() + b"\n", "12 cells, none of them the name of a column"),
    "twice": (
        claims(claim("C1")).replace(b"currency", b"Claim ID"),
        "column claim_id is in the header 2 times",
    ),
    "damaged": (gzip.compress(claims(claim("C1")))[:60], "the compressed data is damaged"),
}
TENANTS = {**{name: case[0] for name, case in HOSTILE.items()}}


def fill(lake: FeedLake) -> FeedLake:
    """Take every case in and run once."""
    for tenant, content in {**TENANTS, **{n: c[0] for n, c in UNREADABLE.items()}}.items():
        lake.receive("claims.csv", content, tenant)
    lake.receive("acme/bills_1.csv", ACME.encode("windows-1252"), "acme")
    lake.receive("export.csv", claims(claim("C1")), "unknown")
    lake.receive("claims.ndjson", b'{"resourceType":"Patient","id":"p1"}\n', "fhir")
    lake.receive(
        "claim_lines/part-1.ndjson",
        b'{"claim_id":"C1","line_number":1,"charge":108.80000000000001,"modifiers":["25","59"]}\n'
        b'{"claim_id":"C1","line_number":"02","charge":"14.916","units":0,"extra":{"a":1}}\n'
        b'{"claim_id":"C1"\n',
        "lines",
    )
    lake.run()
    return lake


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> FeedLake:
    return fill(FeedLake(tmp_path_factory.mktemp("feeds"), feeds=FEEDS))


@pytest.mark.parametrize("tenant", HOSTILE)
def test_every_row_is_loaded_or_rejected_and_every_byte_accounted_for(lake, tenant):
    _, loaded, rejected = HOSTILE[tenant]
    (file,) = lake.files(tenant)
    assert (file.state, file.rows_loaded, file.rows_quarantined) == (
        FileState.PUBLISHED,
        loaded,
        rejected,
    )
    assert file.bytes_accounted == file.bytes_content
    counts = [
        lake.rows(f"SELECT count(*) FROM bronze.{table} WHERE tenant = '{tenant}'")[0][0]
        for table in ("record", "quarantine")
    ]
    assert counts == [loaded, rejected]


@pytest.mark.parametrize("tenant", UNREADABLE)
def test_a_file_that_no_contract_fits_is_unreadable_with_one_sentence(lake, tenant):
    (file,) = lake.files(tenant)
    assert file.state == FileState.UNREADABLE
    assert UNREADABLE[tenant][1] in file.reason


def test_a_name_of_no_feed_is_unreadable_and_says_what_to_do(lake):
    (file,) = lake.files("unknown")
    assert file.state == FileState.UNREADABLE
    assert "Name it after a feed" in file.reason


def test_content_that_is_fhir_is_fhir_whatever_its_name(lake):
    assert lake.rows("SELECT resource_id FROM bronze.resource WHERE tenant = 'fhir'") == [("p1",)]


def test_rejects_have_their_rule_and_column_and_no_content_in_the_reason(lake):
    rows = lake.rows(
        "SELECT source_line, rule_id, column_name, reason FROM bronze.quarantine"
        " WHERE tenant = 'values' ORDER BY source_line"
    )
    assert [row[:3] for row in rows] == [
        (2, "amount_invalid", "total_charge"),
        (3, "date_invalid", "service_from"),
        (4, "word_unknown", "claim_type"),
        (5, "claim_without_person", "member_id"),
        (6, "value_missing", "claim_id"),
        (7, "charge_negative", "total_charge"),
        (8, "time_invalid", "updated_at"),
    ]
    for word in ("hundred", "2019", "yesterday"):
        assert not any(word in row[3] for row in rows)


@pytest.mark.parametrize(
    ("tenant", "rule"),
    [
        ("unclosed", "quote_unclosed"),
        ("big", "field_too_large"),
        ("header_twice", "header_repeated"),
        ("bytes", "encoding_invalid"),
        ("nul", "nul_byte"),
        ("fields", "field_count"),
    ],
)
def test_a_row_that_cannot_be_split_is_rejected_alone(lake, tenant, rule):
    rules = lake.rows(f"SELECT DISTINCT rule_id FROM bronze.quarantine WHERE tenant = '{tenant}'")
    assert rules == [(rule,)]


def test_lines_are_physical_lines(lake):
    lines = lake.rows(
        "SELECT record_id, source_line, raw FROM bronze.record WHERE tenant = 'quoted'"
        " ORDER BY source_line"
    )
    assert [(row[0], row[1]) for row in lines] == [('C\n1, "x"', 2), ("C2", 4)]
    assert lines[0][2].startswith('"C\n1, ""x""",')
    for tenant, wanted in (("blank", [5, 7]), ("returns", [2, 3]), ("unclosed", [2, 4, 5])):
        sql = f"SELECT source_line FROM bronze.record WHERE tenant = '{tenant}' ORDER BY 1"
        assert [line for (line,) in lake.rows(sql)] == wanted


def test_a_contract_maps_names_words_dates_amounts_and_encodings(lake):
    rows = lake.rows(
        "SELECT claim_id, claim_type, member_id, billing_provider_id, payer_id, service_from,"
        " submitted_date, total_charge, total_charge_text, diagnosis_codes, feed"
        " FROM silver.feed_claims WHERE tenant = 'acme'"
    )
    (row,) = rows
    assert [str(value) for value in row] == [
        "1",
        "professional",
        "000042",
        "Dr Müller",
        "BCBS",
        "2024-01-31",
        "2024-02-01",
        "1234.500000000000",
        "1.234,50",
        "['E11.9', 'I10']",
        "acme_claims",
    ]
    rejected = "SELECT rule_id, column_name FROM bronze.quarantine WHERE tenant = 'acme'"
    assert lake.rows(rejected) == [("word_unknown", "claim_type")]


def test_the_layout_of_a_file_is_kept_and_unread_columns_are_drift(lake):
    layout = lake.rows(
        "SELECT feed, contract_version, delimiter, encoding, header, columns"
        " FROM bronze.feed_layout WHERE tenant = 'acme'"
    )
    assert layout[0][:4] == ("acme_claims", 3, ";", "windows-1252")
    assert layout[0][4][-1], layout[0][5][-1] == ("Note", "")
    drift = "SELECT resource_type, field_path, row_count FROM bronze.drift WHERE tenant = "
    assert lake.rows(f"{drift}'acme'") == [("feed:acme_claims", "Note", 1)]
    assert lake.rows(f"{drift}'lines'") == [("feed:claim_lines", "extra.a", 2)]


def test_json_lines_keep_the_digits_of_their_numbers(lake):
    rows = lake.rows(
        "SELECT line_number, charge, charge_text, modifiers, dq_flags"
        " FROM silver.feed_claim_lines WHERE tenant = 'lines' ORDER BY line_number"
    )
    assert [(row[0], str(row[1]), row[2], row[3]) for row in rows] == [
        (1, "108.800000000000", "108.80000000000001", ["25", "59"]),
        (2, "14.916000000000", "14.916", None),
    ]
    assert rows[0][4] == ["no_update_time"]
    assert rows[1][4] == ["no_update_time", "sub_cent", "units_not_positive"]


def test_fields_are_canonical_text_by_column(lake):
    (fields,) = lake.rows("SELECT fields FROM bronze.record WHERE tenant = 'bom'")[0]
    assert json.loads(fields)["total_charge"] == "100.00"
    assert "updated_at" not in json.loads(fields)


@pytest.mark.spark
@pytest.mark.timeout(1800)
def test_both_engines_give_the_same_rows(spark, tmp_path):
    lakes = [
        FeedLake(tmp_path / kind, kind, FEEDS, tmp_path / "sent") for kind in ("duckdb", "spark")
    ]
    began = datetime.now(UTC)
    for lake in lakes:
        # The keys of what runs release have the run's id, which is made of its time.
        lake.here = replace(lake.here, clock=lambda: began)
        fill(lake)
    again = claims(claim("C1", "M9"), claim("C2", updated_at="2024-03-01T00:00:00Z", op="delete"))
    for lake in lakes:
        lake.receive("claims_2.csv", again, "crlf")
        lake.run()
    assert different_rows(*(lake.here.lake for lake in lakes)) == {}
