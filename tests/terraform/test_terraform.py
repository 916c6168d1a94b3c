"""The infrastructure's own checks, its generated files and its workflows."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from scripts import build_catalog, terraform_tool

REPOSITORY = Path(__file__).parents[2]
WORKFLOWS = sorted((REPOSITORY / ".github" / "workflows").glob("*.yml"))
needs_terraform = pytest.mark.skipif(
    shutil.which("terraform") is None, reason="terraform is not installed: see docs/deploy.md"
)


def test_generated_files_are_up_to_date():
    stale = [
        p.name for p, t in build_catalog.documents().items() if not build_catalog.is_current(p, t)
    ]
    assert stale == [], "run `python scripts/build_catalog.py`"


def test_health_checks_name_layers_that_terraform_fills_in():
    for path in build_catalog.CHECKS.glob("*.sql"):
        sql = build_catalog.health_check(path)["sql"]
        assert not re.search(r"\b(?:from|join)\s+(?:bronze|silver|gold|publish)\.", sql, re.I), path


@needs_terraform
def test_plans_and_a_mocked_apply_say_what_they_must():
    assert terraform_tool.test() == 0


@pytest.mark.parametrize("module", sorted((REPOSITORY / "terraform" / "modules").iterdir()))
def test_a_module_has_its_five_files_and_at_most_twelve_variables(module):
    names = {"main.tf", "variables.tf", "outputs.tf", "versions.tf", "README.md"}
    assert names <= {path.name for path in module.iterdir()}
    variables = (module / "variables.tf").read_text(encoding="utf-8")
    blocks = re.findall(r'^variable "(\w+)" \{(.*?)^\}', variables, re.M | re.S)
    assert len(blocks) <= 12
    for name, block in blocks:
        assert "description" in block, name
        assert "type " in block, name
        assert "= any" not in block, name


def test_a_check_that_is_skipped_says_why():
    files = (REPOSITORY / "terraform").rglob("*.tf")
    skips = [line for path in files for line in path.read_text().splitlines() if "checkov:" in line]
    assert skips
    for line in skips:
        assert re.search(r"#checkov:skip=CKV2?_AWS_\d+:\w.{15,}$", line), line


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_actions_are_pinned_by_hash_and_rights_begin_at_none(path):
    text = path.read_text(encoding="utf-8")
    assert re.search(r"^permissions: \{\}$", text, re.M)
    for used in re.findall(r"uses: (\S+)", text):
        assert used.startswith("./") or re.search(r"@[0-9a-f]{40}$", used), used
    assert "secrets." not in text
    assert not re.search(r"run: .*\$\{\{", text), "values of events go through env"


def test_only_approved_jobs_may_take_the_apply_role():
    for path in WORKFLOWS:
        text = path.read_text(encoding="utf-8")
        if ".apply_role" in text:
            assert re.search(r"^    environment: \$\{\{ inputs.workspace \}\}$", text, re.M), path
