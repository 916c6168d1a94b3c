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
from metriccare.finding import Finding

app = typer.Typer()

# With these every chart of the report is drawn: three kinds of infections have more than the 10
# events up to which counts are hidden, and two of them are shown. With seed 42 it would take half
# as many stays again.
DEMO_PATIENTS, DEMO_SEED = 2000, 7


@app.command(epilog=example("metriccare demo --patients 2000"))
def demo(
    patients: Annotated[int, typer.Option(envvar="METRICCARE_PATIENTS", min=100)] = DEMO_PATIENTS,
    seed: Annotated[int, typer.Option(envvar="METRICCARE_SEED")] = DEMO_SEED,
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
    aws: Annotated[
        str | None,
        typer.Option(
            "--aws",
            envvar="METRICCARE_WORKSPACE",
            metavar="WORKSPACE",
            help="Check the AWS account and a workspace (dev, prod) instead of this machine.",
        ),
    ] = None,
    lake: LakeOption = DEFAULT_LAKE,
    format: FormatOption = None,  # noqa: A002
) -> None:
    """Check Java, jars, packages, credentials and table versions; say how to fix each."""
    from metriccare.commands.printing.output import write_rows

    found = _findings(lake) if aws is None else _findings_of_account(aws)
    rows = [
        (
            each.check,
            "ok" if each.ok else "absent" if each.optional else "MISSING",
            each.found,
            "" if each.ok else each.fix,
        )
        for each in found
    ]
    write_rows(("check", "state", "found", "fix"), rows, format)
    if not all(each.ok or each.optional for each in found):
        raise typer.Exit(1)


def _findings(lake: str) -> list[Finding]:
    from metriccare.aws.clients import has_credentials
    from metriccare.local.doctor import findings

    return findings(lake, has_credentials)


def _findings_of_account(workspace: str) -> list[Finding]:
    from metriccare.aws.doctor import findings
    from metriccare.wiring.operator import account_of

    return findings(account_of(workspace))
