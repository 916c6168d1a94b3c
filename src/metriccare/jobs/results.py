"""Results of every measure, period and stratum, from the evidence.

Evidence carries the strata it counts under, so one pass sums it by month and stratum; the sums
over time, values and intervals are plain Python on the few rows that are left.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import reduce

import pyarrow as pa
from pyspark.sql import Column, DataFrame, Row
from pyspark.sql import functions as F  # noqa: N812

from metriccare.incremental.context import RunContext
from metriccare.jobs.result_rows import TenantResult
from metriccare.measures import BY_ID, MEASURES
from metriccare.measures.definition import MEAN, PROPORTION, RATE
from metriccare.measures.results import (
    INFECTION_TYPE,
    MONTH,
    OTHER_TYPE,
    OVERALL,
    Count,
    results_of,
)
from metriccare.measures.rulebook import Rulebook
from metriccare.tables import gold as tables

UNKNOWN = "unknown"
_RATES = tuple(m.id for m in MEASURES if m.shape == RATE)
_MEANS = tuple(m.id for m in MEASURES if m.shape == MEAN)
_SHARES = tuple(m.id for m in MEASURES if m.shape == PROPORTION and m.has_types)
# Column of the evidence, and the kind of stratum it is.
_STRATA = {
    "hospital_id": "hospital",
    "department": "department",
    "age_band": "age_band",
    "sex": "sex",
    "payer": "payer",
}
STRATUM_TYPES = (OVERALL, *_STRATA.values(), INFECTION_TYPE)
_COUNTS = ("numerator", "denominator", "excluded")
_PERIOD = ("tenant", "measure_id", "month", "amount")
_COUNTED = (*_PERIOD, *_COUNTS, "method", *STRATUM_TYPES)
_AGGREGATES = [*((name, "sum") for name in _COUNTS), ("method", "max")]
_SUMS = (
    "tenant string, measure_id string, month date, amount int, stratum_type string,"
    " stratum_value string, numerator bigint, denominator bigint, excluded bigint, method int"
)


def compute(
    context: RunContext, gold: Mapping[str, DataFrame], rules: Rulebook
) -> tuple[TenantResult, ...]:
    """Return every result of every tenant."""
    by_tenant: dict[str, list[Count]] = {}
    for row in counts(gold).collect():
        by_tenant.setdefault(row.tenant, []).append(_as_count(row))
    types = sorted({e.value for e in rules.codes["infections"].entries} - {OTHER_TYPE})
    return tuple(
        TenantResult(
            tenant,
            context.as_of_for(tenant),
            result,
            rules.version(BY_ID[result.group.measure_id]),
            rules.predictions.of(tenant, result.group),
        )
        for tenant, found in sorted(by_tenant.items())
        for result in results_of(found, BY_ID, types)
    )


def _as_count(row: Row) -> Count:
    return Count(
        row.measure_id,
        row.month,
        row.stratum_type,
        row.stratum_value,
        row.amount,
        row.numerator,
        row.denominator,
        row.excluded,
        _METHOD_WORDS.get(row.method),
    )


def counts(gold: Mapping[str, DataFrame]) -> DataFrame:
    """Return counts by tenant, measure, month and stratum (of means, also by length).

    Each partition gives its own sums: Arrow adds them up in a fraction of the time that
    spreading every row over its strata would take, and the few sums are added on the driver.
    """
    events = gold[tables.INFECTION_EVENT.name]
    parts = (
        of_stays(gold[tables.MEASURE_STAY.name]),
        of_events(events),
        of_days(gold[tables.STAY_DAY.name]),
        shares_by_type(events),
    )
    every = reduce(DataFrame.unionByName, (part.select(*_COUNTED) for part in parts))
    return every.mapInArrow(_sums, _SUMS)


def _sums(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Return the sums of a partition, for one kind of stratum after the other."""
    found = list(batches)
    if not found:
        return
    rows = pa.Table.from_batches(found)
    for kind in STRATUM_TYPES:
        # A row without a stratum of this kind does not count under the kind.
        own = rows.filter(rows[kind].is_valid())
        grouped = own.group_by([*_PERIOD, kind]).aggregate(_AGGREGATES)
        named = {name: grouped[name] for name in _PERIOD}
        named["stratum_type"] = pa.array([kind] * grouped.num_rows, pa.string())
        named["stratum_value"] = grouped[kind]
        named |= {name: grouped[f"{name}_{how}"] for name, how in _AGGREGATES}
        yield from pa.table(named).to_batches()


def of_stays(evidence: DataFrame) -> DataFrame:
    """Return each verdict as counts; of rates only what was left out is taken from here."""
    is_rate = F.col("measure_id").isin(*_RATES)
    counted = F.col("in_denominator") & ~is_rate
    is_mean = counted & F.col("measure_id").isin(*_MEANS)
    return evidence.select(
        "tenant",
        "measure_id",
        F.trunc("period_date", MONTH).alias("month"),
        F.when(is_mean, F.col("numerator")).alias("amount"),
        _count(F.when(counted, F.col("numerator")), "numerator"),
        _count(counted, "denominator"),
        _count(~F.col("in_denominator"), "excluded"),
        F.when(counted, _method_rank()).alias("method"),
        *_strata(),
        _no_type(),
    )


def of_events(events: DataFrame) -> DataFrame:
    """Return the numerators of rates, each event in its own month and under its type."""
    typed = F.col("measure_id").isin(*[m for m in _RATES if BY_ID[m].has_types])
    counted = events.withColumn("measure_id", F.explode("measure_ids"))
    return counted.where(F.col("measure_id").isin(*_RATES)).select(
        "tenant",
        "measure_id",
        F.trunc("period_date", MONTH).alias("month"),
        *_only("numerator", F.lit(1)),
        *_strata(),
        F.when(typed, F.col("infection_type")).alias(INFECTION_TYPE),
    )


def of_days(days: DataFrame) -> DataFrame:
    """Return the denominators of rates: patient days, in the department of the day."""
    rates = F.array(*[F.lit(measure) for measure in _RATES])
    return days.select("*", F.explode(rates).alias("measure_id")).select(
        "tenant",
        "measure_id",
        "month",
        *_only("denominator", F.col("patient_days")),
        *_strata(),
        _no_type(),
    )


def shares_by_type(events: DataFrame) -> DataFrame:
    """Return stays with at least one event of a type, in the month of discharge."""
    counted = events.withColumn("measure_id", F.explode("measure_ids"))
    once = (
        counted.where(F.col("measure_id").isin(*_SHARES))
        .select("tenant", "measure_id", "stay_id", "infection_type", "discharge_date")
        .distinct()
    )
    return once.select(
        "tenant",
        "measure_id",
        F.trunc("discharge_date", MONTH).alias("month"),
        *_only("numerator", F.lit(1)),
        *[F.lit(None).cast("string").alias(kind) for kind in STRATUM_TYPES[:-1]],
        F.col(INFECTION_TYPE),
    )


def _strata() -> list[Column]:
    """Return the strata a row counts under: the whole, and one of every kind."""
    own = [F.coalesce(F.col(c), F.lit(UNKNOWN)).alias(kind) for c, kind in _STRATA.items()]
    return [F.lit("all").alias(OVERALL), *own]


def _no_type() -> Column:
    return F.lit(None).cast("string").alias(INFECTION_TYPE)


def _count(column: Column, name: str) -> Column:
    return F.coalesce(column.cast("bigint"), F.lit(0).cast("bigint")).alias(name)


def _only(name: str, value: Column) -> list[Column]:
    """Return the count columns of a row that has but one of them."""
    found = [_count(value if n == name else F.lit(0), n) for n in _COUNTS]
    nothing = F.lit(None).cast("int")
    return [nothing.alias("amount"), *found, nothing.alias("method")]


_METHOD_RANKS = {"none": 1, "proxy": 2, "pra": 3}
_METHOD_WORDS = {rank: word for word, rank in _METHOD_RANKS.items()}


def _method_rank() -> Column:
    """Return the method as a number, so that the strongest of a group is its maximum."""
    ranks = F.lit(None).cast("int")
    for word, rank in _METHOD_RANKS.items():
        ranks = F.when(F.col("method") == word, F.lit(rank)).otherwise(ranks)
    return ranks


def patient_days(days: DataFrame) -> DataFrame:
    """Return gold.patient_day: patient days by hospital, department and month."""
    return days.groupBy("tenant", "hospital_id", "department", "month").agg(
        F.sum("patient_days").alias("patient_days")
    )


def as_of_column(context: RunContext) -> Column:
    """Return each row's as-of date by its tenant."""
    column = F.lit(context.as_of)
    for tenant, day in context.as_of_by_tenant.items():
        column = F.when(F.col("tenant") == tenant, F.lit(day)).otherwise(column)
    return column
