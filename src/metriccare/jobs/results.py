"""Results of every measure, period and stratum, from the evidence.

Evidence is first summed to cells (measure, month, hospital, department, age band, sex, payer),
then each cell is counted into its strata and periods: one pass for all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import pyarrow as pa
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812
from pyspark.sql.pandas.types import to_arrow_schema
from pyspark.sql.types import StructType

from metriccare.jobs.context import RunContext
from metriccare.measures import BY_ID, MEASURES
from metriccare.measures.codesets import CodeSets
from metriccare.measures.definition import MEAN, RATE
from metriccare.measures.infection_event import ACQUIRED
from metriccare.measures.results import figure
from metriccare.spark.schema import settled
from metriccare.tables import gold as tables

UNKNOWN = "unknown"
_STRATA = ("hospital", "department", "age_band", "sex", "payer")
_CELL = ("tenant", "measure_id", "month", *_STRATA)
_COUNTS = ("numerator", "denominator", "excluded")
_RESULT = ("tenant", "measure_id", "grain", "period_start", "stratum_type", "stratum_value")


def compute(
    context: RunContext, gold: Mapping[str, DataFrame], codes: CodeSets
) -> dict[str, DataFrame]:
    """Return the frames of gold.measure_result and gold.patient_day."""
    strata = _strata_of(gold[tables.STAY.name])
    cells = settled(_cells(gold, strata))
    grouped = _by_period_and_stratum(cells).unionByName(
        _by_infection_type(gold, strata, cells, codes)
    )
    counted = grouped.where("denominator > 0 or excluded > 0")
    return {
        tables.MEASURE_RESULT.name: settled(_with_figures(counted, context)),
        tables.PATIENT_DAY.name: _patient_days(gold[tables.STAY_DAY.name]),
    }


def _strata_of(stays: DataFrame) -> DataFrame:
    known = [F.coalesce(F.col(n), F.lit(UNKNOWN)).alias(n) for n in _STRATA if n != "hospital"]
    hospital = F.coalesce("hospital_id", F.lit(UNKNOWN)).alias("hospital")
    return stays.select("tenant", "stay_id", hospital, *known, "discharge_date")


def _cells(gold: Mapping[str, DataFrame], strata: DataFrame) -> DataFrame:
    """Return the counts of every cell; `amount` and `stays` keep what means are made of."""
    stays = _stay_rows(gold[tables.MEASURE_STAY.name], strata)
    events = _event_rows(gold, strata)
    days = _day_rows(gold[tables.STAY_DAY.name], strata)
    every = stays.unionByName(events).unionByName(days)
    return (
        every.groupBy(*_CELL, "amount")
        .agg(*[F.sum(c).alias(c) for c in _COUNTS], F.sum("stays").alias("stays"))
    )


def _month(column: str) -> Column:
    return F.trunc(column, "month").alias("month")


def _long(column: Column, name: str) -> Column:
    return column.cast("bigint").alias(name)


def _stay_rows(evidence: DataFrame, strata: DataFrame) -> DataFrame:
    """Return each verdict as counts; rates take only what was left out from here."""
    rates = [m.id for m in MEASURES if m.shape == RATE]
    means = [m.id for m in MEASURES if m.shape == MEAN]
    counts = F.col("in_denominator") & ~F.col("measure_id").isin(rates)
    is_mean = counts & F.col("measure_id").isin(means)
    return evidence.join(strata, ["tenant", "stay_id"]).select(
        "tenant",
        "measure_id",
        _month("period_date"),
        *_STRATA,
        F.when(is_mean, F.col("numerator")).alias("amount"),
        _long(F.when(counts, F.col("numerator")).otherwise(0), "numerator"),
        _long(counts, "denominator"),
        _long(~F.col("in_denominator"), "excluded"),
        _long(is_mean, "stays"),
    )


def _counted_events(gold: Mapping[str, DataFrame]) -> DataFrame:
    """Return hospital-acquired events with the measures that count them and their month."""
    events = gold[tables.INFECTION_EVENT.name].where(F.col("origin") == ACQUIRED)
    evidence = gold[tables.MEASURE_STAY.name].where("in_denominator")
    counted = evidence.select("tenant", "stay_id", "measure_id", "period_date")
    takes = [
        (F.col("measure_id") == m.id)
        & F.col("method").isin(list(m.event_methods))
        & (F.col("infection_type").isin(list(m.event_types)) if m.event_types else F.lit(True))
        for m in MEASURES
        if m.event_methods
    ]
    taken = takes[0]
    for condition in takes[1:]:
        taken |= condition
    return events.join(counted, ["tenant", "stay_id"]).where(taken)


def _event_rows(gold: Mapping[str, DataFrame], strata: DataFrame) -> DataFrame:
    """Return the numerators of rates: one per event, by its own date or else the discharge."""
    rates = [m.id for m in MEASURES if m.shape == RATE]
    events = _counted_events(gold).where(F.col("measure_id").isin(rates))
    joined = events.drop("hospital_id").join(strata, ["tenant", "stay_id"])
    return joined.select(
        "tenant",
        "measure_id",
        F.trunc(F.coalesce("event_date", "discharge_date"), "month").alias("month"),
        *_STRATA,
        F.lit(None).cast("int").alias("amount"),
        _long(F.lit(1), "numerator"),
        _long(F.lit(0), "denominator"),
        _long(F.lit(0), "excluded"),
        _long(F.lit(0), "stays"),
    )


def _day_rows(days: DataFrame, strata: DataFrame) -> DataFrame:
    """Return the denominators of rates: patient days, in the department of the day."""
    rates = F.array(*[F.lit(m.id) for m in MEASURES if m.shape == RATE])
    joined = days.drop("hospital_id").join(strata.drop("department"), ["tenant", "stay_id"])
    return joined.withColumn("measure_id", F.explode(rates)).select(
        "tenant",
        "measure_id",
        "month",
        *_STRATA,
        F.lit(None).cast("int").alias("amount"),
        _long(F.lit(0), "numerator"),
        _long(F.col("patient_days"), "denominator"),
        _long(F.lit(0), "excluded"),
        _long(F.lit(0), "stays"),
    )


def _with_periods(rows: DataFrame) -> DataFrame:
    """Count each row into its month, its year and all time; undated rows into all time only."""
    no_date = F.lit(None).cast("date")
    entry = [
        F.struct(F.lit("all").alias("grain"), no_date.alias("period_start")),
        F.struct(F.lit("year").alias("grain"), F.trunc("month", "year").alias("period_start")),
        F.struct(F.lit("month").alias("grain"), F.col("month").alias("period_start")),
    ]
    periods = F.when(F.col("month").isNull(), F.array(entry[0])).otherwise(F.array(*entry))
    return rows.withColumn("period", F.explode(periods)).select("*", "period.*").drop("period")


def _with_strata(rows: DataFrame) -> DataFrame:
    """Count each row into the whole and into its stratum of every kind."""
    entries = [
        F.struct(F.lit(kind).alias("stratum_type"), value.alias("stratum_value"))
        for kind, value in (("overall", F.lit("all")), *[(n, F.col(n)) for n in _STRATA])
    ]
    return rows.withColumn("stratum", F.explode(F.array(*entries))).select("*", "stratum.*")


def _by_period_and_stratum(cells: DataFrame) -> DataFrame:
    spread = _with_strata(_with_periods(cells))
    amount, stays = F.col("amount"), F.col("stays")
    logs = F.sum(stays * F.log(amount)) / F.sum(F.when(amount.isNotNull(), stays))
    return spread.groupBy(*_RESULT).agg(
        *[F.sum(c).alias(c) for c in _COUNTS],
        F.expr("percentile(amount, 0.5, stays)").alias("median"),
        F.expr("percentile(amount, 0.9, stays)").alias("percentile_90"),
        F.exp(logs).alias("geometric_mean"),
    )


def _by_infection_type(
    gold: Mapping[str, DataFrame], strata: DataFrame, cells: DataFrame, codes: CodeSets
) -> DataFrame:
    """Return infection measures by type: events of the type over all patient days or stays.

    Measures that watch one type only have no such strata. Every type of the code set has a row,
    `other` only where it happened.
    """
    measures = [m for m in MEASURES if m.event_methods and not m.event_types]
    events = _counted_events(gold).join(
        strata.select("tenant", "stay_id", "discharge_date"), ["tenant", "stay_id"]
    )
    dated = events.withColumn("event_day", F.coalesce("event_date", "discharge_date"))
    rates = F.col("measure_id").isin([m.id for m in measures if m.shape == RATE])
    once = F.when(rates, F.col("event_id")).otherwise(F.col("stay_id"))
    by_type = (
        dated.where(F.col("measure_id").isin([m.id for m in measures]))
        .withColumn(
            "month",
            F.trunc(F.when(rates, F.col("event_day")).otherwise(F.col("period_date")), "month"),
        )
        .select("tenant", "measure_id", "month", "infection_type", once.alias("once"))
        .distinct()
    )
    numerators = (
        _with_periods(by_type)
        .groupBy("tenant", "measure_id", "grain", "period_start", "infection_type")
        .agg(F.count("*").alias("numerator"))
    )
    totals = (
        _with_periods(cells.where(F.col("measure_id").isin([m.id for m in measures])))
        .groupBy("tenant", "measure_id", "grain", "period_start")
        .agg(F.sum("denominator").alias("denominator"), F.sum("excluded").alias("excluded"))
    )
    shipped = {e.value for e in codes["infections"].entries} - {"other"}
    types = F.array(*[F.lit(t) for t in sorted(shipped)])
    rows = totals.withColumn("infection_type", F.explode(types)).unionByName(
        totals.join(
            numerators.where("infection_type = 'other'")
            .select("tenant", "measure_id", "infection_type")
            .distinct(),
            ["tenant", "measure_id"],
        )
    )
    return _joined_types(rows, numerators)


def _joined_types(rows: DataFrame, numerators: DataFrame) -> DataFrame:
    same = [
        rows[n].eqNullSafe(numerators[n])
        for n in ("tenant", "measure_id", "grain", "period_start", "infection_type")
    ]
    nothing = F.lit(None).cast("double")
    return rows.join(numerators, same, "left").select(
        *[rows[n] for n in ("tenant", "measure_id", "grain", "period_start")],
        F.lit("infection_type").alias("stratum_type"),
        rows["infection_type"].alias("stratum_value"),
        F.coalesce(numerators["numerator"], F.lit(0)).alias("numerator"),
        rows["denominator"],
        rows["excluded"],
        nothing.alias("median"),
        nothing.alias("percentile_90"),
        nothing.alias("geometric_mean"),
    )


def _with_figures(rows: DataFrame, context: RunContext) -> DataFrame:
    """Return results with value and interval, worked out in Python on the few grouped rows."""
    added = "measure_version string, value double, ci_low double, ci_high double, ci_method string"
    schema = StructType([*rows.schema.fields, *_fields(rows.sparkSession, added)])
    arrow = to_arrow_schema(schema)

    def work(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            yield pa.RecordBatch.from_pylist([_figure(r) for r in batch.to_pylist()], schema=arrow)

    with_values = rows.coalesce(2).mapInArrow(work, schema)
    return _with_period_end(with_values, context).withColumn("method", F.lit(None).cast("string"))


def _fields(spark: SparkSession, ddl: str) -> list[object]:
    return list(spark.createDataFrame([], ddl).schema.fields)


def _figure(row: dict[str, object]) -> dict[str, object]:
    measure = BY_ID[str(row["measure_id"])]
    found = figure(measure, int(str(row["numerator"])), int(str(row["denominator"])))
    return {**row, "measure_version": measure.version, **found._asdict()}


def _with_period_end(rows: DataFrame, context: RunContext) -> DataFrame:
    as_of = as_of_column(context)
    end = (
        F.when(F.col("grain") == "all", F.date_add(as_of, 1))
        .when(F.col("grain") == "year", F.add_months("period_start", 12))
        .otherwise(F.add_months("period_start", 1))
    )
    return rows.withColumn("period_end", end).withColumn("as_of", as_of)


def as_of_column(context: RunContext) -> Column:
    """Return each row's as-of date by its tenant."""
    column = F.lit(context.as_of)
    for tenant, day in context.as_of_by_tenant.items():
        column = F.when(F.col("tenant") == tenant, F.lit(day)).otherwise(column)
    return column


def _patient_days(days: DataFrame) -> DataFrame:
    return days.groupBy("tenant", "hospital_id", "department", "month").agg(
        F.sum("patient_days").alias("patient_days")
    )
