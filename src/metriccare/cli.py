"""The `metriccare` command: it translates what a person types, and delegates.

Data goes to stdout; progress, logs and warnings to stderr. Exit codes: 0 done, 1 the run failed,
2 wrong use, 3 a quality gate refused to publish.
"""

from __future__ import annotations

import sys
from contextlib import closing
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from metriccare import __version__, naming
from metriccare.errors import MetricCareError, UsageError
from metriccare.report.progress import Progress

app = typer.Typer(
    name="metriccare",
    help="Hospital FHIR data to quality measures anyone can check.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
)

LakeOption = Annotated[
    str,
    typer.Option(
        "--lake", envvar="METRICCARE_LAKE", help="The lake: a folder or s3://bucket/prefix."
    ),
]
ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", envvar="METRICCARE_CONFIG", help="The settings file (TOML)."),
]
FormatOption = Annotated[
    str | None,
    typer.Option(
        "--format",
        envvar="METRICCARE_FORMAT",
        help="table, json or csv; table on a terminal by default.",
    ),
]
TenantOption = Annotated[
    str, typer.Option("--tenant", envvar="METRICCARE_TENANT", help="Whose data it is.")
]
DEFAULT_LAKE = "./lake"


def _example(text: str) -> str:
    return f"Example: `{text}`"


def _date(text: str | None, flag: str) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{flag} wants a date such as 2024-12-31, found {text!r}.") from error


@app.command(epilog=_example("metriccare generate --patients 2000 --seed 7"))
def generate(  # noqa: PLR0913, PLR0917 - one parameter per flag
    out: Annotated[Path, typer.Option(envvar="METRICCARE_OUT", help="Folder.")] = Path("fhir_data"),
    patients: Annotated[int, typer.Option(envvar="METRICCARE_PATIENTS", min=1)] = 1000,
    seed: Annotated[int, typer.Option(envvar="METRICCARE_SEED")] = 42,
    start: Annotated[
        str, typer.Option(envvar="METRICCARE_START", help="First day.")
    ] = "2022-01-01",
    end: Annotated[str, typer.Option(envvar="METRICCARE_END", help="Last day.")] = "2024-12-31",
    format: Annotated[  # noqa: A002 - the flag's name
        str, typer.Option(envvar="METRICCARE_FORMAT", help="ndjson, bundle or json.")
    ] = "ndjson",
    days: Annotated[int, typer.Option(envvar="METRICCARE_DAYS", help="Daily folders.")] = 0,
    defects: Annotated[
        float, typer.Option(envvar="METRICCARE_DEFECTS", help="Share of broken records, 0 to 1.")
    ] = 0.0,
    upload: Annotated[
        str | None, typer.Option(envvar="METRICCARE_UPLOAD", help="Upload to s3://bucket/tenant.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite the folder.")] = False,
) -> None:
    """Write synthetic FHIR and the answer key `truth.json`; same arguments, same bytes."""
    from metriccare.local import generation

    config = generation.config(
        out=out,
        patients=patients,
        seed=seed,
        start=_date(start, "--start"),
        end=_date(end, "--end"),
        format=format,
        days=days,
        defects=defects,
        force=force,
    )
    with Progress() as progress:
        generation.run(config, progress)
        if upload:
            generation.upload(out, upload, progress)


@app.command(epilog=_example("metriccare ingest fhir_data/json --tenant north"))
def ingest(
    paths: Annotated[list[str], typer.Argument(help="Files, folders or s3://bucket/prefix.")],
    tenant: TenantOption = naming.DEFAULT_TENANT,
    lake: LakeOption = DEFAULT_LAKE,
    config: ConfigOption = None,
) -> None:
    """Copy files to the raw zone and register them; the same file again changes nothing."""
    from metriccare.bootstrap import ingest_paths, local_lake

    with Progress() as progress:
        done = ingest_paths(local_lake(lake, config), paths, tenant, progress)
    for name in done.empty:
        progress.warn(f"{name} is empty; it is registered and holds no records.")
    progress.say(
        f"{done.registered:,} registered, {done.known:,} known already."
        + (" Process them with `metriccare run`." if done.registered else "")
    )


@app.command(epilog=_example("metriccare run --as-of 2024-12-31"))
def run(
    as_of: Annotated[
        str | None,
        typer.Option("--as-of", envvar="METRICCARE_AS_OF", help="Data is complete up to here."),
    ] = None,
    lake: LakeOption = DEFAULT_LAKE,
    config: ConfigOption = None,
) -> None:
    """Process every pending file through to the published measures."""
    from metriccare.bootstrap import local_lake, run_local

    when = _date(as_of, "--as-of")
    with Progress() as progress:
        record = run_local(local_lake(lake, config), when, progress.stage)
    if record is None:
        progress.say("Nothing to do: no file waits. Recompute with a date: --as-of YYYY-MM-DD.")
        return
    progress.say(
        f"{record.run_id}: {record.files:,} files, {record.rows_in:,} records in,"
        f" {record.rows_quarantined:,} quarantined."
        + (" See them with `metriccare quarantine list`." if record.rows_quarantined else "")
    )


@app.command(epilog=_example("metriccare status --format json"))
def status(
    run_id: Annotated[str | None, typer.Argument(metavar="[RUN]", help="One run.")] = None,
    format: FormatOption = None,  # noqa: A002
    lake: LakeOption = DEFAULT_LAKE,
    config: ConfigOption = None,
) -> None:
    """Show files by state, runs, rows and how fresh the results are."""
    from metriccare.bootstrap import local_lake
    from metriccare.report.status import status_of, write_status

    here = local_lake(lake, config)
    with closing(here.existing_store()) as store:
        write_status(status_of(store, run_id, _now()), format)


@app.command(epilog=_example("metriccare metrics readmission_30d --by hospital --grain year"))
def metrics(
    measure: Annotated[str | None, typer.Argument(metavar="[ID]", help="One measure.")] = None,
    by: Annotated[
        str | None,
        typer.Option(
            envvar="METRICCARE_BY",
            help="hospital, sex, age_band, payer, department, infection_type.",
        ),
    ] = None,
    grain: Annotated[
        str | None, typer.Option(envvar="METRICCARE_GRAIN", help="year, month or all.")
    ] = None,
    format: FormatOption = None,  # noqa: A002
    lake: LakeOption = DEFAULT_LAKE,
) -> None:
    """Print published results; small counts are hidden."""
    from metriccare.local.query import open_engine
    from metriccare.report.metrics import published_metrics, write_metrics
    from metriccare.settings import Lake

    write_metrics(published_metrics(open_engine(Lake(lake)), measure, by, grain), format)


@app.command(epilog=_example("metriccare query 'SELECT * FROM metric_alos' --format csv"))
def query(
    sql: Annotated[str, typer.Argument(metavar="SQL|@FILE", help="One SELECT, or @file.sql.")],
    format: FormatOption = None,  # noqa: A002
    lake: LakeOption = DEFAULT_LAKE,
) -> None:
    """Answer read-only SQL (Athena's dialect) over the layers and the views, without Spark."""
    from metriccare.local.query import open_engine
    from metriccare.report.output import write_rows
    from metriccare.settings import Lake

    statement = _statement(sql)
    found = open_engine(Lake(lake)).query(statement)
    write_rows(found.columns, found.rows, format)


def _statement(sql: str) -> str:
    """Return the SQL itself, or what stands in the file after `@`."""
    if not sql.startswith("@"):
        return sql
    try:
        return Path(sql[1:]).read_text(encoding="utf-8")
    except OSError as error:
        raise UsageError(f"There is no SQL file {sql[1:]}.") from error


@app.command(epilog=_example("metriccare report --out report.html"))
def report(
    out: Annotated[Path, typer.Option(envvar="METRICCARE_OUT", help="The page.")] = Path(
        "report.html"
    ),
    lake: LakeOption = DEFAULT_LAKE,
) -> None:
    """Write one self-contained page with the charts and the tables behind them."""
    from metriccare.local.query import open_engine
    from metriccare.report.page import write_report
    from metriccare.settings import Lake

    write_report(open_engine(Lake(lake)), out)
    with Progress() as progress:
        progress.say(f"Report written to {out}.")


quarantine = typer.Typer(help="Rejected records: where they stood, and which rule rejected them.")
app.add_typer(quarantine, name="quarantine")


@quarantine.command("list", epilog=_example("metriccare quarantine list --rule date_invalid"))
def quarantine_list(
    run_id: Annotated[str | None, typer.Option("--run", help="Of one run.")] = None,
    rule: Annotated[str | None, typer.Option("--rule", help="Of one rule.")] = None,
    format: FormatOption = None,  # noqa: A002
    lake: LakeOption = DEFAULT_LAKE,
) -> None:
    """List rejected records: file, line, rule and reason, without their content."""
    from metriccare.local.query import open_engine
    from metriccare.report.output import write_rows
    from metriccare.report.rejected import rejected
    from metriccare.settings import Lake

    found = rejected(open_engine(Lake(lake)), run_id, rule)
    write_rows(found.columns, found.rows, format)


@app.command(epilog=_example("metriccare demo --patients 2000"))
def demo(
    patients: Annotated[int, typer.Option(envvar="METRICCARE_PATIENTS", min=100)] = 2000,
    seed: Annotated[int, typer.Option(envvar="METRICCARE_SEED")] = 42,
    lake: LakeOption = DEFAULT_LAKE,
    config: ConfigOption = None,
) -> None:
    """Generate, ingest, run, and print the measures beside the generator's truth."""
    from metriccare.demo import run_demo

    run_demo(lake, config, patients, seed)


@app.command(epilog=_example("metriccare doctor"))
def doctor(
    lake: LakeOption = DEFAULT_LAKE,
    format: FormatOption = None,  # noqa: A002
) -> None:
    """Check Java, jars, packages, credentials and table versions; say how to mend each."""
    from metriccare.local.doctor import findings
    from metriccare.report.output import write_rows

    found = findings(lake)
    rows = [
        (
            one.check,
            "ok" if one.ok else "absent" if one.optional else "MISSING",
            one.found,
            "" if one.ok else one.mend,
        )
        for one in found
    ]
    write_rows(("check", "state", "found", "mend"), rows, format)
    if not all(one.ok or one.optional for one in found):
        raise typer.Exit(1)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"metriccare {__version__}")
        raise typer.Exit


@app.callback()
def _common(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
    debug: Annotated[
        bool, typer.Option("--debug", envvar="METRICCARE_DEBUG", help="Show tracebacks.")
    ] = False,
) -> None:
    _state["debug"] = debug


_state = {"debug": False}


def _now() -> datetime:
    return datetime.now().astimezone()


def main() -> None:
    """Run the command and turn errors into one sentence and an exit code."""
    try:
        app()
    except MetricCareError as error:
        if _state["debug"]:
            raise
        sys.stderr.write(f"Error: {error}\n")
        sys.exit(error.exit_code)
    except Exception as error:
        if _state["debug"]:
            raise
        sys.stderr.write(
            f"Error: {type(error).__name__} stopped the command; nothing half-done is published."
            " Run it again with `metriccare --debug ...` to see where.\n"
        )
        sys.exit(1)
    except KeyboardInterrupt:
        sys.stderr.write("Stopped. Nothing half-done is published; run again to go on.\n")
        sys.exit(130)
