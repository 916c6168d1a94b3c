"""Trino's recorded answers: `python -m tests.query.shown.recorded` asks Trino and writes them.

Needs Trino and a JDK (`make trino`). The file lets the suite compare without either.
"""

from __future__ import annotations

import json
import socket
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from metriccare.query.trino.engine import TrinoEngine
from metriccare.query.trino.server import TrinoServer
from metriccare.settings import Lake
from tests.query.shown.cases import Case, all_cases
from tests.query.shown.outcomes import outcomes_with_try

FILE = Path(__file__).with_name("recorded_answers.json")
ROWS = 6


def recorded_cases() -> list[Case]:
    """Return every case with the rows Trino was asked about; a case it was not asked is new."""
    kept = _recorded()
    return [
        replace(case, rows=tuple(map(tuple, kept[case.name]["rows"])))
        if case.name in kept
        else case
        for case in all_cases(ROWS)
    ]


def recorded() -> dict[str, list[str]]:
    """Return Trino's outcomes by the name of the case."""
    return {name: found["answers"] for name, found in _recorded().items()}


def _recorded() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = json.loads(FILE.read_text(encoding="utf-8"))
    return found


def answers_of(engine: TrinoEngine, cases: list[Case]) -> dict[str, list[str]]:
    """Ask Trino."""
    return {case.name: outcomes_with_try(engine, case) for case in cases}


def text_of(cases: list[Case], answers: dict[str, list[str]]) -> str:
    """Return the file's text: one case a line."""
    found = {case.name: {"rows": case.rows, "answers": answers[case.name]} for case in cases}
    lines = (
        f"{json.dumps(name, ensure_ascii=False)}: {json.dumps(one, ensure_ascii=False)}"
        for name, one in sorted(found.items())
    )
    return "{\n" + ",\n".join(lines) + "\n}\n"


def free_port() -> int:
    """Return a port nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def main() -> None:
    """Write the file from a new Trino server."""
    with tempfile.TemporaryDirectory() as folder:
        lake = Lake(folder)
        with TrinoServer(lake, free_port()) as server:
            cases = all_cases(ROWS)
            answers = answers_of(TrinoEngine(server.uri), cases)
    FILE.write_text(text_of(cases, answers), encoding="utf-8")


if __name__ == "__main__":
    main()
