"""The names of a deployed workspace, from the outputs of Terraform."""

from __future__ import annotations

import json
import os
import subprocess
from typing import Any

from scripts.terraform_tool import ROOT


def outputs(workspace: str) -> dict[str, Any]:
    """Return a workspace's outputs; stop with a message if there are none."""
    done = subprocess.run(
        ["terraform", "output", "-json"],
        cwd=ROOT,
        env={**os.environ, "TF_WORKSPACE": workspace},
        capture_output=True,
        text=True,
        check=False,
    )
    found = json.loads(done.stdout or "{}") if done.returncode == 0 else {}
    if not found:
        raise SystemExit(
            f"Workspace {workspace} has no outputs here: run `terraform init` in terraform/ with"
            " the state's bucket (docs/deploy.md), and apply first."
        )
    return {name: output["value"] for name, output in found.items()}
