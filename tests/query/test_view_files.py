"""The view and check files: their contract and the portable subset they keep to."""

import re
from pathlib import Path

import pytest

from metriccare.marts.measures import BY_ID, MEASURES, subjects
from metriccare.query.portable import HEADER, VIEW_RULES, all_problems, problems
from metriccare.query.views import SqlFile, checks, view_columns, views
from metriccare.report.generated_sql import generated_files, out_of_date
from metriccare.report.measure_views import measure_views
from metriccare.tables import TABLES
from metriccare.tables.strata import STRATA
from scripts import build_catalog

ROOT = Path(__file__).resolve().parents[2]
MEASURE_VIEW = {
    "tenant": "varchar",
    "measure_id": "varchar",
    "grain": "varchar",
    "period_start": "date",
    "period_end": "date",
    "stratum_type": "varchar",
    "stratum_value": "varchar",
    "stratum_label": "varchar",
    "numerator": "bigint",
    "denominator": "bigint",
    "value": "double",
    "ci_low": "double",
    "ci_high": "double",
    "suppressed": "boolean",
    "as_of": "date",
}
# What the contract of users allows to be added, after its own columns.
ADDED = {"measure_title": "varchar", "method": "varchar"} | dict.fromkeys(
    ("predicted", "sir", "median", "percentile_90", "geometric_mean"), "double"
)


def test_the_views_are_those_promised_and_those_of_further_measures() -> None:
    promised = {
        "metric_readmission",
        "metric_mortality",
        "metric_infection",
        "metric_alos",
        "readmission_by_hospital",
        "infection_by_snomed_code",
        "mortality_trend_by_year",
        "data_freshness",
        "data_quality_summary",
        "data_quality_scores",
        "revenue_cycle_kpis",
        "claims_analytics",
        "denials",
        "ar_aging",
        "payer_performance",
        "kpi_close_history",
    }
    assert set(views()) == promised | set(measure_views())


def test_every_promised_check_is_there() -> None:
    assert set(checks()) == {
        "check_conservation",
        "check_freshness",
        "check_unique_keys",
        "check_measure_totals",
        "check_money_conservation",
        "check_ar_rollforward",
        "check_orphan_remits",
        "check_duplicate_claim_numbers",
        "check_close_unchanged",
    }


@pytest.mark.parametrize(
    "name", ["metric_readmission", "metric_mortality", "metric_infection", "metric_alos"]
)
def test_measure_views_have_the_columns_of_the_contract_in_order(name: str) -> None:
    assert list(view_columns(name).items()) == list((MEASURE_VIEW | ADDED).items())


def test_every_registered_measure_is_named_in_its_view() -> None:
    named = {m.id: views()[m.subject.view].text for m in MEASURES}
    assert [id_ for id_, text in named.items() if f"'{id_}'" not in text] == []


def test_views_and_checks_keep_to_the_portable_subset() -> None:
    assert all_problems() == ()


def test_a_header_is_read_field_by_field() -> None:
    header = views()["metric_alos"].header
    assert tuple(header) == HEADER
    assert header["Denominator"] == (
        "alos: finished acute stays of all ages; alos_episode: finished episodes of acute stays of"
        " all ages"
    )


def test_generated_views_and_checks_are_up_to_date() -> None:
    assert out_of_date(ROOT / "sql") == [], "run python -m metriccare.report.generated_sql"
    written = {path.stem for path in generated_files()}
    assert {subject.view for subject in subjects()} <= written
    assert {"check_conservation", "check_unique_keys"} <= written


def test_the_catalog_gives_views_the_types_that_queries_see() -> None:
    for name in views():
        catalog = build_catalog.view(build_catalog.VIEWS / f"{name}.sql")["columns"]
        assert {c["name"]: c["trino"] for c in catalog} == dict(view_columns(name)), name  # type: ignore[attr-defined]


def test_written_views_name_registered_measures_only() -> None:
    for view in views().values():
        named = re.findall(r"measure_id (?:= |in \()((?:\s*'\w+',?)+)", view.text)
        ids = {id_ for group in named for id_ in re.findall(r"'(\w+)'", group)}
        assert ids <= set(BY_ID), view.name


def test_the_totals_of_exclusive_strata_are_checked() -> None:
    listed = re.search(r"stratum_type in \((.*?)\)", checks()["check_measure_totals"].text)
    assert listed is not None
    names = re.findall(r"'(\w+)'", listed[1])
    assert names == [stratum.name for stratum in STRATA if stratum.is_exclusive]


def test_unique_keys_are_checked_in_every_table() -> None:
    text = checks()["check_unique_keys"].text
    assert [t.full_name for t in TABLES if f"from {t.full_name}\n" not in text] == []


def _view(body: str) -> SqlFile:
    header = "-- A view.\n--\n" + "".join(f"-- {name}: x\n" for name in HEADER)
    return SqlFile(
        "sample",
        f"{header}\nwith final as (select {body} from measure)\n\n"
        "select cast(a as bigint) as a from final",
    )


def test_the_sample_the_next_test_varies_is_itself_fine() -> None:
    assert problems(_view("numerator as a"), VIEW_RULES) == ()


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ("numerator / denominator as a", "divides"),
        ("cast(numerator as double) / denominator as a", "divides"),
        ("cast(numerator as double) / cast(denominator as double) as a", "divides"),
        ("numerator / nullif(denominator, 0) as a", "divides"),
        ("date_diff('month', period_start, period_end) as a", "only date_diff"),
        ("date_diff('day', period_start, period_end) as a", "only date_diff"),
        ("date_add('day', 1, period_start) as a", "not in the portable subset"),
        ("date_trunc('month', period_start) as a", "not in the portable subset"),
        ("period_start + interval '1' day as a", "not in the portable subset"),
        ("approx_percentile(value, 0.5) as a", "not in the portable subset"),
        ("split_part(tenant, 'x', 9) as a", "not in the portable subset"),
        ("substr(tenant, 0) as a", "not in the portable subset"),
        ("current_date as a", "not in the portable subset"),
        ("numerator % 2 as a", "not in the portable subset"),
        ("format_datetime(as_of, 'yyyy') as a", "not in the portable subset"),
        ("cast(as_of as timestamp) as a", "use timestamp"),
        ("count(distinct numerator, denominator) as a", "counts several columns"),
        ("*", "selects"),
    ],
)
def test_what_differs_in_silence_is_refused(body: str, complaint: str) -> None:
    assert any(complaint in line for line in problems(_view(body), VIEW_RULES))


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (
            "select cast(m.a as bigint) as a from measure m inner join measure n on m.a = n.a",
            "must be `final`",
        ),
        ("select numerator + 1 as a from measure", "does not cast"),
        ("select last_updated from freshness", "does not cast"),
        (
            "with final as (select a from gold.stay) select cast(a as bigint) as a from final",
            "gold",
        ),
        ("with final as (select a from measure) select a from final", "does not cast"),
        (
            "with final as (select a from measure) select cast(a as int) a from final order by 1",
            "sorts",
        ),
        ("select from", "mistake"),
        (
            "with final as (select a as b, count(*) as a from measure group by b)"
            " select cast(a as bigint) as a from final",
            "groups by the new name",
        ),
    ],
)
def test_the_form_of_a_view_is_checked(text: str, complaint: str) -> None:
    assert any(complaint in line for line in problems(SqlFile("sample", text), VIEW_RULES))
