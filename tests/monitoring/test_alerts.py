"""What raises and closes an alert, and that none gives a hidden count away."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from metriccare.errors import Refusal
from metriccare.monitoring.alerts import (
    RULES_OF_RUNS,
    RULES_OF_TABLES,
    Alert,
    Observed,
    alerts_after,
)
from metriccare.monitoring.run_rows import run_rows
from metriccare.quality.gates import GATES
from metriccare.settings import QualitySettings
from metriccare.tracking.pending import ERASED
from metriccare.tracking.states import FileRecord, FileState, RunRecord, RunState

NOW = datetime(2024, 5, 1, 12, tzinfo=UTC)
RULES = (*RULES_OF_RUNS, *RULES_OF_TABLES)
SENTENCE = "denominator of readmission_30d: wanted at least 27, found 7. A base shrank."


def run(state: RunState = RunState.SUCCEEDED, **changes: Any) -> RunRecord:
    record = RunRecord("run-000007-x", 7, state, NOW - timedelta(minutes=9), "", ended_at=NOW)
    return replace(record, **changes)


def refused(gate: str = "share_dropped", tenant: str = "north") -> RunRecord:
    return run(RunState.PARTLY_REFUSED, refused=(Refusal(tenant, gate, SENTENCE),))


def file(state: FileState = FileState.PUBLISHED, **changes: Any) -> FileRecord:
    at = NOW - timedelta(hours=1)
    record = FileRecord("f1", "north", "a.ndjson", "raw/a.ndjson", 10, at, state)
    return replace(record, **changes)


def observed(*runs: RunRecord, **changes: Any) -> Observed:
    found = Observed("north", NOW, runs or (run(),), (file(),), QualitySettings())
    return replace(found, **changes)


def rejects(count: int | None, **changes: Any) -> dict[str, Any]:
    return {
        "table_name": "Observation",
        "rule_id": "id_missing",
        "severity": "reject",
        "meaning": "Every resource has an id.",
        "row_count": count,
        "suppressed": count is None,
    } | changes


def raised(seen: Observed) -> list[Alert]:
    return alerts_after([], seen, RULES, 1)


def rules(seen: Observed) -> list[tuple[str, str]]:
    return [alert.subject for alert in raised(seen)]


def test_a_lake_in_order_raises_nothing():
    assert rules(observed(quality=[rejects(0), rejects(40, severity="warn")])) == []


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        (observed(refused()), ("gate_refused", "share_dropped")),
        (observed(run(RunState.FAILED)), ("run_failed", "run")),
        (observed(files=(file(FileState.UNREADABLE),)), ("file_unreadable", "files")),
        (
            observed(files=(file(registered_at=NOW - timedelta(hours=26)),)),
            ("nothing_arrived", "everything"),
        ),
        (observed(quality=[rejects(40)]), ("records_rejected", "Observation: id_missing")),
        (observed(quality=[rejects(None)]), ("records_rejected", "Observation: id_missing")),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "seen",
)
def test_what_raises_an_alert(seen: Observed, expected: tuple[str, str]):
    assert rules(seen) == [expected]


def test_a_feed_with_hours_of_its_own_is_late_after_them():
    limits = QualitySettings(sla_hours_by_feed={"claim": 48, "remittance": 48})
    at = (NOW - timedelta(hours=50)).replace(tzinfo=None)
    fresh = [
        {"resource_type": "Claim", "last_ingested_at": at},
        {"resource_type": "Remittance", "last_ingested_at": at + timedelta(hours=3)},
    ]
    (alert,) = raised(observed(limits=limits, freshness=fresh))

    finding = alert.finding
    assert (finding.subject, finding.value, finding.allowed) == ("claim", 50, 48)


def test_another_tenants_refusal_is_no_alert_of_this_one():
    assert rules(observed(refused(tenant="south"))) == []


def test_an_erasure_after_a_refusal_closes_nothing():
    seen = observed(run(stage=ERASED), refused())
    assert rules(seen) == [("gate_refused", "share_dropped")]


def test_an_alert_keeps_its_id_and_its_begin_while_it_is_found():
    first = raised(observed(refused()))
    later = observed(refused(), at=NOW + timedelta(days=1), files=())
    again = alerts_after(first, later, RULES, 2)

    assert again == first
    assert again[0].id_in("north") != again[0].id_in("south")


def test_it_is_closed_by_the_first_run_that_finds_it_no_more_and_raised_anew_after():
    first = raised(observed(refused()))
    later = NOW + timedelta(days=1)
    (closed,) = alerts_after(first, observed(at=later, files=()), RULES, 2)
    both = alerts_after([closed], observed(refused(), at=later + timedelta(1), files=()), RULES, 3)

    assert (closed.closed_at, closed.closed_sequence) == (later, 2)
    assert [(each.raised_sequence, each.closed_sequence) for each in both] == [(3, None), (1, 2)]


def test_rules_that_were_not_judged_close_nothing():
    first = raised(observed(quality=[rejects(40)]))
    after = alerts_after(first, observed(run(RunState.FAILED)), tuple(RULES_OF_RUNS), 2)

    assert {(each.finding.rule, each.closed_at) for each in after} == {
        ("run_failed", None),
        ("records_rejected", None),
    }


def test_old_closed_alerts_are_forgotten_and_open_ones_never():
    first = raised(observed(refused(), quality=[rejects(40)]))
    closed = alerts_after(first, observed(refused()), RULES, 2)
    much_later = observed(refused(), at=NOW + timedelta(days=401), files=())

    assert [each.subject[0] for each in alerts_after(closed, much_later, RULES, 3)] == [
        "gate_refused"
    ]


@pytest.mark.parametrize("gate", [gate.id for gate in GATES])
def test_no_alert_and_no_run_repeats_the_counts_of_a_refusal(gate: str):
    seen = observed(refused(gate))
    rows = [alert.row("north") for alert in raised(seen)]
    shown = repr([*rows, *run_rows(seen.runs, seen.files, "north")])

    assert "found 7" not in shown
    assert "at least 27" not in shown


def test_a_hidden_count_is_hidden_in_the_alert_and_a_shown_one_is_the_published_one():
    shown, small = (raised(observed(quality=[rejects(count)]))[0].finding for count in (40, None))

    assert (shown.value, shown.suppressed) == (40, False)
    assert (small.value, small.suppressed) == (None, True)


def test_an_alert_of_some_persons_has_no_number_at_all():
    for rule in ("gate_refused", "run_failed", "file_unreadable"):
        seen = observed(refused(), files=(file(FileState.UNREADABLE), file(FileState.UNREADABLE)))
        for alert in raised(seen):
            if alert.finding.rule == rule:
                assert alert.finding.value is None


@pytest.mark.parametrize(("loaded", "rejected"), [(3, 0), (300, 3), (300, 10)])
def test_a_run_of_a_small_count_shows_none_of_its_counts(loaded: int, rejected: int):
    files = (file(run_id="run-000007-x", rows_loaded=loaded, rows_quarantined=rejected),)
    (row,) = run_rows((run(),), files, "north")

    assert row["suppressed"]
    names = ("rows_received", "rows_loaded", "rows_quarantined")
    assert [row[name] for name in names] == [None] * 3


def test_a_run_shows_what_it_took_in_of_the_tenant():
    files = (file(run_id="run-000007-x", rows_loaded=300, rows_quarantined=11),)
    running = run(RunState.RUNNING, run_id="run-000008-x")
    (row,) = run_rows((running, refused()), files, "north")

    assert (row["rows_received"], row["rows_loaded"], row["rows_quarantined"]) == (311, 300, 11)
    assert (row["refused_gate"], row["state"]) == ("share_dropped", "partly_refused")
