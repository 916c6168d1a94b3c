"""Spark's commits name the runs and steps that made them."""

from __future__ import annotations

from pathlib import Path

import pytest

from metriccare import naming
from metriccare.engine.spark import timeline
from metriccare.settings import SPARK, Lake
from metriccare.tables import BY_NAME
from metriccare.tables.commit_note import COMMITS_LOOKED_AT
from tests.loader import Loader
from tests.pipeline.resources import encounter, patient

pytestmark = pytest.mark.spark

PATIENT, ENCOUNTER = BY_NAME["silver.patient"], BY_NAME["silver.encounter"]


@pytest.fixture
def loader(spark, lake: Lake, tmp_path: Path) -> Loader:
    return Loader(SPARK, lake, tmp_path)


def test_commits_name_the_runs_that_wrote_a_table(spark, loader: Loader):
    first = loader.load([patient()]).record.run_id
    second = loader.load([encounter()]).record.run_id

    def runs(table):
        notes = timeline.notes(spark, loader.lake, table)
        return {note[naming.COMMIT_RUN_ID] for note in notes}

    assert runs(PATIENT) == {first}
    assert runs(ENCOUNTER) == {second}
    assert runs(BY_NAME["gold.stay"]) == set()


def test_the_newest_commits_are_looked_at_and_no_others(spark, loader: Loader):
    first = loader.load([patient()]).record.run_id
    commits = timeline.completed(spark, loader.lake, PATIENT)
    folder = loader.lake.folder / PATIENT.path / ".hoodie"
    text = (folder / commits[0]).read_text()
    later = [f"run-9000{number:02}" for number in range(COMMITS_LOOKED_AT)]
    for number, run_id in enumerate(later):
        name = f"99{number:02}0101000000000.commit"
        (folder / name).write_text(text.replace(first, run_id))
    notes = timeline.notes(spark, loader.lake, PATIENT)
    assert [note[naming.COMMIT_RUN_ID] for note in notes] == later[::-1]
