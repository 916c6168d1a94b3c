"""`generate`: synthetic FHIR and its answer key."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from metriccare.commands.options import date_of, example
from metriccare.commands.printing.progress import Progress
from metriccare.errors import UsageError

app = typer.Typer()
StartOption = Annotated[str, typer.Option(envvar="METRICCARE_START", help="First day.")]
EndOption = Annotated[str, typer.Option(envvar="METRICCARE_END", help="Last day.")]
DefectsOption = Annotated[
    float,
    typer.Option(envvar="METRICCARE_DEFECTS", help="Broken records per good one, 0 to 0.5."),
]
AllTypesOption = Annotated[
    bool,
    typer.Option(
        "--all-types",
        envvar="METRICCARE_ALL_TYPES",
        help="Also resource types that no measure reads.",
    ),
]
WorldOption = Annotated[
    str,
    typer.Option(
        envvar="METRICCARE_WORLD",
        help="region, or hospital: people are inpatients often, for reports on little data.",
    ),
]
ClaimsDetailOption = Annotated[
    bool,
    typer.Option(
        "--claims-detail/--no-claims-detail",
        envvar="METRICCARE_CLAIMS_DETAIL",
        help="Simulate the money of every account; without it one plain claim per stay or"
        " visit, and no KPIs.",
    ),
]
FeedsOption = Annotated[
    bool,
    typer.Option(
        "--feeds",
        envvar="METRICCARE_FEEDS",
        help="Write claims, answers and coverages as CSV feeds instead of FHIR.",
    ),
]
UploadOption = Annotated[
    str | None, typer.Option(envvar="METRICCARE_UPLOAD", help="Upload to s3://bucket/tenant.")
]
DescribeOption = Annotated[
    bool, typer.Option("--describe", help="Write nothing: print figures beside their targets.")
]


@app.command(
    epilog=example(
        "metriccare generate --patients 2000 --seed 7",
        "metriccare generate --patients 200 --feeds --out feeds_data",
    )
)
def generate(
    out: Annotated[Path, typer.Option(envvar="METRICCARE_OUT", help="Folder.")] = Path("fhir_data"),
    patients: Annotated[int, typer.Option(envvar="METRICCARE_PATIENTS", min=1)] = 1000,
    seed: Annotated[int, typer.Option(envvar="METRICCARE_SEED")] = 42,
    start: StartOption = "2022-01-01",
    end: EndOption = "2024-12-31",
    format: Annotated[  # noqa: A002 - the flag's name
        str, typer.Option(envvar="METRICCARE_FORMAT", help="ndjson, bundle or json.")
    ] = "ndjson",
    days: Annotated[int, typer.Option(envvar="METRICCARE_DAYS", help="Daily folders.")] = 0,
    defects: DefectsOption = 0.0,
    upload: UploadOption = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite the folder.")] = False,
    all_types: AllTypesOption = False,
    world: WorldOption = "region",
    claims_detail: ClaimsDetailOption = True,
    feeds: FeedsOption = False,
    describe: DescribeOption = False,
) -> None:
    """Write synthetic FHIR, feeds of money, and the answer key; same arguments, same bytes.

    `json/` has FHIR, `feeds/` what FHIR has no form for (with `--feeds` all of the money), and
    `truth.json` every measure and KPI. `metriccare ingest` takes both folders.
    """
    from metriccare.aws.uploads import bucket_and_prefix
    from metriccare.local import generation

    config = generation.config(
        out=out,
        patients=patients,
        seed=seed,
        start=date_of(start, "--start"),
        end=date_of(end, "--end"),
        format=format,
        days=days,
        defects=defects,
        all_types=all_types,
        world=world,
        claims_detail=claims_detail,
        feeds=feeds,
        force=force,
    )
    if upload:
        bucket_and_prefix(upload)
    if describe and upload:
        raise UsageError("--describe writes nothing, so there is nothing to --upload: choose one.")
    if describe:
        typer.echo("\n".join(generation.described(config)))
        return
    with Progress() as progress:
        generation.run(config, progress)
        if upload:
            send(out, upload, progress)


def send(folder: Path, target: str, progress: Progress) -> None:
    """Upload what was generated below `s3://bucket/prefix`."""
    from metriccare.aws.uploads import upload
    from metriccare.local.generation import files_to_send

    files = files_to_send(folder)
    progress.stage(f"Uploading {len(files):,} files to {target}")
    upload(files, folder, target)
