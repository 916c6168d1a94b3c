"""Options every command shares, and how a command says its example."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from metriccare.errors import UsageError
from metriccare.settings import engine_named, lake_root

LakeOption = Annotated[
    str,
    typer.Option(
        "--lake",
        envvar="METRICCARE_LAKE",
        callback=lake_root,
        help="The lake: a folder or s3://bucket/prefix.",
    ),
]
ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", envvar="METRICCARE_CONFIG", help="The settings file (TOML)."),
]


def _engine(word: str | None) -> str | None:
    try:
        return word and engine_named(word)
    except UsageError as error:
        raise UsageError(f"--engine {error}") from error


EngineOption = Annotated[
    str | None,
    typer.Option(
        "--engine",
        envvar="METRICCARE_ENGINE",
        callback=_engine,
        help="auto, duckdb or spark; auto takes DuckDB where the data fits this machine.",
    ),
]
AsOfOption = Annotated[
    str | None,
    typer.Option("--as-of", envvar="METRICCARE_AS_OF", help="Data is complete up to here."),
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
RoleOption = Annotated[
    str | None,
    typer.Option(
        "--role",
        envvar="METRICCARE_ROLE",
        help="Read as this role would: executive, analyst, finance, quality_officer ...",
    ),
]
ReadTenantOption = Annotated[
    str | None,
    typer.Option(
        "--tenant",
        envvar="METRICCARE_TENANT",
        help="Whose results; a role sees one tenant.",
    ),
]
DEFAULT_LAKE = "./lake"


def example(*lines: str) -> str:
    """Return the epilog of a command's help: lines a person can type."""
    return f"Example: {', '.join(f'`{line}`' for line in lines)}"


def date_of(text: str | None, flag: str) -> date | None:
    """Return the date a flag was given; UsageError says what was wanted."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{flag} wants a date such as 2024-12-31, found {text!r}.") from error


def check_reason(text: str) -> None:
    """Raise UsageError if the text of --reason is the next flag: then the text was forgotten."""
    if text.startswith("-"):
        raise UsageError("--reason wants a text that does not begin with a dash.")
