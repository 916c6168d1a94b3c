"""The same upload with `small_runs = true`: one function processes it, and no job starts."""

from __future__ import annotations

from pathlib import Path

import pytest

from metriccare.tracking.states import FileState, RunState
from tests.twin.journey import Journey
from tests.twin.stack import PLAN_ROLE, Twin, wait_for
from tests.twin.test_journey import fhir_files, hospital
from tests.twin.test_rights import calls_of, refused_calls, resources, role_policies

pytestmark = [pytest.mark.twin, pytest.mark.timeout(2400)]
__all__ = ["hospital", "resources", "role_policies"]
ASKED = {"TF_VAR_small_runs": "true"}


@pytest.fixture(scope="module")
def small(twin: Twin) -> Twin:
    """Return the stack with the function."""
    twin.terraform("apply", "-auto-approve", "-input=false", "-no-color", **ASKED)
    return twin


def test_a_second_plan_with_small_runs_changes_nothing(small: Twin):
    words = ("plan", "-detailed-exitcode", "-input=false", "-no-color")
    plan = small.terraform(*words, role=PLAN_ROLE, **ASKED)
    assert "No changes." in plan.stdout


def test_an_upload_is_published_by_the_function_and_told(
    small: Twin, journey: Journey, hospital: Path
):
    before = {file.file_id for file in journey.files()}
    jobs = len(small.client("glue").get_workflow_runs(Name=small.outputs["workflow"])["Runs"])
    journey.listen()
    journey.upload(fhir_files(hospital), tenant="small")

    def published() -> bool:
        new = [file for file in journey.files() if file.file_id not in before]
        return bool(new) and all(file.state == FileState.PUBLISHED for file in new)

    wait_for("it is published", published, 300)
    alert = journey.alert_about("Published", seconds=120)
    assert "records: " in alert["Message"]
    assert journey.store.runs()[0].state == RunState.SUCCEEDED
    runs = small.client("glue").get_workflow_runs(Name=small.outputs["workflow"])["Runs"]
    assert len(runs) == jobs
    rows = journey.query("SELECT count(*) AS n FROM publish.measure WHERE tenant = 'small'")
    assert rows[0]["n"] > 0


def test_every_call_it_made_is_one_its_role_allows(small: Twin, role_policies):
    assert "metriccare_run_small_dev" in {role for role, *_ in calls_of(small)}
    assert refused_calls(small, role_policies) == []
