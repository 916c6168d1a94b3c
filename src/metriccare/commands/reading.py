"""`metrics`, `explain`, `query`, `report`: what was published, and why, without Spark."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from metriccare.commands.options import (
    DEFAULT_LAKE,
    ConfigOption,
    FormatOption,
    LakeOption,
    ReadTenantOption,
    RoleOption,
    example,
)
from metriccare.commands.printing.progress import Progress
from metriccare.errors import UsageError
from metriccare.settings import read_text

app = typer.Typer()
# What `explain` takes in place of a measure.
ACCOUNT = "account"


class QueryEngine(StrEnum):
    """What answers a query."""

    DUCKDB = "duckdb"
    ATHENA = "athena"


@app.command(epilog=example("metriccare metrics readmission_30d --by hospital --grain year"))
def metrics(
    measure: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="One measure or KPI.")
    ] = None,
    by: Annotated[
        str | None,
        typer.Option(
            envvar="METRICCARE_BY",
            help="hospital, sex, age_band, payer, department, infection_type; of KPIs: facility,"
            " payer, payer_id, provider, specialty, claim_type.",
        ),
    ] = None,
    grain: Annotated[
        str | None, typer.Option(envvar="METRICCARE_GRAIN", help="year, quarter, month or all.")
    ] = None,
    role: RoleOption = None,
    tenant: ReadTenantOption = None,
    format: FormatOption = None,  # noqa: A002
    lake: LakeOption = DEFAULT_LAKE,
) -> None:
    """Print published measures and KPIs of the revenue cycle; small counts are hidden.

    Without an ID: every measure, and as a table every KPI too.
    """
    from metriccare.commands.printing.metrics import write_kpis, write_metrics
    from metriccare.commands.printing.output import chosen_format
    from metriccare.report import metrics_answers
    from metriccare.settings import Lake
    from metriccare.wiring.published import open_reader

    marts = metrics_answers.marts_of(measure)
    reader = open_reader(Lake(lake), role, tenant, marts)
    if measure is not None and metrics_answers.is_kpi(measure):
        write_kpis(metrics_answers.kpis(reader, measure, by, grain), format)
        return
    write_metrics(metrics_answers.measures(reader, measure, by, grain), format)
    is_overview = measure is None and by is None and chosen_format(format) == "table"
    if is_overview and reader.may_read_kpis:
        kpis = metrics_answers.kpis(reader, None, None, grain)
        if kpis.rows:
            write_kpis(kpis, format)


@app.command(epilog=example("metriccare explain readmission_30d 3f0c1a7e --lake ./lake"))
def explain(
    measure: Annotated[
        str, typer.Argument(metavar="MEASURE|account", help="The measure's id, or `account`.")
    ],
    stay: Annotated[
        str,
        typer.Argument(metavar="ID", help="The stay's id, as in gold.stay; or the account's."),
    ],
    tenant: Annotated[
        str | None,
        typer.Option(envvar="METRICCARE_TENANT", help="Whose stay, where several have the id."),
    ] = None,
    role: RoleOption = None,
    format: FormatOption = None,  # noqa: A002
    config: ConfigOption = None,
    lake: LakeOption = DEFAULT_LAKE,
) -> None:
    """Say in words why a stay is in or out of a measure, and which rows and files decided.

    `explain account ID` prints an account's claims, answers and ledger in the same way. For
    operators, quality officers and finance managers: it reads the inner layers, where nothing is
    hidden.
    """
    from metriccare.commands.printing.output import write_rows
    from metriccare.marts.measures.rulebook import load_rulebook
    from metriccare.report.explain import explain as explained
    from metriccare.report.explained_account import explain_account
    from metriccare.settings import Lake, load_settings
    from metriccare.wiring.published import tenant_of_evidence
    from metriccare.wiring.queries import open_engine

    if role is not None:
        tenant = tenant_of_evidence(role, tenant, is_account=measure == ACCOUNT)
    engine = open_engine(Lake(lake))
    if measure == ACCOUNT:
        account = explain_account(engine, stay, tenant)
        write_rows(account.columns, account.rows, format)
        return
    codes = load_rulebook(load_settings(Lake(lake), config).measures).codes
    found = explained(engine, codes, measure, stay, tenant)
    write_rows(found.columns, found.rows, format)


@app.command(epilog=example("metriccare query 'SELECT * FROM metric_alos' --format csv"))
def query(
    sql: Annotated[str, typer.Argument(metavar="SQL|@FILE", help="One SELECT, or @file.sql.")],
    anyway: Annotated[
        bool,
        typer.Option("--anyway", help="Run what has not been shown to answer as Athena does."),
    ] = False,
    engine: Annotated[
        QueryEngine,
        typer.Option(help="duckdb reads the lake here; athena asks AWS, for a deployed lake."),
    ] = QueryEngine.DUCKDB,
    workgroup: Annotated[
        str | None,
        typer.Option(envvar="METRICCARE_WORKGROUP", help="Of athena; default: the operators'."),
    ] = None,
    results: Annotated[
        str | None,
        typer.Option(
            envvar="METRICCARE_RESULTS",
            help="s3://bucket/prefix/ for athena's answers, if the workgroup names none.",
        ),
    ] = None,
    role: RoleOption = None,
    tenant: ReadTenantOption = None,
    format: FormatOption = None,  # noqa: A002
    lake: LakeOption = DEFAULT_LAKE,
) -> None:
    """Answer read-only SQL (Athena's dialect) over the layers and the views, without Spark.

    With a role: over the published tables and views that the role may read, of one tenant.
    """
    from metriccare.commands.printing.output import write_rows
    from metriccare.query.duckdb.result_values import with_utc
    from metriccare.settings import Lake
    from metriccare.wiring.published_sql import open_sql
    from metriccare.wiring.queries import athena_engine

    statement, place = _statement(sql), Lake(lake)
    if engine is QueryEngine.ATHENA:
        if anyway or role:
            raise UsageError("--anyway and --role are about DuckDB's answers; not with athena.")
        found = athena_engine(place, workgroup, results).query(statement)
    elif anyway:
        sys.stderr.write(_ANYWAY)
        found = with_utc(open_sql(place, role, tenant).query_anyway(statement))
    else:
        found = with_utc(open_sql(place, role, tenant).query(statement))
    write_rows(found.columns, found.rows, format)


_ANYWAY = (
    "Warning: --anyway takes DuckDB's own answer; functions, casts and operators may give other"
    " values than in Athena.\n"
)


def _statement(sql: str) -> str:
    """Return the SQL itself, or what the file after `@` holds."""
    if not sql.startswith("@"):
        return sql
    path = Path(sql[1:])
    if not path.exists():
        raise UsageError(f"There is no SQL file {path}.")
    return read_text(path)


@app.command(epilog=example("metriccare report --out report.html"))
def report(
    out: Annotated[Path, typer.Option(envvar="METRICCARE_OUT", help="The page.")] = Path(
        "report.html"
    ),
    role: RoleOption = None,
    tenant: ReadTenantOption = None,
    lake: LakeOption = DEFAULT_LAKE,
) -> None:
    """Write one self-contained page with the charts and the tables behind them.

    A role needs the rights to quality and to finance, such as analyst.
    """
    from metriccare.report.page import write_report
    from metriccare.settings import Lake
    from metriccare.wiring.published_sql import open_published_sql

    write_report(open_published_sql(Lake(lake), role, tenant), out)
    with Progress() as progress:
        progress.say(f"Report written to {out}.")


@app.command("sql-server", epilog=example("metriccare sql-server --lake ./lake"))
def sql_server(
    port: Annotated[int, typer.Option(envvar="METRICCARE_PORT", min=1, max=65535)] = 8080,
    lake: LakeOption = DEFAULT_LAKE,
) -> None:
    """Serve the lake to BI tools: Trino on this machine, read-only (needs a JDK 25)."""
    from metriccare.query.trino.serve import serve
    from metriccare.settings import Lake
    from metriccare.wiring.queries import lake_to_serve

    with Progress() as progress:
        serve(lake_to_serve(Lake(lake)), port, progress.say)
