"""Time what users wait for, beside the limit the plain engine sets on the same bytes.

`make bench`, or for one size and a record of the figures:
`python -m benchmarks --resources 100000 --repeat 3 --json figures.json`.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
from pathlib import Path

from benchmarks.cases import LIMITS, Case, cases
from benchmarks.measure import Measurement

_COLUMNS = ("case", "median s", "min", "max", "x limit", "JVM MB", "Python MB")


def measurements(case: Case, repeat: int) -> list[Measurement]:
    """Return what each repetition took."""
    found = []
    for _ in range(repeat):
        case.prepare()
        found.append(case.run())
    return found


def line(case: Case, found: list[Measurement], limit: float | None) -> str:
    """Return a row of the table; ratios only for what reads the same bytes as the limit."""
    seconds = [one.seconds for one in found]
    middle = statistics.median(seconds)
    ratio = f"{middle / limit:7.2f}" if limit and case.same_bytes else " " * 7
    java, python = (max(one.peak[kind] for one in found) for kind in ("java", "python"))
    return (
        f"{case.name:44} {middle:8.2f} {min(seconds):8.2f} {max(seconds):8.2f} {ratio}"
        f" {java:7.0f} {python:9.0f}"
    )


def benchmark(
    resources: int, repeat: int, folder: Path, engine: str, *, quick: bool
) -> dict[str, list[dict[str, object]]]:
    """Run the cases at one size, print the table as it grows, return the figures."""
    print(
        f"\n{resources:,} resources on {engine}\n{_COLUMNS[0]:44} "
        + " ".join(f"{c:>8}" for c in _COLUMNS[1:])
    )
    figures, limit = {}, None
    for case in cases(folder, resources, engine):
        if quick and case.own_lake:
            continue
        found = measurements(case, 1 if case.once else repeat)
        if case.name == LIMITS[engine]:
            limit = statistics.median(one.seconds for one in found)
        print(line(case, found, limit), flush=True)
        for stage in found[0].stages:
            middle = statistics.median(one.stages.get(stage, 0.0) for one in found)
            print(f"  {stage:42} {middle:8.2f}", flush=True)
        figures[case.name] = [one.as_record() for one in found]
    return figures


def main() -> None:
    """Run every case at every size."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--resources", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--engine", choices=sorted(LIMITS), default="duckdb")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument(
        "--quick", action="store_true", help="leave out the cases with input of their own"
    )
    parser.add_argument("--json", type=Path, help="write the figures here as well")
    arguments = parser.parse_args()
    figures = {}
    for resources in arguments.resources:
        with tempfile.TemporaryDirectory() as folder:
            figures[resources] = benchmark(
                resources,
                arguments.repeat,
                Path(folder),
                arguments.engine,
                quick=arguments.quick,
            )
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
