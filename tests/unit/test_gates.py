"""Each gate refuses what it is there to refuse, says what was wanted and found, and no more."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from metriccare.errors import GateRefused, Refusal, UsageError
from metriccare.quality.gates import GATES, judge
from metriccare.quality.measured import (
    Counted,
    Measured,
    Share,
    Sizes,
    Subject,
    Uncomputed,
)
from metriccare.settings import GateLimits, Lake, load_settings
from metriccare.sources.fhir.byte_account import ByteAccount
from metriccare.tracking.states import FileRecord, read_fields

STAYS = Subject("north", "gold.stay")
ALOS = Subject("north", "alos")
RUN = "run-000002-20240601T000000Z"

# For each gate what trips it, and what its message must say.
FAILING = {
    "key_unique": (Measured(keys={STAYS: Counted(12, 11)}), "wanted 12 .* found 11"),
    "records_conserved": (
        Measured(files={Subject("north", "day.ndjson"): Counted(100, 98)}),
        "day.ndjson of tenant north: wanted 100 records .* found 98",
    ),
    **{
        gate: (
            Measured(violations={Subject("north", gate): Counted(0, 3)}),
            "tenant north: wanted 0 violations, found 3",
        )
        for gate in (
            "money_conservation",
            "line_conservation",
            "ar_rollforward",
            "kpi_totals",
            "close_unchanged",
            "entry_once",
        )
    },
    "persons_computed": (
        Measured(uncomputed={"north": Uncomputed(5, 4_000, 1, 0)}),
        r"tenant north: wanted at most 4 of 4,000 persons not computed, found 5",
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


def shares(gate: str, name: str, part: str, whole: str, published: str = "0") -> Measured:
    share = Share(gate, Decimal(part), Decimal(whole), Decimal(published))
    return Measured(shares={Subject("north", name): share})


FAILING |= {
    "orphan_remits": (
        shares("orphan_remits", "answers without their claim", "3", "200"),
        r"answers .*tenant north: wanted at most 1.0% of 200, found 3 \(1.5%\)",
    ),
    "credit_balances": (
        shares("credit_balances", "credit balances in USD", "50.01", "1000.00"),
        r"credit balances in USD, .*: wanted at most 5.0% of 1,000.00, found 50.01 \(5.0%\)",
    ),
    "close_restated": (
        shares("close_restated", "charges of 2024-03 in USD, restated", "20.50", "1000"),
        r"charges of 2024-03 in USD, restated, .*: wanted at most 2.0% of 1,000, found 20.50",
    ),
    "accounts_out_of_balance": (
        shares("accounts_out_of_balance", "accounts out of balance", "2", "100"),
        r"accounts out of balance, .*: wanted at most 1.0% of 100, found 2 \(2.0%\)",
    ),
}
LIMITS = GateLimits(stale_days=10)


def test_every_gate_has_a_case_that_fails_it():
    assert list(FAILING) == [gate.id for gate in GATES]


@pytest.mark.parametrize("gate", FAILING)
def test_a_refusal_names_the_gate_what_was_wanted_and_what_was_found(gate):
    measured, sentence = FAILING[gate]
    with pytest.raises(
        GateRefused, match=f"^Gate {gate} refused to publish tenant north: .*{sentence}"
    ):
        judge(measured, LIMITS, RUN)


@pytest.mark.parametrize("gate", GATES, ids=lambda gate: gate.id)
def test_doubts_can_be_accepted_and_faults_cannot(gate):
    measured, _ = FAILING[gate.id]
    if gate.doubt:
        judge(measured, LIMITS, RUN, accepted={"north"})
        return
    with pytest.raises(GateRefused) as refused:
        judge(measured, LIMITS, RUN, accepted={"north"})
    assert "--accept" not in str(refused.value)


def test_bytes_of_a_file_that_nothing_accounts_for_are_lost():
    lost = Measured(contents={Subject("north", "day.ndjson"): Counted(5_000, 3_999)})
    sentence = r"day.ndjson of tenant north: wanted 5,000 bytes .* found 3,999"
    with pytest.raises(GateRefused, match=sentence):
        judge(lost, GateLimits(), RUN)


def test_a_file_is_held_to_its_bytes_as_soon_as_they_are_known():
    from metriccare.pipeline.publish.gate_measurements import contents

    at = datetime(2024, 6, 1, tzinfo=UTC)
    unknown = FileRecord("old", "north", "old.ndjson", "/raw/old", 9, at, sequence=1)
    read = ByteAccount(content=9, records=4, quarantined=1, passed=1, envelope=1, space=1)
    known = replace(unknown, source_file="new.ndjson", sequence=2, **read_fields(read))
    assert contents([unknown, known]) == {Subject("north", "new.ndjson (file 2)"): Counted(9, 8)}


def test_of_a_file_that_no_part_was_counted_of_no_byte_is_accounted_for():
    from metriccare.pipeline.bronze.file_counts import counts_by_file
    from metriccare.pipeline.bronze.part_reader import PartCounts

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
    measured, _ = FAILING["data_fresh"]
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
        ("drop_rate = 0.5", "unknown key 'drop_rate' in .*; known: accept, .*drop_base"),
    ],
)
def test_a_limit_that_makes_no_sense_is_refused(tmp_path: Path, line, sentence):
    file = tmp_path / "some.toml"
    file.write_text(f"[gates]\n{line}\n")
    with pytest.raises(UsageError, match=sentence):
        load_settings(Lake(str(tmp_path)), file)


OTHER = Subject("south", "alos")
DROP = Measured(
    before={ALOS: Sizes(250, 200), OTHER: Sizes(250, 200)}, after={OTHER: Sizes(250, 200)}
)


def test_a_tenant_is_refused_alone_and_the_others_pass():
    (refusal,) = judge(DROP, GateLimits(), RUN)
    assert (refusal.tenant, refusal.gate) == ("north", "share_dropped")
    assert "found 0" in refusal.sentence
    assert "south" not in refusal.sentence


def test_when_no_tenant_is_left_nothing_is_published():
    both = Measured(before={ALOS: Sizes(250, 200), OTHER: Sizes(250, 200)})
    with pytest.raises(GateRefused) as refused:
        judge(both, GateLimits(), RUN)
    assert [one.tenant for one in refused.value.refusals] == ["north", "south"]


def test_accepting_a_tenant_lets_no_other_pass():
    both = Measured(before={ALOS: Sizes(250, 200), OTHER: Sizes(250, 200)})
    (refusal,) = judge(both, GateLimits(), RUN, accepted={"north"})
    assert refusal.tenant == "south"


def test_each_tenant_is_named_with_the_first_gate_it_fails():
    keys = {STAYS: Counted(2, 1)}
    measured = Measured(keys=keys, before={ALOS: Sizes(250, 200), OTHER: Sizes(250, 200)})
    with pytest.raises(GateRefused) as refused:
        judge(measured, GateLimits(), RUN)
    found = {one.tenant: one.gate for one in refused.value.refusals}
    assert found == {"north": "key_unique", "south": "share_dropped"}


def test_a_failure_of_no_tenant_refuses_every_tenant():
    measured = Measured(
        files={Subject("", "day.ndjson"): Counted(2, 1)},
        after={ALOS: Sizes(1, 1), OTHER: Sizes(1, 1)},
    )
    with pytest.raises(GateRefused) as refused:
        judge(measured, GateLimits(), RUN)
    assert [one.tenant for one in refused.value.refusals] == ["north", "south"]
    with pytest.raises(GateRefused):
        judge(Measured(files={Subject("", "day.ndjson"): Counted(2, 1)}), GateLimits(), RUN)


@pytest.mark.parametrize(
    ("uncomputed", "refused"),
    [
        (Uncomputed(persons=4, of=10, unseen=4, unseen_outcomes=0), False),  # fewer than 5
        (Uncomputed(persons=10, of=10_000, unseen=10, unseen_outcomes=0), False),  # 0.1 %
        (Uncomputed(persons=11, of=10_000, unseen=1, unseen_outcomes=0), True),
        (Uncomputed(persons=11, of=10_000, unseen=0, unseen_outcomes=0), False),  # accepted before
        (Uncomputed(persons=1, of=10_000, unseen=1, unseen_outcomes=1), True),
        (Uncomputed(persons=1, of=10_000, unseen=0, unseen_outcomes=0), False),
    ],
)
def test_few_persons_may_stay_uncomputed_and_none_with_a_death_or_an_infection(uncomputed, refused):
    measured = Measured(uncomputed={"north": uncomputed}, after={OTHER: Sizes(1, 1)})
    assert bool(judge(measured, GateLimits(), RUN)) is refused


def test_only_the_refusal_in_force_can_be_accepted_and_for_its_tenants_alone():
    from metriccare.pipeline.publish.gate_measurements import is_accepted
    from metriccare.tracking.states import RunRecord, RunState

    def run(number: int, state: RunState, *tenants: str) -> RunRecord:
        at = datetime(2024, 6, 1, tzinfo=UTC)
        refused = tuple(Refusal(tenant, "share_dropped", "") for tenant in tenants)
        return RunRecord(f"run-{number}", number, state, at, "", refused=refused)

    now, refused = run(4, RunState.RUNNING), run(2, RunState.REFUSED, "north")
    failed, done = run(3, RunState.FAILED), run(3, RunState.SUCCEEDED)
    partly = run(3, RunState.PARTLY_REFUSED, "south")
    assert is_accepted([now, failed, refused], "run-2", "north")
    assert not is_accepted([now, failed, refused], "run-2", "south")
    assert not is_accepted([now, refused], "run-1", "north")
    assert not is_accepted([now, refused], None, "north")
    assert not is_accepted([now, done, refused], "run-2", "north")
    assert is_accepted([now, partly, refused], "run-3", "south")
    assert not is_accepted([now, partly, refused], "run-2", "north")
    # A refusal written down by an earlier version names no tenant: it was every tenant's.
    assert is_accepted([now, run(2, RunState.REFUSED)], "run-2", "north")


@pytest.mark.parametrize(
    ("gate", "part", "whole"),
    [
        ("orphan_remits", "2", "200"),  # exactly the share allowed
        ("orphan_remits", "9", "99"),  # too few answers to judge by
        ("accounts_out_of_balance", "1", "100"),
        ("accounts_out_of_balance", "9", "99"),
        ("credit_balances", "50.00", "1000.00"),
        ("close_restated", "20.00", "1000.00"),
    ],
)
def test_small_shares_of_revenue_pass(gate, part, whole):
    judge(shares(gate, "some", part, whole), GateLimits(), RUN)


def test_a_credit_beside_no_open_balance_is_doubted():
    with pytest.raises(GateRefused, match=r"found 1 \(all\)"):
        judge(shares("credit_balances", "credits", "1", "0"), GateLimits(), RUN)


@pytest.mark.parametrize(("part", "is_refused"), [("110", False), ("111", True), ("60", False)])
def test_a_share_that_was_published_is_doubted_again_when_it_has_grown_by_the_limit(
    part, is_refused
):
    grown = shares("credit_balances", "credits", part, "1000", published="0.06")
    if not is_refused:
        judge(grown, GateLimits(), RUN)
        return
    with pytest.raises(GateRefused, match=r"wanted at most 11.0% of 1,000"):
        judge(grown, GateLimits(), RUN)
