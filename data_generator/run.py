"""One run: the region, then person after person, then the answer key."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from data_generator.care import live
from data_generator.clock import day_number, day_text
from data_generator.config import GeneratorConfig
from data_generator.fhir.record import person_resources
from data_generator.fhir.region import region_resources
from data_generator.output.files import NdjsonWriter, ResourceWriter
from data_generator.output.place import output_folder
from data_generator.output.truth_file import TruthFile
from data_generator.people import meet
from data_generator.truth.book import enter
from data_generator.truth.ledger import Ledger
from data_generator.world import World, build_world

Progress = Callable[[int, int], None]
_PROGRESS_EVERY = 50


@dataclass(frozen=True, slots=True)
class Summary:
    """What a run wrote: resources by type, stays, the date the truth is valid for."""

    out: Path
    resources: dict[str, int]
    stays: int
    as_of: str

    @property
    def total(self) -> int:
        """All resources."""
        return sum(self.resources.values())


def generate(config: GeneratorConfig, progress: Progress | None = None) -> Summary:
    """Write the FHIR files and ``truth.json``; ``progress`` is told (people done, people)."""
    config.check()
    world = build_world(config)
    with output_folder(config) as folder:
        return _write(config, world, folder, progress or _silent)


def _silent(done: int, total: int) -> None:
    return None


def _write(config: GeneratorConfig, world: World, folder: Path, progress: Progress) -> Summary:
    as_of = day_number(config.end)
    writer: ResourceWriter = NdjsonWriter(folder / "json")
    writer.write(list(region_resources(world)))
    head = {"arguments": config.identity(), "as_of": day_text(as_of)}
    truth, ledger, stays = TruthFile(folder / "truth.json", head), Ledger(), 0
    for number in range(config.patients):
        story = live(world, meet(world, number), as_of)
        writer.write(list(person_resources(story, as_of, world.start_day)))
        rows = list(enter(ledger, story, as_of))
        truth.add_stays(rows)
        stays += len(rows)
        if number % _PROGRESS_EVERY == 0:
            progress(number, config.patients)
    counts = writer.close()
    truth.close(ledger.rows(as_of), counts)
    progress(config.patients, config.patients)
    return Summary(config.out, counts, stays, day_text(as_of))
