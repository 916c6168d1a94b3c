"""Prepare an account once: state bucket, GitHub's OIDC provider, plan and apply roles, boundaries.

Shows the plan and asks before it applies; can be run again at any time. An account can have only
one provider for GitHub, so one that exists and is not this project's is used instead of a new one.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from scripts.github_repository import RepositoryNumbers, look_up
from scripts.terraform_tool import ROOT, init_words

_GITHUB = "token.actions.githubusercontent.com"
_FOLDER = ROOT / "bootstrap"


def main() -> int:
    """Find the variables, apply terraform/bootstrap, and print what to set at GitHub."""
    arguments = parser().parse_args()
    own = inputs(arguments)
    for words in (init_words(), ["apply", *(["-auto-approve"] if arguments.yes else [])]):
        done = _terraform(words, own)
        if done.returncode != 0:
            return done.returncode
    outputs = json.loads(_terraform(["output", "-json"], own, capture_output=True).stdout)
    deployments = outputs["deployments"]["value"]
    for workspace in make_states(outputs["state_bucket"]["value"], deployments):
        sys.stdout.write(f"Made an empty state for {workspace}\n")
    sys.stdout.write(what_to_set(deployments))
    return 0


def parser() -> argparse.ArgumentParser:
    """Return the parser of the arguments."""
    found = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    found.add_argument("--repository", required=True, help="owner/name")
    found.add_argument("--owner-id", help="number of the owner, instead of asking GitHub")
    found.add_argument("--repository-id", help="number of the repository, likewise")
    found.add_argument(
        "--names-only",
        action="store_true",
        help="GitHub Enterprise Server, whose tokens carry no numbers",
    )
    found.add_argument("--workspaces", default="dev,prod", help="those deployed in this account")
    found.add_argument("--yes", action="store_true", help="apply without asking")
    return found


def inputs(arguments: argparse.Namespace) -> dict[str, str]:
    """Return the variables of the bootstrap; stop with a message if one cannot be found."""
    workspaces = [name.strip() for name in arguments.workspaces.split(",")]
    own = {
        "TF_VAR_github_repository": arguments.repository,
        "TF_VAR_workspaces": json.dumps(workspaces),
    }
    numbers = _numbers(arguments)
    if numbers is not None:
        own["TF_VAR_github_owner_id"] = numbers.owner_id
        own["TF_VAR_github_repository_id"] = numbers.repository_id
    try:
        provider = foreign_provider()
    except (BotoCoreError, ClientError) as error:
        raise SystemExit(
            f"AWS does not answer ({error}). Export AWS_PROFILE and AWS_REGION of an administrator"
            " of the account."
        ) from error
    if provider:
        sys.stdout.write(f"Using the account's GitHub provider {provider}\n")
        own["TF_VAR_github_oidc_provider_arn"] = provider
    return own


def _numbers(arguments: argparse.Namespace) -> RepositoryNumbers | None:
    given = (arguments.owner_id, arguments.repository_id)
    if arguments.names_only:
        return None
    if all(given):
        return RepositoryNumbers(*given)
    if any(given):
        raise SystemExit("Give --owner-id and --repository-id together, or neither.")
    return look_up(arguments.repository)


def foreign_provider() -> str | None:
    """Return the ARN of a GitHub provider that another team made, if there is one."""
    iam = boto3.client("iam")
    for provider in iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]:
        arn = provider["Arn"]
        if not arn.endswith(f"/{_GITHUB}"):
            continue
        tags = iam.list_open_id_connect_provider_tags(OpenIDConnectProviderArn=arn)["Tags"]
        ours = {"Key": "application", "Value": "metriccare"} in tags
        return None if ours else arn
    return None


def make_states(bucket: str, workspaces: Iterable[str]) -> list[str]:
    """Return the workspaces that got an empty state; an existing state is kept.

    The plan role cannot create a workspace, and should not: it may write locks only.
    """
    s3 = boto3.client("s3")
    made = []
    for workspace in workspaces:
        place = {"Bucket": bucket, "Key": f"metriccare/{workspace}/terraform.tfstate"}
        try:
            s3.put_object(**place, Body=_empty_state(), IfNoneMatch="*")
        except ClientError as error:
            if error.response["Error"]["Code"] != "PreconditionFailed":
                raise
        else:
            made.append(workspace)
    return made


def _empty_state() -> bytes:
    state = {
        "version": 4,
        "terraform_version": "1.11.0",  # the oldest that the stack accepts
        "serial": 0,
        "lineage": str(uuid.uuid4()),
        "outputs": {},
        "resources": [],
    }
    return json.dumps(state).encode()


def what_to_set(deployments: dict[str, Any]) -> str:
    """Return what to do at GitHub, with the value to paste."""
    return (
        "\nRepository variable DEPLOYMENTS (with a second account: one object with the workspaces"
        f" of both):\n{json.dumps(deployments)}\n"
    )


def _terraform(
    words: list[str], own: dict[str, str], **options: Any
) -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, **own}
    return subprocess.run(
        ["terraform", *words], cwd=_FOLDER, env=environment, check=False, **options
    )


if __name__ == "__main__":
    sys.exit(main())
