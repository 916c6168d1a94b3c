"""However a history is cut into batches, in whatever order they come, the lake ends the same.

Histories hold corrections, merges and their undoing, deletes and resurrections, stays that change
their patient, patients that take and give up a number by which stays refer to them; batches repeat
each other and bring old versions after new ones.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from metriccare.tables import BY_NAME
from metriccare.tables import gold as gold_tables
from metriccare.tables import silver as silver_tables
from tests.pipeline.test_gold import Hospital, infection, merged, new, organization, stay

# Runs take minutes on Spark.
pytestmark = pytest.mark.timeout(3600)

# Which run and which file brought a row is all that a batch may decide.
OF_ARRIVAL = frozenset({"run_id", "record_key", "ordering", "ingested_at", "ingest_sequence"}) | {
    "bronze_key",
    "source_file",
    "source_line",
    "published_at",
}
KINDS = ("Organization", "Patient", "Encounter", "Condition")
COMPARED = (
    *(silver_tables.BY_RESOURCE[kind].full_name for kind in KINDS),
    silver_tables.ENCOUNTER_DETAIL.full_name,
    silver_tables.UNRESOLVED_REFERENCE.full_name,
    *(table.full_name for table in gold_tables.TABLES),
    "publish.measure",
)
FIRST = datetime(2024, 4, 1, tzinfo=UTC)

people = st.sampled_from(["p1", "p2", "p3"])
stay_ids = st.sampled_from(["e1", "e2", "e3", "e4"])
hospitals = st.sampled_from(["H1", "H2"])
numbers = st.sampled_from([None, None, "100", "200"])
days = st.dates(date(2024, 1, 1), date(2024, 2, 20))


@dataclass(frozen=True)
class Version:
    """One version of a resource: its content, or its deletion."""

    content: dict[str, Any]
    is_deleted: bool = False

    def line(self, number: int) -> bytes:
        """Return the version as it is sent; the number orders the versions of a history."""
        at = (FIRST + timedelta(minutes=number)).isoformat().replace("+00:00", "Z")
        if not self.is_deleted:
            return json.dumps({**self.content, "meta": {"lastUpdated": at}}).encode()
        url = f"{self.content['resourceType']}/{self.content['id']}"
        entry = {"request": {"method": "DELETE", "url": url}}
        bundle = {"resourceType": "Bundle", "type": "history", "timestamp": at, "entry": [entry]}
        return json.dumps(bundle).encode()


def stays() -> st.SearchStrategy[dict[str, Any]]:
    return st.builds(
        lambda id_, who, number, first, nights, to, at: {
            **stay(id_, who, first.isoformat(), (first + timedelta(nights)).isoformat(), to, at=at),
            **({"subject": {"identifier": {"value": number}}} if number else {}),
        },
        stay_ids,
        people,
        numbers,
        days,
        st.integers(0, 9),
        st.sampled_from(["01", "20", "02", "07"]),
        hospitals,
    )


def infections() -> st.SearchStrategy[dict[str, Any]]:
    return st.builds(
        lambda id_, who, in_, onset: infection(id_, who, in_, onset.isoformat()),
        st.sampled_from(["c1", "c2"]),
        people,
        stay_ids,
        days,
    )


def patients() -> st.SearchStrategy[dict[str, Any]]:
    others = st.sampled_from([None, None, "p1", "p2", "p3"])
    return st.builds(
        lambda id_, into, number: {
            **merged(id_, into if into != id_ else None, ""),
            **({"identifier": [{"value": number}]} if number else {}),
        },
        people,
        others,
        numbers,
    )


def places() -> st.SearchStrategy[dict[str, Any]]:
    zones = st.sampled_from(["America/Los_Angeles", "America/New_York"])
    url = "http://hl7.org/fhir/StructureDefinition/timezone"
    return st.builds(
        lambda id_, zone: organization(id_, extension=[{"url": url, "valueCode": zone}]),
        hospitals,
        zones,
    )


@st.composite
def histories(draw: st.DrawFn) -> list[bytes]:
    """Return versions in order, each with its own time."""
    resource = st.one_of(stays(), stays(), stays(), infections(), patients(), places())
    is_deleted = st.sampled_from([False] * 7 + [True])
    versions = draw(st.lists(st.builds(Version, resource, is_deleted), min_size=12, max_size=24))
    return [version.line(number) for number, version in enumerate(versions)]


@st.composite
def batched_histories(draw: st.DrawFn) -> tuple[list[bytes], list[list[bytes]]]:
    """Return a history, and the same cut up: in any order, with repetitions."""
    lines = draw(histories())
    repeated = draw(st.lists(st.sampled_from(lines), max_size=5))
    shuffled = draw(st.permutations([*lines, *repeated]))
    cuts = sorted(draw(st.lists(st.integers(1, len(shuffled) - 1), min_size=1, max_size=3)))
    edges = zip([0, *cuts], [*cuts, len(shuffled)], strict=True)
    return lines, [shuffled[a:b] for a, b in edges if a < b]


def content(hospital: Hospital) -> dict[str, list[tuple]]:
    """Return the rows of every table, without the columns about arrivals."""
    return {name: hospital.content(BY_NAME[name], OF_ARRIVAL) for name in COMPARED}


def ends_the_same(kind: str, folder: Path, whole: list[bytes], batches: list[list[bytes]]) -> None:
    number = len(list(folder.iterdir()))
    one, cut = new(kind, folder / f"whole-{number}"), new(kind, folder / f"cut-{number}")
    one.receive(b"\n".join(whole))
    one.publish()
    for batch in batches:
        cut.receive(b"\n".join(batch))
        cut.publish()
    wanted, found = content(one), content(cut)
    assert [name for name in COMPARED if found[name] != wanted[name]] == []


def property_of(examples: int) -> Any:
    """Return the settings for so many histories, the same ones each time."""
    return settings(
        max_examples=examples,
        derandomize=True,
        deadline=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )


@property_of(examples=2)
@given(batched_histories())
def test_a_history_in_batches_ends_as_the_history_at_once(engine_kind, tmp_path, case):
    ends_the_same(engine_kind, tmp_path, *case)


@pytest.mark.slow
@property_of(examples=40)
@given(batched_histories())
def test_forty_histories_in_batches_end_as_the_histories_at_once(engine_kind, tmp_path, case):
    ends_the_same(engine_kind, tmp_path, *case)
