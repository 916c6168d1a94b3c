"""Which row of a key is the current one, whatever the order and the batches of files."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations
from pathlib import Path

import pytest

from metriccare.pipeline.bronze import stage
from metriccare.pipeline.silver import feeds
from metriccare.tables import BY_NAME
from metriccare.tracking.states import FileRecord
from tests.pipeline.bronze_lake import BronzeLake
from tests.pipeline.feed_lake import claim, claims

JAN, FEB, MAR = (f"2024-0{month}-01T00:00:00Z" for month in (1, 2, 3))


class Lake(BronzeLake):
    """Takes files of claims through bronze and silver, each batch with a run of its own."""

    def load(self, *batch: bytes) -> None:
        self.run_through([self.file(content, f"claims_{self.files}.csv") for content in batch])

    def run_through(self, files: list[FileRecord]) -> None:
        """Take files through bronze and silver with one run."""
        context = self.context()
        stage.run(self.engine, context, files)
        feeds.run(self.engine, replace(context, pending_runs={context.run_id: None}))

    def current(self, *columns: str) -> list[tuple]:
        return self.rows("silver.feed_claims", *columns)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path)


def test_the_newest_time_wins_in_any_order_and_any_batches(tmp_path):
    files = [
        claims(claim("C1", charge="1.00", updated_at=JAN), claim("C2", updated_at=MAR)),
        claims(claim("C1", charge="3.00", updated_at=MAR)),
        claims(
            claim("C1", charge="2.00", updated_at=FEB), claim("C2", op="delete", updated_at=FEB)
        ),
    ]
    for number, order in enumerate(permutations(files)):
        for batches in (1, 3):
            folder = tmp_path / f"{number}-{batches}"
            folder.mkdir()
            lake = Lake(folder)
            for batch in [order] if batches == 1 else [(file,) for file in order]:
                lake.load(*batch)
            assert lake.current("claim_id", "total_charge_text", "deleted") == [
                ("C1", "3.00", False),
                ("C2", "100.00", False),
            ]


def test_a_deleted_key_stays_deleted_when_an_older_row_comes_late(lake):
    lake.load(claims("C1,,,,,,,,,," + f"{FEB},delete"))
    lake.load(claims(claim("C1", updated_at=JAN)))
    assert lake.current("claim_id", "deleted", "member_id") == [("C1", True, None)]
    lake.load(claims(claim("C1", updated_at=MAR)))
    assert lake.current("claim_id", "deleted", "member_id") == [("C1", False, "M1")]


def test_the_same_content_again_changes_nothing(lake):
    lake.load(claims(claim("C1"), claim("C2", updated_at=JAN)))
    lake.load(claims(claim("C1"), claim("C2", updated_at=JAN)))
    assert lake.current("claim_id", "source_file") == [
        ("C1", "claims_0.csv"),
        ("C2", "claims_0.csv"),
    ]
    assert lake.commits("silver.feed_claims") == 1


def test_content_with_a_time_that_was_received_before_never_counts_again(lake):
    first, second = (claims(claim("C1", charge=charge, updated_at=JAN)) for charge in "12")
    lake.load(first)
    lake.load(second)
    lake.load(first)
    assert lake.current("total_charge_text") == [("2",)]


def test_rows_without_a_time_are_ordered_by_arrival(tmp_path):
    files = [claims(claim("C1", charge=charge)) for charge in ("1", "2", "1")]
    found = []
    for name, batches in (("a", [files]), ("b", [[file] for file in files])):
        (tmp_path / name).mkdir()
        lake = Lake(tmp_path / name)
        for batch in batches:
            lake.load(*batch)
        found.append(lake.current("total_charge_text", "source_file"))
    assert found == [[("1", "claims_2.csv")]] * 2


def test_the_later_of_two_rows_of_one_file_wins_and_is_flagged(lake):
    lake.load(claims(claim("C1", charge="1"), claim("C1", charge="2"), claim("C2"), claim("C2")))
    rows = lake.current("claim_id", "total_charge_text", "dq_flags", "source_line")
    assert rows == [
        ("C1", "2", ["no_update_time", "duplicate_in_file"], 3),
        ("C2", "100.00", ["no_update_time"], 4),
    ]


def test_names_that_a_row_no_longer_has_are_released(lake):
    lake.load(claims(claim("C1", "M1", updated_at=JAN)))
    lake.load(claims(claim("C1", "M2", updated_at=FEB)))
    assert lake.rows("silver.released_name", "name") == [("member/M1",)]


def test_flags_and_score_say_what_a_row_trips(lake):
    lake.load(
        claims(
            claim("C1", updated_at=JAN),
            claim("C2", updated_at=JAN, currency="", service_from="2024-02-01"),
            claim("C3", updated_at=JAN, op="delete"),
        )
    )
    rows = lake.current("claim_id", "dq_flags", "data_quality_score")
    assert rows[0] == ("C1", [], 100.0)
    assert rows[1][1] == ["currency_missing", "service_after_submission"]
    assert 0 < rows[1][2] < 100
    assert rows[2] == ("C3", [], None)


def test_a_check_digit_decides_whether_an_npi_is_valid(lake):
    header = "provider_id,npi,updated_at\n"
    npis = ("1234567893", "1234567890", "0000000000", "12345")
    rows = "".join(f"P{n},{npi},{JAN}\n" for n, npi in enumerate(npis))
    lake.run_through([lake.file((header + rows).encode(), "providers.csv")])
    found = lake.rows("silver.feed_providers", "npi", "dq_flags")
    assert sorted(npi for npi, flags in found if "npi_invalid" in flags) == [
        "0000000000",
        "12345",
        "1234567890",
    ]


def test_every_feed_has_a_table_with_its_key():
    for name, table in ((n, t) for n, t in BY_NAME.items() if n.startswith("silver.feed_")):
        assert set(table.key) <= set(table.column_names), name
