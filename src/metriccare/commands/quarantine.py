"""`quarantine`: rejected records and files set aside, and what becomes of them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from metriccare.commands.options import (
    DEFAULT_LAKE,
    AsOfOption,
    ConfigOption,
    EngineOption,
    FormatOption,
    LakeOption,
    check_reason,
    date_of,
    example,
)
from metriccare.commands.printing.progress import Progress
from metriccare.errors import UsageError
from metriccare.settings import Lake
from metriccare.wiring.storage import is_deployed

app = typer.Typer(help="Rejected records: file, line and rule. Files set aside whole.")

RunOption = Annotated[
    str | None, typer.Option("--run", envvar="METRICCARE_RUN", help="Rejected by one run.")
]
RuleOption = Annotated[
    str | None, typer.Option("--rule", envvar="METRICCARE_RULE", help="Rejected by one rule.")
]
FeedOption = Annotated[
    str | None, typer.Option("--feed", envvar="METRICCARE_FEED", help="Rows of one feed.")
]


@app.command("list", epilog=example("metriccare quarantine list --rule date_invalid"))
def quarantine_list(
    run_id: RunOption = None,
    rule: RuleOption = None,
    feed: FeedOption = None,
    every: Annotated[
        bool, typer.Option("--all", help="Also those redriven or superseded since.")
    ] = False,
    files: Annotated[
        bool, typer.Option("--files", help="Whole files instead: set aside, or unreadable.")
    ] = False,
    format: FormatOption = None,  # noqa: A002
    lake: LakeOption = DEFAULT_LAKE,
) -> None:
    """List rejected records: file, line, rule and reason, without their content."""
    from metriccare.commands.printing.output import write_rows
    from metriccare.commands.printing.rejected import rejected
    from metriccare.report.rejected import RejectFilter
    from metriccare.wiring.queries import open_engine

    if files:
        if run_id or rule or feed or every:
            raise UsageError(
                "--files lists whole files; --run, --rule, --feed and --all are of records."
            )
        _list_files(Lake(lake), format)
        return
    found = rejected(open_engine(Lake(lake)), RejectFilter(run_id, rule, feed=feed), every=every)
    write_rows(found.columns, found.rows, format)


def _list_files(lake: Lake, wanted: str | None) -> None:
    from metriccare.commands.printing.output import write_rows
    from metriccare.report.rejected import FILE_COLUMNS, files_out
    from metriccare.wiring.local import LocalLake
    from metriccare.wiring.tracking import opened_tracking

    with opened_tracking(lake, LocalLake.read_only_store) as store:
        rows = files_out(store)
    write_rows(FILE_COLUMNS, rows, wanted)


@app.command("file", epilog=example("metriccare quarantine file 3f0c1a7e --reason 'Stops the run'"))
def quarantine_file(
    file: Annotated[
        str,
        typer.Argument(metavar="FILE_ID", help="Its id, the beginning of it, or its name as sent."),
    ],
    reason: Annotated[str, typer.Option(envvar="METRICCARE_REASON", help="Why; kept.")] = "",
    release: Annotated[
        bool, typer.Option("--release", help="Take it back: the next run takes it up.")
    ] = False,
    lake: LakeOption = DEFAULT_LAKE,
    config: ConfigOption = None,
) -> None:
    """Set a file aside whole: no run takes it up, and the next one takes its rows out."""
    if release == bool(reason.strip()):
        raise UsageError("quarantine file wants --reason TEXT, or --release to take it back.")
    check_reason(reason)
    with Progress() as progress:
        if is_deployed(Lake(lake)):
            _file_deployed(Lake(lake), file, reason, progress)
            return
        _file_local(lake, config, file, reason, progress)


def _file_local(lake: str, config: Path | None, word: str, reason: str, progress: Progress) -> None:
    from metriccare.wiring.local import local_lake
    from metriccare.wiring.local_quarantine import release_local, set_aside_local

    here = local_lake(lake, config)
    if not reason:
        file = release_local(here, word)
        progress.say(f"{file.source_file} ({file.file_id}) waits for the next `metriccare run`.")
        return
    file = set_aside_local(here, word, reason)
    held = " The next `metriccare run` takes out what tables hold of it." if file.run_id else ""
    progress.say(f"{file.source_file} ({file.file_id}) is set aside.{held}")


def _file_deployed(lake: Lake, word: str, reason: str, progress: Progress) -> None:
    from metriccare.wiring.operator import release_deployed, set_aside_deployed

    if reason:
        set_aside_deployed(lake, word, reason, progress.stage)
        progress.say(f"{word} is set aside; the next run takes out what tables hold of it.")
    else:
        release_deployed(lake, word, progress.stage)
        progress.say(f"{word} waits for the next run.")


@app.command("show", epilog=example("metriccare quarantine show json/patients/Patient.ndjson 17"))
def quarantine_show(
    file: Annotated[str | None, typer.Argument(metavar="[FILE]", help="As listed.")] = None,
    line: Annotated[int | None, typer.Argument(metavar="[LINE]", help="As listed.")] = None,
    run_id: RunOption = None,
    rule: RuleOption = None,
    feed: FeedOption = None,
    format: FormatOption = None,  # noqa: A002
    lake: LakeOption = DEFAULT_LAKE,
) -> None:
    """Print rejected records in full. They are health records: mind where the output goes."""
    from metriccare.commands.printing.rejected import write_in_full
    from metriccare.report.rejected import RejectFilter
    from metriccare.wiring.queries import open_engine

    write_in_full(open_engine(Lake(lake)), RejectFilter(run_id, rule, file, line, feed), format)


@app.command("redrive", epilog=example("metriccare quarantine redrive --rule date_invalid"))
def quarantine_redrive(
    run_id: RunOption = None,
    rule: RuleOption = None,
    feed: FeedOption = None,
    as_of: AsOfOption = None,
    engine: EngineOption = None,
    lake: LakeOption = DEFAULT_LAKE,
    config: ConfigOption = None,
) -> None:
    """Send rejected records through again, as after a rule or a mapping changed."""
    from metriccare.report.rejected import RejectFilter
    from metriccare.wiring.local import local_lake
    from metriccare.wiring.local_quarantine import redrive_local

    when = date_of(as_of, "--as-of")
    with Progress() as progress:
        if is_deployed(Lake(lake)):
            if feed:
                raise UsageError("--feed is for a lake on this machine; name --run or --rule.")
            words = {"--run": run_id, "--rule": rule, "--as-of": as_of}
            _redrive_deployed(Lake(lake), words, progress)
            return
        here = local_lake(lake, config, engine)
        done = redrive_local(here, RejectFilter(run_id, rule, feed=feed), when, progress.stage)
        if done is None:
            progress.say("Nothing to do: no such record is in quarantine.")
            return
        progress.say(f"{done.run_id}: {done.loaded:,} loaded, {done.rejected:,} rejected again.")
        done.record.require_all_published()


def _redrive_deployed(lake: Lake, words: Mapping[str, str | None], progress: Progress) -> None:
    from metriccare.wiring.operator import redrive_deployed

    choice = {name: word for name, word in words.items() if word is not None}
    redrive_deployed(lake, choice, progress.stage)
    progress.say("What was open went through again; the alert topic says how much was taken in.")
