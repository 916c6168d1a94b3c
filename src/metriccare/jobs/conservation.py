"""Conservation: every record of the files taken up is in bronze or quarantine, every resource in
silver or quarantine.

Source: ingest specification, section 4.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from functools import reduce
from typing import NamedTuple

from pyspark.sql import Column, DataFrame, Row, SparkSession
from pyspark.sql import functions as F  # noqa: N812

from metriccare.fhir.resources import RESOURCES
from metriccare.incremental.context import RunContext
from metriccare.jobs.arrivals import are_few
from metriccare.jobs.rejects import open_rejects
from metriccare.jobs.written import of_pending_runs
from metriccare.pipeline.publish.conservation import Conserved
from metriccare.quality.gates import Counted, Subject
from metriccare.quality.rules import RULES
from metriccare.spark import hudi
from metriccare.spark.schema import afresh, settled
from metriccare.tables import Table
from metriccare.tables import bronze as bronze_tables
from metriccare.tables import silver as silver_tables

_NAMES = ("tenant", "resource_type", "resource_id")
_ROW_RULES = tuple(sorted({rule.id for rule in RULES}))
_TABLE_OF = {r.type: silver_tables.BY_RESOURCE[r.type] for r in RESOURCES}


def conserved(spark: SparkSession, context: RunContext, taken_up: int) -> Conserved:
    """Return the records stored of each file taken up, and the resources missing of each type.

    `taken_up` is about how many records they hold.
    """
    if not context.pending_runs:
        return Conserved({}, {})
    pending = _of_this_run(spark, context, bronze_tables.RESOURCE).select("file_id", *_NAMES)
    few = are_few(taken_up)
    if few:
        pending = settled(pending)
    arrived = pending.groupBy("tenant", "file_id", "resource_type").agg(*_fingerprint()).collect()
    rejected = _received_rejects(spark, context).groupBy("tenant", "file_id").count().collect()
    by_file = Counter({(row.tenant, row.file_id): row["count"] for row in rejected})
    for row in arrived:
        by_file[row.tenant, row.file_id] += row.rows
    files = {Subject(*names): Counted(0, count) for names, count in by_file.items()}
    by_type = _by_type(row for row in arrived if row.resource_type in _TABLE_OF)
    complete = set() if few else _complete_types(spark, context, by_type)
    doubtful = by_type.keys() - complete
    missing = _missing(spark, context, pending, doubtful, few=few) if doubtful else {}
    return Conserved(files, missing)


class _Fingerprint(NamedTuple):
    """How many resources there are, and the sum of the hashes of their names, in 64 bits."""

    rows: int
    hashes: int

    def plus(self, rows: int, hashes: int) -> _Fingerprint:
        return _Fingerprint(self.rows + rows, (self.hashes + hashes) % 2**64)


def _fingerprint() -> list[Column]:
    return [F.count("*").alias("rows"), F.sum(F.xxhash64(*_NAMES)).alias("hashes")]


def _by_type(rows: Iterable[Row]) -> dict[str, _Fingerprint]:
    found: dict[str, _Fingerprint] = {}
    for row in rows:
        known = found.get(row.resource_type, _Fingerprint(0, 0))
        found[row.resource_type] = known.plus(row.rows, row.hashes)
    return found


def _complete_types(
    spark: SparkSession, context: RunContext, arrived: Mapping[str, _Fingerprint]
) -> set[str]:
    """Return the types of which exactly the resources that arrived are kept.

    So it is in a first load but for corrections and repeats: sums tell, where looking for every
    resource would take several times as long.
    """
    sums = [
        rows.groupBy("resource_type").agg(*_fingerprint())
        for rows in _kept(spark, context, arrived.keys())
    ]
    kept = _by_type(reduce(DataFrame.unionByName, sums).collect())
    return {kind for kind, found in arrived.items() if kept.get(kind) == found}


def _kept(spark: SparkSession, context: RunContext, kinds: Collection[str]) -> list[DataFrame]:
    """Return the names of the resources of some types that are in silver or rejected."""
    tables = [
        hudi.read(spark, context.lake, table).select(
            "tenant", F.lit(kind).alias("resource_type"), F.col("id").alias("resource_id")
        )
        for kind, table in _TABLE_OF.items()
        if kind in kinds and hudi.exists(spark, context.lake, table)
    ]
    rejects = open_rejects(spark, context.lake).where(F.col("resource_type").isin(*kinds))
    return [*tables, rejects.select(*_NAMES)]


def _of_this_run(spark: SparkSession, context: RunContext, table: Table) -> DataFrame:
    """Return the rows of files taken up: new ones, and those of files taken up once more."""
    again = F.col("file_id").isin([file.file_id for file in context.taken_again])
    return hudi.read(spark, context.lake, table).where(of_pending_runs(context) | again)


def _received_rejects(spark: SparkSession, context: RunContext) -> DataFrame:
    """Return what was rejected when it was received: what row rules rejected is in bronze too."""
    return _of_this_run(spark, context, bronze_tables.QUARANTINE).where(
        F.col("redriven_run_id").isNull() & ~F.col("rule_id").isin(*_ROW_RULES)
    )


def _missing(
    spark: SparkSession,
    context: RunContext,
    pending: DataFrame,
    kinds: Collection[str],
    *,
    few: bool,
) -> dict[Subject, Counted]:
    """Return how many resources of some types are in bronze and neither in silver nor rejected."""
    key = F.xxhash64(*_NAMES).alias("key")
    found = reduce(DataFrame.unionByName, _kept(spark, context, kinds)).select(key)
    wanted = pending.where(F.col("resource_type").isin(*kinds)).select(*_NAMES[:2], key)
    if few:
        found = found.join(F.broadcast(afresh(wanted).select("key")), "key", "left_semi")
    lost = wanted.join(found, "key", "left_anti")
    counted = lost.groupBy(*_NAMES[:2]).agg(F.countDistinct("key").alias("lost")).collect()
    return {Subject(row.tenant, row.resource_type): Counted(row.lost, 0) for row in counted}
