"""The columns of a file: where their texts are in a row, and the values of the texts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from operator import itemgetter
from typing import Any, NamedTuple

from metriccare.sources.feeds.contracts import Contract
from metriccare.sources.feeds.declarations import FeedColumn
from metriccare.sources.feeds.layouts import Bound
from metriccare.sources.feeds.values import Fault, Parse, is_plain_text, parser_of

# 100,000 values: many columns have few values, and their texts are parsed once.
MOST_KEPT = 100_000


class KeptValues(dict[str, Any]):
    """Canonical values by text as sent; a text that is not known yet is parsed."""

    def __init__(self, parse: Parse) -> None:
        super().__init__()
        self._parse = parse
        self.has_faults = False

    def __missing__(self, text: str) -> Any:
        """Return the value of a text that was not met before."""
        value = self._parse(text)
        if type(value) is Fault:
            self.has_faults = True
        if len(self) < MOST_KEPT:
            self[text] = value
        return value

    def all_of(self, texts: Iterable[str]) -> list[Any]:
        """Return the values of texts."""
        return list(map(self.__getitem__, texts))


class PlainText:
    """The values of a column of plain text: most are different, and none is parsed."""

    has_faults = False

    def __init__(self, nulls: Iterable[str]) -> None:
        self._nulls = frozenset(nulls) | {""}

    def all_of(self, texts: Iterable[str]) -> list[Any]:
        """Return the values of texts."""
        nulls = self._nulls
        return [None if (value := text.strip()) in nulls else value for text in texts]


class FileColumn(NamedTuple):
    """A column of the file: how its values are found and parsed.

    `split` is put between the texts of a JSON list.
    """

    declared: FeedColumn
    cell: int | None
    path: tuple[str, ...]
    const: str | None
    split: str
    values: KeptValues | PlainText


def column_of(bound: Bound, contract: Contract, zone: str) -> FileColumn:
    """Return a column of a file; `zone` is for times without an offset."""
    declared = contract.feed.column(bound.column)
    mapping = contract.mapping(bound.column)
    values: KeptValues | PlainText = (
        PlainText(contract.null)
        if is_plain_text(declared, contract)
        else KeptValues(parser_of(declared, contract, zone))
    )
    return FileColumn(declared, bound.cell, bound.path, mapping.const, mapping.split, values)


def cells_of(columns: Sequence[FileColumn]) -> Callable[[Sequence[str]], Sequence[str]]:
    """Return what picks the texts of columns out of the cells of a row."""
    cells = [column.cell for column in columns]
    positions = [cell for cell in cells if cell is not None]
    if len(positions) == len(cells) and len(cells) > 1:
        return itemgetter(*positions)
    constants = [column.const or "" for column in columns]
    return lambda row: [
        constant if cell is None else row[cell]
        for cell, constant in zip(cells, constants, strict=True)
    ]
