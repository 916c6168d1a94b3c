"""The `metriccare` command: it translates what a person types, and delegates.

Data goes to stdout; progress, logs and warnings to stderr. Exit codes: 0 done, 1 the run failed,
2 wrong use, 3 a quality gate refused to publish.
"""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from metriccare import __version__
from metriccare.commands import drift, generation, processing, quarantine, reading, trying, upkeep
from metriccare.errors import MetricCareError

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
app.add_typer(quarantine.app, name="quarantine")
app.add_typer(drift.app)
app.add_typer(upkeep.app)
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
        bool, typer.Option("--debug", envvar="METRICCARE_DEBUG", help="Show tracebacks.")
    ] = False,
) -> None:
    _state["debug"] = debug


_state = {"debug": False}


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
