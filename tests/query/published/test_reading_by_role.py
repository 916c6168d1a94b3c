"""`metrics`, `query`, `report` and `explain` by a role: one tenant, and what the role may read."""

from __future__ import annotations

from pathlib import Path

import pytest

from metriccare.access.scope import NotAllowed
from metriccare.errors import UsageError
from metriccare.query.published.refusals import NotPublished
from metriccare.report import metrics_answers
from metriccare.report.metrics_answers import Reader, marts_of
from metriccare.settings import Lake
from metriccare.wiring.published import open_reader, scope_of_role, tenant_of_evidence
from metriccare.wiring.published_sql import open_published_sql, open_sql
from tests.publishing.mart_lake import MartLake, code, measure

SQL = "select numerator from metric_readmission"


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    written = MartLake(tmp_path_factory.mktemp("roles"))
    everything = {"grain": "all", "period_start": None}
    written.write("publish.measure", measure("a", **everything))
    written.write("publish.measure", measure("b", numerator=77, **everything))
    written.write("publish.infection_code", code("a"), code("b", events=99))
    written.publish()
    return Lake(str(written.folder))


def numerators(reader: Reader) -> list[object]:
    found = metrics_answers.measures(reader, "readmission_30d", None, None)
    return [record["numerator"] for record in found.records()]


def reader(lake: Lake, role: str | None, tenant: str | None) -> Reader:
    return open_reader(lake, role, tenant, marts_of("readmission_30d"))


def test_the_operator_reads_every_tenant_or_one(lake: Lake):
    assert numerators(reader(lake, None, None)) == [40, 77]
    assert numerators(reader(lake, None, "b")) == [77]


def test_a_role_reads_one_tenant(lake: Lake):
    assert numerators(reader(lake, "executive", "b")) == [77]
    assert open_sql(lake, "analyst", "b").query(SQL).rows == ((77,),)
    assert open_sql(lake, "analyst", "a").query("select events from infection_by_snomed_code").rows
    with pytest.raises(NotPublished):
        numerators(reader(lake, "executive", None))


def test_a_role_reads_what_its_rights_cover(lake: Lake):
    for role in ("finance", "auditor", "tenant_admin", "provider"):
        with pytest.raises(NotAllowed):
            numerators(reader(lake, role, "a"))
        with pytest.raises(NotAllowed):
            open_sql(lake, role, "a").query(SQL)
    assert not reader(lake, "executive", "a").may_read_kpis


@pytest.mark.parametrize("table", ["gold.stay", "silver.patient", "bronze.resource"])
def test_no_role_reads_an_inner_layer_by_sql(lake: Lake, table: str):
    for role in ("data_engineer", "quality_officer", "analyst"):
        with pytest.raises(NotAllowed):
            open_sql(lake, role, "a").query(f"select count(*) from {table}")


def test_the_report_reads_published_rows_of_a_tenant_or_all(lake: Lake):
    assert sorted(open_published_sql(lake, None, None).query(SQL).rows) == [(40,), (77,)]
    assert open_published_sql(lake, None, "a").query(SQL).rows == ((40,),)
    with pytest.raises(NotAllowed):
        open_published_sql(lake, None, None).query("select count(*) from gold.stay")


def test_evidence_needs_its_right_and_clear_persons():
    assert tenant_of_evidence("quality_officer", "a", is_account=False) == "a"
    for role, is_account in (("executive", False), ("quality_officer", True), ("finance", True)):
        with pytest.raises(NotAllowed):
            tenant_of_evidence(role, "a", is_account=is_account)


def test_a_role_that_does_not_exist_is_named():
    with pytest.raises(UsageError, match="known: executive"):
        scope_of_role("boss", "a")


def test_a_lake_that_is_not_there_is_said(tmp_path: Path):
    with pytest.raises(UsageError, match="There is no lake"):
        reader(Lake(str(tmp_path / "typo")), None, None)
