"""Terraform for the Makefile and the tests: initialised, and without questions.

Providers come from the folder named by METRICCARE_TF_PLUGIN_DIR, else from a provider mirror of
this machine, else from the registry as usual.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
ROOT = REPOSITORY / "terraform"
PLUGIN_VARIABLE = "METRICCARE_TF_PLUGIN_DIR"
# Where administrators put provider mirrors, besides the places Terraform looks at itself.
_MIRROR_ROOTS = ("/opt", "/usr/local/share", "/usr/share", "/srv")
_REGISTRY_FOLDER = "registry.terraform.io"
# Go collects its garbage when the heap has grown by this many percent. The provider's schemas are
# garbage at once: a third of the processor time goes for twice the memory (640 MB).
GARBAGE_LIMIT = "400"
# Each folder of tests is run in the workspace of its name.
TESTED_WORKSPACES = ("dev", "prod", "unknown")


def main() -> int:
    """Run one of the checks; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=sorted(_COMMANDS))
    if shutil.which("terraform") is None:
        sys.stderr.write("terraform is not installed: see docs/deploy.md. Nothing was checked.\n")
        return 0
    return _COMMANDS[parser.parse_args().what]()


def provider_folder() -> str | None:
    """Return the folder of providers to use instead of the registry, if there is one."""
    named = os.environ.get(PLUGIN_VARIABLE)
    if named:
        return named
    for root in _MIRROR_ROOTS:
        found = next(Path(root).glob(f"*/{_REGISTRY_FOLDER}"), None)
        if found is not None:
            return str(found.parent)
    return None


def init_words(*more: str) -> list[str]:
    """Return the arguments of `terraform init` on this machine."""
    folder = provider_folder()
    return ["init", "-input=false", *([f"-plugin-dir={folder}"] if folder else []), *more]


def run(words: Sequence[str], place: Path = ROOT, own: Mapping[str, str] | None = None) -> int:
    """Run terraform and return its exit code."""
    return subprocess.run(
        ["terraform", *words], cwd=place, env=surroundings(own), check=False
    ).returncode


def surroundings(own: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment of a call of terraform, with variables of its own."""
    return {"GOGC": GARBAGE_LIMIT, **os.environ, "TF_IN_AUTOMATION": "1", **(own or {})}


def validate() -> int:
    """Check formatting and validity of both roots."""
    if run(["fmt", "-check", "-recursive"]):
        return 1
    for place in (ROOT, ROOT / "bootstrap"):
        own = _data_folder(place.name)
        backend = [] if place.name == "bootstrap" else ["-backend=false"]
        if run(init_words(*backend), place, own) or run(["validate"], place, own):
            return 1
    return 0


def test() -> int:
    """Run the tests with mocked providers, each folder in its workspace."""
    bootstrap = ROOT / "bootstrap"
    if run(init_words("-backend=false"), ROOT, _data_folder("test")):
        return 1
    if run(init_words(), bootstrap, _data_folder("bootstrap")):
        return 1
    with ThreadPoolExecutor(len(TESTED_WORKSPACES) + 1) as pool:
        account = pool.submit(_tests_pass, "The bootstrap", "tests", bootstrap)
        return max([account.result(), *pool.map(_test_workspace, TESTED_WORKSPACES)])


def _test_workspace(workspace: str) -> int:
    """Run a workspace's tests; return the exit code."""
    return _tests_pass(f"Workspace {workspace}", f"tests/{workspace}", ROOT, workspace)


def _tests_pass(what: str, folder: str, root: Path, workspace: str = "") -> int:
    """Run a folder of tests; print the last line, or everything if one failed."""
    own = _data_folder("bootstrap" if root.name == "bootstrap" else "test")
    done = subprocess.run(
        ["terraform", "test", "-no-color", f"-test-directory={folder}"],
        cwd=root,
        env=surroundings({**own, "TF_WORKSPACE": workspace}),
        capture_output=True,
        text=True,
        check=False,
    )
    output = done.stdout.strip()
    shown = output + done.stderr if done.returncode else output.splitlines()[-1]
    sys.stdout.write(f"{what}: {shown}\n")
    return done.returncode


def format_files() -> int:
    """Format every file."""
    return run(["fmt", "-recursive"])


def _data_folder(name: str) -> dict[str, str]:
    """Return the environment that separates the files of init from those of a deployment."""
    return {"TF_DATA_DIR": str(REPOSITORY / ".cache" / "terraform" / name)}


_COMMANDS = {"fmt": format_files, "test": test, "validate": validate}


if __name__ == "__main__":
    sys.exit(main())
