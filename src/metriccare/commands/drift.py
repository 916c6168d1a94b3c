"""`drift`: what senders send and no declaration reads."""

from __future__ import annotations

from typing import Annotated

import typer

from metriccare.commands.options import DEFAULT_LAKE, FormatOption, LakeOption, example

app = typer.Typer()


@app.command(epilog=example("metriccare drift --format csv"))
def drift(
    deep: Annotated[
        bool,
        typer.Option(
            "--deep",
            envvar="METRICCARE_DEEP",
            help="Count again from bronze, inside complex elements too; reads everything.",
        ),
    ] = False,
    format: FormatOption = None,  # noqa: A002
    lake: LakeOption = DEFAULT_LAKE,
) -> None:
    """List fields that stay in bronze unread: path, first seen, resource versions with it."""
    from metriccare.commands.printing.output import write_rows
    from metriccare.query.drift import deep_drift
    from metriccare.query.drift import drift as kept_drift
    from metriccare.settings import Lake
    from metriccare.wiring.queries import files_of, open_engine

    place = Lake(lake)
    found = deep_drift(files_of(place)) if deep else kept_drift(open_engine(place))
    write_rows(found.columns, found.rows, format)
