"""`drift`: what senders send and no declaration reads."""

from __future__ import annotations

import typer

from metriccare.commands.options import DEFAULT_LAKE, FormatOption, LakeOption, example

app = typer.Typer()


@app.command(epilog=example("metriccare drift --format csv"))
def drift(
    format: FormatOption = None,  # noqa: A002
    lake: LakeOption = DEFAULT_LAKE,
) -> None:
    """List fields that stay in bronze unread: path, first seen, resource versions with it."""
    from metriccare.local.drift import drift as drift_of_lake
    from metriccare.report.output import write_rows
    from metriccare.settings import Lake

    found = drift_of_lake(Lake(lake))
    write_rows(found.columns, found.rows, format)
