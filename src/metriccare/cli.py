"""The `metriccare` command: it translates what a person types, and delegates.

Data goes to stdout; progress, logs and warnings to stderr. Exit codes: 0 done, 1 the run failed,
2 wrong use, 3 a quality gate refused to publish, 130 and 143 it was interrupted (Ctrl-C, SIGTERM).
"""

from __future__ import annotations

import logging
import os
import sys
from typing import Annotated

import typer

from metriccare import __version__, interruption, naming
from metriccare.causes import cause_of
from metriccare.commands import (
    audit,
    closing,
    drift,
    feed,
    generation,
    marts,
    pausing,
    processing,
    quality,
    quarantine,
    reading,
    serve,
    trying,
    upkeep,
)
from metriccare.errors import MetricCareError
from metriccare.interruption import Interrupted

app = typer.Typer(
    name="metriccare",
    help="Hospital FHIR data to quality measures anyone can check.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
)

# In the order `--help` lists them.
for _commands in (generation.app, processing.app, reading.app):
    app.add_typer(_commands)
app.add_typer(marts.app, name="marts")
app.add_typer(quarantine.app, name="quarantine")
app.add_typer(feed.app, name="feed")
app.add_typer(serve.app)
app.add_typer(audit.app, name="audit")
app.add_typer(quality.app)
app.add_typer(drift.app)
app.add_typer(upkeep.app)
app.add_typer(closing.app)
app.add_typer(pausing.app)
app.add_typer(trying.app)


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
        bool,
        typer.Option(
            "--debug",
            envvar=naming.DEBUG_VARIABLE,
            help="Show tracebacks and logs; they may quote records.",
        ),
    ] = False,
) -> None:
    if debug:
        os.environ[naming.DEBUG_VARIABLE] = "1"
    else:
        os.environ.pop(naming.DEBUG_VARIABLE, None)


def main() -> None:
    """Run the command and turn errors into one sentence and an exit code."""
    interruption.raise_on_signals()
    # py4j logs a traceback of its own for each error it raises; debugging shows Python's.
    logging.getLogger().addHandler(logging.NullHandler())
    try:
        with interruption.not_replaced():
            app()
    except Interrupted as stopped:
        sys.stderr.write(f"{stopped}\n")
        sys.exit(stopped.exit_code)
    except Exception as error:
        if os.environ.get(naming.DEBUG_VARIABLE):
            raise
        sys.stderr.write(f"Error: {cause_of(error)}{_more(error)}\n")
        sys.exit(error.exit_code if isinstance(error, MetricCareError) else 1)


def _more(error: Exception) -> str:
    if isinstance(error, MetricCareError):
        return ""
    return " Nothing half-done is published. `metriccare --debug ...` shows more."
