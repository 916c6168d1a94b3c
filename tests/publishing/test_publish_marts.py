"""What a publishing run leaves below `marts/`, and that only the pointer makes it visible."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from metriccare.local.folder_store import FolderStore
from metriccare.object_store import ChangedMeanwhile
from metriccare.publishing.kept_files import KEPT
from metriccare.query.published.marts import marts
from metriccare.query.published.publication import MartFile, PublicationRefused, sha256_of
from tests.publishing.mart_lake import AS_OF, MartLake, code, hidden, hospital, measure

MEASURE = "publish.measure"


@pytest.fixture
def lake(tmp_path: Path) -> MartLake:
    lake = MartLake(tmp_path)
    lake.write(MEASURE, measure("a"), measure("b", numerator=77), hidden("b", grain="month"))
    lake.write("publish.infection_code", code("a"))
    return lake


def measures_of(lake: MartLake, tenant: str) -> list[dict[str, object]]:
    publication = lake.files().current(tenant)
    assert publication is not None
    files = publication.manifests["measure"].files
    return [row for file in files for row in pq.read_table(lake.folder / file.path).to_pylist()]


def test_each_tenant_gets_every_mart_with_its_own_rows_only(lake: MartLake):
    written = lake.publish()
    assert [one.tenant for one in written] == ["a", "b"]
    assert set(written[0].changed) == {mart.name for mart in marts()}
    assert [row["numerator"] for row in measures_of(lake, "a")] == [40]
    assert {row["tenant"] for row in measures_of(lake, "b")} == {"b"}


def test_files_have_declared_columns_and_nothing_of_hudi(lake: MartLake):
    lake.publish()
    (file,) = (lake.folder / "marts/a/measure").glob("*.parquet")
    schema = pq.read_schema(file)
    assert "record_key" not in schema.names
    assert not [name for name in schema.names if name.startswith("_hoodie")]
    assert pq.ParquetFile(file).metadata.row_group(0).column(0).compression == "ZSTD"
    freshness = next((lake.folder / "marts/a/freshness").glob("*.parquet"))
    assert str(pq.read_schema(freshness).field("published_at").type) == "timestamp[us, tz=UTC]"
    kpi = next((lake.folder / "marts/a/kpi").glob("*.parquet"))
    assert str(pq.read_schema(kpi).field("numerator").type) == "decimal128(38, 2)"


def test_a_mart_without_rows_is_a_valid_empty_table(lake: MartLake):
    lake.publish()
    (file,) = (lake.folder / "marts/a/kpi_close").glob("*.parquet")
    assert pq.read_table(file).num_rows == 0


def test_manifest_and_pointer_say_what_was_published(lake: MartLake):
    lake.publish("run-000007")
    publication = lake.files().current("a")
    assert publication is not None
    assert publication.pointer.run_id == "run-000007"
    assert publication.pointer.as_of == AS_OF
    manifest = publication.manifests["measure"]
    (file,) = manifest.files
    content = (lake.folder / file.path).read_bytes()
    assert (file.size, file.sha256) == (len(content), sha256_of(content))
    assert manifest.rows == 1
    assert "readmission_30d" in manifest.definitions
    assert all(column.meaning for one in publication.manifests.values() for column in one.columns)


def test_a_mart_that_did_not_change_is_not_written_again(lake: MartLake):
    lake.publish("run-1")
    before = lake.paths()
    lake.write(MEASURE, measure("a", numerator=41))
    first, second = lake.publish("run-2")
    assert first.changed == ("measure",)
    assert second.changed == ()
    new = set(lake.paths()) - set(before)
    assert {path for path in new if path.startswith("a/measure")} == {
        "a/measure/run-2-0.parquet",
        "a/measure/manifests/run-2-0.json",
    }
    publication = lake.files().current("a")
    assert publication is not None
    assert publication.manifests["measure"].run_id == "run-2"
    assert publication.manifests["infection_code"].run_id == "run-1"


def test_the_same_run_again_changes_nothing(lake: MartLake):
    first = lake.publish()
    before = lake.paths()
    assert [one.publication for one in lake.publish()] == [one.publication for one in first]
    assert lake.paths() == before


def test_a_refused_tenant_keeps_its_pointer(lake: MartLake):
    lake.publish("run-1")
    lake.write(MEASURE, measure("a", numerator=1000), measure("b", numerator=1000))
    lake.publish("run-2", without={"b"})
    kept, moved = lake.files().current("b"), lake.files().current("a")
    assert kept is not None
    assert moved is not None
    assert (kept.pointer.run_id, moved.pointer.run_id) == ("run-1", "run-2")
    assert 1000 not in [row["numerator"] for row in measures_of(lake, "b")]


def test_a_tenant_of_which_nothing_is_published_any_more_has_no_marts(lake: MartLake):
    lake.publish()
    lake.publish(run_of=dict.fromkeys("ab").get)
    assert lake.files().tenants() == ()
    assert lake.paths() == {}


def test_an_earlier_publication_stays_readable_until_an_erasure(lake: MartLake):
    first = lake.publish("run-1")[0].publication
    lake.write(MEASURE, measure("a", numerator=4_141))
    lake.publish("run-2")
    kept = lake.files().kept("a", first)
    assert kept is not None
    assert kept.pointer.run_id == "run-1"
    lake.remove(MEASURE, measure("a", numerator=4_141))
    lake.publish("run-3", erased=True)
    assert lake.files().kept("a", first) is None
    versions = {path.split("/")[-1] for path in lake.paths() if path.startswith("a/measure/")}
    assert versions == {"run-3-0.json", "run-3-0.parquet"}


def test_only_the_newest_publications_are_kept(lake: MartLake):
    for number in range(KEPT + 12):
        lake.write(MEASURE, measure("a", numerator=number))
        lake.publish(f"run-{number:03d}")
    publications = [path for path in lake.paths() if path.startswith("a/publications/")]
    files = [path for path in lake.paths() if path.startswith("a/measure/run-")]
    assert KEPT <= len(publications) <= KEPT + 10
    assert len(files) == len(publications)
    current = lake.files().current("a")
    assert current is not None
    assert current.pointer.run_id == f"run-{KEPT + 11:03d}"


def test_a_rollback_gives_an_earlier_run_a_later_pointer(lake: MartLake):
    lake.publish("run-1")
    lake.write(MEASURE, measure("a", numerator=41))
    lake.publish("run-2")
    lake.write(MEASURE, measure("a"))
    lake.publish("run-1")
    current = lake.files().current("a")
    assert current is not None
    assert (current.pointer.run_id, current.pointer.sequence) == ("run-1", 3)
    assert current.manifests["measure"].files[0].path.endswith("/run-1-1.parquet")
    assert [row["numerator"] for row in measures_of(lake, "a")] == [40]


def test_hidden_figures_are_in_no_file(lake: MartLake):
    lake.write(MEASURE, hidden("a", stratum_type="hospital", stratum_value="h9"))
    lake.publish()
    rows = [row for row in measures_of(lake, "a") if row["suppressed"]]
    assert len(rows) == 1
    assert all(rows[0][name] is None for name in ("numerator", "denominator", "value"))


class Killed(Exception):
    """Raised in place of the end of a killed process."""


class DyingStore(FolderStore):
    """A folder whose writer is killed before one of its changes."""

    def __init__(self, root: Path, steps: int) -> None:
        super().__init__(root)
        self.steps = itertools.count(steps, -1)

    def _step(self) -> None:
        if next(self.steps) == 0:
            raise Killed

    def put(self, path: str, content: bytes) -> None:
        self._step()
        super().put(path, content)

    def writing(self, path: str):
        self._step()
        return super().writing(path)


@pytest.mark.parametrize("steps", [0, 1, 2, 3, 4, 7, 9])
def test_a_writer_killed_anywhere_leaves_the_old_or_the_new_and_the_next_one_heals(
    tmp_path: Path, steps: int
):
    lake = MartLake(tmp_path)
    lake.write(MEASURE, measure("a"), measure("b"))
    lake.publish("run-1")
    lake.write(MEASURE, measure("a", numerator=41), measure("b", numerator=41))
    lake.write("publish.infection_code", code("a"), code("b"))
    dying = MartLake(tmp_path, DyingStore(tmp_path, steps))
    try:
        dying.publish("run-2")
    except Killed:
        for tenant in ("a", "b"):
            publication = lake.files().current(tenant)
            assert publication is not None
            found = [row["numerator"] for row in measures_of(lake, tenant)]
            assert (publication.pointer.run_id, found) in (("run-1", [40]), ("run-2", [41]))
    lake.publish("run-3")
    for tenant in ("a", "b"):
        assert [row["numerator"] for row in measures_of(lake, tenant)] == [41]


def test_another_writer_of_the_pointer_is_not_overwritten(lake: MartLake):
    lake.publish()
    path = "marts/a/current.json"
    before = lake.objects.read(path)
    with pytest.raises(ChangedMeanwhile):
        lake.objects.replace(path, b"mine", b"what I read long ago")
    with pytest.raises(ChangedMeanwhile):
        lake.objects.replace(path, b"mine", None)
    assert lake.objects.read(path) == before


def poisoned(lake: MartLake, **changes: object) -> None:
    """Change the pointer as somebody with the right to write it could."""
    path = lake.folder / "marts/a/current.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


@pytest.mark.parametrize(
    "manifest",
    [
        "marts/b/measure/manifests/run-1-0.json",
        "marts/a/measure/../../b/measure/manifests/run-1-0.json",
        "/etc/passwd",
        "gold/stay/manifests/x.json",
        "marts/ab/measure/x.json",
        "marts/a/measure//x.json",
    ],
)
def test_a_pointer_that_leads_elsewhere_is_refused(lake: MartLake, manifest: str):
    lake.publish()
    poisoned(lake, marts={"measure": {"manifest": manifest, "sha256": "0" * 64}})
    with pytest.raises(PublicationRefused):
        lake.files().current("a")


@pytest.mark.parametrize(
    "changes",
    [{"tenant": "b"}, {"form": 2}, {"marts": []}, {"as_of": "soon"}, {"published_at": None}],
)
def test_a_pointer_of_another_form_or_tenant_is_refused(lake: MartLake, changes: dict[str, object]):
    lake.publish()
    poisoned(lake, **changes)
    with pytest.raises(PublicationRefused):
        lake.files().current("a")


def test_a_changed_manifest_or_file_is_refused(lake: MartLake):
    lake.publish()
    publication = lake.files().current("a")
    assert publication is not None
    (file,) = publication.manifests["measure"].files
    with pytest.raises(PublicationRefused):
        lake.files().local_file(MartFile(file.path, file.size + 1, file.sha256))
    place = lake.folder / file.path
    place.write_bytes(place.read_bytes()[:-1] + b"x")
    with pytest.raises(PublicationRefused):
        lake.files().local_file(file)
    place.unlink()
    with pytest.raises(PublicationRefused):
        lake.files().local_file(file)
    manifest = lake.folder / publication.pointer.marts["measure"].manifest
    manifest.write_bytes(manifest.read_bytes().replace(b'"rows":1', b'"rows":2'))
    with pytest.raises(PublicationRefused):
        lake.files().current("a")


def test_a_damaged_file_is_written_again_by_the_next_run(lake: MartLake):
    lake.publish("run-1")
    (file,) = (lake.folder / "marts/a/measure").glob("*.parquet")
    file.write_bytes(b"")
    lake.publish("run-2")
    assert [row["numerator"] for row in measures_of(lake, "a")] == [40]


def test_a_damaged_pointer_is_replaced_by_the_next_run(lake: MartLake):
    lake.publish("run-1")
    (lake.folder / "marts/a/current.json").write_text("{")
    lake.publish("run-2")
    assert [row["numerator"] for row in measures_of(lake, "a")] == [40]


def test_names_with_strange_letters_come_back_equal(lake: MartLake):
    name = "Sankt-Örsola \u202e“ ' ; drop"
    lake.write(MEASURE, hospital("h1", stratum_label=name))
    lake.publish()
    assert name in [row["stratum_label"] for row in measures_of(lake, "a")]
