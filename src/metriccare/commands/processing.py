"""`ingest`, `run`, `status`: files on their way to published measures."""

from __future__ import annotations

from contextlib import closing
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from metriccare import naming
from metriccare.commands.options import (
    DEFAULT_LAKE,
    ConfigOption,
    EngineOption,
    FormatOption,
    LakeOption,
    TenantOption,
    date_of,
    example,
)
from metriccare.commands.printing.progress import Progress
from metriccare.errors import LeaseHeld

if TYPE_CHECKING:
    from metriccare.local.raw_zone import Ingested

app = typer.Typer()


@app.command(epilog=example("metriccare ingest fhir_data/json --tenant north"))
def ingest(
    paths: Annotated[list[str], typer.Argument(help="Files, folders or s3://bucket/prefix.")],
    tenant: TenantOption = naming.DEFAULT_TENANT,
    feed: Annotated[
        str | None,
        typer.Option(
            "--feed", envvar="METRICCARE_FEED", help="Tables: the contract they are read with."
        ),
    ] = None,
    lake: LakeOption = DEFAULT_LAKE,
    config: ConfigOption = None,
) -> None:
    """Copy files to the raw zone and register them; the same file again changes nothing."""
    from metriccare.wiring.local import ingest_paths, local_lake

    with Progress() as progress:
        done = ingest_paths(local_lake(lake, config), paths, tenant, progress.counted, feed)
    _say_ingested(done, progress)
    if done.faults:
        raise typer.Exit(1)


def _say_ingested(done: Ingested, progress: Progress) -> None:
    from metriccare.ingest.sent_files import left_out_text

    for name in done.empty:
        progress.warn(f"{name} is empty; it is registered and holds no records.")
    if done.left_out:
        progress.warn(f"Left out: {left_out_text(done.left_out)}.")
    for fault in done.faults:
        progress.warn(f"{fault.name} was not taken in. {fault.cause}")
    counts = [f"{done.registered:,} registered", f"{done.known:,} known already"]
    if done.left_out:
        counts.append(f"{len(done.left_out):,} left out")
    if done.faults:
        counts.append(f"{len(done.faults):,} not taken in (named above)")
    progress.say(
        f"{', '.join(counts)}."
        + (" Process them with `metriccare run`." if done.registered else "")
    )


@app.command(epilog=example("metriccare run --as-of 2024-12-31"))
def run(
    as_of: Annotated[
        str | None,
        typer.Option("--as-of", envvar="METRICCARE_AS_OF", help="Data is complete up to here."),
    ] = None,
    accept: Annotated[
        str | None,
        typer.Option(
            envvar="METRICCARE_ACCEPT", help="A refused run whose tenants are right as they are."
        ),
    ] = None,
    engine: EngineOption = None,
    lake: LakeOption = DEFAULT_LAKE,
    config: ConfigOption = None,
) -> None:
    """Process every pending file through to the published measures."""
    from metriccare.wiring.local import accepting, local_lake, run_local

    when = date_of(as_of, "--as-of")
    here = accepting(local_lake(lake, config, engine), accept)
    with Progress() as progress:
        try:
            record = run_local(here, when, progress.stage)
        except LeaseHeld as held:
            progress.say(f"Nothing to do: {held}")
            return
    if record is None:
        progress.say("Nothing to do: no file waits. Recompute with a date: --as-of YYYY-MM-DD.")
        return
    progress.say(
        f"{record.run_id}: {record.files:,} files, {record.rows_in:,} records in,"
        f" {record.rows_quarantined:,} quarantined."
        + (" See them with `metriccare quarantine list`." if record.rows_quarantined else "")
    )
    if record.persons_not_computed:
        progress.warn(
            f"The rules failed on {record.persons_not_computed:,} persons; their rows stay as they"
            " were. `metriccare status` names them."
        )
    record.require_all_published()


@app.command(epilog=example("metriccare status --format json"))
def status(
    run_id: Annotated[str | None, typer.Argument(metavar="[RUN]", help="One run.")] = None,
    format: FormatOption = None,  # noqa: A002
    lake: LakeOption = DEFAULT_LAKE,
    config: ConfigOption = None,
) -> None:
    """Show files by state, runs, rows and how fresh the results are."""
    from metriccare.commands.printing.status import write_status
    from metriccare.report.status import status_of
    from metriccare.wiring.local import local_lake
    from metriccare.wiring.queries import open_engine

    here = local_lake(lake, config)
    with closing(here.read_only_store()) as store:
        write_status(status_of(store, open_engine(here.lake), run_id, _now()), format)


def _now() -> datetime:
    return datetime.now().astimezone()
