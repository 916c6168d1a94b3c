"""The SQL files that are written from declarations: views of measures, and health checks.

`python -m metriccare.report.generated_sql` writes them; with `--check` it only compares.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from metriccare.query.views import CHECKS_FOLDER, VIEWS_FOLDER
from metriccare.report.health_checks import generated_checks
from metriccare.report.kpi_views import kpi_views
from metriccare.report.measure_views import measure_views

FOLDER = Path("sql")


def generated_files() -> Mapping[Path, str]:
    """Return every generated file below the folder of SQL, with its text."""
    texts = {**measure_views(), **kpi_views()}
    views = {Path(VIEWS_FOLDER, f"{name}.sql"): text for name, text in texts.items()}
    checks = {Path(CHECKS_FOLDER, f"{name}.sql"): text for name, text in generated_checks().items()}
    return views | checks


def write(folder: Path) -> None:
    """Write every generated file below a folder of SQL."""
    for path, text in generated_files().items():
        (folder / path).write_text(text, encoding="utf-8")


def out_of_date(folder: Path) -> list[Path]:
    """Return the files below a folder of SQL that are missing or differ."""
    return [path for path, text in generated_files().items() if _text(folder / path) != text]


def _text(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None


def main() -> int:
    """Write the files, or with --check compare them; exit code 1 when one is out of date."""
    if "--check" not in sys.argv[1:]:
        write(FOLDER)
        return 0
    stale = out_of_date(FOLDER)
    for path in stale:
        sys.stderr.write(
            f"{FOLDER / path} is out of date: python -m metriccare.report.generated_sql\n"
        )
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
