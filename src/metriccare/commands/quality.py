"""`quality`: how good the data of each table is."""

from __future__ import annotations

from typing import Annotated

import typer

from metriccare.commands.options import DEFAULT_LAKE, FormatOption, LakeOption, example

app = typer.Typer()


@app.command(epilog=example("metriccare quality --table claim"))
def quality(
    table: Annotated[
        str | None,
        typer.Option(
            envvar="METRICCARE_TABLE", help="One table, run by run: claim, feed_remits ..."
        ),
    ] = None,
    format: FormatOption = None,  # noqa: A002
    lake: LakeOption = DEFAULT_LAKE,
) -> None:
    """Print how good the data of each table is, 0 to 100, and what the score is made of."""
    from metriccare.commands.printing.scores import write_scores
    from metriccare.report.quality_scores import quality_scores
    from metriccare.settings import Lake
    from metriccare.wiring.queries import open_engine

    write_scores(quality_scores(open_engine(Lake(lake)), table), format)
