"""What the alerts say, and that each is sent once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from metriccare.errors import Refusal
from metriccare.monitoring.notify import (
    Message,
    message_of,
    message_of_upkeep,
    metrics_of,
    run_of,
    send_once,
)
from metriccare.tracking.jobs import JobRun
from metriccare.tracking.states import RunRecord, RunState
from tests.monitoring.fakes import FakeNotifier, FakeReported

NOW = datetime(2024, 5, 1, 12, tzinfo=UTC)
GOLD = "metriccare_gold_job_prod"
UPKEEP = "metriccare_upkeep_job_prod"
RUN = RunRecord(
    run_id="run-000007-20240501T115000Z",
    epoch=7,
    state=RunState.SUCCEEDED,
    started_at=NOW - timedelta(minutes=10),
    as_of="",
    stage="published",
    ended_at=NOW,
    files=12,
    rows_in=3400,
    rows_loaded=3390,
    rows_quarantined=0,
)


def ended(state: str = "SUCCEEDED", job: str = GOLD) -> JobRun:
    return JobRun(job, "jr_1", state, NOW - timedelta(minutes=4), NOW)


def test_a_publication_says_which_run_and_how_much():
    message = message_of("prod", ended(), RUN, GOLD)
    assert message is not None
    assert message.subject == "[MetricCare prod] Published: 12 files, 3,390 rows"
    assert "run-000007" in message.body
    assert "3,400 in, 3,390 loaded, 0 rejected" in message.body
    assert message.outcome == "succeeded"


def test_rejected_records_ask_for_a_look():
    message = message_of("prod", ended(), replace(RUN, rows_quarantined=10), GOLD)
    assert message is not None
    assert message.outcome == "attention"
    assert "quarantine list" in message.body


def test_a_daily_computation_that_went_well_is_no_news():
    assert message_of("prod", ended(), replace(RUN, files=0), GOLD) is None


def test_a_job_in_the_middle_that_went_well_is_no_news():
    assert message_of("prod", ended(job="metriccare_bronze_job_prod"), RUN, GOLD) is None


def test_a_failure_says_what_it_means_why_and_what_to_do():
    failed = replace(RUN, state=RunState.FAILED, message="The table gold.stay differs.")
    message = message_of("prod", ended("FAILED"), failed, GOLD)
    assert message is not None
    assert message.subject == f"[MetricCare prod] FAILED: {GOLD} FAILED"
    for part in (
        "Nothing was published",
        "The table gold.stay differs.",
        "docs/runbook.md",
        "jr_1",
    ):
        assert part in message.body


def test_a_refused_publication_names_the_gate_and_not_the_job():
    refused = replace(RUN, state=RunState.REFUSED, message="Gate rows_dropped: 40 % fewer rows.")
    message = message_of("prod", ended("FAILED"), refused, GOLD)
    assert message is not None
    assert "quality gate refused" in message.subject
    assert "Gate rows_dropped" in message.body


PARTLY = replace(
    RUN,
    state=RunState.PARTLY_REFUSED,
    message="Gate share_dropped refused to publish tenant north: 40 % fewer rows.",
    refused=(Refusal("north", "share_dropped", "40 % fewer rows."),),
)


@pytest.mark.parametrize("files", [12, 0])
def test_a_refused_tenant_is_news_even_of_a_daily_computation(files):
    message = message_of("prod", ended(), replace(PARTLY, files=files), GOLD)
    assert message is not None
    assert message.subject == "[MetricCare prod] REFUSED: 1 tenant; all others are published"
    assert message.outcome == "failed"
    for part in ("1 tenant: north.", "Gate share_dropped", "section tenant_refused", "jr_1"):
        assert part in message.body


def test_an_alert_names_a_few_refused_tenants_and_counts_the_rest():
    many = tuple(Refusal(f"t{n}", "share_dropped", "fewer rows.") for n in range(7))
    message = message_of("prod", ended(), replace(PARTLY, refused=many), GOLD)
    assert message is not None
    assert "7 tenants: t0, t1, t2, t3, t4 and 2 more." in message.body


def test_an_upkeep_job_that_took_files_through_names_the_tenants_refused():
    message = message_of_upkeep("prod", ended("FAILED", UPKEEP), PARTLY)
    assert message is not None
    assert "REFUSED: 1 tenant" in message.subject


def test_persons_the_rules_failed_on_ask_for_a_look():
    message = message_of("prod", ended(), replace(RUN, persons_not_computed=3), GOLD)
    assert message is not None
    assert message.outcome == "attention"
    assert "failed on 3 persons" in message.body
    assert "section person_not_computed" in message.body


@pytest.mark.parametrize(
    ("state", "reason"),
    [("TIMEOUT", "time limit"), ("STOPPED", "somebody stopped"), ("ERROR", "memory")],
)
def test_a_killed_job_has_the_most_likely_reason(state, reason):
    message = message_of("prod", ended(state), replace(RUN, state=RunState.RUNNING), GOLD)
    assert message is not None
    assert reason in message.body


def test_a_job_that_failed_before_its_run_began_says_so():
    message = message_of("prod", ended("FAILED"), None, GOLD)
    assert message is not None
    assert "before it began a run" in message.body


@pytest.mark.parametrize(
    ("state", "run", "parts"),
    [
        (
            "FAILED",
            replace(RUN, state=RunState.FAILED, message="The table gold.stay differs."),
            ("run-000007", "The table gold.stay differs."),
        ),
        ("TIMEOUT", None, ("time limit",)),
        ("FAILED", None, ("its command says it",)),
    ],
)
def test_a_failed_upkeep_job_says_why_as_far_as_is_known_and_to_ask_again(state, run, parts):
    message = message_of_upkeep("prod", ended(state, UPKEEP), run)
    assert message is not None
    assert message.subject == f"[MetricCare prod] FAILED: {UPKEEP} {state}"
    for part in (*parts, "section Upkeep of a deployed lake", "Ask again"):
        assert part in message.body


def test_an_upkeep_job_is_not_blamed_on_the_run_it_stood_back_for():
    at_work = replace(RUN, state=RunState.RUNNING, ended_at=None)
    message = message_of_upkeep("prod", ended("FAILED", UPKEEP), at_work)
    assert message is not None
    assert RUN.run_id not in message.body


def test_files_that_upkeep_processed_again_are_reported_and_an_erasure_is_not():
    message = message_of_upkeep("prod", ended(job=UPKEEP), RUN)
    assert message is not None
    assert message.subject == "[MetricCare prod] Published: 12 files, 3,390 rows"
    assert message_of_upkeep("prod", ended(job=UPKEEP), replace(RUN, files=0)) is None


def test_what_upkeep_computed_and_a_gate_refused_names_the_gate():
    refused = replace(RUN, state=RunState.REFUSED, message="Gate rows_dropped: 40 % fewer rows.")
    message = message_of_upkeep("prod", ended("FAILED", UPKEEP), refused)
    assert message is not None
    assert "quality gate refused" in message.subject


def test_a_job_belongs_to_the_run_of_the_same_time():
    before = replace(RUN, run_id="before", ended_at=NOW - timedelta(hours=1))
    after = replace(RUN, run_id="after", started_at=NOW + timedelta(hours=1), ended_at=None)
    assert run_of(ended(), [after, RUN, before]) == RUN
    assert run_of(ended(), [after, before]) is None


def test_a_message_is_sent_once_by_the_first_to_report():
    notifier, reported, message = FakeNotifier(), FakeReported(), Message("s", "b", "failed")
    assert send_once(notifier, reported, "jr_1", message)
    assert not send_once(notifier, reported, "jr_1", message)
    assert len(notifier.sent) == 1


def test_a_message_that_could_not_go_out_goes_out_later():
    notifier, reported, message = FakeNotifier(broken=True), FakeReported(), Message("s", "b", "x")
    with pytest.raises(ConnectionError):
        send_once(notifier, reported, "jr_1", message)
    notifier.broken = False
    assert send_once(notifier, reported, "jr_1", message)


def test_metrics_count_a_failure_once_and_a_run_after_its_last_job():
    assert metrics_of(ended("FAILED"), RUN, GOLD) == {"RunsFailed": 1}
    assert metrics_of(ended(job="metriccare_silver_job_prod"), RUN, GOLD) == {}
    assert metrics_of(ended(), RUN, GOLD)["RowsLoaded"] == 3390
    assert metrics_of(ended(), RUN, GOLD)["RunMinutes"] == 10
    assert metrics_of(ended(), RUN, GOLD)["TenantsRefused"] == 0
    assert metrics_of(ended(), PARTLY, GOLD)["TenantsRefused"] == 1
    failed_on = replace(RUN, persons_not_computed=3)
    assert metrics_of(ended(), failed_on, GOLD)["PersonsNotComputed"] == 3
