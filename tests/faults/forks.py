"""`metriccare` commands as processes of their own, forked: imports take longer than a small run.

    python -m tests.faults.forks

Reads a command as a line of JSON, runs it in a fork of itself, and answers with how it ended.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from metriccare import cli
from tests.faults.ended_run import end_at

_PROJECT = Path(__file__).parents[2]


def call(words: Sequence[str], **more: Any) -> subprocess.CompletedProcess[str]:
    """Run `metriccare` with these words, under an environment, ended at a commit, or neither."""
    server = _server()
    assert server.stdin is not None
    assert server.stdout is not None
    json.dump({"words": list(words), **more}, server.stdin)
    server.stdin.write("\n")
    server.stdin.flush()
    answer = json.loads(server.stdout.readline())
    return subprocess.CompletedProcess(words, answer["code"], "", answer["said"])


@cache
def _server() -> subprocess.Popen[str]:
    """Return the process to fork; it ends with this one, when nobody writes to it any more."""
    command = [sys.executable, "-m", "tests.faults.forks"]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=_PROJECT, stdin=pipe, stdout=pipe, text=True)


def main() -> None:
    """Answer until there is no more to read."""
    _import_what_runs_need()
    for line in sys.stdin:
        code, said = _forked(**json.loads(line))
        sys.stdout.write(json.dumps({"code": code, "said": said}) + "\n")
        sys.stdout.flush()


def _import_what_runs_need() -> None:
    import duckdb  # noqa: F401
    import sqlglot  # noqa: F401


def _forked(
    words: Sequence[str], env: Mapping[str, str] | None = None, end: Mapping[str, Any] | None = None
) -> tuple[int, str]:
    """Run a command in a fork; return its exit code and all that was said.

    Its JVM has ended too, if it had one: it would hold the pipe open.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        os.setsid()
        _become(words, writing, env or {}, end)
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8", errors="replace") as said:
        text = said.read()
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), text


def _become(
    words: Sequence[str], output: int, env: Mapping[str, str], end: Mapping[str, Any] | None
) -> None:
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.close(output)
    os.environ.update(env)
    sys.argv = ["metriccare", *words]
    code: Any = 1
    try:
        if end is not None:
            end_at(**end)
        cli.main()
    except SystemExit as ended:
        code = ended.code or 0
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main()
