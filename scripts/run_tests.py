"""Run the test suite as two parallel processes, and print their output as it comes.

The tests are in groups, one a folder, the longest first; each process takes the next group when
it is free. The tests that need Spark are a group of their own, with one session.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from metriccare.engine.spark.jvm import JAVA_VERSIONS, java_version

_LEFT_OUT = "not slow and not twin"
# The folders whose tests take longest; which begin first decides when the last ends.
_LONGEST = ("pipeline", "upkeep", "end_to_end", "marts", "faults", "generator", "query")
_PROCESSES = 2
_SLOWEST = 15
_COUNT = re.compile(r"(\d+) (passed|failed|error|skipped)")
_CLOSING = re.compile(r" in \d+\.\d+s")
_FAILED = re.compile(r"(?:FAILED|ERROR) (tests/\S+)")
_DURATION = re.compile(r"([\d.]+)s (?:call|setup|teardown) +(\S+)")
_OK, _NO_TESTS = 0, 5


@dataclass
class Group:
    """One call of pytest and what it reported."""

    name: str
    arguments: list[str]
    counts: Counter[str] = field(default_factory=Counter)
    failed: list[str] = field(default_factory=list)
    durations: list[tuple[float, str]] = field(default_factory=list)
    is_ok: bool = False

    def run(self) -> None:
        """Run the group and print each line of its output."""
        command = [sys.executable, "-m", "pytest", f"--durations={_SLOWEST}", *self.arguments]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            for line in process.stdout or ():
                sys.stdout.write(f"{self.name} | {line}")
                sys.stdout.flush()
                self._note(line)
        self.is_ok = process.returncode in (_OK, _NO_TESTS)

    def _note(self, line: str) -> None:
        if _CLOSING.search(line):
            self.counts.update({word: int(number) for number, word in _COUNT.findall(line)})
        self.failed += _FAILED.findall(line)
        self.durations += [(float(took), name) for took, name in _DURATION.findall(line)]


def groups() -> Iterator[Group]:
    """Yield the groups, the longest first."""
    if java_version() in JAVA_VERSIONS:
        yield Group("spark", ["-m", f"spark and {_LEFT_OUT}"])
    else:
        sys.stdout.write("Java 17 is not installed: the tests that compare engines are left out.\n")
    folders = sorted(path.parts[1] for path in Path("tests").glob("*/**/test_*.py"))
    others = [name for name in dict.fromkeys(folders) if name not in _LONGEST]
    for name in (*_LONGEST, *others):
        yield Group(name, [f"tests/{name}", "-m", f"not spark and {_LEFT_OUT}"])


def summary(done: Iterable[Group]) -> str:
    """Return the summary: the slowest tests, the failed tests, and the counts."""
    slowest = sorted((pair for group in done for pair in group.durations), reverse=True)
    failed = sorted({name for group in done for name in group.failed})
    counts = sum((group.counts for group in done), Counter[str]())
    bad = counts["failed"] + counts["error"]
    lines = [
        f"The slowest {_SLOWEST}:",
        *[f"{took:8.1f} s  {name}" for took, name in slowest[:_SLOWEST]],
        *[f"FAILED {name}" for name in failed],
        *[f"The group {group.name} ended early." for group in done if not group.is_ok and not bad],
        f"{counts['passed']} passed, {bad} failed, {counts['skipped']} skipped",
    ]
    return "\n".join(lines) + "\n"


def main() -> int:
    """Run the suite; return 0 if no test failed."""
    every = list(groups())
    with ThreadPoolExecutor(_PROCESSES) as pool:
        list(pool.map(Group.run, every))
    sys.stdout.write(summary(every))
    return int(not all(group.is_ok for group in every))


if __name__ == "__main__":
    sys.exit(main())
