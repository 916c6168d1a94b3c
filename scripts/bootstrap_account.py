"""Prepare an account once: state bucket, GitHub's OIDC provider, plan and apply roles.

Shows the plan and asks before it applies. An account can have only one provider for GitHub, so one
that exists and is not this project's is used instead of a new one.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import boto3

from scripts.terraform_tool import ROOT, init_words

_GITHUB = "token.actions.githubusercontent.com"


def main() -> int:
    """Look the provider up, then run Terraform in terraform/bootstrap."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repository", required=True, help="owner/name")
    parser.add_argument("--yes", action="store_true", help="apply without asking")
    arguments = parser.parse_args()
    own = {"TF_VAR_github_repository": arguments.repository}
    provider = foreign_provider()
    if provider:
        sys.stdout.write(f"Using the account's GitHub provider {provider}\n")
        own["TF_VAR_github_oidc_provider_arn"] = provider
    for words in (init_words(), ["apply", *(["-auto-approve"] if arguments.yes else [])]):
        done = subprocess.run(
            ["terraform", *words], cwd=ROOT / "bootstrap", env={**os.environ, **own}, check=False
        )
        if done.returncode != 0:
            return done.returncode
    return 0


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


if __name__ == "__main__":
    sys.exit(main())
