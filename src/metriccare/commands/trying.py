"""`demo`, `doctor`: the first things a person runs."""

from __future__ import annotations

from typing import Annotated

import typer

from metriccare.commands.options import (
    DEFAULT_LAKE,
    ConfigOption,
    EngineOption,
    FormatOption,
    LakeOption,
    example,
)

app = typer.Typer()


@app.command(epilog=example("metriccare demo --patients 2000"))
def demo(
    patients: Annotated[int, typer.Option(envvar="METRICCARE_PATIENTS", min=100)] = 2000,
    seed: Annotated[int, typer.Option(envvar="METRICCARE_SEED")] = 42,
    engine: EngineOption = None,
    lake: LakeOption = DEFAULT_LAKE,
    config: ConfigOption = None,
) -> None:
    """Generate, ingest, run, and print the measures beside the generator's truth."""
    from metriccare.commands.demo import run_demo
    from metriccare.wiring.local import local_lake

    run_demo(local_lake(lake, config, engine), patients, seed)


@app.command(epilog=example("metriccare doctor"))
def doctor(
    lake: LakeOption = DEFAULT_LAKE,
    format: FormatOption = None,  # noqa: A002
) -> None:
    """Check Java, jars, packages, credentials and table versions; say how to mend each."""
    from metriccare.aws.clients import has_credentials
    from metriccare.local.doctor import findings
    from metriccare.report.output import write_rows

    found = findings(lake, has_credentials)
    rows = [
        (
            one.check,
            "ok" if one.ok else "absent" if one.optional else "MISSING",
            one.found,
            "" if one.ok else one.mend,
        )
        for one in found
    ]
    write_rows(("check", "state", "found", "mend"), rows, format)
    if not all(one.ok or one.optional for one in found):
        raise typer.Exit(1)
