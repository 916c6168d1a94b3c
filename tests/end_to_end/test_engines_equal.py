"""The same files give the same rows with either engine, or with both in turn."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data_generator import GeneratorConfig, generate
from metriccare.settings import DUCKDB, SPARK
from tests.both_engines import count_of_rows, different_rows
from tests.end_to_end.conftest import Lakeside
from tests.faults import uploads

pytestmark = [pytest.mark.spark, pytest.mark.timeout(1800)]

AS_OF = "2024-12-31"
SAMPLE = Path(__file__).parents[2] / "samples" / "synthea-24"
HOSTILE = Path(__file__).with_name("hostile")
PARTS = 4


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return what each tenant sends: generated patients with defects, Synthea's, odd files."""
    out = tmp_path_factory.mktemp("sent")
    generate(GeneratorConfig(out / "data", patients=100, seed=97, defects=0.05))
    odd = {folder.name: folder for folder in sorted(HOSTILE.iterdir()) if folder.is_dir()}
    return {"generated": out / "data" / "json", "synthea": SAMPLE, **odd}


def test_each_engine_alone_ends_in_the_same_rows(spark, sent: dict[str, Path], tmp_path: Path):
    began = datetime.now(UTC)
    lakes = {kind: Lakeside(tmp_path / kind, kind, began) for kind in (DUCKDB, SPARK)}
    for lake in lakes.values():
        for tenant, folder in sent.items():
            lake.ingest(folder, tenant=tenant)
        assert lake.run(AS_OF) is not None
    by_duckdb, by_spark = (lake.here.lake for lake in lakes.values())
    assert different_rows(by_duckdb, by_spark) == {}
    assert count_of_rows(by_duckdb) > 100_000


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> tuple[Lakeside, list[Path]]:
    """Return a lake after one load by DuckDB, and the parts it was loaded from."""
    out = tmp_path_factory.mktemp("parts")
    lines = [*uploads.history().splitlines(), *uploads.day().splitlines()]
    random.Random(5).shuffle(lines)
    parts = []
    for number in range(PARTS):
        path = out / f"part-{number}.ndjson"
        path.write_bytes(b"\n".join(lines[number::PARTS]) + b"\n")
        parts.append(path)
    lake = Lakeside(out, DUCKDB)
    lake.ingest(*parts)
    lake.run(AS_OF)
    return lake, parts


# One run for each part: its engine. None lets the part wait for the next run.
HISTORIES = st.lists(st.sampled_from([DUCKDB, SPARK, None]), min_size=PARTS, max_size=PARTS)
FOLDERS: Iterator[int] = iter(range(10_000))


def ends_as_one_load(
    clean: tuple[Lakeside, list[Path]], engines: Sequence[str | None], folder: Path
) -> None:
    wanted, parts = clean
    here = folder / str(next(FOLDERS))
    for kind, part in zip(engines, parts, strict=True):
        lake = Lakeside(here, kind or DUCKDB)
        lake.ingest(part)
        if kind:
            lake.run(AS_OF)
    lake = Lakeside(here, engines[0] or SPARK)
    lake.run(AS_OF)
    assert meaning(lake) == meaning(wanted)


def meaning(lake: Lakeside) -> dict[str, list[str]]:
    tables = ("silver.patient", "silver.encounter", "silver.condition", "gold.stay")
    results = ("gold.episode", "gold.measure_stay", "gold.measure_result", "publish.measure")
    return {table: lake.content(table) for table in (*tables, *results)}


ANY = settings(deadline=None, suppress_health_check=list(HealthCheck), database=None)


@settings(ANY, max_examples=2)
@given(engines=HISTORIES)
def test_runs_that_take_their_engine_by_lot_end_as_one_load(spark, clean, tmp_path, engines):
    ends_as_one_load(clean, engines, tmp_path)


@pytest.mark.slow
@settings(ANY, max_examples=12)
@given(engines=HISTORIES)
def test_many_runs_that_take_their_engine_by_lot_end_as_one_load(spark, clean, tmp_path, engines):
    ends_as_one_load(clean, engines, tmp_path)
