"""Scan Terraform with checkov and the workflows with zizmor; any finding is a failure.

checkov leaves out files it cannot parse without failing, so each file is also given to its parser.
Both tools come from `requirements-infra.lock`, in an environment of their own.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
TERRAFORM = REPOSITORY / "terraform"
WORKFLOWS = REPOSITORY / ".github" / "workflows"
_PARSE = """
import sys, hcl2
for path in sys.argv[1:]:
    try:
        with open(path, encoding="utf-8") as stream:
            hcl2.load(stream)
    except Exception as error:
        print(f"checkov cannot parse {path}: {type(error).__name__}")
"""


def main() -> int:
    """Run the scanners found on the path; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tools", type=Path, help="folder of the scanners' programs")
    folder = parser.parse_args().tools
    findings = [
        *scan_terraform(program("checkov", folder)),
        *scan_workflows(program("zizmor", folder)),
    ]
    for finding in findings:
        sys.stderr.write(f"{finding}\n")
    sys.stdout.write("No findings.\n" if not findings else f"{len(findings)} findings.\n")
    return 1 if findings else 0


def program(name: str, folder: Path | None) -> str:
    """Return the path of a scanner, or stop with a message if it is missing."""
    found = shutil.which(name, path=str(folder) if folder else None)
    if found is None:
        raise SystemExit(f"{name} is missing: install requirements-infra.lock (docs/deploy.md).")
    return found


def scan_terraform(checkov: str) -> list[str]:
    """Return the findings of checkov, the files it could not parse, and those it skipped."""
    arguments = ["--directory", str(TERRAFORM), "--framework", "terraform", "--output", "json"]
    done = subprocess.run(
        [checkov, *arguments, "--skip-download", "--quiet", "--compact"],
        capture_output=True,
        text=True,
        check=False,
    )
    report = json.loads(done.stdout)
    results = report["results"]
    failed = [
        f"{c['check_id']} {c['resource']}: {c['check_name']}" for c in results["failed_checks"]
    ]
    unparsed = [f"checkov could not parse {path}" for path in results.get("parsing_errors", [])]
    found = report["summary"]
    sys.stdout.write(f"checkov: {found['passed']} passed, {found['skipped']} skipped by name\n")
    # A scan that looked at nothing finds nothing.
    idle = [] if found["passed"] else ["checkov has judged nothing"]
    return failed + unparsed + unparsed_files(checkov) + idle


def unparsed_files(checkov: str) -> list[str]:
    """Return the Terraform files that checkov's parser cannot read, with its message."""
    python = Path(checkov).with_name("python")
    files = [str(path) for path in TERRAFORM.rglob("*.tf") if ".terraform" not in path.parts]
    done = subprocess.run(
        [str(python), "-c", _PARSE, *files], capture_output=True, text=True, check=True
    )
    return done.stdout.splitlines()


def scan_workflows(zizmor: str) -> list[str]:
    """Return the findings of zizmor in the GitHub workflows, without using the network."""
    if not WORKFLOWS.is_dir():
        return []
    done = subprocess.run(
        [zizmor, "--offline", "--no-progress", "--format", "json", str(WORKFLOWS)],
        capture_output=True,
        text=True,
        check=False,
    )
    if not done.stdout.strip():
        return [f"zizmor failed: {done.stderr.strip()[-300:]}"]
    return [f"zizmor {finding['ident']}: {finding['desc']}" for finding in json.loads(done.stdout)]


if __name__ == "__main__":
    sys.exit(main())
