"""Replay, redrive, set aside, rollback, rebuild and erasure of feeds, with FHIR beside them."""

from __future__ import annotations

import gzip
import json
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from metriccare.report.rejected import RejectFilter
from metriccare.tables import bronze, feeds
from metriccare.tracking.states import FileState
from metriccare.upkeep.erasure_plan import Request
from metriccare.upkeep.rebuild_request import Rebuild
from metriccare.upkeep.replay import Window
from metriccare.wiring.local_quarantine import redrive_local, release_local, set_aside_local
from metriccare.wiring.local_upkeep import (
    erase_local,
    rebuild_local,
    replay_local,
    roll_back_local,
)
from tests.pipeline.feed_lake import FeedLake, claim, claims

TODAY = datetime.now(UTC).date()
NAMES = ("M1", "p1", "CX1", "ACX1", "mrn-1")
MEMBERS = (
    "member_id,payer_id,coverage_from,patient_id,birth_date\n"
    "M1,PAY1,2020-01-01,p1,1950-01-01\n"
    "M2,PAY1,2020-01-01,p2,1960-01-01\n"
    "mrn-1,PAY2,2020-01-01,,1950-01-01\n"
    "FAMILY,PAY3,2020-01-01,p1,1950-01-01\n"
    "FAMILY,PAY3,2021-01-01,p2,1960-01-01\n"
)
LINES = (
    '{"claim_id":"CX1","line_number":1,"charge":60}\n'
    '{"claim_id":"CX2","line_number":1,"charge":50}\n'
    '{"claim_id":"CX1","line_number":2,"charge":"forty"}\n'
)
TRANSACTIONS = (
    "transaction_id,claim_id,account_number,type,amount,post_date\n"
    "T1,,ACX1,patient_payment,10,2024-02-01\n"
    "T2,,SHARED,patient_payment,10,2024-02-01\n"
    "T3,CX2,,patient_payment,10,2024-02-01\n"
    "T4,CX1,,other_word,10,2024-02-01\n"
)


def _resources() -> bytes:
    lines = [
        {
            "resourceType": "Patient",
            "id": f"p{number}",
            "identifier": [{"system": "urn:mrn", "value": f"mrn-{number}"}],
        }
        for number in (1, 2)
    ]
    lines.append({"resourceType": "Encounter", "id": "e1", "subject": {"reference": "Patient/p1"}})
    return b"".join(json.dumps(line).encode() + b"\n" for line in lines)


def _claims() -> bytes:
    return claims(
        claim('"CX1"', "M1", account_number="ACX1", updated_at="2024-01-01T00:00:00Z"),
        claim("CX2", "M2", account_number="SHARED"),
        # The policy number of a family names nobody, but the claim before it did.
        claim("CX3", '"M\n3"'),
        claim("CX4", "mrn-1", account_number="SHARED"),
        claim("CX5", "M1", charge="a lot"),
        claim("CX6", "FAMILY"),
    )


def send(lake: FeedLake) -> None:
    lake.receive("Patient.ndjson", _resources())
    lake.receive("feeds/claims.csv.gz", gzip.compress(_claims(), mtime=0))
    lake.receive("feeds/members.csv", MEMBERS.encode())
    lake.receive("feeds/claim_lines.ndjson", LINES.encode())
    lake.receive("feeds/transactions.csv", TRANSACTIONS.encode("utf-16"))


def content(lake: FeedLake) -> dict[str, list[str]]:
    """Return what the tables of feeds say, apart from the stamps of runs."""
    stamps = {"run_id", "ordering", "ingested_at", "updated_at", "first_seen", "redriven_run_id"}
    tables = (bronze.RECORD, bronze.FEED_LAYOUT, bronze.QUARANTINE, *feeds.BY_FEED.values())
    found = {}
    for table in tables:
        names = ", ".join(f'"{name}"' for name in table.column_names if name not in stamps)
        where = " WHERE redriven_run_id IS NULL" if table == bronze.QUARANTINE else ""
        rows = lake.rows(f"SELECT {names} FROM {table.full_name}{where}")
        found[table.full_name] = sorted(map(repr, rows))
    return found


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> FeedLake:
    lake = FeedLake(tmp_path_factory.mktemp("upkeep"))
    send(lake)
    lake.run()
    return lake


def replay(lake: FeedLake) -> None:
    replay_local(lake.here, Window(TODAY, TODAY), None, lambda _: None)


def test_replay_and_rebuild_give_the_same_rows(lake):
    before = content(lake)
    assert len(before["silver.feed_claims"]) == 5
    replay(lake)
    assert content(lake) == before
    rebuild_local(lake.here, Rebuild(), None, lambda _: None)
    assert content(lake) == before


def test_a_file_that_was_changed_since_is_decided_again_when_it_is_replayed(lake):
    before = content(lake)
    (file,) = [file for file in lake.files() if "members" in file.source_file]
    kept = Path(file.location).read_bytes()
    Path(file.location).write_bytes(kept.replace(b"M2,PAY1", b"M9,PAY1"))
    replay(lake)
    members = "SELECT DISTINCT member_id FROM silver.feed_members WHERE patient_id = 'p2'"
    assert sorted(lake.rows(members)) == [("FAMILY",), ("M9",)]
    assert ("member/M2",) in lake.rows("SELECT name FROM silver.released_name")
    Path(file.location).write_bytes(kept)
    replay(lake)
    assert content(lake) == before


def test_rows_are_redriven_after_the_contract_has_changed(lake, tmp_path):
    own = FeedLake(tmp_path)
    own.receive("transactions.csv", TRANSACTIONS.encode())
    own.run()
    config = tmp_path / "feeds.toml"
    config.write_text(
        '[feed.bank]\ncanonical = "transactions"\nmatch = ["transactions.csv"]\n'
        "[feed.bank.columns]\n"
        'type = { from = "type", map = { other_word = "refund" }, unmapped = "keep" }\n'
    )
    own = FeedLake(tmp_path, feeds=config.read_text())
    done = redrive_local(own.here, RejectFilter(feed="transactions"), None, lambda _: None)
    assert (done.loaded, done.rejected) == (1, 0)
    found = own.rows("SELECT type, feed FROM silver.feed_transactions WHERE transaction_id = 'T4'")
    assert found == [("refund", "bank")]


def test_rollback_and_set_aside_take_the_rows_of_a_file_out_and_release_brings_them_back(tmp_path):
    lake = FeedLake(tmp_path)
    send(lake)
    lake.run()
    before = content(lake)
    lake.receive("feeds/payers.csv", b"payer_id,name\nPAY1,Payer\n")
    lake.receive("feeds/claims_2.csv", claims(claim("CX2", "M1")))
    record = lake.run()
    roll_back_local(lake.here, record.run_id, lambda _: None)
    assert content(lake)["silver.feed_claims"] == before["silver.feed_claims"]
    for file in lake.files():
        if file.state == FileState.REGISTERED:
            set_aside_local(lake.here, file.file_id, "odd")
    lake.run()
    assert content(lake) == before
    for file in lake.files():
        if file.state == FileState.SET_ASIDE:
            release_local(lake.here, file.file_id)
    lake.run()
    assert lake.rows("SELECT name FROM silver.feed_payers") == [("Payer",)]
    assert lake.rows("SELECT member_id FROM silver.feed_claims WHERE claim_id = 'CX2'") == [("M1",)]


@pytest.fixture(scope="module")
def erased(tmp_path_factory: pytest.TempPathFactory) -> FeedLake:
    lake = FeedLake(tmp_path_factory.mktemp("erased"))
    send(lake)
    lake.run()
    lake.others = content(lake)
    # A member of the person may be named instead of the patient record.
    lake.receipts = erase_local(lake.here, Request("default", "M1", "asked for"), lambda _: None)
    return lake


def _is_of_person(row: str) -> bool:
    return any(f"'{name}" in row or f'"{name}"' in row for name in NAMES) or "CX5" in row


def test_an_erased_person_is_in_no_table_and_no_file(erased):
    root = erased.here.lake.folder
    names = [name.encode() for name in (*NAMES, "CX4", "CX5", "T1,", "T4,")]
    for path in (root / "raw").rglob("*"):
        if path.is_file():
            text = path.read_bytes()
            text = gzip.decompress(text) if path.suffix == ".gz" else text
            text = text.decode("utf-16").encode() if text[:2] == b"\xff\xfe" else text
            assert not [name for name in names if name in text], path.name
    for path in root.rglob("*.parquet"):
        rows = repr(pq.read_table(path, partitioning=None).to_pylist())
        assert not [name for name in NAMES if f"'{name}'" in rows], path


def test_the_rows_of_others_stay_as_they_were(erased):
    now = content(erased)
    for name in ("silver.feed_claims", "silver.feed_members", "silver.feed_claim_lines"):
        assert set(now[name]) <= set(erased.others[name]), name
    left = "SELECT {} FROM silver.feed_{} ORDER BY 1"
    assert erased.rows(left.format("claim_id", "claims")) == [("CX2",), ("CX3",), ("CX6",)]
    assert erased.rows(left.format("transaction_id", "transactions")) == [("T2",), ("T3",)]
    assert erased.rows(left.format("claim_id", "claim_lines")) == [("CX2",)]
    assert erased.rows(left.format("member_id, patient_id", "members")) == [
        ("FAMILY", "p2"),
        ("M2", "p2"),
    ]
    lines = "SELECT record_id, source_line FROM bronze.record WHERE record_type = 'claims'"
    assert sorted(erased.rows(lines)) == [("CX2", 3), ("CX3", 4), ("CX6", 8)]


def test_the_receipt_counts_the_rows_of_feeds(erased):
    rows = erased.receipts[0].rows
    assert rows["silver.feed_claims"] == 2
    assert rows["bronze.record"] == 7
    # A claim, a line and a transaction; and the encounter, which has no class.
    assert rows["bronze.quarantine"] == 4


def test_neither_replay_nor_the_same_files_again_bring_the_person_back(erased):
    before = content(erased)
    replay(erased)
    assert content(erased) == before
    send(erased)
    erased.receive("feeds/claims_again.csv", _claims())
    erased.run()
    claims_ = "SELECT DISTINCT claim_id FROM silver.feed_claims ORDER BY 1"
    assert erased.rows(claims_) == [("CX2",), ("CX3",), ("CX6",)]
    with closing(erased.here.store()) as store:
        again = [file for file in store.files() if "again" in file.source_file]
    assert [file.rows_passed for file in again] == [3]


def test_a_member_whose_patient_is_named_later_has_each_claim_once(tmp_path):
    lake = FeedLake(tmp_path)
    lake.receive("claims.csv", claims(claim("CX1", "M1"), claim("CX2", "mrn-2")))
    lake.run()
    persons = "SELECT claim_id, person_id FROM gold.claim ORDER BY claim_id"
    assert lake.rows(persons) == [("CX1", "member/M1"), ("CX2", "member/mrn-2")]
    lake.receive("members.csv", MEMBERS.encode())
    lake.run()
    assert lake.rows(persons) == [("CX1", "p1"), ("CX2", "member/mrn-2")]
    # Now by an identifier of the patient.
    lake.receive("Patient.ndjson", _resources())
    lake.run()
    assert lake.rows(persons) == [("CX1", "p1"), ("CX2", "p2")]
