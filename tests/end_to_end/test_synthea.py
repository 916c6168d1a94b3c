"""Real-shaped data (24 Synthea patients) goes through: nothing lost, its traps handled."""

from __future__ import annotations

import gzip
from collections import Counter
from pathlib import Path

import pytest

from tests.end_to_end.conftest import Lakeside

SAMPLE = Path(__file__).parents[2] / "samples" / "synthea-24"
RESOURCES = 36_134


@pytest.fixture(scope="module")
def received() -> Counter[str]:
    return Counter(
        {
            path.name.partition(".")[0]: gzip.decompress(path.read_bytes()).count(b"\n")
            for path in SAMPLE.glob("*.ndjson.gz")
        }
    )


def test_every_resource_is_in_bronze_and_none_in_quarantine(lakeside: Lakeside, received):
    lakeside.ingest(SAMPLE)
    record = lakeside.run("2024-06-30")
    found = lakeside.ask("SELECT resource_type, count(*) FROM bronze.resource GROUP BY 1")
    assert Counter(dict(found.rows)) == received
    assert sum(received.values()) == RESOURCES == record.rows_loaded
    assert lakeside.ask("SELECT * FROM bronze.quarantine").rows == ()


TABLES = (
    "patient",
    "encounter",
    "condition",
    "procedure",
    "observation",
    "organization",
    "location",
    "practitioner",
    "claim",
)


@pytest.mark.parametrize("table", TABLES)
def test_silver_has_one_row_per_resource(lakeside: Lakeside, received, table):
    counted = lakeside.ask(f"SELECT count(*) FROM silver.{table}").rows[0][0]
    assert counted == received[table.capitalize()]


def test_references_by_identifier_are_resolved(lakeside: Lakeside):
    unresolved = lakeside.ask(
        "SELECT count(*) FROM silver.encounter WHERE patient_id IS NULL"
        " OR service_provider_id IS NULL"
    )
    assert unresolved.rows == ((0,),)
    assert lakeside.ask("SELECT * FROM silver.unresolved_reference").rows == ()


def test_skilled_nursing_and_detoxification_stays_are_not_acute(lakeside: Lakeside):
    kinds = lakeside.ask("SELECT facility_type, count(*) FROM gold.stay GROUP BY 1")
    found = dict(kinds.rows)
    assert sum(found.values()) == 19
    assert found["skilled_nursing"] == 6
    assert found["acute"] == 9


def test_stays_without_a_disposition_end_alive_unless_there_is_a_death_during_them(
    lakeside: Lakeside,
):
    died = lakeside.ask(
        "SELECT disposition, died_in_hospital, count(*) FROM gold.stay GROUP BY 1, 2"
    )
    assert all(disposition != "died" or dead for disposition, dead, _ in died.rows)


def test_measures_are_published(lakeside: Lakeside):
    found = lakeside.ask("SELECT DISTINCT measure_id FROM publish.measure")
    assert {"alos", "mortality_30d", "readmission_30d"} <= {row[0] for row in found.rows}
