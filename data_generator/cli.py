"""The command line of the generator: arguments in, files out, progress on stderr."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from data_generator.config import GeneratorConfig, GeneratorError, day_argument
from data_generator.describe import report
from data_generator.facts.worlds import DENSITIES
from data_generator.run import Summary, generate

app = typer.Typer(add_completion=False)
_DEFAULTS = GeneratorConfig(Path("fhir_data"))
_STDERR = Console(stderr=True)


@app.command()
def main(  # noqa: PLR0913, PLR0917 - one parameter per option is how typer works
    out: Annotated[Path, typer.Option(help="Folder to write to.")] = _DEFAULTS.out,
    patients: Annotated[int, typer.Option(help="People to simulate.")] = _DEFAULTS.patients,
    seed: Annotated[int, typer.Option(help="Same seed, same bytes.")] = _DEFAULTS.seed,
    start: Annotated[str, typer.Option(help="First day, YYYY-MM-DD.")] = str(_DEFAULTS.start),
    end: Annotated[str, typer.Option(help="Last day, YYYY-MM-DD.")] = str(_DEFAULTS.end),
    format_: Annotated[
        str, typer.Option("--format", help="ndjson, bundle or json.")
    ] = _DEFAULTS.format,
    days: Annotated[int, typer.Option(help="Daily folders after the history.")] = _DEFAULTS.days,
    defects: Annotated[
        float, typer.Option(help="Broken records per good one.")
    ] = _DEFAULTS.defects,
    all_types: Annotated[
        bool, typer.Option("--all-types", help="Also resource types that no measure reads.")
    ] = _DEFAULTS.all_types,
    world: Annotated[
        str, typer.Option(help=f"{' or '.join(DENSITIES)}: how often people are in hospital.")
    ] = _DEFAULTS.world,
    claims_detail: Annotated[
        bool,
        typer.Option(
            "--claims-detail/--no-claims-detail", help="Simulate the money of every account."
        ),
    ] = _DEFAULTS.claims_detail,
    feeds: Annotated[
        bool, typer.Option("--feeds", help="Claims as CSV feeds instead of FHIR.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Replace what an earlier run wrote.")
    ] = False,
    describe: Annotated[
        bool, typer.Option("--describe", help="Write nothing: print figures beside their targets.")
    ] = False,
) -> None:
    """Generate synthetic hospital care as FHIR R4, with the answer key in truth.json."""
    try:
        span = day_argument("start", start), day_argument("end", end)
        config = GeneratorConfig(
            out, patients, seed, *span, format_, days, defects, force, all_types, world,
            claims_detail, feeds,
        )  # fmt: skip
        if describe:
            config.check()
            typer.echo("\n".join(report(config)))
            return
        summary = _with_progress(config)
    except GeneratorError as refusal:
        _STDERR.print(str(refusal), style="red")
        raise typer.Exit(2) from refusal
    except OSError as failure:
        _STDERR.print(f"{out}: {failure.strerror}. Nothing was published there.", style="red")
        raise typer.Exit(1) from failure
    _STDERR.print(
        f"{summary.total:,} resources, {summary.stays:,} stays in {summary.out} "
        f"(truth as of {summary.as_of})"
    )


def _with_progress(config: GeneratorConfig) -> Summary:
    with Progress(console=_STDERR, disable=not _STDERR.is_terminal) as bar:
        task = bar.add_task("people", total=config.patients)
        return generate(config, lambda done, _: bar.update(task, completed=done))
