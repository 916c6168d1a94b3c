"""What people write in a table is checked by the declared type of each key."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import pytest

from metriccare.errors import UsageError
from metriccare.settings import Lake, load_settings
from metriccare.typed_tables import read_table, wanted

Even = Annotated[int, wanted("an even number", ge=0, holds=lambda number: number % 2 == 0)]


@dataclass(frozen=True)
class Shelf:
    books: Even
    room: Annotated[Path, wanted("a path")] | None = None


def test_a_table_becomes_its_dataclass_and_paths_begin_at_the_folder():
    shelf = read_table({"books": 4, "room": "attic"}, Shelf, "in", "shelf", Path("/house"))
    assert shelf == Shelf(4, Path("/house/attic"))
    assert read_table({"books": 0, "room": None}, Shelf, "in") == Shelf(0)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"books": 3}, "in: books in [shelf] wants an even number, found 3."),
        ({"books": -2}, "in: books in [shelf] wants an even number, found -2."),
        ({"books": "4"}, "in: books in [shelf] wants an even number, found '4'."),
        ({"books": True}, "in: books in [shelf] wants an even number, found True."),
        ({}, "in: books in [shelf] wants an even number, found None."),
        ({"books": 2, "room": 5}, "in: room in [shelf] wants a path, found 5."),
        ({"books": 2, "page": 5}, "in: unknown key 'page' in [shelf]; known: books, room."),
        (7, "in: [shelf] must be a table with keys such as books."),
    ],
)
def test_what_a_key_does_not_take_is_said_in_words(table, message):
    with pytest.raises(UsageError) as refused:
        read_table(table, Shelf, "in", "shelf")
    assert str(refused.value) == message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[run]\nengine = "fast"', "engine in [run] wants auto, duckdb or spark, found 'fast'."),
        ("[run]\nspeed = 1", "unknown key 'speed' in [run]; known: engine."),
        ("[measures]\ncode_sets = 5", 'code_sets in [measures] wants a path such as "codes"'),
        ("[measures]\nages = 5", "[measures.ages] wants ages such as"),
        ('[tenant.a]\ntime_zone = "Mars"', "time_zone in [tenant.a] wants an IANA time zone"),
        ("[facility]\na = 1", '[facility] must be tables such as [facility."some-id"].'),
        ("gates = 1", "[gates] must be a table with keys such as drop_share."),
        (
            "[gate]",
            "unknown section [gate]; known: facility, gates, measures, quality, revenue, run,"
            " serve, tenant.",
        ),
        ("[gates]\ndrop_share = nan", "drop_share in [gates] wants a share from 0 to 1"),
    ],
)
def test_each_section_of_the_settings_says_what_it_wants(tmp_path, text, message):
    config = tmp_path / "metriccare.toml"
    config.write_text(text)
    with pytest.raises(UsageError) as refused:
        load_settings(Lake(str(tmp_path)), config)
    assert message in str(refused.value)


def test_settings_keep_names_that_are_numbers_as_text(tmp_path):
    config = tmp_path / "metriccare.toml"
    config.write_text("[tenant.a]\nname = 2024\n[gates]\ndrop_share = 1\nstale_days = 3")
    settings = load_settings(Lake(str(tmp_path)), config)
    assert settings.tenants["a"].name == "2024"
    assert (settings.gates.drop_share, settings.gates.stale_days) == (1.0, 3)
