"""The demonstration: generate, ingest, run, and compare the results with the truth."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from data_generator.facts.worlds import HOSPITAL
from metriccare.commands.printing.output import write_rows
from metriccare.commands.printing.progress import Progress
from metriccare.errors import MetricCareError
from metriccare.local import generation
from metriccare.marts.periods import ALL
from metriccare.naming import DEFAULT_TENANT, REPORT_FILE
from metriccare.query.engine import SqlEngine
from metriccare.report.published_kpis import amount_text, kpi_text, published_kpis
from metriccare.report.true_accounts import ACCOUNT_COLUMNS, compare_accounts, read_accounts
from metriccare.report.truth import (
    KPI_COLUMNS,
    RESULTS_SQL,
    Comparison,
    Counts,
    Figure,
    Key,
    Truth,
    compare,
    compare_kpis,
    kpis_without_rule,
    read_truth,
)
from metriccare.wiring.local import LocalLake, ingest_paths, run_local
from metriccare.wiring.queries import open_engine

_PUBLISHED_SQL = (
    "SELECT measure_id, numerator, denominator, value, ci_low, ci_high, suppressed"
    " FROM publish.measure WHERE grain = 'all' AND stratum_type = 'overall'"
    " AND tenant = 'default' ORDER BY measure_id"
)
_COLUMNS = ("measure", "numerator", "denominator", "value", "95 % interval", "truth", "equal")
_KPIS_SQL = f"SELECT {', '.join(KPI_COLUMNS)} FROM gold.kpi_result WHERE tenant = 'default'"  # noqa: S608
_ACCOUNTS_SQL = f"SELECT {', '.join(ACCOUNT_COLUMNS)} FROM gold.account WHERE tenant = 'default'"  # noqa: S608
_HEADLINE_COLUMNS = ("kpi", "numerator", "denominator", "value", "truth", "equal")
# What a revenue office asks first: cash, receivables, denials, claims.
_HEADLINE = (
    "total_collections",
    "net_collection_rate",
    "gross_collection_rate",
    "days_in_ar",
    "ar_over_90",
    "initial_denial_rate",
    "first_pass_resolution_rate",
    "clean_claim_rate",
)


def run_demo(here: LocalLake, patients: int, seed: int) -> None:
    """Run the demonstration; MetricCareError when a result differs from the truth."""
    folder = here.lake.folder / "demo" / f"{patients}-patients-seed-{seed}"
    with Progress() as progress:
        arguments = generation.config(
            out=folder, patients=patients, seed=seed, world=HOSPITAL, force=True
        )
        generation.run(arguments, progress)
        truth = read_truth(folder / "truth.json")
        sent = [str(folder / name) for name in ("json", "feeds")]
        ingest_paths(here, sent, DEFAULT_TENANT, progress.counted)
        run_local(here, date.fromisoformat(truth.as_of), progress.stage)
        progress.stage("Report")
        _write_report(here)
        progress.stage("Comparing with the truth")
        compared = _compared(open_engine(here.lake), truth, folder)
    _print_results(open_engine(here.lake), truth, compared)
    if unknown := kpis_without_rule(truth):
        progress.say(f"Not compared, as the pipeline has no rule for it: {', '.join(unknown)}.")
    _say_result(progress, compared, here)


def _write_report(here: LocalLake) -> None:
    from metriccare.report.page import write_report

    write_report(open_engine(here.lake), here.lake.folder / REPORT_FILE)


def _compared(engine: SqlEngine, truth: Truth, folder: Path) -> Comparison:
    return (
        compare(truth, engine.query(RESULTS_SQL).records())
        + compare_kpis(truth, engine.query(_KPIS_SQL).records())
        + compare_accounts(read_accounts(folder), engine.query(_ACCOUNTS_SQL).records())
    )


def _print_results(engine: SqlEngine, truth: Truth, compared: Comparison) -> None:
    wrong = {key for key, _, _ in compared.different}
    measures = [
        (*_published(row), *_true(truth, row[0], wrong))
        for row in engine.query(_PUBLISHED_SQL).rows
    ]
    write_rows(_COLUMNS, measures, None)
    write_rows(_HEADLINE_COLUMNS, _kpi_rows(engine, truth, wrong), None)


def _published(row: tuple[object, ...]) -> tuple[object, ...]:
    measure, numerator, denominator, value, low, high, suppressed = row
    if suppressed:
        return measure, "hidden", "hidden", "hidden", ""
    interval = f"{low:.4g} - {high:.4g}" if low is not None else ""
    return measure, numerator, denominator, value, interval


def _kpi_rows(engine: SqlEngine, truth: Truth, wrong: set[Key]) -> list[tuple[object, ...]]:
    published = published_kpis(engine, None, None, ALL).records()
    by_id = {row["kpi_id"]: row for row in published if row["tenant"] == DEFAULT_TENANT}
    return [
        (
            kpi,
            amount_text(by_id[kpi]["numerator"]),
            amount_text(by_id[kpi]["denominator"]),
            kpi_text(by_id[kpi]),
            *_true(truth, kpi, wrong),
        )
        for kpi in _HEADLINE
        if kpi in by_id
    ]


def _true(truth: Truth, id_: object, wrong: set[Key]) -> tuple[str, str]:
    key = (str(id_), ALL, "", "overall", "all")
    counted: Counts | Figure | None = truth.counts.get(key) or truth.kpis.get(key)
    if counted is None:
        return "not planted", ""
    # Amounts and counts of their own have nothing to divide by.
    shown = counted[:2] if counted[1] else counted[:1]
    return " / ".join(map(amount_text, shown)), "NO" if key in wrong else "yes"


def _say_result(progress: Progress, compared: Comparison, here: LocalLake) -> None:
    progress.say(
        f"{compared.equal:,} of {compared.total:,} results (every measure and KPI by stratum and"
        " period, and every account) equal the generator's truth."
        f" Report: {here.lake.folder / REPORT_FILE}"
    )
    if compared.different:
        (key, computed, true) = compared.different[0]
        raise MetricCareError(
            f"{len(compared.different):,} results differ from the truth; the first:"
            f" {' '.join(part for part in key if part)}: computed {_said(computed)},"
            f" true {_said(true)}."
        )
    progress.say(f"As pages: metriccare serve --lake {here.lake.folder} --open")


def _said(value: object) -> str:
    return f"({', '.join(map(str, value))})" if isinstance(value, tuple) else str(value)
