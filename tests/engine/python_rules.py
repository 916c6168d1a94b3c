"""Python rules of the tests, where Spark's workers can import them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from metriccare.engine.protocol import Emit
from metriccare.errors import UnreadableFile
from metriccare.tables import Column
from tests.engine.lakes import Row

PEOPLE = [Column("person_id", "string", ""), Column("days", "array<int>", "")]
LONGEST = [Column("person_id", "string", ""), Column("longest", "int", ""), Column("x", "date", "")]


def longest(person: Row) -> dict[str, list[Row]]:
    days = [day for day in person["days"] or () if day is not None]
    named = {"person_id": person["person_id"], "longest": max(days, default=None)}
    return {"longest": [named]} if days else {"nothing": [{"person_id": person["person_id"]}]}


OUTPUTS = {"longest": LONGEST, "nothing": LONGEST[:1]}


@dataclass(frozen=True)
class TextFile:
    place: str
    size: int


def lines_of(part: TextFile, emit: Emit) -> int:
    lines = Path(part.place).read_text().splitlines()
    for line in lines:
        emit({"person_id": [line], "longest": [1], "x": [None]})
    return len(lines)


def refusing(person: Row) -> dict[str, list[Row]]:
    raise UnreadableFile(f"{person['person_id']} is refused")


def echo(person: Row) -> dict[str, list[Row]]:
    return {"all": [person]}
