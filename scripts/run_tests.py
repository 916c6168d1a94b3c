"""Run the test suite in two processes side by side, and print what both say as they say it.

A Spark session plans on one core and computes on both for moments only: two of them end sooner
than one with all tests. Each process keeps one session for its tests.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

_LEFT_OUT = "not slow and not twin"
# Its tests take about as long as all others.
_FIRST = "tests/spark"
_COUNT = re.compile(r"(\d+) (passed|failed|error|skipped)")
_CLOSING = re.compile(r" in \d+\.\d+s")
_OK, _NO_TESTS = 0, 5


@dataclass
class Half:
    """Calls of pytest, one after the other, and what came of them."""

    name: str
    calls: Sequence[Sequence[str]]
    counts: Counter[str] = field(default_factory=Counter)
    failed: bool = False

    def run(self) -> None:
        """Run the calls and pass on each line they print."""
        for arguments in self.calls:
            command = [sys.executable, "-m", "pytest", "--durations=15", *arguments]
            with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
                for line in process.stdout or ():
                    sys.stdout.write(f"{self.name} | {line}")
                    sys.stdout.flush()
                    self._count(line)
            self.failed |= process.returncode not in (_OK, _NO_TESTS)

    def _count(self, line: str) -> None:
        if _CLOSING.search(line):
            self.counts.update({word: int(number) for number, word in _COUNT.findall(line)})


def main() -> int:
    """Run the suite; return 0 when no test failed."""
    spark, others = f"spark and {_LEFT_OUT}", f"not spark and {_LEFT_OUT}"
    halves = (
        Half("1", [[_FIRST, "-m", spark]]),
        Half("2", [["-m", others], ["-m", spark, f"--ignore={_FIRST}"]]),
    )
    with ThreadPoolExecutor(len(halves)) as pool:
        for done in [pool.submit(half.run) for half in halves]:
            done.result()
    counts = sum((half.counts for half in halves), Counter[str]())
    failed = counts["failed"] + counts["error"]
    sys.stdout.write(f"{counts['passed']} passed, {failed} failed, {counts['skipped']} skipped\n")
    return int(any(half.failed for half in halves))


if __name__ == "__main__":
    sys.exit(main())
