"""Policy documents of Terraform files, rendered by the real provider without an account."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from scripts.terraform_tool import ROOT, init_words

_ROOT = """
terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }
}

provider "aws" {
  region                      = "us-east-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}
"""


def rendered(
    files: str | tuple[str, ...], document: str, needs: str, modules: dict[str, str], place: Path
) -> Any:
    """Return a document of files of terraform/; `needs` declares what they take from others.

    `modules` are the ARNs of the modules it names.
    """
    for name, arn in modules.items():
        folder = place / name
        folder.mkdir()
        (folder / "main.tf").write_text(f'output "arn" {{\n  value = "{arn}"\n}}\n')
        needs += f'\nmodule "{name}" {{\n  source = "./{name}"\n}}\n'
    named = f"data.aws_iam_policy_document.{document}.json"
    (place / "root.tf").write_text(f'{_ROOT}{needs}\noutput "json" {{\n  value = {named}\n}}\n')
    for file in [files] if isinstance(files, str) else files:
        (place / Path(file).name).write_text((ROOT / file).read_text(encoding="utf-8"))
    _terraform(place, *init_words("-backend=false"))
    _terraform(place, "plan", "-input=false", "-out=plan")
    shown = json.loads(_terraform(place, "show", "-json", "plan"))
    return json.loads(shown["planned_values"]["outputs"]["json"]["value"])


def _terraform(place: Path, *words: str) -> str:
    environment = {**os.environ, "TF_IN_AUTOMATION": "1"}
    command = ["terraform", *words]
    done = subprocess.run(
        command, cwd=place, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
