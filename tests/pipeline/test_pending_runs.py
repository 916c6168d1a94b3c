"""A table's commits show whether pending runs wrote it; its rows are not read."""

from __future__ import annotations

from dataclasses import replace

from metriccare.incremental.context import RunContext
from metriccare.incremental.pending_rows import is_written
from metriccare.local.folder_store import LocalRawFiles
from metriccare.tables import BY_NAME
from tests.loader import NOW, Loader
from tests.pipeline.resources import encounter, patient

PATIENT, ENCOUNTER = BY_NAME["silver.patient"], BY_NAME["silver.encounter"]


def test_commits_name_the_runs_that_wrote_a_table(loader: Loader):
    first = loader.load([patient()]).record.run_id
    second = loader.load([encounter()]).record.run_id
    context = RunContext("run-now", loader.lake, NOW, NOW.date(), LocalRawFiles())

    with loader.engine() as engine:

        def wrote(table, *runs):
            return is_written(engine, replace(context, pending_runs=dict.fromkeys(runs)), table)

        assert wrote(PATIENT, first)
        assert wrote(PATIENT, first, second)
        assert not wrote(PATIENT, second)
        assert wrote(ENCOUNTER, second)
        assert not wrote(ENCOUNTER)
        assert not wrote(BY_NAME["gold.stay"], first, second)
        # Its commits may have left the timeline.
        assert wrote(PATIENT, "run-000000")
