"""Record keys: what is built is read back, in Python and in models alike."""

from __future__ import annotations

import pytest

from metriccare.engine.protocol import Engine
from metriccare.tables import Column, keys
from metriccare.tables.silver import RESOLVED_NAME
from tests.pipeline.stored_rows import engine_of

KEY = "north|file-1|7|2"


def test_the_key_of_a_record_says_where_it_is() -> None:
    assert keys.keys_of_records("north", "file-1", [(7, 2), (8, 0)]) == [KEY, "north|file-1|8|0"]
    assert keys.place_of_record(KEY) == ("file-1", 7, "2")
    assert keys.first_part(KEY) == "north"
    assert keys.joined("north", None) == "north|"


def test_a_reject_is_of_the_record_without_the_rule() -> None:
    reject = keys.joined(KEY, "not-json")
    assert keys.place_of_record(reject) == keys.place_of_record(KEY)
    assert keys.rejected_record(reject, "not-json") == KEY
    assert keys.rejected_record(KEY, "not-json") == KEY


@pytest.fixture
def engine(new_lake) -> Engine:  # type: ignore[no-untyped-def, type-arg]
    return engine_of(new_lake)


def test_models_build_and_read_the_same_keys(engine) -> None:  # type: ignore[no-untyped-def]
    columns = [Column(name, "string", "") for name in ("record_key", "rule_id", "tenant", "name")]
    rows = engine.from_rows(columns, [(keys.joined(KEY, "not-json"), "not-json", "north", None)])
    (found,) = engine.rows(
        engine.sql(
            f"select {keys.FILE_ID} as file_id, {keys.REJECTED_RECORD} as record,"
            f" {keys.joined_expression('tenant', 'rule_id')} as joined,"
            f" {keys.key_expression(RESOLVED_NAME)} as of_table from r",
            r=rows,
        )
    )
    assert dict(found) == {
        "file_id": "file-1",
        "record": KEY,
        "joined": keys.joined("north", "not-json"),
        "of_table": "north|",
    }
