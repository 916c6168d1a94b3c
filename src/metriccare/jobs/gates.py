"""The gates before publication: what they look at, measured on the computed frames.

What only bronze and silver know is counted while gold is computed; results are in memory already,
and files and runs are asked of the tracking store.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812

from metriccare.errors import Refusal
from metriccare.incremental.context import RunContext
from metriccare.jobs.conservation import conserved
from metriccare.jobs.gold import Gates, Outcome
from metriccare.jobs.parallel import started
from metriccare.pipeline.publish.gate_measurements import accepted_tenants, measured
from metriccare.quality.gates import Counted, Subject, judge
from metriccare.tables import BY_NAME, Table
from metriccare.tracking.states import FileState
from metriccare.tracking.store import TrackingStore


def at_the_door(spark: SparkSession, context: RunContext, store: TrackingStore) -> Gates:
    """Return what judges a run's gold: it returns the tenants refused.

    What the gates ask of bronze and silver is counted from now on, while gold is computed.
    """

    taken_up = sum(file.rows_loaded for file in store.files(FileState.LOADED))
    kept = started(lambda: conserved(spark, context, taken_up))

    def judged(outcome: Outcome) -> Sequence[Refusal]:
        repeated = _repeated(outcome.tables) if outcome.tables else {}
        found = measured(context, outcome, repeated, kept.result(), store)
        accepted = accepted_tenants(context, found, store)
        return judge(found, context.settings.gates, context.run_id, accepted)

    return judged


def _repeated(tables: Mapping[str, DataFrame]) -> dict[Subject, Counted]:
    """Return, of tables whose keys repeat, rows and keys.

    Keys are compared by a hash of 64 bits: shuffling their texts would cost several times as much.
    """
    keys = [_key_hashes(rows, BY_NAME[f"gold.{name}"]) for name, rows in tables.items()]
    every = reduce(DataFrame.unionByName, keys).groupBy("tenant", "name", "key").count()
    totals = (
        every.where("count > 1")
        .groupBy("tenant", "name")
        .agg(F.sum("count").alias("rows"), F.count("*").alias("distinct"))
    )
    return {
        Subject(row.tenant, row.name): Counted(row.rows, row.distinct) for row in totals.collect()
    }


def _key_hashes(rows: DataFrame, table: Table) -> DataFrame:
    return rows.select(
        "tenant", F.lit(table.full_name).alias("name"), F.xxhash64(*table.key).alias("key")
    )
