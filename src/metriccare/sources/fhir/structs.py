"""Lists of elements as typed columns: arrays of structs, each part declared once."""

from __future__ import annotations

from dataclasses import dataclass

from metriccare.sources.fhir.declarations import Field
from metriccare.sources.fhir.elements import whole
from metriccare.sources.fhir.shapes import NUMBER_TYPE, number


@dataclass(frozen=True)
class Part:
    """One part of a struct: its name, its type and the expression that reads it."""

    name: str
    type: str
    sql: str


@dataclass(frozen=True)
class Struct:
    """The parts read from one element of a list, which their expressions call `variable`."""

    variable: str
    parts: tuple[Part, ...]

    @property
    def type(self) -> str:
        """Return the Spark type of a list of such structs."""
        return f"array<struct<{','.join(f'{part.name}:{part.type}' for part in self.parts)}>>"

    def read(self, elements: str) -> str:
        """Return the expression for the structs of a list of elements."""
        parts = ", ".join(f"'{part.name}', {part.sql}" for part in self.parts)
        return f"transform({elements}, {self.variable} -> named_struct({parts}))"


def structs(
    name: str, struct: Struct, elements: str, meaning: str, *, identifying: bool = False
) -> tuple[Field, ...]:
    """Return one column: a struct for each element of a list, in the order sent."""
    return (Field(name, struct.type, struct.read(elements), meaning, identifying),)


def words(name: str, sql: str) -> Part:
    """Return a part of text."""
    return Part(name, "string", sql)


def whole_number(name: str, sql: str) -> Part:
    """Return a part that is a whole number."""
    return Part(name, "int", whole(sql))


def decimal_number(name: str, sql: str) -> Part:
    """Return a part that is a decimal; its element is declared as NUMBER."""
    return Part(name, NUMBER_TYPE, number(sql))


def nested(name: str, struct: Struct, elements: str) -> Part:
    """Return a part that is itself a list of structs."""
    return Part(name, struct.type, struct.read(elements))
