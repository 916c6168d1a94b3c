"""Plan and apply as the workflows do: initialise, plan to a file, describe it, apply that file.

Writes into a folder: `terraform.plan`, `counts.json` and `comment.md`, the comment of a pull
request. Runs the same on a laptop: `python scripts/plan.py --workspace dev --bucket B --region R`.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from scripts.plan_comment import comment, counts
from scripts.terraform_tool import ROOT, init_words


def main() -> int:
    """Read the arguments, plan or apply, return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--workspace", required=True, help="dev or prod")
    parser.add_argument("--bucket", required=True, help="bucket of the states")
    parser.add_argument("--region", required=True, help="region of that bucket")
    parser.add_argument("--out", type=Path, default=Path("plan"), help="folder of the plan")
    parser.add_argument("--destroy", action="store_true", help="plan to destroy everything")
    parser.add_argument("--apply", action="store_true", help="apply the plan made before")
    parser.add_argument(
        "--deployed-commit", action="store_true", help="keep the deployed commit's tag"
    )
    arguments = parser.parse_args()
    folder = arguments.out.resolve()
    initialise(arguments.bucket, arguments.region, arguments.workspace)
    if arguments.apply:
        terraform("apply", "-input=false", "-auto-approve", str(folder / "terraform.plan"))
        return 0
    if arguments.deployed_commit:
        os.environ["TF_VAR_commit"] = terraform("output", "-raw", "commit").strip()  # noqa: SIM112
    folder.mkdir(parents=True, exist_ok=True)
    plan(folder, arguments.workspace, destroy=arguments.destroy)
    return 0


def initialise(bucket: str, region: str, workspace: str) -> None:
    """Initialise with the state's bucket; a workspace that is new is created."""
    # init and workspace refuse a TF_WORKSPACE that does not exist yet.
    os.environ.pop("TF_WORKSPACE", None)
    backend = (f"-backend-config=bucket={bucket}", f"-backend-config=region={region}")
    terraform(*init_words(*backend))
    terraform("workspace", "select", "-or-create", workspace)


def plan(folder: Path, workspace: str, *, destroy: bool) -> None:
    """Write the plan file and what people and workflows read of it."""
    file = str(folder / "terraform.plan")
    kind = ["-destroy"] if destroy else []
    terraform("plan", "-input=false", "-lock-timeout=5m", *kind, f"-out={file}")
    document = json.loads(terraform("show", "-json", file))
    diff = terraform("show", "-no-color", file)
    found = counts(document)
    (folder / "counts.json").write_text(json.dumps(found), encoding="utf-8")
    (folder / "comment.md").write_text(comment(workspace, document, diff), encoding="utf-8")
    sys.stdout.write(f"{workspace}: {found}\n")


def terraform(*words: str) -> str:
    """Run terraform and return what it printed; on failure print its errors and stop."""
    done = subprocess.run(
        ["terraform", *words], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        sys.stderr.write(done.stdout + done.stderr)
        raise SystemExit(done.returncode)
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
