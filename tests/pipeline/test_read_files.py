"""Files of any form in bronze: the Bundle of each record, and an account of every byte."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from pathlib import Path

from metriccare.engine.protocol import Changes, Operation
from metriccare.settings import Lake
from metriccare.tables import bronze
from metriccare.tables.commit_note import CommitNote
from tests.loader import Loader, ndjson, patient


def bundle(*resources: dict) -> dict:
    return {"resourceType": "Bundle", "entry": [{"resource": one} for one in resources]}


def test_files_of_every_form_keep_their_bundles_and_account_for_their_bytes(loader: Loader):
    joined = "\n".join(json.dumps(bundle(patient(x)), indent=1) for x in ("a", "b"))
    outcome = {"resourceType": "OperationOutcome", "issue": []}
    far = patient("c", "9999-12-31T23:59:59-05:00")
    files = {
        "joined.json": joined.encode(),
        "lines.ndjson": ndjson([far, bundle(patient("d"), bundle(patient("e")))]) + b'{"id":',
        "packed.ndjson.gz": gzip.compress(ndjson([patient("f"), outcome])),
        "error.ndjson": ndjson([outcome, outcome]),
    }
    for name, content in files.items():
        loader.receive(content, name)
    loader.run()

    rows = loader.rows("bronze.resource", "resource_id", "bundle", "last_updated")
    bundles = {id_: of for id_, of, _ in rows}
    assert sorted(bundles) == list("abcdef")
    assert {id_ for id_, of in bundles.items() if of is None} == {"c", "f"}
    assert len({bundles[id_] for id_ in "ab"}) == 2
    assert bundles["e"].startswith(f"{bundles['d']}/")
    assert {at.year for id_, _, at in rows if id_ == "c"} == {9999}

    tracked = {file.source_file: file for file in loader.store.files()}
    for name, content in files.items():
        size = len(gzip.decompress(content) if name.endswith(".gz") else content)
        file = tracked[name]
        assert (file.bytes_content, file.bytes_accounted) == (size, size), name
    passed = {name: file.rows_passed for name, file in tracked.items()}
    assert passed == {"joined.json": 0, "lines.ndjson": 0, "packed.ndjson.gz": 1, "error.ndjson": 2}
    assert tracked["lines.ndjson"].bytes_quarantined == 6
    assert loader.rows("bronze.quarantine", "source_file", "source_line", "rule_id") == [
        ("lines.ndjson", 3, "json_invalid")
    ]


def test_rows_written_before_bundles_were_kept_read_null_and_stay(loader: Loader, tmp_path: Path):
    columns = tuple(one for one in bronze.RESOURCE.columns if one.name != "bundle")
    old = replace(bronze.RESOURCE, columns=columns)
    loader.load([patient("old")])
    (row,) = loader.ask("select * from stored", "bronze.resource")
    folder = tmp_path / "other"
    folder.mkdir()
    other = Loader(loader.kind, Lake(str(folder / "lake")), folder)
    for table, key in ((old, "default|earlier|1|0"), (bronze.RESOURCE, "default|later|1|1")):
        values = {**row, "record_key": key, "bundle": "0"}
        with other.engine() as engine:
            given = engine.from_rows(table.columns, [[values[n] for n in table.column_names]])
            note = CommitNote(f"run-{key}", "bronze")
            engine.commit(Changes(table, given, Operation.INSERT), note)
    found = other.rows("bronze.resource", "record_key", "bundle", "raw")
    assert {key: bundle for key, bundle, raw in found if '"old"' in raw} == {
        "default|earlier|1|0": None,
        "default|later|1|1": "0",
    }
