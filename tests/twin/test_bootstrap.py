"""The account, prepared by the script an administrator runs once."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.twin.stack import BOOTSTRAP_STATE, GITHUB_REPOSITORY, Twin

pytestmark = [pytest.mark.twin, pytest.mark.timeout(2400)]


@pytest.fixture(scope="module")
def state(twin: Twin) -> dict[str, Any]:
    """Return the state of the bootstrap, once it has ended well."""
    assert twin.bootstrap is not None
    log = twin.folder / "bootstrap.log"
    assert twin.bootstrap.wait(timeout=300) == 0, log.read_text(encoding="utf-8")[-4000:]
    return dict(json.loads((twin.folder / BOOTSTRAP_STATE).read_text(encoding="utf-8")))


def trust(state: dict[str, Any], role: str) -> dict[str, Any]:
    """Return the condition under which a role may be taken."""
    found = [
        one["attributes"]["assume_role_policy"]
        for resource in state["resources"]
        if resource["type"] == "aws_iam_role"
        for one in resource["instances"]
        if one["attributes"]["name"] == role
    ]
    (statement,) = json.loads(found[0])["Statement"]
    return dict(statement["Condition"]["StringEquals"])


def test_it_makes_the_bucket_of_the_states_and_the_roles_of_the_workflows(state):
    outputs = {name: output["value"] for name, output in state["outputs"].items()}
    assert outputs["state_bucket"] == "metriccare-state-123456789012"
    assert outputs["plan_role"].endswith(":role/metriccare_terraform_plan")
    assert set(outputs["apply_roles"]) == {"dev", "prod"}


@pytest.mark.parametrize("workspace", ["dev", "prod"])
def test_only_a_job_behind_the_approval_of_its_environment_applies(state, workspace):
    condition = trust(state, f"metriccare_terraform_apply_{workspace}")
    assert condition == {
        "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
        "token.actions.githubusercontent.com:sub": (
            f"repo:{GITHUB_REPOSITORY}:environment:{workspace}"
        ),
    }


def test_plans_are_for_workflows_of_the_repository_alone(state):
    allowed = trust(state, "metriccare_terraform_plan")["token.actions.githubusercontent.com:sub"]
    assert all(subject.startswith(f"repo:{GITHUB_REPOSITORY}:") for subject in allowed)
