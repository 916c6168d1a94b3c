"""New publications while many people read: no error, no mixture, and seen within seconds.

Every figure of a publication has the same denominator here, which no other publication has.
"""

from __future__ import annotations

import csv
import io
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import httpx
import pytest

from tests.api.running import Browser, Running, running
from tests.publishing.mart_lake import MartLake, measure

_SECONDS, _READERS = 10.0, 6
_VISIBLE_SECONDS = 10.0
_RESULTS = "/v1/measures/readmission_30d/results"
_CHART = "/v1/measures/readmission_30d/control-chart"


def _months(number: int) -> list[dict[str, Any]]:
    denominator = 1000 + number
    return [
        measure(
            "default",
            grain="month",
            period_start=date(2022 + n // 12, n % 12 + 1, 1),
            period_end=date(2022 + (n + 1) // 12, (n + 1) % 12 + 1, 1),
            numerator=100 + n,
            denominator=denominator,
            value=(100 + n) / denominator,
        )
        for n in range(36)
    ]


def _of_rows(answer: httpx.Response) -> set[int]:
    return {row["denominator"] for row in answer.json()["data"]}


def _of_chart(answer: httpx.Response) -> set[int]:
    return {point["denominator"] for point in answer.json()["points"]}


def _of_csv(answer: httpx.Response) -> set[int]:
    return {int(row["denominator"]) for row in csv.DictReader(io.StringIO(answer.text))}


_READS: tuple[tuple[str, Callable[[httpx.Response], set[int]]], ...] = (
    (f"{_RESULTS}?grain=month", _of_rows),
    (f"{_CHART}?grain=month", _of_chart),
    (f"{_RESULTS}.csv?grain=month", _of_csv),
)


@dataclass
class Seen:
    """What the readers saw: statuses, mixtures, and the denominators of each publication."""

    statuses: set[int] = field(default_factory=set)
    mixed: list[set[int]] = field(default_factory=list)
    of_publication: dict[str, set[int]] = field(default_factory=dict)
    count: int = 0

    def read(self, reader: Browser, stop: threading.Event) -> None:
        """Read one thing after the other until it is time to stop."""
        while not stop.is_set():
            for path, denominators in _READS:
                answer = reader.get(path)
                self.count += 1
                self.statuses.add(answer.status_code)
                if answer.status_code != 200:
                    continue
                found = denominators(answer)
                if len(found) != 1:
                    self.mixed.append(found)
                publication = answer.headers["metriccare-publication"]
                self.of_publication.setdefault(publication, set()).update(found)


@pytest.fixture
def changing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[MartLake, Running]]:
    lake = MartLake(tmp_path_factory.mktemp("changing"))
    lake.write("publish.measure", *_months(0))
    lake.publish()
    with running(lake.folder) as api:
        yield lake, api


def test_readers_see_whole_publications_while_new_ones_appear(
    changing: tuple[MartLake, Running],
) -> None:
    lake, api = changing
    seen, stop = Seen(), threading.Event()
    with ThreadPoolExecutor(_READERS) as pool:
        reading = [pool.submit(seen.read, api.reader(n), stop) for n in range(_READERS)]
        try:
            newest = _publish_for(lake, _SECONDS)
            _wait_until_seen(api.reader(_READERS), newest)
        finally:
            stop.set()
    for each in reading:
        each.result()

    # 429 where a fast machine reads more than 300 times a minute.
    assert seen.statuses <= {200, 429}
    assert seen.mixed == []
    assert all(len(denominators) == 1 for denominators in seen.of_publication.values())
    assert len(seen.of_publication) > 1
    assert seen.count > 100


def _publish_for(lake: MartLake, seconds: float) -> int:
    """Publish again and again; return the number of the newest publication."""
    began, number = time.monotonic(), 0
    while time.monotonic() - began < seconds:
        number += 1
        lake.write("publish.measure", *_months(number))
        lake.publish(f"run-{number + 1}")
        time.sleep(1)
    return number


def _wait_until_seen(reader: Browser, number: int) -> None:
    published = time.monotonic()
    while _of_rows(reader.get(_READS[0][0])) != {1000 + number}:
        assert time.monotonic() - published < _VISIBLE_SECONDS
        time.sleep(0.2)
