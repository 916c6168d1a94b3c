"""One run: writes the region, then each person, then the answer key."""

from __future__ import annotations

import gc
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from data_generator.anomalies import anomaly_rows
from data_generator.care import simulate_care
from data_generator.clock import day_number, day_text
from data_generator.config import GeneratorConfig
from data_generator.defects import break_some
from data_generator.deltas import PersonDays
from data_generator.fhir.codes import Resource
from data_generator.fhir.record import person_resources
from data_generator.fhir.region import region_resources
from data_generator.ids import Kind, resource_id
from data_generator.money_output import (
    count_accounts,
    open_accounts,
    write_feeds,
    write_region_feeds,
)
from data_generator.output.batch import Batch
from data_generator.output.bundles import REGION, BundleWriter
from data_generator.output.day import DayOutput
from data_generator.output.feeds import FeedsWriter
from data_generator.output.files import JSON_ARRAYS, NDJSON, BatchWriter, TypeFilesWriter
from data_generator.output.staging import output_folder
from data_generator.output.truth_file import DETAIL_VERSION, SCHEMA_VERSION, TruthFile
from data_generator.people import simulate_person
from data_generator.story import Story
from data_generator.streams import Stream
from data_generator.truth.revenue import accounts_of
from data_generator.truth.stay_rows import stay_rows
from data_generator.world import World, build_world

Progress = Callable[[int, int], None]
_PROGRESS_EVERY = 50  # people: several reports a second
# A copy of a file under a second name, which must change no result.
_SENT_TWICE = ("conditions/Condition.000.ndjson", "conditions/Condition.again.ndjson")


@dataclass(frozen=True, slots=True)
class Summary:
    """What a run wrote: resources by type, stays, rows of feeds, and the day of the answer key."""

    out: Path
    resources: dict[str, int]
    stays: int
    as_of: str
    feed_rows: int = 0

    @property
    def total(self) -> int:
        """Return the number of all FHIR resources."""
        return sum(self.resources.values())


def generate(config: GeneratorConfig, progress: Progress | None = None) -> Summary:
    """Write the FHIR files and ``truth.json``; calls ``progress(people done, people)``."""
    config.check()
    world = build_world(config)
    with output_folder(config) as folder, _rare_collections():
        return _write(config, world, folder, progress or _no_progress)


@contextmanager
def _rare_collections() -> Iterator[None]:
    """Collect garbage rarely: nothing made here has cycles, and looking for them took a tenth."""
    usual = gc.get_threshold()
    gc.set_threshold(100_000, *usual[1:])  # the usual 700 objects are fewer than one person has
    try:
        yield
    finally:
        gc.set_threshold(*usual)


def _no_progress(done: int, total: int) -> None:
    return None


def _write(config: GeneratorConfig, world: World, folder: Path, progress: Progress) -> Summary:
    region = list(region_resources(world))
    outputs = list(_open_outputs(config, folder, region))
    history, stays = outputs[0], 0
    history.writer.write(Batch(REGION, history.day, region))
    if config.claims_detail:
        open_accounts(world, outputs)
        write_region_feeds(config, world, outputs)
    for number in range(config.patients):
        story = simulate_care(world, simulate_person(world, number), outputs[-1].day)
        _write_person(config, world, story, outputs)
        stays += _count_person(story, outputs)
        if config.claims_detail:
            write_feeds(config, world, story, outputs)
            count_accounts(story, outputs)
        if number % _PROGRESS_EVERY == 0:
            progress(number, config.patients)
    counts = [_close(config, output) for output in outputs]
    progress(config.patients, config.patients)
    as_of, rows = day_text(history.day), history.feeds.rows
    return Summary(config.out, counts[0], stays, as_of, rows)


def _close(config: GeneratorConfig, output: DayOutput) -> dict[str, int]:
    """Finish the files of a day; return the number of resources by type."""
    counts = output.writer.close()
    output.feeds.close()
    if config.defects:
        output.truth.add_defects(_send_twice(output.folder / "json"))
    if output.accounts is not None:
        brief = output.day > day_number(config.end)
        kpis = list(output.accounts.rows(brief=brief))
        closes = [row for close in output.closes for row in close.rows(kpis)]
        output.truth.add_kpis(kpis, closes)
        if output.accounts.base is not None:
            output.receivables.merge(output.accounts.base.receivables)
    revenue = list(output.receivables.rows())
    output.truth.close(
        output.ledger.rows(output.day), {"revenue_cycle": revenue, "resources": counts}
    )
    return counts


def _open_outputs(config: GeneratorConfig, folder: Path, region: list[Any]) -> Iterator[DayOutput]:
    for day in range(day_number(config.end), day_number(config.end) + config.days + 1):
        day_folder = folder if day == day_number(config.end) else folder / "days" / day_text(day)
        head = {
            "arguments": config.identity(),
            "as_of": day_text(day),
            "anomalies": anomaly_rows(),
        }
        writer = _writer(config.format, day_folder / "json", region)
        version = DETAIL_VERSION if config.claims_detail else SCHEMA_VERSION
        truth = TruthFile(day_folder / "truth.json", head, version=version)
        yield DayOutput(day, day_folder, writer, truth, FeedsWriter(day_folder / "feeds"))


def _writer(format_: str, root: Path, region: list[Any]) -> BatchWriter:
    if format_ == "bundle":
        return BundleWriter(root, region)
    return TypeFilesWriter(root, JSON_ARRAYS if format_ == "json" else NDJSON)


def _write_person(
    config: GeneratorConfig, world: World, story: Story, outputs: list[DayOutput]
) -> None:
    history, key = outputs[0], story.person.key
    name = resource_id(key, Kind.PATIENT, 0)
    span = world.start_day, history.day, outputs[-1].day
    days = PersonDays(story, *span, config.all_types, not config.feeds)
    resources = days.history() if config.days else _history(config, world, story, history.day)
    batches = [Batch(name, history.day, resources)]
    if config.days:
        batches += days.batches(name).values()
    for batch in batches:
        output = outputs[batch.day - history.day]
        if config.defects:
            stream = Stream(key, "defects", batch.day)
            batch.broken.extend(break_some(batch.resources, config.defects, stream, key))
        output.truth.add_defects(output.writer.write(batch))


def _history(config: GeneratorConfig, world: World, story: Story, day: int) -> list[Resource]:
    return list(
        person_resources(
            story, day, world.start_day, all_types=config.all_types, money=not config.feeds
        )
    )


def _send_twice(root: Path) -> list[dict[str, Any]]:
    """Copy one of the day's files, if it exists; return the note of the copy."""
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


def _count_person(story: Story, outputs: list[DayOutput]) -> int:
    """Add the person to every day's answer key; return the stays in the history.

    The key of a daily folder lists only stays whose row is new or changed.
    """
    before: set[bytes] = set()
    accounts = accounts_of(story) if story.accounts is None else []
    for output in outputs:
        output.receivables.add(accounts, output.day)
        rows = [orjson.dumps(row) for row in stay_rows(output.ledger, story, output.day)]
        output.truth.add_stays(row for row in rows if row not in before)
        if output is outputs[0]:
            stays = len(rows)
        before = set(rows)
    return stays
