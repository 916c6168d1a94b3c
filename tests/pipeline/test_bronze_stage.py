"""Bronze: every record of a file is a row or a reject, whatever the file, and crashes change
nothing about it.
"""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from pathlib import Path

import pytest

from metriccare.pipeline.bronze import quarantine, stage
from metriccare.tables.bronze import QUARANTINE, RESOURCE
from metriccare.tables.commit_note import files_of
from metriccare.tracking.erased import ErasedNames
from tests.pipeline.bronze_lake import (
    FIRST,
    BronzeLake,
    Killed,
    bundle,
    ids,
    killed_after,
    ndjson,
    patient,
)

BROKEN = b'{"id":\n'


@pytest.fixture
def lake(tmp_path: Path) -> BronzeLake:
    return BronzeLake(tmp_path)


def test_a_row_says_what_was_received_and_which_run_loaded_it(lake: BronzeLake):
    raw = b'{ "resourceType" : "Patient", "id":"p1", "name":[{"text":"Zo\xc3\xab\\u0000"}] }'
    lake.file(b"")
    file = lake.file(b"\n" + raw + b"\n", "a.ndjson")
    lake.run(file)
    (row,) = lake.engine.rows(lake.engine.read(RESOURCE))
    assert row == {
        "tenant": "north",
        "resource_type": "Patient",
        "resource_id": "p1",
        "last_updated": None,
        "deleted": False,
        "raw": raw.decode(),
        "raw_sha256": row["raw_sha256"],
        "source_file": "a.ndjson",
        "source_line": 2,
        "ingested_at": FIRST.replace(tzinfo=None),
        "run_id": "run-1",
        "full_url": None,
        "file_id": file.file_id,
        "ingest_sequence": 2 * 2**32 + 2,
        "indirect": False,
        "bundle": None,
        "record_key": f"north|{file.file_id}|2|0",
        "ordering": 2 * 2**32 + 2,
    }


def test_resources_of_a_type_are_together_in_order_of_arrival(lake: BronzeLake):
    kinds = ["Patient", "Encounter", "Patient", "Condition", "Encounter"]
    made = [{"resourceType": kind, "id": str(n)} for n, kind in enumerate(kinds)]
    lake.run(lake.file(made))
    rows = lake.engine.rows(lake.engine.read(RESOURCE))
    assert [row["resource_id"] for row in rows] == ["3", "1", "4", "0", "2"]


def test_files_of_every_form_keep_their_bundles_and_account_for_their_bytes(lake: BronzeLake):
    joined = "\n".join(json.dumps(bundle(patient(x)), indent=1) for x in ("a", "b"))
    outcome = {"resourceType": "OperationOutcome", "issue": []}
    far = patient("c", "9999-12-31T23:59:59-05:00")
    contents = [
        joined.encode(),
        ndjson(far, bundle(patient("d"), bundle(patient("e")))) + b'{"id":',
        gzip.compress(ndjson(patient("f"), outcome)),
        ndjson(outcome, outcome),
    ]
    counts = lake.run(*map(lake.file, contents))
    rows = lake.rows("bronze.resource", "resource_id", "bundle", "last_updated")
    bundles = {id_: of for id_, of, _ in rows}
    assert sorted(bundles) == list("abcdef")
    assert {id_ for id_, of in bundles.items() if of is None} == {"c", "f"}
    assert bundles["e"].startswith(f"{bundles['d']}/")
    assert {at.year for id_, _, at in rows if id_ == "c"} == {9999}
    accounts = [count.account for count in counts]
    assert [each.content for each in accounts] == [each.accounted for each in accounts]
    assert [each.entries_passed for each in accounts] == [0, 0, 1, 2]
    assert accounts[1].quarantined == 6
    assert lake.rows("bronze.quarantine", "source_line", "rule_id") == [(3, "json_invalid")]


def test_a_rejected_record_says_why_and_spoils_no_other(lake: BronzeLake):
    odd = b'{"resourceType":"Patient","id":"a b"}\n\xff\xfe\x00{\n[1]\n{"resourceType":"X"}\n'
    (count,) = lake.run(lake.file(odd + ndjson(patient("good"))))
    assert (count.loaded, count.rejected) == (1, 4)
    file_id = f"{1:016x}"
    rows = lake.rows("bronze.quarantine", "record_key", "resource_type", "raw", "redriven_run_id")
    assert rows == [
        (
            f"north|{file_id}|1|0|id_invalid",
            "Patient",
            '{"resourceType":"Patient","id":"a b"}',
            None,
        ),
        (f"north|{file_id}|2|0|encoding_invalid", None, "\\xff\\xfe\x00{", None),
        (f"north|{file_id}|3|1|not_an_object", None, "1", None),
        (f"north|{file_id}|4|0|resource_type_unknown", None, '{"resourceType":"X"}', None),
    ]


def test_records_of_erased_persons_are_skipped(lake: BronzeLake):
    erased = ErasedNames().with_names("north", {"Patient/gone"})
    (count,) = lake.run(lake.file([patient("gone"), patient("kept")]), erased=erased)
    assert ids(lake.rows("bronze.resource", "resource_id")) == ["kept"]
    assert (count.loaded, count.account.entries_passed) == (1, 1)


def test_a_file_that_is_gone_or_damaged_spoils_no_other(lake: BronzeLake):
    gone, good = lake.file([patient("a")]), lake.file([patient("b")])
    damaged = lake.file(gzip.compress(ndjson(patient("c")))[:-9])
    Path(gone.location).unlink()
    counts = lake.run(gone, good, damaged)
    assert [bool(count.unreadable) for count in counts] == [True, False, True]
    assert ids(lake.rows("bronze.resource", "resource_id")) == ["b"]


def test_files_without_a_good_record_are_committed_too(lake: BronzeLake):
    """Whether a crashed run had taken files in is read from the commit."""
    files = [lake.file(b""), lake.file(BROKEN)]
    lake.run(*files)
    (metadata,) = lake.engine.commits(RESOURCE)
    assert set(files_of(metadata)) == {file.file_id for file in files}
    assert len(lake.rows("bronze.quarantine", "rule_id")) == 1


def test_what_a_crashed_run_left_is_completed_once(lake: BronzeLake, monkeypatch):
    file = replace(lake.file(ndjson(patient("a", odd=1)) + BROKEN), run_id="run-1")
    with monkeypatch.context() as patched:
        patched.setattr(lake.engine, "commit", killed_after(lake.engine, 1))
        with pytest.raises(Killed):
            lake.run(file)
    assert lake.rows("bronze.quarantine", "record_key") == []
    for _ in range(2):
        counts = stage.complete(lake.engine, lake.context(), [file])
        assert (counts[file.file_id].loaded, counts[file.file_id].rejected) == (1, 1)
    assert len(lake.rows("bronze.resource", "record_key")) == 1
    assert lake.rows("bronze.quarantine", "rule_id", "run_id") == [("json_invalid", "run-2")]
    assert lake.rows("bronze.drift", "field_path", "row_count") == [("odd", 1)]
    assert (lake.commits("bronze.quarantine"), lake.commits("bronze.drift")) == (1, 1)


def test_rejects_wanted_by_run_and_rule_are_followed_by_record(lake: BronzeLake):
    first = lake.file(ndjson({"resourceType": "X"}) + BROKEN)
    lake.run(first)
    lake.run(lake.file(BROKEN))
    found = {
        (run, rule): len(quarantine.select_rejects(lake.engine, run, rule).file_ids)
        for run in (None, "run-1", "run-2")
        for rule in (None, "json_invalid", "resource_type_unknown")
    }
    assert found[None, None] == found[None, "json_invalid"] == 2
    assert found["run-2", "resource_type_unknown"] == 0
    selected = quarantine.select_rejects(lake.engine, "run-1", None)
    assert quarantine.still_rejected(lake.engine, selected) == 2
    Path(first.location).write_bytes(ndjson(patient("a")) + BROKEN)
    lake.run_again(first)
    assert quarantine.still_rejected(lake.engine, selected) == 1
    assert len(lake.rows("bronze.quarantine", *QUARANTINE.key)) == 3
