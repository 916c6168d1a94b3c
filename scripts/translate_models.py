"""Translate the models of runs into a folder, so that a cold start translates none.

A small lake goes through a first run and a daily one: that asks for every model they have.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path

from data_generator import GeneratorConfig, generate
from metriccare.commands.printing.progress import Progress
from metriccare.engine.duckdb.translations import CACHE_VARIABLE
from metriccare.settings import DUCKDB
from metriccare.wiring.local import ingest_paths, local_lake, run_local

_PATIENTS, _DEFECTS = 40, 0.05


def main() -> int:
    """Fill the folder given as the only argument."""
    folder = Path(sys.argv[1]).resolve()
    os.environ[CACHE_VARIABLE] = str(folder)
    with tempfile.TemporaryDirectory() as scratch:
        sent = Path(scratch) / "sent"
        generate(GeneratorConfig(out=sent, patients=_PATIENTS, days=1, defects=_DEFECTS))
        here = local_lake(f"{scratch}/lake", None, DUCKDB)
        for part in (sent / "json", *sorted(sent.glob("days/*/json"))):
            ingest_paths(here, [str(part)], "default", Progress().counted)
            run_local(here, None, lambda _: None)
    _sort(next(folder.glob("models-*.json")))
    return 0


def _sort(file: Path) -> None:
    """Write the translations in the order of their keys, because the order of a run can differ."""
    known = json.loads(file.read_text(encoding="utf-8"))
    file.write_text(json.dumps(known, sort_keys=True), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
