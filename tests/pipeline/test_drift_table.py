"""Drift is kept by the runs, is the same however often a file goes through, and costs no commit
where nothing is unread.
"""

from __future__ import annotations

import pytest

from metriccare.query.drift import deep_drift, drift
from metriccare.settings import Lake
from metriccare.tables.bronze import DRIFT
from metriccare.tracking.again import send_again
from metriccare.wiring.queries import files_of, open_engine
from tests.loader import Loader, encounter, ndjson, patient

WITH_PETS = [
    patient("p1", petName="a", hobby="b"),
    patient("p2", petName="c", name=[{"nickname": "n"}]),
    {"resourceType": "CarePlan", "id": "c1"},
]
DELETED = {
    "resourceType": "Bundle",
    "type": "batch",
    "entry": [{"request": {"method": "DELETE", "url": "Patient/p9"}}],
}


def kept(loader: Loader) -> list[tuple]:
    """Return type, field and count as the command shows them."""
    return [(row[1], row[2], row[4]) for row in drift(open_engine(loader.lake)).rows]


@pytest.fixture(scope="module")
def loader(engine_kind: str, tmp_path_factory) -> Loader:
    """Return a lake after two runs; the tests below build on each other."""
    folder = tmp_path_factory.mktemp("drift")
    loader = Loader(engine_kind, Lake(str(folder / "lake")), folder)
    loader.load(WITH_PETS, [patient("p3", petName="d")])
    return loader


def test_a_run_keeps_what_it_found_and_a_later_one_adds_to_it(loader: Loader):
    assert kept(loader) == [
        ("CarePlan", "*", 1),
        ("Patient", "petName", 3),
        ("Patient", "hobby", 1),
    ]
    first, again = (row[3] for row in drift(open_engine(loader.lake)).rows if row[1] == "Patient")
    assert first == again
    assert ("Patient", "name.nickname", 1) in [
        (row[1], row[2], row[4]) for row in deep_drift(files_of(loader.lake)).rows
    ]


def test_an_increment_without_unread_fields_adds_no_commit(loader: Loader):
    before = loader.commits("bronze.drift")
    loader.load([patient("p4"), encounter()], ndjson([DELETED]), b"no json\n")
    assert loader.commits("bronze.drift") == before


def test_files_sent_through_again_are_counted_once(loader: Loader):
    rows, before = loader.rows("bronze.drift", *DRIFT.column_names), loader.commits("bronze.drift")
    lease = loader.store.acquire_lease("test", lambda _: True)
    send_again(loader.store, lease, loader.store.files())
    loader.store.release_lease(lease)
    loader.run()
    assert loader.rows("bronze.drift", *DRIFT.column_names) == rows
    assert loader.commits("bronze.drift") == before
