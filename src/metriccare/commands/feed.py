"""`feed`: how tables of claims, remittances and payments are spelled, and a dry run over a file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from metriccare import naming
from metriccare.commands.options import (
    DEFAULT_LAKE,
    ConfigOption,
    FormatOption,
    LakeOption,
    TenantOption,
    example,
)

if TYPE_CHECKING:
    from metriccare.settings import Settings
    from metriccare.sources.feeds.contracts import Contract

app = typer.Typer(help="Feeds: tables as CSV or JSON lines, and the contracts they are read with.")


@app.command("list", epilog=example("metriccare feed list"))
def feed_list(
    format: FormatOption = None,  # noqa: A002
    lake: LakeOption = DEFAULT_LAKE,
    config: ConfigOption = None,
) -> None:
    """List the contracts in force: name, feed, files it fits, what has arrived under it."""
    from metriccare.commands.printing.output import write_rows
    from metriccare.errors import UsageError
    from metriccare.report.feed_contracts import LIST_COLUMNS, listed
    from metriccare.settings import Lake
    from metriccare.wiring.queries import open_engine

    contracts = _contracts(_settings(lake, config))
    try:
        rows = listed(contracts, open_engine(Lake(lake)))
    except UsageError:
        # No lake yet, or one without the tables of feeds: nothing has arrived.
        rows = listed(contracts, None)
    write_rows(LIST_COLUMNS, rows, format)


@app.command("show", epilog=example("metriccare feed show claims"))
def feed_show(
    name: Annotated[str, typer.Argument(help="A contract, as `feed list` names it.")],
    format: FormatOption = None,  # noqa: A002
    lake: LakeOption = DEFAULT_LAKE,
    config: ConfigOption = None,
) -> None:
    """Show the columns of one contract: type, required, key, words, the sender's names, meaning."""
    from metriccare.commands.printing.output import write_rows
    from metriccare.errors import UsageError
    from metriccare.report.feed_contracts import SHOW_COLUMNS, shown

    contracts = {contract.name: contract for contract in _contracts(_settings(lake, config))}
    if name not in contracts:
        raise UsageError(f"There is no feed {name!r}; there are: {', '.join(contracts)}.")
    write_rows(SHOW_COLUMNS, shown(contracts[name]), format)


@app.command("check", epilog=example("metriccare feed check claims.csv --rows 10000"))
def feed_check(
    file: Annotated[Path, typer.Argument(help="A file on this machine.")],
    feed: Annotated[
        str | None,
        typer.Option("--feed", envvar="METRICCARE_FEED", help="Read it with this contract."),
    ] = None,
    rows: Annotated[
        int | None,
        typer.Option("--rows", envvar="METRICCARE_ROWS", min=1, help="Only so many rows."),
    ] = None,
    tenant: TenantOption = naming.DEFAULT_TENANT,
    format: FormatOption = None,  # noqa: A002
    lake: LakeOption = DEFAULT_LAKE,
    config: ConfigOption = None,
) -> None:
    """Read a file without loading it. Prints rows, which may be health records.

    Exit codes: 0 every row is good, 1 rows would be rejected, 2 no contract fits.
    """
    from metriccare.commands.printing.checked_file import write_checked
    from metriccare.errors import UnreadableFile, UsageError
    from metriccare.local.folder_store import LocalRawFiles
    from metriccare.sources.feeds.checked_file import FileToCheck, check_file
    from metriccare.sources.feeds.contracts import contracts_of

    if not file.is_file():
        raise UsageError(f"There is no file {file}.")
    settings = _settings(lake, config)
    # The folder may say which feed it is: it is part of the name when a folder is taken in.
    name = f"{file.resolve().parent.name}/{file.name}"
    to_check = FileToCheck(str(file), name, tenant, settings.time_zone(tenant))
    try:
        checked = check_file(to_check, LocalRawFiles(), contracts_of(settings), feed, rows)
    except UnreadableFile as error:
        raise UsageError(f"{file.name} fits no contract: {error}.") from error
    write_checked(checked, format)
    if checked.rejected:
        raise typer.Exit(1)


def _settings(lake: str, config: Path | None) -> Settings:
    from metriccare.settings import Lake, load_settings

    return load_settings(Lake(lake), config)


def _contracts(settings: Settings) -> Sequence[Contract]:
    from metriccare.sources.feeds.contracts import CANONICAL, contracts_of

    return (*contracts_of(settings), *CANONICAL)
