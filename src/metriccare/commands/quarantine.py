"""`quarantine`: rejected records, and what becomes of them."""

from __future__ import annotations

from typing import Annotated

import typer

from metriccare.commands.options import DEFAULT_LAKE, FormatOption, LakeOption, example

app = typer.Typer(help="Rejected records: where they stood, and which rule rejected them.")


@app.command("list", epilog=example("metriccare quarantine list --rule date_invalid"))
def quarantine_list(
    run_id: Annotated[str | None, typer.Option("--run", help="Of one run.")] = None,
    rule: Annotated[str | None, typer.Option("--rule", help="Of one rule.")] = None,
    format: FormatOption = None,  # noqa: A002
    lake: LakeOption = DEFAULT_LAKE,
) -> None:
    """List rejected records: file, line, rule and reason, without their content."""
    from metriccare.local.query import open_engine
    from metriccare.report.output import write_rows
    from metriccare.report.rejected import rejected
    from metriccare.settings import Lake

    found = rejected(open_engine(Lake(lake)), run_id, rule)
    write_rows(found.columns, found.rows, format)
