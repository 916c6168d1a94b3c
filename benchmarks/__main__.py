"""Time the commands a person runs, each as a process of its own, and print median and spread.

`make bench` (or `python -m benchmarks --patients 2000 --repeat 3 --json figures.json`).
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

METRICCARE = Path(sys.executable).with_name("metriccare")
ROWS_OF_AN_INCREMENT = 1000


@dataclass(frozen=True)
class Case:
    """One thing to time: what is prepared each time, and the command timed."""

    name: str
    command: tuple[str, ...]
    prepare: Callable[[], None] = lambda: None


def timed(case: Case, repeat: int) -> list[float]:
    """Return the seconds of each repetition."""
    seconds = []
    for _ in range(repeat):
        case.prepare()
        began = time.perf_counter()
        subprocess.run([METRICCARE, *case.command], check=True, capture_output=True)
        seconds.append(time.perf_counter() - began)
    return seconds


def cases(folder: Path, patients: int) -> list[Case]:
    """Return the cases in the order they build on each other."""
    data, lake = folder / "fhir_data", folder / "lake"
    here = ("--lake", str(lake))
    increments = iter(range(1, 1000))

    def fresh() -> None:
        subprocess.run(["rm", "-rf", lake], check=True)
        subprocess.run([METRICCARE, "ingest", data / "json", *here], check=True)

    def more() -> None:
        """Take in some new observations: changed ids of existing rows."""
        number = next(increments)
        source = data / "json" / "observations" / "Observation.000.ndjson"
        with source.open(encoding="utf-8") as lines:
            rows = [json.loads(next(lines)) for _ in range(ROWS_OF_AN_INCREMENT)]
        target = folder / f"increment-{number}.ndjson"
        text = "".join(
            json.dumps({**row, "id": f"i{number}-{row['id'][:50]}"}) + "\n" for row in rows
        )
        target.write_text(text, encoding="utf-8")
        subprocess.run([METRICCARE, "ingest", target, *here], check=True)

    generate = ("generate", "--out", str(data), "--patients", str(patients), "--force")
    return [
        Case(f"generate {patients:,} patients", generate),
        Case("run: full load, raw to published", ("run", "--as-of", "2024-12-31", *here), fresh),
        Case(
            f"run: {ROWS_OF_AN_INCREMENT:,} new rows", ("run", "--as-of", "2024-12-31", *here), more
        ),
        Case("run: nothing to do", ("run", *here)),
        Case("metrics", ("metrics", *here)),
        Case("query: published measure", ("query", "SELECT * FROM metric_alos", *here)),
        Case("report", ("report", "--out", str(folder / "report.html"), *here)),
    ]


def main() -> None:
    """Run every case and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--patients", type=int, default=2000)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--json", type=Path, help="write the figures here as well")
    arguments = parser.parse_args()
    figures = {}
    with tempfile.TemporaryDirectory() as folder:
        print(f"{'case':36} {'median':>8} {'min':>8} {'max':>8}  seconds")
        for case in cases(Path(folder), arguments.patients):
            seconds = timed(case, arguments.repeat)
            figures[case.name] = seconds
            middle = statistics.median(seconds)
            print(
                f"{case.name:36} {middle:8.2f} {min(seconds):8.2f} {max(seconds):8.2f}", flush=True
            )
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
