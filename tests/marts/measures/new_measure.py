"""Registers a made-up measure, runs the pipeline, and prints where the measure is found.

A process of its own: the registry is complete before anything that is derived from it is loaded,
as it is with a line in `MEASURES`.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from metriccare.marts import measures
from metriccare.marts.measures.definition import (
    PROPORTION,
    Evidence,
    Exclusion,
    LooksAt,
    Measure,
    PersonRecord,
    Within,
    verdict,
)
from metriccare.marts.measures.examples import ONE_WEEK, Example
from metriccare.marts.measures.length_of_stay import ALOS
from metriccare.marts.measures.presentation import Chart, Section, Subject
from metriccare.marts.measures.reasons import INVALID_DATES, NOT_ACUTE, OPEN_STAY, basic
from metriccare.tables.strata import HOSPITAL, SEX

LEFT_AT_ONCE = Exclusion("left_at_once", "the person left on the day of admission")
CHECKOUT = Path(__file__).resolve().parents[3]


def judge(record: PersonRecord) -> Iterator[Evidence]:
    """Return whether each finished stay lasted at least four days."""
    for stay in record.candidates:
        left = [LEFT_AT_ONCE] if stay.los_midnights == 0 else []
        days = stay.los_days or 0
        yield verdict(stay, stay.discharge_date, [*basic(stay), *left], int(days >= 4))


LONG_STAYS = Measure(
    id="long_stay_share",
    version="0.1.0",
    title="Stays of four days and more",
    question="How many stays last four days or more?",
    numerator="stays of at least four days",
    denominator="finished acute stays of more than one date",
    exclusions=(OPEN_STAY, INVALID_DATES, NOT_ACUTE, LEFT_AT_ONCE),
    period="discharge date",
    source="made up for a test",
    not_this="It is no measure that anybody asked for.",
    shape=PROPORTION,
    judge=judge,
    subject=Subject("long_stay", "Long stays"),
    strata=(HOSPITAL, SEX),
    counts_within=(Within(ALOS),),
    looks_at=frozenset({LooksAt.DIAGNOSES}),
    section=Section(
        id="long-stays",
        chart=Chart.HOSPITAL_BARS,
        title="Long stays, by hospital",
        note="All time.",
        caption="Long stays of each hospital",
        view="long_stays_by_hospital",
    ),
    examples=(Example("Five days are a long stay.", ONE_WEEK, by_hand=(1, 1)),),
)
# Its line in the registry.
measures.MEASURES = (*measures.MEASURES, LONG_STAYS)
measures.BY_ID[LONG_STAYS.id] = LONG_STAYS


def written_views(folder: Path) -> None:
    """Have the views written into a copy of the folder of SQL, and read from there."""
    from metriccare.query import views
    from metriccare.report import generated_sql

    shutil.copytree(CHECKOUT / "sql", folder)
    generated_sql.write(folder)
    views._root = lambda: folder  # type: ignore[assignment]


def computed_lake(folder: Path) -> str:
    """Return the place of a lake of a few patients that the pipeline has run over."""
    from data_generator import GeneratorConfig, generate
    from metriccare.commands.printing.progress import Progress
    from metriccare.settings import DUCKDB
    from metriccare.wiring.local import ingest_paths, local_lake, run_local

    # 100 patients: some 40 stays, of which every hospital and sex has a few.
    generate(GeneratorConfig(out=folder / "sent", patients=100, days=0, defects=0.0))
    here = local_lake(str(folder / "lake"), None, DUCKDB)
    ingest_paths(here, [str(folder / "sent" / "json")], "default", Progress().counted)
    run_local(here, None, lambda _: None)
    return str(folder / "lake")


def main() -> None:
    """Print what the rooms make of the measure, as JSON."""
    folder = Path(sys.argv[1])
    written_views(folder / "sql")
    lake = computed_lake(folder)
    print(json.dumps(found_in(lake), default=str))


def found_in(place: str) -> dict[str, object]:
    from metriccare.marts.measures.published_rows import differences_of, hidden_of
    from metriccare.marts.measures.result_rows import results_in
    from metriccare.marts.stays.codesets import load_code_sets
    from metriccare.query.views import checks, views
    from metriccare.report.explain import explain
    from metriccare.report.measure_page import page
    from metriccare.report.page import render
    from metriccare.report.page_data import read_tenants
    from metriccare.report.published_metrics import published_metrics
    from metriccare.settings import Lake
    from metriccare.wiring.queries import open_engine

    engine = open_engine(Lake(place))
    results = [
        one.result
        for one in results_in(engine.query("SELECT * FROM gold.measure_result").records())
    ]
    own = [result for result in results if result.key.measure_id == LONG_STAYS.id]
    names = {each.name for each in differences_of(results)}
    hidden = hidden_of(results, [], {}).results
    published = engine.query("SELECT * FROM metric_long_stay").records()
    stay = engine.query("SELECT stay_id FROM gold.stay ORDER BY stay_id LIMIT 1").rows[0][0]
    return {
        "stratum_types": sorted({result.key.stratum_type for result in own}),
        "differences": sorted(name for name in names if LONG_STAYS.id in name),
        "hidden": sum(key.measure_id == LONG_STAYS.id for key in hidden),
        "hidden_in_view": sum(row["suppressed"] for row in published),
        "results": len(own),
        "view": views()["metric_long_stay"].text,
        "section_view": views()["long_stays_by_hospital"].text,
        "conservation": LONG_STAYS.id in checks()["check_conservation"].text,
        "lost": engine.query(checks()["check_conservation"].text).rows,
        "totals": engine.query(checks()["check_measure_totals"].text).rows,
        "metrics": len(published_metrics(engine, LONG_STAYS.id, "hospital", "all").rows),
        "page": page().partition(f"\n## {LONG_STAYS.id}\n")[2],
        "report": render(read_tenants(engine)),
        "explained": [
            row[2] for row in explain(engine, load_code_sets(), LONG_STAYS.id, stay).rows
        ],
    }


if __name__ == "__main__":
    main()
