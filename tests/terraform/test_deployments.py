"""Where a workspace is deployed, and what a person reads when something about that is wrong."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.deployments import Deployment, read_deployment
from scripts.plan_failures import meaning

REPOSITORY = Path(__file__).parents[2]
DEV = {
    "workspace": "dev",
    "account": "111111111111",
    "region": "us-east-1",
    "state_bucket": "metriccare-state-111111111111",
}
DEPLOYED = Deployment(**DEV)


def sentence(text: str, workspace: str = "dev") -> str:
    """Return what is said about deployments that cannot be used."""
    with pytest.raises(SystemExit) as stopped:
        read_deployment(workspace, text)
    return str(stopped.value)


def test_each_workspace_has_its_own_account_region_and_bucket():
    prod = {**DEV, "account": "222222222222", "region": "eu-central-1"}
    text = json.dumps({"dev": DEV, "prod": prod})
    assert read_deployment("dev", text) == DEPLOYED
    found = read_deployment("prod", text).environment({})
    assert found["AWS_REGION"] == "eu-central-1"
    assert json.loads(found["TF_VAR_account_ids"]) == {"prod": "222222222222"}


def test_a_workspace_that_is_not_deployed_is_named_with_those_that_are():
    assert sentence(json.dumps({"dev": DEV}), "prod").startswith(
        "DEPLOYMENTS names no workspace prod (only: dev). Run make bootstrap-account"
    )
    assert "(only: none)" in sentence("")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"account": "1111"}, "dev has no valid account ('1111')"),
        ({"region": "Virginia"}, "dev has no valid region ('Virginia')"),
        ({"state_bucket": None}, "dev has no valid state_bucket (None)"),
    ],
)
def test_a_value_that_cannot_be_one_is_named(changed, said):
    assert said in sentence(json.dumps({"dev": {**DEV, **changed}}))


@pytest.mark.parametrize("text", ["{", "[]", '{"dev": "arn"}'])
def test_what_is_no_object_by_workspace_is_refused(text):
    assert sentence(text).startswith("DEPLOYMENTS ")


def test_another_region_in_the_environment_is_refused():
    with pytest.raises(SystemExit) as stopped:
        DEPLOYED.environment({"AWS_REGION": "eu-central-1"})
    assert str(stopped.value) == (
        "AWS_REGION is eu-central-1, but dev is deployed in us-east-1: export AWS_REGION=us-east-1"
    )


@pytest.mark.parametrize(
    ("output", "said"),
    [
        (
            "Error: AWS account ID not allowed: 999999999999",
            "belong to account 999999999999, but dev is deployed in account 111111111111",
        ),
        ('Workspace "dev" doesn\'t exist.', "dev has no state in metriccare-state-111111111111"),
        ('│ Error: S3 bucket "x" does not exist.', "no bucket metriccare-state-111111111111"),
        ("api error PermanentRedirect: ... ", "is not in us-east-1"),
        (
            "│ Error: Error acquiring the state lock\n│ \n│ Lock Info:\n│   ID: 1",
            "Somebody else plans or applies dev now",
        ),
        (
            "│ Error: Error acquiring the state lock\n│ \n│ api error AccessDenied: Access Denied",
            "These credentials may not do this in dev",
        ),
        (
            "\x1b[31m│\x1b[0m Error: AWS account ID not\n"
            "\x1b[31m│\x1b[0m \x1b[0mallowed: 999999999999",
            "belong to account 999999999999",
        ),
        ("Error: Saved plan is stale", "dev was changed after this plan was made"),
        (
            "Error: reading IAM Policy: couldn't find resource\n│\n│   with"
            " data.aws_iam_policy.boundary,",
            "no boundary for the roles of dev",
        ),
        ("Error: No valid credential sources found", "There are no valid AWS credentials"),
        (
            "api error AccessDeniedException: x is not authorized to perform: glue:GetTable",
            "These credentials may not do this in dev",
        ),
    ],
)
def test_a_failure_of_terraform_is_explained_in_one_sentence(output, said):
    found = meaning(output, DEPLOYED)
    assert found is not None
    assert said in found
    assert found.endswith(".")


def test_words_of_terraform_that_explain_themselves_are_left_alone():
    assert meaning("The packages are not built: dist/lambda.zip is missing.", DEPLOYED) is None


def plan(tmp_path: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the script as a person would, away from any account."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "TF_"))}
    return subprocess.run(
        [sys.executable, "scripts/plan.py", "--out", str(tmp_path / "plan"), *words],
        cwd=REPOSITORY,
        env=kept | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_nothing_is_applied_without_a_plan(tmp_path):
    done = plan(tmp_path, "--workspace", "dev", "--apply", DEPLOYMENTS=json.dumps({"dev": DEV}))
    assert done.returncode == 1
    assert (
        done.stderr
        == f"There is no plan in {tmp_path / 'plan'}: make one first, without --apply.\n"
    )


def test_a_wrong_workspace_stops_before_terraform_starts(tmp_path):
    done = plan(tmp_path, "--workspace", "test", DEPLOYMENTS=json.dumps({"dev": DEV}))
    assert done.returncode == 1
    assert done.stderr.startswith("DEPLOYMENTS names no workspace test (only: dev).")
    assert not (tmp_path / "plan").exists()
