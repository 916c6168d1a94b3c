"""Each gate refuses what it is there to refuse, says what was wanted and found, and no more."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from metriccare.errors import GateRefused, UsageError
from metriccare.fhir.byte_account import ByteAccount
from metriccare.quality.gates import GATES, Counted, Measured, Sizes, Subject, judge
from metriccare.settings import GateLimits, Lake, load_settings
from metriccare.tracking.states import FileRecord, read_fields

STAYS = Subject("north", "gold.stay")
ALOS = Subject("north", "alos")
RUN = "run-000002-20240601T000000Z"

# For each gate what trips it, and what its message must say.
TRIPPING = {
    "key_unique": (Measured(keys={STAYS: Counted(12, 11)}), "wanted 12 .* found 11"),
    "records_conserved": (
        Measured(files={Subject("north", "day.ndjson"): Counted(100, 98)}),
        "day.ndjson of tenant north: wanted 100 records .* found 98",
    ),
    "share_dropped": (
        Measured(before={ALOS: Sizes(250, 200)}, after={ALOS: Sizes(250, 159)}),
        r"denominator of alos, tenant north: wanted at least 160 \(20% .* 200 .*found 159",
    ),
    "data_fresh": (
        Measured(newest={"north": date(2024, 5, 1)}, as_of={"north": date(2024, 5, 12)}),
        "at most 10 days before as_of 2024-05-12, found the newest on 2024-05-01",
    ),
}
LIMITS = GateLimits(stale_days=10)


def test_every_gate_has_something_that_trips_it():
    assert list(TRIPPING) == [gate.id for gate in GATES]


@pytest.mark.parametrize("gate", TRIPPING)
def test_a_refusal_names_the_gate_what_was_wanted_and_what_was_found(gate):
    measured, sentence = TRIPPING[gate]
    with pytest.raises(GateRefused, match=f"^Gate {gate} refused to publish: .*{sentence}"):
        judge(measured, LIMITS, RUN)


@pytest.mark.parametrize("gate", GATES, ids=lambda gate: gate.id)
def test_doubts_can_be_accepted_and_faults_cannot(gate):
    measured, _ = TRIPPING[gate.id]
    if gate.doubt:
        judge(measured, LIMITS, RUN, accepted=True)
        return
    with pytest.raises(GateRefused) as refused:
        judge(measured, LIMITS, RUN, accepted=True)
    assert "--accept" not in str(refused.value)


def test_bytes_of_a_file_that_nothing_accounts_for_are_lost():
    lost = Measured(contents={Subject("north", "day.ndjson"): Counted(5_000, 3_999)})
    sentence = r"day.ndjson of tenant north: wanted 5,000 bytes .* found 3,999"
    with pytest.raises(GateRefused, match=sentence):
        judge(lost, GateLimits(), RUN)


def test_a_file_is_held_to_its_bytes_as_soon_as_they_are_known():
    from metriccare.jobs.gates import contents

    at = datetime(2024, 6, 1, tzinfo=UTC)
    unknown = FileRecord("old", "north", "old.ndjson", "/raw/old", 9, at, sequence=1)
    read = ByteAccount(content=9, records=4, quarantined=1, passed=1, envelope=1, space=1)
    known = replace(unknown, source_file="new.ndjson", sequence=2, **read_fields(read))
    assert contents([unknown, known]) == {Subject("north", "new.ndjson (file 2)"): Counted(9, 8)}


def test_of_a_file_that_no_part_was_counted_of_no_byte_is_accounted_for():
    from metriccare.jobs.bronze_rows import counts_by_file
    from metriccare.jobs.received import PartCounts

    at = datetime(2024, 6, 1, tzinfo=UTC)
    files = [FileRecord(name, "north", name, f"/raw/{name}", 10, at) for name in ("one", "two")]
    halves = [ByteAccount(content=10, records=4), ByteAccount(content=10, space=6)]
    tally = {("one", place): PartCounts(1, account=half) for place, half in enumerate(halves)}
    counts = counts_by_file(files, tally)
    accounts = {name: count.account for name, count in counts.items()}
    assert accounts["one"] == ByteAccount(content=10, records=4, space=6)
    assert accounts["two"] is not None
    assert (accounts["two"].content, accounts["two"].accounted) == (10, 0)


def test_resources_that_reached_neither_silver_nor_quarantine_are_lost():
    lost = Measured(resources={Subject("north", "Encounter"): Counted(3, 0)})
    with pytest.raises(GateRefused, match=r"Encounter of tenant north: wanted 3 .* found 0"):
        judge(lost, GateLimits(), RUN)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (Sizes(99, 99), Sizes(0, 0)),  # too small a base to judge by
        (Sizes(200, 200), Sizes(160, 160)),  # exactly the share allowed
        (Sizes(200, 200), Sizes(900, 900)),
    ],
)
def test_small_bases_small_drops_and_growth_pass(before, after):
    judge(Measured(before={ALOS: before}, after={ALOS: after}), GateLimits(), RUN)


def test_a_measure_that_vanished_has_dropped_to_nothing():
    with pytest.raises(GateRefused, match=r"candidates of alos.*found 0"):
        judge(Measured(before={ALOS: Sizes(100, 0)}), GateLimits(), RUN)


def test_no_limit_on_age_unless_one_is_set():
    measured, _ = TRIPPING["data_fresh"]
    judge(measured, GateLimits(), RUN)
    judge(measured, GateLimits(stale_days=11), RUN)


def test_a_message_names_a_few_failures_and_counts_the_rest():
    many = {Subject("north", f"measure {n}"): Counted(2, 1) for n in range(9)}
    with pytest.raises(GateRefused) as refused:
        judge(Measured(keys=many), GateLimits(), RUN)
    assert "measure 4" in str(refused.value)
    assert "measure 5" not in str(refused.value)
    assert "and 4 more" in str(refused.value)


def test_limits_are_read_from_the_settings_file(tmp_path: Path):
    file = tmp_path / "some.toml"
    file.write_text('[gates]\ndrop_share = 0.5\ndrop_base = 10\nstale_days = 3\naccept = "run-1"\n')
    assert load_settings(Lake(str(tmp_path)), file).gates == GateLimits(0.5, 10, 3, "run-1")


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("drop_share = 2", "drop_share in .* wants a share from 0 to 1, found 2"),
        ("drop_base = true", "drop_base in .* wants a number of rows, found True"),
        ("drop_rate = 0.5", "unknown key 'drop_rate' in .*; known: accept, drop_base"),
    ],
)
def test_a_limit_that_makes_no_sense_is_refused(tmp_path: Path, line, sentence):
    file = tmp_path / "some.toml"
    file.write_text(f"[gates]\n{line}\n")
    with pytest.raises(UsageError, match=sentence):
        load_settings(Lake(str(tmp_path)), file)


def test_only_the_refusal_that_stands_can_be_accepted():
    from metriccare.jobs.gates import is_accepted
    from metriccare.tracking.states import RunRecord, RunState

    def run(number: int, state: RunState) -> RunRecord:
        return RunRecord(f"run-{number}", number, state, datetime(2024, 6, 1, tzinfo=UTC), "")

    now, refused = run(4, RunState.RUNNING), run(2, RunState.REFUSED)
    failed, done = run(3, RunState.FAILED), run(3, RunState.SUCCEEDED)
    assert is_accepted([now, failed, refused], "run-2")
    assert not is_accepted([now, refused], "run-1")
    assert not is_accepted([now, refused], None)
    assert not is_accepted([now, done, refused], "run-2")
