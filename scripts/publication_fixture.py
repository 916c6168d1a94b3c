"""Write the large fixture of published marts: `make fixture-publication`.

Two tenants, six hospitals, 36 months, about 500 stays a month in the first: enough that monthly
figures are shown and control charts have limits. The pipeline itself writes it, in minutes. Only
some persons have claims: there are 60,000 figures of KPIs however many accounts they come from,
and with more accounts fewer are hidden, so the files grow.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from data_generator.facts.worlds import HOSPITAL
from metriccare import naming
from metriccare.commands.printing.progress import Progress
from metriccare.local import generation
from metriccare.settings import Lake, Settings
from metriccare.wiring.local import LocalLake, ingest_paths, run_local

FIXTURE = Path("tests", "data", "publication-large")
# Kept for benchmarks: `python -m benchmarks.serving .cache/publication-large`.
LAKE = Path(".cache", "publication-large")
AS_OF = date(2024, 12, 31)
# What a hospital without its billing system does not send.
_CLAIMS = ("claims", "claim_responses", "explanation_of_benefits")


@dataclass(frozen=True)
class Population:
    """People of a tenant; about 2.4 stays each in 36 months."""

    tenant: str
    patients: int
    seed: int
    has_claims: bool


POPULATIONS = (
    Population("default", 1000, 11, has_claims=True),
    Population("default", 6500, 12, has_claims=False),
    Population("second", 1500, 13, has_claims=False),
)


def main() -> None:
    """Generate, run, and copy the marts to the fixture."""
    shutil.rmtree(LAKE, ignore_errors=True)
    write_lake(LAKE)
    copy_marts(LAKE, FIXTURE)
    size = sum(path.stat().st_size for path in FIXTURE.rglob("*") if path.is_file())
    sys.stdout.write(f"{FIXTURE}: {size:,} bytes. The whole lake is kept in {LAKE}.\n")


def write_lake(folder: Path) -> None:
    """Make a lake of every population and publish it."""
    folder.mkdir(parents=True)
    lake = LocalLake(Lake(str(folder)), Settings())
    with Progress() as progress:
        for population in POPULATIONS:
            with _generated(folder, population, progress) as sent:
                ingest_paths(lake, sent, population.tenant, progress.counted)
        run_local(lake, AS_OF, progress.stage)


@contextmanager
def _generated(folder: Path, population: Population, progress: Progress) -> Iterator[list[str]]:
    """Write the files of a population, and remove them at the end of the block."""
    out = folder / "generated"
    config = generation.config(
        out=out,
        patients=population.patients,
        seed=population.seed,
        world=HOSPITAL,
        claims_detail=population.has_claims,
    )
    generation.run(config, progress)
    left_out = () if population.has_claims else _CLAIMS
    sent = [str(path) for path in sorted((out / "json").iterdir()) if path.name not in left_out]
    if (out / "feeds").is_dir():
        sent.append(str(out / "feeds"))
    yield sent
    shutil.rmtree(out)


def copy_marts(lake: Path, target: Path) -> None:
    """Replace the fixture by the marts of a lake."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(lake / naming.MARTS_FOLDER, target / naming.MARTS_FOLDER)


if __name__ == "__main__":
    main()
