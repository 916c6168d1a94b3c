"""The workflows expanded for two accounts: which role, account and region each job is given."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.terraform.workflows import evaluate, filled, holds, load

WORKFLOWS = Path(__file__).parents[2] / ".github" / "workflows"


def deployment(workspace: str, account: str, region: str) -> dict[str, str]:
    roles = f"arn:aws:iam::{account}:role/metriccare_terraform"
    return {
        "workspace": workspace,
        "account": account,
        "region": region,
        "state_bucket": f"metriccare-state-{account}",
        "plan_role": f"{roles}_plan",
        "apply_role": f"{roles}_apply_{workspace}",
    }


DEV = deployment("dev", "111111111111", "us-east-1")
PROD = deployment("prod", "222222222222", "eu-central-1")
BOTH = {"vars": {"DEPLOYMENTS": json.dumps({"dev": DEV, "prod": PROD})}}
PUSH = {"github": {"event_name": "push"}}


def credentials(job: dict[str, Any], contexts: dict[str, Any]) -> dict[str, Any]:
    """Return what a job gives to the step that takes its role."""
    (step,) = (s for s in job["steps"] if "configure-aws-credentials" in s.get("uses", ""))
    return dict(filled(step["with"], contexts))


@pytest.mark.parametrize(("file", "job"), [("ci-cd.yml", "plan"), ("drift.yml", "drift")])
def test_each_workspace_is_planned_by_the_plan_role_of_its_own_account(file, job):
    written = load(WORKFLOWS / file)["jobs"][job]
    assert filled(written["strategy"]["matrix"]["workspace"], BOTH) == ["dev", "prod"]
    for wanted in (DEV, PROD):
        contexts = {**BOTH, "matrix": {"workspace": wanted["workspace"]}}
        assert credentials(written, contexts) == {
            "role-to-assume": wanted["plan_role"],
            "aws-region": wanted["region"],
            "allowed-account-ids": wanted["account"],
        }
        environment = filled(written["env"], contexts)
        assert environment["TF_WORKSPACE"] == wanted["workspace"]
        assert json.loads(environment["DEPLOYMENTS"])[wanted["workspace"]] == wanted


@pytest.mark.parametrize(("file", "job"), [("apply.yml", "apply"), ("destroy.yml", "destroy")])
def test_each_workspace_is_changed_by_its_own_apply_role_behind_its_environment(file, job):
    written = load(WORKFLOWS / file)["jobs"][job]
    for wanted in (DEV, PROD):
        contexts = {**BOTH, "inputs": {"workspace": wanted["workspace"]}}
        found = credentials(written, contexts)
        assert found.pop("role-duration-seconds") == 7200
        assert found == {
            "role-to-assume": wanted["apply_role"],
            "aws-region": wanted["region"],
            "allowed-account-ids": wanted["account"],
        }
        assert filled(written["environment"], contexts) == wanted["workspace"]


@pytest.mark.parametrize(
    ("workspaces", "dev_result", "applied"),
    [
        ({"dev": DEV, "prod": PROD}, "success", ["dev", "prod"]),
        ({"dev": DEV, "prod": PROD}, "failure", ["dev"]),
        ({"dev": DEV}, "success", ["dev"]),
        ({"prod": PROD}, "skipped", ["prod"]),
    ],
)
def test_a_push_applies_the_workspaces_there_are_dev_first(workspaces, dev_result, applied):
    jobs = load(WORKFLOWS / "ci-cd.yml")["jobs"]
    contexts: dict[str, Any] = {**PUSH, "vars": {"DEPLOYMENTS": json.dumps(workspaces)}}
    contexts["needs"] = {"plan": {"result": "success"}}
    dev = holds(jobs["apply-dev"]["if"], contexts)
    contexts["needs"]["apply-dev"] = {"result": dev_result}
    prod = holds(jobs["apply-prod"]["if"], contexts)
    assert [name for name, runs in (("dev", dev), ("prod", prod)) if runs] == applied


def test_nothing_is_applied_when_a_plan_failed_or_on_a_pull_request():
    jobs = load(WORKFLOWS / "ci-cd.yml")["jobs"]
    failed = {"needs": {"plan": {"result": "failure"}, "apply-dev": {"result": "skipped"}}}
    planned = {"needs": {"plan": {"result": "success"}, "apply-dev": {"result": "skipped"}}}
    for name in ("apply-dev", "apply-prod"):
        assert not holds(jobs[name]["if"], {**BOTH, **PUSH, **failed})
        request = {"github": {"event_name": "pull_request"}}
        assert not holds(jobs[name]["if"], {**BOTH, **request, **planned})


def test_a_workspace_that_was_planned_gets_its_comment_though_another_failed():
    job = load(WORKFLOWS / "ci-cd.yml")["jobs"]["comment"]
    request = {"github": {"event_name": "pull_request"}}
    for result, comments in (("success", True), ("failure", True), ("skipped", False)):
        contexts = {**BOTH, **request, "needs": {"plan": {"result": result}}}
        assert holds(job["if"], contexts) is comments


def test_a_repository_that_deploys_nothing_skips_every_deploying_job():
    nothing = {**PUSH, "vars": {"DEPLOYMENTS": ""}}
    for file, name in (("ci-cd.yml", "plan"), ("drift.yml", "drift"), ("ci-cd.yml", "apply-dev")):
        assert not holds(load(WORKFLOWS / file)["jobs"][name]["if"], nothing), name


def test_a_fork_gets_no_plan():
    condition = load(WORKFLOWS / "ci-cd.yml")["jobs"]["plan"]["if"]

    def runs(head: str) -> bool:
        event = {"pull_request": {"head": {"repo": {"full_name": head}}}}
        github = {"event_name": "pull_request", "repository": "hospital/metriccare", "event": event}
        return holds(condition, {**BOTH, "github": github})

    assert runs("hospital/metriccare")
    assert not runs("somebody/metriccare")


def test_every_variable_that_workflows_read_is_documented():
    text = "".join(path.read_text(encoding="utf-8") for path in WORKFLOWS.glob("*.yml"))
    documented = (WORKFLOWS.parents[1] / "docs" / "deploy.md").read_text(encoding="utf-8")
    for name in set(re.findall(r"vars\.([A-Z_]+)", text)):
        assert f"`{name}`" in documented, name


def test_expressions_are_evaluated_as_github_does():
    contexts = {"vars": {"A": '{"x": {"n": 1}, "y": {"n": 2}}'}}
    assert evaluate("fromJSON(vars.A).*.n", contexts) == [1, 2]
    assert evaluate("fromJSON(vars.A)['x'].n == 1 && vars.B || 'none'", contexts) == "none"
    assert evaluate("!(vars.B == 'it''s') && fromJSON(vars.A).z == null", contexts) is True
