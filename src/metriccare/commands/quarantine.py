"""`quarantine`: rejected records, and what becomes of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import typer

from metriccare.commands.options import (
    DEFAULT_LAKE,
    ConfigOption,
    FormatOption,
    LakeOption,
    date_of,
    example,
)
from metriccare.report.progress import Progress
from metriccare.settings import Lake

app = typer.Typer(help="Rejected records: where they stood, and which rule rejected them.")

RunOption = Annotated[
    str | None, typer.Option("--run", envvar="METRICCARE_RUN", help="Rejected by one run.")
]
RuleOption = Annotated[
    str | None, typer.Option("--rule", envvar="METRICCARE_RULE", help="Rejected by one rule.")
]


@app.command("list", epilog=example("metriccare quarantine list --rule date_invalid"))
def quarantine_list(
    run_id: RunOption = None,
    rule: RuleOption = None,
    every: Annotated[
        bool, typer.Option("--all", help="Also those redriven or superseded since.")
    ] = False,
    format: FormatOption = None,  # noqa: A002
    lake: LakeOption = DEFAULT_LAKE,
) -> None:
    """List rejected records: file, line, rule and reason, without their content."""
    from metriccare.local.query import open_engine
    from metriccare.report.output import write_rows
    from metriccare.report.rejected import Choice, rejected

    found = rejected(open_engine(Lake(lake)), Choice(run_id, rule), every=every)
    write_rows(found.columns, found.rows, format)


@app.command("show", epilog=example("metriccare quarantine show json/patients/Patient.ndjson 17"))
def quarantine_show(
    file: Annotated[str | None, typer.Argument(metavar="[FILE]", help="As listed.")] = None,
    line: Annotated[int | None, typer.Argument(metavar="[LINE]", help="As listed.")] = None,
    run_id: RunOption = None,
    rule: RuleOption = None,
    format: FormatOption = None,  # noqa: A002
    lake: LakeOption = DEFAULT_LAKE,
) -> None:
    """Print rejected records in full. They are health records: mind where the output goes."""
    from metriccare.local.query import open_engine
    from metriccare.report.rejected import Choice, write_in_full

    write_in_full(open_engine(Lake(lake)), Choice(run_id, rule, file, line), format)


@app.command("redrive", epilog=example("metriccare quarantine redrive --rule date_invalid"))
def quarantine_redrive(
    run_id: RunOption = None,
    rule: RuleOption = None,
    as_of: Annotated[
        str | None,
        typer.Option("--as-of", envvar="METRICCARE_AS_OF", help="Data is complete up to here."),
    ] = None,
    lake: LakeOption = DEFAULT_LAKE,
    config: ConfigOption = None,
) -> None:
    """Send rejected records through again, as after a rule or a mapping changed."""
    from metriccare.bootstrap import local_lake
    from metriccare.bootstrap_quarantine import redrive_local
    from metriccare.report.rejected import Choice

    when = date_of(as_of, "--as-of")
    with Progress() as progress:
        if Lake(lake).is_s3:
            words = {"--run": run_id, "--rule": rule, "--as-of": as_of}
            _redrive_deployed(Lake(lake), words, progress)
            return
        here = local_lake(lake, config)
        done = redrive_local(here, Choice(run_id, rule), when, progress.stage)
        if done is None:
            progress.say("Nothing to do: no such record is in quarantine.")
            return
        progress.say(f"{done.run_id}: {done.loaded:,} loaded, {done.rejected:,} rejected again.")
        done.record.require_all_published()


def _redrive_deployed(lake: Lake, words: Mapping[str, str | None], progress: Progress) -> None:
    from metriccare.bootstrap_deployed import redrive_deployed

    choice = {name: word for name, word in words.items() if word is not None}
    redrive_deployed(lake, choice, progress.stage)
    progress.say("What was open went through again; the alert topic says how much was taken in.")
