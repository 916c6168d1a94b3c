"""However claims and money arrive, accounts and KPIs end as they do from one load.

Generated histories hold corrections, deletes, takebacks, late rows and records sent again. They are
dealt to batches in any order, so remits come before their claims and old versions after new ones;
some lines come twice. One tenant sends FHIR, the other feeds.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from data_generator import GeneratorConfig, generate
from data_generator.facts.worlds import HOSPITAL
from metriccare.naming import EVERY_TENANT
from metriccare.settings import DUCKDB, GateLimits
from metriccare.tables import claims, revenue
from metriccare.upkeep.rebuild_request import Rebuild
from metriccare.wiring.local_upkeep import rebuild_local
from tests.end_to_end.conftest import Lakeside

FORMS = {"fhir": False, "feeds": True}
PATIENTS, SEED, DAYS = 20, 2, 40
START, END = date(2023, 8, 1), date(2024, 2, 10)
AS_OF = date(2024, 3, 21).isoformat()
COMPARED = (*claims.PERSON_TABLES, *revenue.RESULT_TABLES, *revenue.PUBLISHED_TABLES)
FOLDERS: Iterator[int] = iter(range(10_000))
# What of a batch is sent twice: enough that every example repeats some lines.
REPEATED = 0.1


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("histories")
    for tenant, feeds in FORMS.items():
        generate(
            GeneratorConfig(
                out / tenant,
                patients=PATIENTS,
                seed=SEED,
                start=START,
                end=END,
                days=DAYS,
                world=HOSPITAL,
                feeds=feeds,
            )
        )
    return out


@pytest.fixture(scope="module")
def wanted(generated: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """Return what the tables say after one load of everything in order."""
    lake = Lakeside(tmp_path_factory.mktemp("whole"), DUCKDB)
    for tenant in FORMS:
        for folder in (generated / tenant, *sorted((generated / tenant / "days").iterdir())):
            sent = [folder / kind for kind in ("json", "feeds")]
            lake.ingest(*(path for path in sent if path.exists()), tenant=tenant)
    assert not lake.run(AS_OF).refused
    return content(lake)


def content(lake: Lakeside) -> dict[str, list[str]]:
    return {table.full_name: lake.content(table.full_name) for table in COMPARED}


def dealt(folder: Path, out: Path, batches: int, chance: random.Random) -> list[Path]:
    """Deal the lines of all files to so many folders, in any order, some of them twice."""
    for path in sorted(folder.rglob("*")):
        if path.suffix not in (".ndjson", ".csv") or "truth" in path.name:
            continue
        lines = path.read_bytes().splitlines(keepends=True)
        head, lines = (lines[:1], lines[1:]) if path.suffix == ".csv" else ([], lines)
        lines += [line for line in lines if chance.random() < REPEATED]
        chance.shuffle(lines)
        name = "_".join(path.relative_to(folder).parts[:-1])
        for number in range(batches):
            own = lines[number::batches]
            if own:
                target = out / str(number) / name / path.name
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(b"".join((*head, *own)))
    return [out / str(number) for number in range(batches)]


def ends_as_one_load(
    generated: Path, wanted: dict[str, list[str]], folder: Path, batches: int, seed: int
) -> None:
    here, chance = folder / str(next(FOLDERS)), random.Random(seed)
    lake = without_doubts(Lakeside(here, DUCKDB))
    parts = {t: dealt(generated / t, here / t, batches, chance) for t in FORMS}
    for number in range(batches):
        for tenant in FORMS:
            lake.ingest(parts[tenant][number], tenant=tenant)
        # Gates refuse a tenant whose money is not conserved.
        assert not lake.run(AS_OF).refused
    assert differences(content(lake), wanted) == {}
    rebuild_local(lake.here, Rebuild(EVERY_TENANT, False), date.fromisoformat(AS_OF), str)
    assert differences(content(lake), wanted) == {}


def without_doubts(lake: Lakeside) -> Lakeside:
    """Return the lake with every doubt accepted: halves of a history are doubtful by design."""
    shares = ("drop_share", "orphan_share", "credit_share", "restated_share")
    limits = GateLimits(**dict.fromkeys((*shares, "out_of_balance_share"), 1000.0))
    lake.here = replace(lake.here, settings=replace(lake.here.settings, gates=limits))
    return lake


def differences(found: dict[str, list[str]], wanted: dict[str, list[str]]) -> dict[str, list[str]]:
    """Return, by table, some rows that only one side has."""
    return {
        name: sorted(set(found[name]) ^ set(wanted[name]))[:4]
        for name in wanted
        if found[name] != wanted[name]
    }


def property_of(examples: int) -> settings:
    """Return the settings for so many histories, the same ones each time."""
    return settings(
        max_examples=examples,
        derandomize=True,
        deadline=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )


def test_the_history_has_what_may_go_wrong(wanted: dict[str, list[str]], generated: Path):
    assert len(wanted["gold.account"]) > 60
    text = (generated / "feeds" / "feeds" / "remits.csv").read_text()
    assert ",22," in text, "no reversal"
    ops = [p.read_text() for p in generated.glob("feeds/days/*/feeds/*.csv")]
    assert any(",delete\n" in text for text in ops)


@property_of(examples=1)
@given(seed=st.integers(0, 2**32))
def test_claims_in_two_batches_end_as_at_once(generated, wanted, tmp_path, seed):
    ends_as_one_load(generated, wanted, tmp_path, 2, seed)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@property_of(examples=12)
@given(seed=st.integers(0, 2**32), batches=st.integers(2, 5))
def test_claims_in_many_batches_end_as_at_once(generated, wanted, tmp_path, seed, batches):
    ends_as_one_load(generated, wanted, tmp_path, batches, seed)
