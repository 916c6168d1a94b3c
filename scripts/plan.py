"""Plan and apply as the workflows do: initialise, plan to a file, describe it, apply that file.

Writes into a folder: `terraform.plan`, `counts.json` and `comment.md`, the comment of a pull
request; prints the whole plan. Runs the same on a laptop: `python scripts/plan.py --workspace dev`
with DEPLOYMENTS as scripts/deployments.py says.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from scripts.deployments import Deployment, read_deployment
from scripts.plan_comment import comment, counts
from scripts.plan_failures import meaning
from scripts.terraform_tool import ROOT, init_words

# A colleague's plan takes about two minutes.
_LOCK = "-lock-timeout=5m"


@dataclass
class Terraform:
    """Terraform in the workspace of a deployment."""

    deployment: Deployment
    environment: dict[str, str] = field(default_factory=dict)

    def run(self, *words: str) -> str:
        """Return the output of a command; if it fails, stop with its message and the meaning."""
        done = subprocess.run(
            ["terraform", *words],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            sys.stderr.write(done.stdout + done.stderr)
            sentence = meaning(done.stderr, self.deployment)
            if sentence:
                # GitHub shows such a line at the top of the run.
                mark = "::error::" if "GITHUB_ACTIONS" in self.environment else ""
                sys.stderr.write(f"{mark}{sentence}\n")
            raise SystemExit(done.returncode)
        return done.stdout

    def initialise(self) -> None:
        """Initialise with the bucket of the state and select the workspace that bootstrap made."""
        # init refuses a TF_WORKSPACE that does not exist.
        self.environment.pop("TF_WORKSPACE", None)
        settings = (
            f"bucket={self.deployment.state_bucket}",
            f"region={self.deployment.region}",
            f'allowed_account_ids=["{self.deployment.account}"]',
        )
        self.run(*init_words("-reconfigure", *(f"-backend-config={one}" for one in settings)))
        self.run("workspace", "select", self.deployment.workspace)


def main() -> int:
    """Read the arguments, plan or apply, return the exit code."""
    arguments = _parser().parse_args()
    deployment = read_deployment(arguments.workspace)
    terraform = Terraform(
        deployment, {**os.environ, **deployment.environment(os.environ), "TF_IN_AUTOMATION": "1"}
    )
    folder = arguments.out.resolve()
    if arguments.apply and not (folder / "terraform.plan").is_file():
        raise SystemExit(f"There is no plan in {folder}: make one first, without --apply.")
    terraform.initialise()
    if arguments.apply:
        plan_file = str(folder / "terraform.plan")
        sys.stdout.write(terraform.run("apply", "-input=false", "-no-color", _LOCK, plan_file))
        return 0
    if arguments.deployed_commit:
        commit = deployed_commit(terraform)
        terraform.environment["TF_VAR_commit"] = commit
    folder.mkdir(parents=True, exist_ok=True)
    plan(terraform, folder, ["-destroy"] if arguments.destroy else [])
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--workspace", required=True, help="dev or prod")
    parser.add_argument("--out", type=Path, default=Path("plan"), help="folder of the plan")
    parser.add_argument("--destroy", action="store_true", help="plan to destroy everything")
    parser.add_argument("--apply", action="store_true", help="apply the plan made before")
    parser.add_argument(
        "--deployed-commit", action="store_true", help="plan for the commit that is deployed"
    )
    return parser


def deployed_commit(terraform: Terraform) -> str:
    """Return the commit of the last apply; empty text before the first one."""
    outputs = json.loads(terraform.run("output", "-json"))
    return str(outputs.get("commit", {}).get("value", ""))


def plan(terraform: Terraform, folder: Path, kind: Sequence[str]) -> None:
    """Write the plan file and its summaries for people and workflows; print the whole plan."""
    file = str(folder / "terraform.plan")
    terraform.run("plan", "-input=false", _LOCK, *kind, f"-out={file}")
    document = json.loads(terraform.run("show", "-json", file))
    diff = terraform.run("show", "-no-color", file)
    found = counts(document)
    workspace = terraform.deployment.workspace
    (folder / "counts.json").write_text(json.dumps(found), encoding="utf-8")
    (folder / "comment.md").write_text(comment(workspace, document, diff), encoding="utf-8")
    sys.stdout.write(f"{diff}\n{workspace}: {found}\n")


if __name__ == "__main__":
    sys.exit(main())
