"""The demonstration: generate, ingest, run, and compare the results with the truth."""

from __future__ import annotations

from datetime import date

from data_generator.facts.worlds import HOSPITAL
from metriccare.commands.printing.output import write_rows
from metriccare.commands.printing.progress import Progress
from metriccare.errors import MetricCareError
from metriccare.local import generation
from metriccare.naming import DEFAULT_TENANT, REPORT_FILE
from metriccare.report.truth import RESULTS_SQL, Comparison, Counts, Key, Truth, compare, read_truth
from metriccare.wiring.local import LocalLake, ingest_paths, run_local
from metriccare.wiring.queries import open_engine

_PUBLISHED_SQL = (
    "SELECT measure_id, numerator, denominator, value, ci_low, ci_high, suppressed"
    " FROM publish.measure WHERE grain = 'all' AND stratum_type = 'overall'"
    " AND tenant = 'default' ORDER BY measure_id"
)
_COLUMNS = ("measure", "numerator", "denominator", "value", "95 % interval", "truth", "equal")


def run_demo(here: LocalLake, patients: int, seed: int) -> None:
    """Run the demonstration; MetricCareError when a result differs from the truth."""
    folder = here.lake.folder / "demo" / f"{patients}-patients-seed-{seed}"
    with Progress() as progress:
        arguments = generation.config(
            out=folder, patients=patients, seed=seed, world=HOSPITAL, force=True
        )
        generation.run(arguments, progress)
        truth = read_truth(folder / "truth.json")
        ingest_paths(here, [str(folder / "json")], DEFAULT_TENANT, progress.counted)
        run_local(here, date.fromisoformat(truth.as_of), progress.stage)
        progress.stage("Report")
        _write_report(here)
    compared = _print_measures(here, truth)
    _say_result(progress, compared, here)


def _write_report(here: LocalLake) -> None:
    from metriccare.report.page import write_report

    write_report(open_engine(here.lake), here.lake.folder / REPORT_FILE)


def _print_measures(here: LocalLake, truth: Truth) -> Comparison:
    engine = open_engine(here.lake)
    results = engine.query(RESULTS_SQL)
    compared = compare(
        truth, [dict(zip(results.columns, row, strict=True)) for row in results.rows]
    )
    wrong = {key for key, _, _ in compared.different}
    rows = [
        (*_published(row), *_true(truth, row[0], wrong))
        for row in engine.query(_PUBLISHED_SQL).rows
    ]
    write_rows(_COLUMNS, rows, None)
    return compared


def _published(row: tuple[object, ...]) -> tuple[object, ...]:
    measure, numerator, denominator, value, low, high, suppressed = row
    if suppressed:
        return measure, "hidden", "hidden", "hidden", ""
    interval = f"{low:.4g} - {high:.4g}" if low is not None else ""
    return measure, numerator, denominator, value, interval


def _true(truth: Truth, measure: object, wrong: set[Key]) -> tuple[str, str]:
    key = (str(measure), "all", "", "overall", "all")
    counts: Counts | None = truth.counts.get(key)
    if counts is None:
        return "not planted", ""
    return f"{counts[0]:,} / {counts[1]:,}", "NO" if key in wrong else "yes"


def _say_result(progress: Progress, compared: Comparison, here: LocalLake) -> None:
    progress.say(
        f"{compared.equal:,} of {compared.total:,} results (every measure, stratum and period)"
        f" equal the generator's truth. Report: {here.lake.folder / REPORT_FILE}"
    )
    if compared.different:
        (key, computed, true) = compared.different[0]
        raise MetricCareError(
            f"{len(compared.different):,} results differ from the truth; the first:"
            f" {' '.join(part for part in key if part)}: computed {computed}, true {true}."
        )
