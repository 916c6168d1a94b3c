"""Trino's recorded answers: `python -m tests.query.shown.recorded` asks Trino and writes them.

Needs Trino and a JDK (`make trino`). The file lets the suite compare without either.
"""

from __future__ import annotations

import json
import socket
import tempfile
from pathlib import Path

from metriccare.local.trino.engine import TrinoEngine
from metriccare.local.trino.server import TrinoServer
from metriccare.settings import Lake
from tests.query.shown.cases import Case, all_cases
from tests.query.shown.outcomes import outcomes_with_try

FILE = Path(__file__).with_name("recorded_answers.json")
ROWS = 6


def recorded_cases() -> list[Case]:
    """Return the cases whose answers are recorded."""
    return all_cases(ROWS)


def recorded() -> dict[str, list[str]]:
    """Return Trino's outcomes by the name of the case."""
    found: dict[str, list[str]] = json.loads(FILE.read_text(encoding="utf-8"))
    return found


def answers_of(engine: TrinoEngine, cases: list[Case]) -> dict[str, list[str]]:
    """Ask Trino."""
    return {case.name: outcomes_with_try(engine, case) for case in cases}


def text_of(answers: dict[str, list[str]]) -> str:
    """Return the file's text: one case a line."""
    lines = (
        f"{json.dumps(name, ensure_ascii=False)}: {json.dumps(found, ensure_ascii=False)}"
        for name, found in sorted(answers.items())
    )
    return "{\n" + ",\n".join(lines) + "\n}\n"


def free_port() -> int:
    """Return a port nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def main() -> None:
    """Write the file from a Trino of its own."""
    with tempfile.TemporaryDirectory() as folder:
        lake = Lake(folder)
        with TrinoServer(lake, free_port()) as server:
            answers = answers_of(TrinoEngine(server.uri), recorded_cases())
    FILE.write_text(text_of(answers), encoding="utf-8")


if __name__ == "__main__":
    main()
