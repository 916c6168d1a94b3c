"""What commits tell of the runs that made them."""

from __future__ import annotations

import pytest

from metriccare.spark import timeline
from metriccare.tables import BY_NAME
from tests.loader import Loader, encounter, patient

pytestmark = pytest.mark.spark

PATIENT, ENCOUNTER = BY_NAME["silver.patient"], BY_NAME["silver.encounter"]


def test_commits_tell_which_runs_wrote_a_table(loader: Loader):
    first = loader.load([patient()]).record.run_id
    second = loader.load([encounter()]).record.run_id

    def is_written(table, *runs):
        return timeline.is_written_by(loader.spark, loader.lake, table, runs)

    assert is_written(PATIENT, first)
    assert is_written(PATIENT, first, second)
    assert not is_written(PATIENT, second)
    assert is_written(ENCOUNTER, second)
    assert not is_written(ENCOUNTER)
    assert not is_written(BY_NAME["gold.stay"], first, second)


def test_a_run_older_than_all_commits_at_hand_may_have_written_the_table(loader: Loader):
    first = loader.load([patient()]).record.run_id
    commits = timeline.completed(loader.spark, loader.lake, PATIENT)
    folder = loader.lake.folder / PATIENT.path / ".hoodie"
    text = (folder / commits[0]).read_text()
    for number in range(20):
        later = text.replace(first, f"run-9000{number:02}")
        (folder / f"99{number:02}0101000000000.commit").write_text(later)
    assert timeline.is_written_by(loader.spark, loader.lake, PATIENT, ["run-000000"])
