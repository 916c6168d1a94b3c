from __future__ import annotations

from collections import Counter
from itertools import pairwise
from pathlib import Path

from data_generator import GeneratorConfig
from data_generator.care import simulate_care
from data_generator.clock import day_number
from data_generator.people import simulate_person
from data_generator.world import build_world, national_provider_identifier


def _luhn_valid(npi: str) -> bool:
    total = 24
    for place, digit in enumerate(reversed(npi)):
        value = int(digit) * (1 + place % 2)
        total += value // 10 + value % 10
    return total % 10 == 0


def test_provider_identifiers_have_a_valid_check_digit() -> None:
    assert all(_luhn_valid(national_provider_identifier(n)) for n in range(1, 300))
    assert _luhn_valid("1234567893")


def test_looking_further_ahead_never_changes_the_past() -> None:
    config = GeneratorConfig(Path("unused"), seed=11)
    world, end = build_world(config), day_number(config.end)
    for number in range(250):
        person = simulate_person(world, number)
        near, far = simulate_care(world, person, end), simulate_care(world, person, end + 90)
        assert far.episodes[: len(near.episodes)] == near.episodes
        early = [v for v in far.visits if v.start < (end + 1) * 1440]
        assert [v for v in near.visits if v.start < (end + 1) * 1440] == early
        assert near.death is None or near.death == far.death


def test_the_region_is_varied() -> None:
    config = GeneratorConfig(Path("unused"), seed=2)
    world, end = build_world(config), day_number(config.end)
    stories = [simulate_care(world, simulate_person(world, n), end) for n in range(4000)]
    seen: Counter[str] = Counter()
    for story in stories:
        episodes = story.episodes
        seen["transfer"] += any(len(e.stays) > 1 for e in episodes)
        seen["withdrawn"] += any(e.withdrawal is not None for e in episodes)
        seen["alias"] += story.alias is not None
        stays = [s for e in episodes for s in e.stays]
        seen["same-day return"] += any(len(s.parts) > 1 for s in stays)
        seen["second feed"] += any(p.twin_id for s in stays for p in s.parts)
        seen["ward encounter"] += any(p.child_id for s in stays for p in s.parts)
        seen["no disposition"] += any(s.disposition is None for s in stays)
        seen["hospice"] += any(s.from_hospice for s in stays)
        seen["open"] += any(s.discharge_day > end for s in stays)
        seen["night in the emergency department"] += any(s.first_day > s.admit_day for s in stays)
        seen[f"birth by {story.person.birth_precision}"] += 1
        seen["nursing"] += bool(story.nonacute)
        gaps = [
            (b.stays[0].admit_day - a.stays[-1].discharge_day, b.stays[0].planned)
            for a, b in pairwise(episodes)
        ]
        seen["unplanned return"] += any(g <= 30 and not p for g, p in gaps)
        seen["planned return"] += any(g <= 30 and p for g, p in gaps)
        if story.death is not None:
            seen[f"death {story.death.precision}"] += 1
    assert len(seen) >= 20
    assert all(seen.values()), seen
