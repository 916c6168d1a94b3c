"""A native table has the form Spark's Hudi gives it, and a table of another form is refused."""

from __future__ import annotations

import json

import pytest

from metriccare.engine.duckdb.table_format import (
    PROPERTIES_FILE,
    avro_schema,
    check_properties,
    new_properties,
)
from metriccare.errors import DamagedTable, MetricCareError, SchemaMismatch, UnsupportedTable
from metriccare.settings import Lake
from metriccare.tables import TABLES, Column, Table
from tests.engine.lakes import EVERY_TYPE, NativeTable, note, row

OTHER_FORMS = {
    "a newer Hudi": ("hoodie.table.version=6", "hoodie.table.version=8", "Upgrade"),
    "an older Hudi": ("hoodie.table.version=6", "hoodie.table.version=5", "wanted 6"),
    "merge on read": ("COPY_ON_WRITE", "MERGE_ON_READ", "hoodie.table.type is MERGE_ON_READ"),
    "a metadata table": (
        "hoodie.table.version=6",
        "hoodie.table.version=6\nhoodie.table.metadata.partitions=files",
        "metadata table",
    ),
    "another key generator": ("SimpleKeyGenerator", "ComplexKeyGenerator", "keygenerator"),
    "another key": ("fields=record_key", "fields=id", "recordkey"),
    "instants in local time": ("hoodie.table.timeline.timezone=UTC", "", "timezone is LOCAL"),
    "another table": ("hoodie.table.name=every_type", "hoodie.table.name=stay", "name is stay"),
}


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.full_name)
def test_every_declared_table_can_be_created(table: Table, lake: Lake):
    native = NativeTable(lake, table)
    native.writer.create(note("create"))
    native.writer.create(note("create-again"))
    assert native.rows() == []
    (commit,) = native.files.snapshot().commits
    assert json.loads(commit.metadata["schema"])["name"] == f"{table.name}_record"


def test_avro_names_are_sparks():
    """With any other name Hudi refuses Spark's next upsert."""
    fields = {
        field["name"]: field["type"] for field in json.loads(avro_schema(EVERY_TYPE))["fields"]
    }
    space = "hoodie.every_type.every_type_record"
    deeper = {
        "type": "record",
        "name": "deeper",
        "namespace": f"{space}.codes",
        "fields": [{"name": "a", "type": ["null", "string"], "default": None}],
    }
    codes = fields["codes"][1]["items"][1]
    assert fields["amount"][1]["namespace"] == f"{space}.amount"
    assert fields["words"] == ["null", {"type": "array", "items": ["null", "string"]}]
    assert (codes["name"], codes["namespace"]) == ("codes", space)
    assert codes["fields"][3]["type"] == ["null", {"type": "array", "items": ["null", deeper]}]
    assert fields["at"] == ["null", {"type": "long", "logicalType": "timestamp-micros"}]


@pytest.mark.parametrize("kind", ["decimal(10,2)", "map<string,string>", "binary", "float"])
def test_a_type_the_engines_store_differently_is_refused(kind: str):
    table = Table("gold", "odd", "odd", ("tenant",), (Column("x", kind, "odd"),))
    with pytest.raises(SchemaMismatch):
        avro_schema(table)


def test_the_properties_of_a_new_table_are_accepted():
    for table in TABLES:
        check_properties(table, new_properties(table))


@pytest.mark.parametrize("form", OTHER_FORMS)
def test_a_table_of_another_form_is_refused_and_left_alone(form: str, lake: Lake):
    native = NativeTable(lake)
    native.insert([row("k1")], "run-1")
    place = lake.folder / EVERY_TYPE.path / PROPERTIES_FILE
    before, after, sentence = OTHER_FORMS[form]
    place.write_text(place.read_text().replace(before, after))
    _refused(native, lake, UnsupportedTable, sentence)


@pytest.mark.parametrize(
    "name",
    [
        "20240101000000000.replacecommit",
        "20240101000000000.deltacommit.requested",
        "20240101000000000.compaction.inflight",
        "20240101000000000.savepoint",
        "20240101000000000_20240101000000001.commit",
        "20240101000000000.commit.odd",
        "metadata/.hoodie/hoodie.properties",
    ],
)
def test_an_action_the_engine_does_not_know_is_refused(name: str, lake: Lake):
    native = NativeTable(lake)
    native.insert([row("k1")], "run-1")
    place = lake.folder / EVERY_TYPE.path / ".hoodie" / name
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text("{}")
    _refused(native, lake, UnsupportedTable, "every_type")


def test_commits_without_properties_are_refused(lake: Lake):
    native = NativeTable(lake)
    native.insert([row("k1")], "run-1")
    (lake.folder / EVERY_TYPE.path / PROPERTIES_FILE).unlink()
    _refused(native, lake, DamagedTable, "no .hoodie/hoodie.properties")


def test_a_commit_that_is_no_json_is_refused(lake: Lake):
    native = NativeTable(lake)
    native.insert([row("k1")], "run-1")
    (commit,) = (lake.folder / EVERY_TYPE.path / ".hoodie").glob("*.commit")
    commit.write_text('{"partitionToWriteStats": ')
    _refused(NativeTable(lake), lake, DamagedTable, "cannot be read")


def _refused(native: NativeTable, lake: Lake, error: type[MetricCareError], sentence: str) -> None:
    def content() -> dict[str, bytes]:
        return {str(f): f.read_bytes() for f in lake.folder.rglob("*") if f.is_file()}

    before = content()
    for action in (
        native.rows,
        lambda: native.upsert([row("k2")], "run-2"),
        lambda: native.writer.create(note("create")),
    ):
        with pytest.raises(error, match=sentence) as caught:
            action()
        assert "\n" not in str(caught.value)
    assert content() == before
