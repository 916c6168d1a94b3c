"""Write the archive of the Java classes a run loads, which saves every later run some seconds.

Run by `make setup`: a small run on generated data, whose JVM writes the archive when it ends.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from metriccare.spark.jvm import RECORD_VARIABLE, class_archive

METRICCARE = Path(sys.executable).with_name("metriccare")
_PATIENTS = "30"
_SECONDS_TO_WRITE = 120


def main() -> None:
    """Record the classes of a full load and put the archive in place."""
    archive = class_archive()
    if archive.is_file():
        return
    sys.stderr.write("Recording the Java classes of a small run (about a minute, once)\n")
    with tempfile.TemporaryDirectory() as folder:
        recorded = Path(folder) / "classes.jsa"
        _run(Path(folder), recorded)
        if _is_written(recorded):
            part = archive.with_suffix(".part")
            part.write_bytes(recorded.read_bytes())
            part.replace(archive)
        else:
            sys.stderr.write("No class archive was written; runs start some seconds slower.\n")


def _run(folder: Path, recorded: Path) -> None:
    lake = ("--lake", str(folder / "lake"))
    data = folder / "data"
    generate = ("generate", "--out", str(data), "--patients", _PATIENTS)
    for command in (generate, ("ingest", str(data / "json"), *lake), ("run", *lake)):
        environment = {**os.environ, RECORD_VARIABLE: str(recorded)}
        subprocess.run([METRICCARE, *command], env=environment, check=True, capture_output=True)


def _is_written(recorded: Path) -> bool:
    """Wait until the JVM, which outlives its Python process a little, has written all."""
    size = -1
    for _ in range(_SECONDS_TO_WRITE):
        time.sleep(1)
        now = recorded.stat().st_size if recorded.is_file() else -1
        if now > 0 and now == size:
            return True
        size = now
    return False


if __name__ == "__main__":
    main()
