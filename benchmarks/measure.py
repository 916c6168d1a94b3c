"""One command as a process of its own: how long it took, and the most memory it held."""

from __future__ import annotations

import os
import re
import subprocess
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

_EVERY = 0.2
_STAGE = re.compile(r"^(\w[\w ]*?)(?::.*)? in ([\d.]+) s$", re.MULTILINE)
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Measurement:
    """Seconds by the clock, peak resident megabytes by kind of process, seconds by stage."""

    seconds: float
    peak: dict[str, float]
    stages: dict[str, float] = field(default_factory=dict)

    def as_record(self) -> dict[str, object]:
        """Return it as JSON wants it."""
        return asdict(self)


def measured(command: Sequence[str | Path]) -> Measurement:
    """Run a command and return what it took; its error is raised with what it said."""
    began = time.perf_counter()
    process = subprocess.Popen(
        [str(part) for part in command],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    peak = {"java": 0.0, "python": 0.0}
    watcher = threading.Thread(target=_watch, args=(process, peak))
    watcher.start()
    _, said = process.communicate()
    watcher.join()
    seconds = time.perf_counter() - began
    if process.returncode:
        raise RuntimeError(f"{' '.join(map(str, command))} failed:\n{said[-2000:]}")
    stages = {name: float(took) for name, took in _STAGE.findall(said)}
    return Measurement(seconds, peak, stages)


def _watch(process: subprocess.Popen[str], peak: dict[str, float]) -> None:
    while process.poll() is None:
        held = {"java": 0.0, "python": 0.0}
        for pid in _family(process.pid):
            kind, megabytes = _process(pid)
            held[kind] += megabytes
        for kind, megabytes in held.items():
            peak[kind] = max(peak[kind], megabytes)
        time.sleep(_EVERY)


def _family(root: int) -> list[int]:
    """Return a process and all below it."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents.setdefault(int(fields[1]), []).append(int(entry.name))
    family = [root]
    for pid in family:
        family.extend(parents.get(pid, ()))
    return family


def _process(pid: int) -> tuple[str, float]:
    """Return what kind of process it is, and its resident megabytes."""
    try:
        name = Path(f"/proc/{pid}/comm").read_text()
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return "python", 0.0
    return ("java" if name.startswith("java") else "python"), pages * _PAGE / 2**20


def processor_seconds(command: Sequence[str | Path]) -> float:
    """Run a command and return the processor seconds it took, with what it started."""
    before = os.times()
    subprocess.run([str(part) for part in command], check=True, capture_output=True)
    after = os.times()
    return (after.children_user - before.children_user) + (
        after.children_system - before.children_system
    )
