"""The large fixture of published marts, as a lake of its own: control charts are drawn in it."""

from __future__ import annotations

import shutil
from pathlib import Path

from metriccare import naming

FIXTURE = Path(__file__).parents[1] / "data" / "publication-large"
# Shown months of readmissions without a gap: the last ones are hidden, their hospitals are small.
SHOWN_MONTHS = ("2022-01-01", "2024-08-01")


def copied_to(folder: Path) -> Path:
    """Copy the marts below a folder that becomes a lake, and return it."""
    shutil.copytree(FIXTURE / naming.MARTS_FOLDER, folder / naming.MARTS_FOLDER)
    return folder
