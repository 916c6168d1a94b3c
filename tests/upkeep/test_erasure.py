"""An erased person is nowhere: no table, no older file, no raw file; and does not come back."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from metriccare.errors import UsageError
from metriccare.ingest.sent_files import find_files
from metriccare.local.raw_zone import ingest
from metriccare.query.drift import deep_drift, drift
from metriccare.upkeep.erasure_plan import Receipt
from metriccare.upkeep.replay import Window
from metriccare.wiring.local import local_lake, run_local
from metriccare.wiring.local_upkeep import Request, erase_local, replay_local, roll_back_local
from metriccare.wiring.queries import files_of, open_engine
from tests.faults import uploads
from tests.faults.lakes import AS_OF, content, differences

DAY = date.fromisoformat(AS_OF)
# One person under two patient records: p5 was merged into p1.
NAMES = ('"p1"', '"p5"', "Patient/p1", "Patient/p5", "mrn-p1", "mrn-p5", "p1-a", "p5-c")
PROVENANCE = {
    "resourceType": "Provenance",
    "id": "of-a-stay",
    "target": [{"reference": "Encounter/p1-a"}],
    "recorded": "2024-03-07T00:00:00Z",
    "agent": [{"who": {"display": "ward"}}],
}
BUNDLE = {
    "resourceType": "Bundle",
    "type": "batch",
    "entry": [
        {"resource": uploads.diagnosis("p1-c9", "p1", "p1-a", "2024-03-05")},
        {"resource": uploads.diagnosis("p2-c9", "p2", "p2-a", "2024-03-05")},
    ],
}


class Bench:
    """A lake in a folder, worked on in the tests' own process."""

    def __init__(self, kind: str, folder: Path) -> None:
        self.here = local_lake(str(folder / "lake"), None, kind)
        self.sent = folder / "sent"
        self.receipts: list[Receipt] = []

    def receive(self, name: str, sent: bytes, tenant: str = "default") -> None:
        self.sent.mkdir(parents=True, exist_ok=True)
        (self.sent / name).write_bytes(sent)
        with closing(self.here.store()) as store:
            ingest(self.here.lake, store, find_files([self.sent / name]), tenant)

    def run(self):
        return run_local(self.here, DAY, lambda _: None)

    def content(self, tenant: str | None = None) -> dict[str, list[str]]:
        return content(self.here.lake.folder, tenant=tenant)


@pytest.fixture(scope="module")
def bench(engine_kind: str, tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """Return a lake with two tenants of the same ids, from which one's person was erased."""
    bench = Bench(engine_kind, tmp_path_factory.mktemp("bench"))
    history = uploads.history() + json.dumps(PROVENANCE).encode() + b"\n"
    bench.receive("history.ndjson", history)
    bench.receive("bundle.json.gz", gzip.compress(json.dumps(BUNDLE).encode()))
    bench.receive("of-another-tenant.ndjson", uploads.history(), "north")
    bench.run()
    bench.receive("day.ndjson", uploads.day())
    bench.run()
    bench.north = bench.content("north")
    bench.receipts = erase_local(bench.here, Request("default", "p5", "asked for"), print)
    return bench


def texts_of_files(folder: Path, tenant: str) -> Iterator[tuple[str, str]]:
    """Yield every file of a tenant below a folder with all that can be read in it."""
    for path in sorted(folder.rglob("*.parquet")):
        if f"tenant={tenant}" in path.as_posix():
            yield path.name, json.dumps(pq.read_table(path).to_pylist(), default=str)
    for path in sorted((folder / "raw" / tenant).rglob("*.*json*")):
        packed = path.read_bytes()
        yield path.name, (gzip.decompress(packed) if path.suffix == ".gz" else packed).decode()


def test_no_file_of_the_lake_holds_the_person(bench: Bench):
    texts = list(texts_of_files(bench.here.lake.folder, "default"))
    assert len(texts) > 20
    # A JSON text within a column of JSON is escaped twice.
    found = [
        (name, said)
        for name, text in texts
        for said in NAMES
        if said in text or said.replace('"', '\\"') in text
    ]
    assert found == []


def test_the_others_are_still_there(bench: Bench):
    now = bench.content("default")
    assert len(now["silver.patient"]) == 9 - 2
    assert any("p2-c9" in row for row in now["silver.condition"])
    assert any("p2-b" in row for row in now["silver.encounter"])


def test_another_tenants_person_of_the_same_id_is_untouched(bench: Bench):
    assert differences(bench.content("north"), bench.north) == {}


def test_the_receipt_counts_and_names_nobody(bench: Bench):
    (receipt,) = bench.receipts
    text = json.dumps(receipt.document())
    assert not [said for said in ('"p1"', '"p5"', "mrn-") if said in text]
    assert receipt.rows["bronze.resource"] >= 8
    assert receipt.rows["silver.patient"] == 2
    # Under both records the person lay in one hospital at one time: that is one stay.
    assert receipt.rows["gold.stay"] == 1
    assert receipt.raw_files_rewritten == 3
    assert receipt.old_files_removed > 0
    assert any("backups" in line for line in receipt.not_reached)
    kept = bench.here.lake.folder / "erasures" / f"{receipt.erasure}.json"
    assert json.loads(kept.read_text())["reason"] == "asked for"
    assert not (bench.here.lake.folder / "erasures" / "unfinished.json").exists()


def test_unread_fields_are_counted_anew_without_the_persons_records(bench: Bench):
    rows = {row[:3]: row[4] for row in drift(open_engine(bench.here.lake)).rows}
    assert ("default", "Provenance", "*") not in rows
    assert rows == {
        row[:3]: row[4] for row in deep_drift(files_of(bench.here.lake)).rows if "." not in row[2]
    }


def test_results_are_those_of_a_lake_that_never_knew_the_person(
    bench: Bench, engine_kind: str, tmp_path: Path
):
    other = Bench(engine_kind, tmp_path)
    kept = [line for line in uploads.history().splitlines(keepends=True) if not _names(line)]
    other.receive("history.ndjson", b"".join(kept))
    other.receive("bundle.json", json.dumps(BUNDLE["entry"][1]["resource"]).encode())
    day = [line for line in uploads.day().splitlines(keepends=True) if b'"id": "p5"' not in line]
    other.receive("day.ndjson", b"".join(day))
    other.run()
    ours, theirs = bench.content("default"), other.content()
    for table in ("gold.measure_result", "publish.measure"):
        assert ours[table] == theirs[table], table


def _names(line: bytes) -> bool:
    return any(word in line for word in (b"/p1", b"/p5", b'"p1', b'"p5', b"-p1", b"-p5"))


def test_neither_replay_nor_the_old_file_brings_the_person_back(bench: Bench):
    before = bench.content("default")
    replay_local(bench.here, Window(date(2000, 1, 1), date(2100, 1, 1)), DAY, lambda _: None)
    bench.receive("sent-once-more.ndjson", uploads.history())
    bench.run()
    now = bench.content("default")
    for table in ("silver.patient", "silver.encounter", "silver.condition", "gold.stay"):
        rows = [row.replace("'", '"') for row in now[table]]
        # A stay that was once theirs by mistake, and was corrected since, stays.
        assert [row for row in rows for name in NAMES if name in row] == []
    assert now["publish.measure"] == before["publish.measure"]


def test_nobody_is_erased_who_is_not_there_and_an_erasure_stays(bench: Bench):
    with pytest.raises(UsageError, match="no such patient"):
        erase_local(bench.here, Request("default", "nobody", "asked for"), lambda _: None)
    with pytest.raises(UsageError, match="came after"):
        roll_back_local(bench.here, bench.receipts[0].erasure, lambda _: None)
