from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from data_generator import GeneratorConfig, generate
from data_generator.clock import day_number
from data_generator.deltas import PersonDays, withdrawals
from data_generator.people import simulate_person
from data_generator.run import simulate_care
from data_generator.world import build_world

Key = tuple[str, str]


def _lines(folder: Path) -> Iterator[dict[str, Any]]:
    for file in sorted((folder / "json").glob("*/*.ndjson")):
        yield from map(json.loads, file.read_text().splitlines())


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("month") / "out"
    generate(GeneratorConfig(out, patients=180, seed=6, days=31))
    return out


def test_a_later_version_always_has_a_later_time(month: Path) -> None:
    newest: dict[Key, tuple[str, str]] = {}
    for folder in (month, *sorted((month / "days").iterdir())):
        for resource in _lines(folder):
            if resource["resourceType"] == "Bundle":
                continue
            key, updated = (
                (resource["resourceType"], resource["id"]),
                resource["meta"]["lastUpdated"],
            )
            text = json.dumps(resource)
            known = newest.get(key, ("", ""))
            assert updated != known[0] or text == known[1]
            newest[key] = max(known, (updated, text))


def test_a_month_has_corrections_deletions_resent_and_outdated_records(month: Path) -> None:
    seen = {(r["resourceType"], r["id"]): r["meta"]["lastUpdated"] for r in _lines(month)}
    found = set()
    for folder in sorted((month / "days").iterdir()):
        for resource in _lines(folder):
            key = (resource["resourceType"], resource["id"])
            if key[0] == "Bundle":
                found.add("deleted")
                continue
            updated = resource["meta"]["lastUpdated"]
            before = seen.get(key)
            words = ("new", "resent", "overtaken", "corrected")
            place = 0 if before is None else 1 + (updated < before) + 2 * (updated > before)
            found.add(words[place])
            seen[key] = max(updated, before or "")
    assert found == {"new", "corrected", "deleted", "resent", "overtaken"}


def test_visits_added_and_withdrawn_between_two_days_are_found() -> None:
    config = GeneratorConfig(Path("unused"), days=60)
    world, first = build_world(config), day_number(config.end)
    for number in range(400):
        story = simulate_care(world, simulate_person(world, number), first + 60)
        if withdrawals(story, first + 60) == withdrawals(story, first):
            continue
        days = PersonDays(story, world.start_day, first, first + 60)
        by_halving = days.batches("x").keys()
        changed = [d for d in range(first + 1, first + 61) if days.charts(d) != days.charts(d - 1)]
        assert set(changed) <= set(by_halving)


def test_merges_are_sent_on_the_day_they_happen() -> None:
    config = GeneratorConfig(Path("unused"))
    world, end = build_world(config), day_number(config.end)
    for number in range(3000):
        story = simulate_care(world, simulate_person(world, number), end)
        if story.alias is not None and story.alias.merged_day <= end:
            days = PersonDays(story, world.start_day, end - 1, end)
            links = {r["id"]: r["link"][0]["type"] for r in days.history() if "link" in r}
            before = days.charts(story.alias.merged_day - 1).values()
            assert sorted(links.values()) == ["replaced-by", "replaces"]
            assert not any("link" in resource for resource in before)
            return
    pytest.fail("nobody was registered twice")
