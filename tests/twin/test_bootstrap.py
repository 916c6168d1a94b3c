"""The account, prepared by the script an administrator runs once."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.terraform.policies import admits
from tests.twin.stack import (
    BOOTSTRAP_STATE,
    GITHUB_REPOSITORY,
    OWNER_ID,
    REPOSITORY_ID,
    STATE_BUCKET,
    Twin,
)

pytestmark = [pytest.mark.twin, pytest.mark.timeout(2400)]

# What IAM accepts: characters of the inline policies of a role, and of a managed policy.
INLINE_LIMIT, MANAGED_LIMIT = 10_240, 6_144
OWNER, NAME = GITHUB_REPOSITORY.split("/")
OLD_FORM = f"repo:{OWNER}/{NAME}"
NEW_FORM = f"repo:{OWNER}@{OWNER_ID}/{NAME}@{REPOSITORY_ID}"


@pytest.fixture(scope="module")
def state(twin: Twin) -> dict[str, Any]:
    """Return the state of the bootstrap."""
    return dict(json.loads((twin.folder / BOOTSTRAP_STATE).read_text(encoding="utf-8")))


def made(state: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    """Return the attributes of everything of a kind."""
    return [
        dict(instance["attributes"])
        for resource in state["resources"]
        if resource["type"] == kind and resource["mode"] == "managed"
        for instance in resource["instances"]
    ]


def takes(
    state: dict[str, Any], role: str, subject: str, audience: str = "sts.amazonaws.com"
) -> bool:
    """Return True if a workflow with this subject may take a role."""
    (trust,) = (
        json.loads(one["assume_role_policy"])
        for one in made(state, "aws_iam_role")
        if one["name"] == role
    )
    issuer = "token.actions.githubusercontent.com"
    return admits(trust, {f"{issuer}:sub": subject, f"{issuer}:aud": audience})


def test_it_makes_the_bucket_of_the_states_and_the_roles_of_the_workflows(state, twin: Twin):
    outputs = {name: output["value"] for name, output in state["outputs"].items()}
    assert outputs["state_bucket"] == STATE_BUCKET
    assert outputs["plan_role"].endswith(":role/metriccare_terraform_plan")
    assert set(outputs["apply_roles"]) == {"dev", "prod"}
    assert outputs["deployments"] == twin.deployments
    assert twin.deployments["prod"]["apply_role"] == outputs["apply_roles"]["prod"]


def test_every_workspace_has_a_state_so_that_the_plan_role_need_not_make_one(twin: Twin):
    listed = twin.client("s3").list_objects_v2(Bucket=STATE_BUCKET, Prefix="metriccare/")
    keys = {found["Key"] for found in listed["Contents"]}
    assert {f"metriccare/{name}/terraform.tfstate" for name in ("dev", "prod")} <= keys


@pytest.mark.parametrize("workspace", ["dev", "prod"])
@pytest.mark.parametrize("repository", [OLD_FORM, NEW_FORM])
def test_only_a_job_behind_the_approval_of_its_environment_applies(state, workspace, repository):
    role = f"metriccare_terraform_apply_{workspace}"
    other = {"dev": "prod", "prod": "dev"}[workspace]
    assert takes(state, role, f"{repository}:environment:{workspace}")
    for claim in (
        f"environment:{other}",
        f"environment:{workspace}x",
        f"environment:{workspace.upper()}",
        "pull_request",
        "ref:refs/heads/main",
        "*",
    ):
        assert not takes(state, role, f"{repository}:{claim}"), claim
    assert not takes(state, role, f"{repository}:environment:{workspace}", audience="sigstore")


@pytest.mark.parametrize("repository", [OLD_FORM, NEW_FORM])
def test_plans_are_for_pull_requests_and_main(state, repository):
    role = "metriccare_terraform_plan"
    assert takes(state, role, f"{repository}:pull_request")
    assert takes(state, role, f"{repository}:ref:refs/heads/main")
    for claim in ("ref:refs/heads/main2", "ref:refs/tags/main", "environment:dev", "*"):
        assert not takes(state, role, f"{repository}:{claim}"), claim


@pytest.mark.parametrize(
    "repository",
    [
        f"repo:{OWNER}/{NAME}2",
        f"repo:{OWNER}2/{NAME}",
        f"repo:{OWNER.upper()}/{NAME}",
        # Somebody who took the names after they were given up has other numbers.
        f"repo:{OWNER}@{OWNER_ID}1/{NAME}@{REPOSITORY_ID}",
        f"repo:{OWNER}@{OWNER_ID}/{NAME}@{REPOSITORY_ID}1",
        f"repo:{OWNER}/{NAME}@{REPOSITORY_ID}",
        f"repo:{OWNER}@{OWNER_ID}/{NAME}",
        f"repo:x@{OWNER_ID}/{NAME}@{REPOSITORY_ID}",
    ],
)
def test_near_misses_of_the_repository_take_no_role(state, repository):
    assert not takes(state, "metriccare_terraform_plan", f"{repository}:pull_request")
    assert not takes(state, "metriccare_terraform_apply_dev", f"{repository}:environment:dev")


def test_every_policy_is_inside_the_limits_of_iam(state):
    inline = {
        one["name"]: len(_compact(one["policy"])) for one in made(state, "aws_iam_role_policy")
    }
    assert max(inline.values()) <= INLINE_LIMIT, inline
    managed = {one["name"]: len(_compact(one["policy"])) for one in made(state, "aws_iam_policy")}
    assert set(managed) == {f"metriccare_terraform_boundary_{name}" for name in ("dev", "prod")}
    assert max(managed.values()) <= MANAGED_LIMIT, managed


def _compact(policy: str) -> str:
    """Return a policy without the white space that IAM does not count."""
    return json.dumps(json.loads(policy), separators=(",", ":"))
