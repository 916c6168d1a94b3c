"""HL7's own R4 examples, every resource type in its oddest forms: each record is accounted for.

`make hl7` fetches the package (npm, 190 MB unpacked) and runs this; without it the test is skipped.
"""

from __future__ import annotations

import os
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from metriccare.sources.fhir.exchange import file_records
from tests.end_to_end.conftest import Lakeside

PACKAGE = "hl7.fhir.r4.examples@4.0.1"
FOLDER = "METRICCARE_HL7_EXAMPLES"
# Batches of requests and no resource: there is nothing in them to load.
WITHOUT_RECORDS = {
    "Bundle-bundle-request-medsallergies.json",
    "Bundle-bundle-request-simplesummary.json",
}
pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(3600),
    pytest.mark.skipif(FOLDER not in os.environ, reason=f"{FOLDER} names no folder: make hl7"),
]


@pytest.fixture(scope="module")
def examples() -> Path:
    """Return the folder of the examples, fetched once by npm."""
    place = Path(os.environ[FOLDER]).resolve()
    found = place / "node_modules" / PACKAGE.partition("@")[0]
    if not found.is_dir():
        command = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts"]
        subprocess.run([*command, "--prefix", str(place), PACKAGE], check=True)
    return found


@pytest.fixture(scope="module")
def received(examples: Path) -> dict[str, tuple[int, int]]:
    """Return, by file, how many records are to be loaded and how many to be rejected."""
    found = {}
    for path in sorted(examples.glob("*.json")):
        with path.open("rb") as stream:
            verdicts = Counter(record.rule_id is None for record in file_records(stream))
        found[path.name] = (verdicts[True], verdicts[False])
    return found


def test_every_file_holds_records_but_batches_of_requests(received):
    assert len(received) > 5000
    assert {name for name, counts in received.items() if counts == (0, 0)} == WITHOUT_RECORDS


def test_every_record_of_every_file_is_in_bronze_or_quarantine(
    lakeside: Lakeside, examples: Path, received
):
    lakeside.ingest(examples)
    record = lakeside.run("2024-06-30")
    assert record is not None
    assert record.files == len(received)
    assert record.rows_in == record.rows_loaded + record.rows_quarantined
    assert record.rows_in == sum(map(sum, received.values()))
    by_file = "SELECT source_file, count(*) FROM bronze.resource GROUP BY source_file"
    loaded = {Path(name).name: count for name, count in lakeside.ask(by_file).rows}
    assert loaded == {name: good for name, (good, _) in received.items() if good}
    on_reception = (
        "SELECT q.source_file, count(*) FROM bronze.quarantine q LEFT JOIN bronze.resource r"
        " ON q.file_id = r.file_id AND q.source_line = r.source_line"
        " WHERE r.file_id IS NULL GROUP BY q.source_file"
    )
    rejected = {Path(name).name: count for name, count in lakeside.ask(on_reception).rows}
    assert rejected == {name: bad for name, (_, bad) in received.items() if bad}


def test_every_resource_is_in_silver_or_rejected_with_a_reason(lakeside: Lakeside):
    lost = (Path(__file__).parents[2] / "sql/checks/check_conservation.sql").read_text()
    assert lakeside.ask(lost).rows == ()
    reasons = lakeside.ask("SELECT count(*) FROM bronze.quarantine WHERE reason IS NULL")
    assert reasons.rows == ((0,),)
