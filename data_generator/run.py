"""One run: the region, then person after person, then the answer key."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from data_generator.anomalies import anomaly_rows
from data_generator.care import live
from data_generator.clock import day_number, day_text
from data_generator.config import GeneratorConfig
from data_generator.defects import break_some
from data_generator.deltas import PersonDays
from data_generator.fhir.codes import Resource
from data_generator.fhir.record import person_resources
from data_generator.fhir.region import region_resources
from data_generator.ids import Kind, resource_id
from data_generator.output.batch import Batch
from data_generator.output.bundles import REGION, BundleWriter
from data_generator.output.files import JSON_ARRAYS, NDJSON, BatchWriter, TypeFilesWriter
from data_generator.output.place import output_folder
from data_generator.output.truth_file import TruthFile
from data_generator.people import meet
from data_generator.story import Story
from data_generator.streams import Stream
from data_generator.truth.book import enter
from data_generator.truth.ledger import Ledger
from data_generator.truth.revenue import Receivables, accounts_of
from data_generator.world import World, build_world

Progress = Callable[[int, int], None]
_PROGRESS_EVERY = 50
# A file that arrives twice under two names must change nothing.
_SENT_TWICE = ("conditions/Condition.000.ndjson", "conditions/Condition.again.ndjson")


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


@dataclass(slots=True)
class _Desk:
    """What is written for one day: the history (first) or one daily folder."""

    day: int
    folder: Path
    writer: BatchWriter
    truth: TruthFile
    ledger: Ledger = field(default_factory=Ledger)
    receivables: Receivables = field(default_factory=Receivables)


def generate(config: GeneratorConfig, progress: Progress | None = None) -> Summary:
    """Write the FHIR files and ``truth.json``; ``progress`` is told (people done, people)."""
    config.check()
    world = build_world(config)
    with output_folder(config) as folder:
        return _write(config, world, folder, progress or _silent)


def _silent(done: int, total: int) -> None:
    return None


def _write(config: GeneratorConfig, world: World, folder: Path, progress: Progress) -> Summary:
    region = list(region_resources(world))
    desks = list(_open_desks(config, folder, region))
    history, stays = desks[0], 0
    history.writer.write(Batch(REGION, history.day, region))
    for number in range(config.patients):
        story = live(world, meet(world, number), desks[-1].day)
        _write_person(config, world, story, desks)
        stays += _enter_person(story, desks)
        if number % _PROGRESS_EVERY == 0:
            progress(number, config.patients)
    counts = [_close(config, desk) for desk in desks]
    progress(config.patients, config.patients)
    return Summary(config.out, counts[0], stays, day_text(history.day))


def _close(config: GeneratorConfig, desk: _Desk) -> dict[str, int]:
    """Finish the files of a desk; resources by type."""
    counts = desk.writer.close()
    if config.defects:
        desk.truth.add_defects(_send_twice(desk.folder / "json"))
    revenue = list(desk.receivables.rows())
    desk.truth.close(desk.ledger.rows(desk.day), {"revenue_cycle": revenue, "resources": counts})
    return counts


def _open_desks(config: GeneratorConfig, folder: Path, region: list[Any]) -> Iterator[_Desk]:
    for day in range(day_number(config.end), day_number(config.end) + config.days + 1):
        place = folder if day == day_number(config.end) else folder / "days" / day_text(day)
        head = {
            "arguments": config.identity(),
            "as_of": day_text(day),
            "anomalies": anomaly_rows(),
        }
        writer = _writer(config.format, place / "json", region)
        yield _Desk(day, place, writer, TruthFile(place / "truth.json", head))


def _writer(format_: str, root: Path, region: list[Any]) -> BatchWriter:
    if format_ == "bundle":
        return BundleWriter(root, region)
    return TypeFilesWriter(root, JSON_ARRAYS if format_ == "json" else NDJSON)


def _write_person(config: GeneratorConfig, world: World, story: Story, desks: list[_Desk]) -> None:
    history, key = desks[0], story.person.key
    name = resource_id(key, Kind.PATIENT, 0)
    days = PersonDays(story, world.start_day, history.day, desks[-1].day, config.all_types)
    resources = days.history() if config.days else _history(config, world, story, history.day)
    batches = [Batch(name, history.day, resources)]
    if config.days:
        batches += days.batches(name).values()
    for batch in batches:
        desk = desks[batch.day - history.day]
        if config.defects:
            stream = Stream(key, "defects", batch.day)
            batch.broken.extend(break_some(batch.resources, config.defects, stream, key))
        desk.truth.add_defects(desk.writer.write(batch))


def _history(config: GeneratorConfig, world: World, story: Story, day: int) -> list[Resource]:
    return list(person_resources(story, day, world.start_day, all_types=config.all_types))


def _send_twice(root: Path) -> list[dict[str, Any]]:
    """One of the day's files once more, if there is one."""
    first, again = _SENT_TWICE
    if not (root / first).exists():
        return []
    shutil.copyfile(root / first, root / again)
    return [
        {
            "file": f"json/{again}",
            "line": None,
            "kind": "duplicate_file",
            "rule_id": None,
            "severity": None,
            "resource_type": "Condition",
            "resource_id": None,
        }
    ]


def _enter_person(story: Story, desks: list[_Desk]) -> int:
    """Count the person at every desk; a daily truth lists only stays whose row is new."""
    before: set[bytes] = set()
    accounts = accounts_of(story)
    for desk in desks:
        desk.receivables.take(accounts, desk.day)
        rows = [orjson.dumps(row) for row in enter(desk.ledger, story, desk.day)]
        desk.truth.add_stays(row for row in rows if row not in before)
        if desk is desks[0]:
            stays = len(rows)
        before = set(rows)
    return stays
