"""Rejected records are accounted for until they are in, and doubtful results are not published."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from metriccare.commands.printing.rejected import rejected
from metriccare.errors import GateRefused
from metriccare.quality import rules
from metriccare.report.rejected import RejectFilter
from metriccare.tracking.states import FileState, RunState
from metriccare.wiring.local import accepting
from metriccare.wiring.local_quarantine import redrive_local
from metriccare.wiring.queries import open_engine
from tests.end_to_end.conftest import Lakeside
from tests.pipeline.resources import encounter, ndjson, patient

AS_OF = "2024-06-30"
STAYS = [f"s{n:03}" for n in range(130)]
TABLES = ("silver.encounter", "gold.stay", "gold.measure_stay", "gold.measure_result")
PUBLISHED = ("publish.measure", "gold.measure_result", "gold.measure_stay")


def stay(id_: str, **more: object) -> dict:
    return encounter(id_, f"Patient/{id_}", **more)


def file(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def states(lakeside: Lakeside, *, every: bool) -> list[tuple]:
    found = rejected(open_engine(lakeside.here.lake), RejectFilter(), every=every)
    return [(r["source_line"], r["rule_id"], r["state"]) for r in found.records()]


def content(lakeside: Lakeside, *tables: str) -> dict[str, list[str]]:
    return {table: lakeside.content(table) for table in tables}


def test_what_is_rejected_is_listed_by_line_and_rule(lakeside: Lakeside, tmp_path: Path):
    people = [patient(id_) for id_ in STAYS]
    local = stay("s001", **{"class": {"code": "BED"}})
    stays = [stay("s000"), local, *[stay(id_) for id_ in STAYS[2:]]]
    lakeside.ingest(file(tmp_path, "people.ndjson", ndjson(people)))
    lakeside.ingest(file(tmp_path, "stays.ndjson", ndjson(stays) + b'{"resourceType": "Enc\n'))
    record = lakeside.run(AS_OF)
    assert (record.rows_in, record.rows_loaded, record.rows_quarantined) == (261, 259, 2)
    assert states(lakeside, every=False) == [
        (2, "encounter_class_unknown", "open"),
        (131, "json_invalid", "open"),
    ]


def test_redriven_after_a_rule_changed_a_record_is_in_once(
    lakeside: Lakeside, monkeypatch: pytest.MonkeyPatch
):
    kept = tuple(rule for rule in rules.RULES if rule.id != "encounter_class_unknown")
    monkeypatch.setattr(rules, "RULES", kept)
    done = redrive_local(lakeside.here, RejectFilter(), None, lakeside.said.append)
    assert done is not None
    assert (done.loaded, done.rejected) == (1, 1)
    assert states(lakeside, every=True) == [
        (2, "encounter_class_unknown", "redriven"),
        (131, "json_invalid", "open"),
    ]
    by_id = "SELECT id, count(*) FROM silver.encounter GROUP BY id"
    assert sorted(lakeside.ask(by_id).rows) == [(id_, 1) for id_ in STAYS]
    noted = "SELECT redriven_run_id FROM bronze.quarantine WHERE source_line = 2"
    assert lakeside.ask(noted).rows == ((done.run_id,),)


def test_a_second_redrive_changes_nothing_and_a_correction_supersedes(
    lakeside: Lakeside, tmp_path: Path
):
    """With the old rule, what was loaded is judged again and rejected as before."""
    lakeside.run(AS_OF)
    before = content(lakeside, *TABLES)
    choice = RejectFilter(rule_id="json_invalid")
    done = redrive_local(lakeside.here, choice, None, lakeside.said.append)
    assert done is not None
    assert (done.loaded, done.rejected) == (0, 1)
    again = redrive_local(lakeside.here, choice, None, lakeside.said.append)
    assert again is not None
    lakeside.run(AS_OF)
    found = content(lakeside, *TABLES)
    assert len(found["silver.encounter"]) == len(before["silver.encounter"]) - 1
    assert states(lakeside, every=False)[0] == (2, "encounter_class_unknown", "open")
    lakeside.ingest(file(tmp_path, "correction.ndjson", ndjson([stay("s001")])))
    lakeside.run(AS_OF)
    assert states(lakeside, every=True) == [
        (2, "encounter_class_unknown", "superseded"),
        (131, "json_invalid", "open"),
    ]
    assert len(content(lakeside, *TABLES)["gold.stay"]) == len(STAYS)


def test_a_refused_run_leaves_results_as_they_were_until_it_is_accepted(
    lakeside: Lakeside, tmp_path: Path
):
    before = content(lakeside, *PUBLISHED)
    entry = [{"request": {"method": "DELETE", "url": f"Encounter/{id_}"}} for id_ in STAYS[:50]]
    deletes = {"resourceType": "Bundle", "timestamp": "2024-05-01T00:00:00Z", "entry": entry}
    lakeside.ingest(file(tmp_path, "deletes.json", json.dumps(deletes).encode()))
    with pytest.raises(GateRefused, match=r"Gate share_dropped .*candidates of .* found 80"):
        lakeside.run(AS_OF)
    with lakeside.store() as store:
        (refused,) = store.runs(limit=1)
        assert refused.state is RunState.REFUSED
        assert f"--accept {refused.run_id}" in (refused.message or "")
        assert [f.source_file for f in store.files(FileState.LOADED)] == ["deletes.json"]
    assert content(lakeside, *PUBLISHED) == before
    lakeside.here = accepting(lakeside.here, refused.run_id)
    record = lakeside.run(AS_OF)
    assert record is not None
    assert len(lakeside.ask("SELECT stay_id FROM gold.stay").rows) == len(STAYS) - 50
