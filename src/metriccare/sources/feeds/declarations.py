"""The form of a feed's declaration, from which its reader, table, rules and documents are derived.

A feed is what rows mean. How a sender spells them is a contract (`contracts.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

# The end of the name under which the text of an amount is kept, where it is not the canonical one.
TEXT_SUFFIX = "_text"


class Kind(StrEnum):
    """The type of a column's values.

    MONEY and NUMBER are decimal(38,12); of an amount the text as sent is kept as well. A MONTH is
    its first day.
    """

    TEXT = "text"
    DATE = "date"
    MONTH = "month"
    TIMESTAMP = "timestamp"
    MONEY = "money"
    NUMBER = "number"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    LIST = "list"


@dataclass(frozen=True)
class FeedColumn:
    """One column of a feed.

    A row without a `required` value is rejected by `missing_rule`; `expected` values count for
    completeness only. `words` are the only values allowed; another is rejected by `unknown_rule`.
    `names` says what a value is the name of, such as `Patient` or `claims`: by it rows of a person
    are found. `refers` is the feed whose rows it refers to.
    """

    name: str
    kind: Kind
    meaning: str
    required: bool = False
    expected: bool = False
    words: tuple[str, ...] = ()
    unknown_rule: str = "word_unknown"
    missing_rule: str = "value_missing"
    identifying: bool = False
    names: str | None = None
    refers: str | None = None


UPSERT, DELETE = "upsert", "delete"
UPDATED_AT = FeedColumn(
    "updated_at",
    Kind.TIMESTAMP,
    "when the sender last changed the row; the newest row of a key wins",
)
OP = FeedColumn("op", Kind.TEXT, "`delete` removes the row of this key", words=(UPSERT, DELETE))


@dataclass(frozen=True)
class RowCheck:
    """A rule over several values of one row that rejects it; `breaks` gets the canonical values."""

    rule_id: str
    column: str
    breaks: Callable[[Mapping[str, Any]], bool]
    reason: str


@dataclass(frozen=True)
class Feed:
    """One feed: what a row is, its columns, and the columns that identify a row.

    A key column that is not required may be empty. Of `one_of` at least one column has a value.
    """

    name: str
    meaning: str
    key: tuple[str, ...]
    own_columns: tuple[FeedColumn, ...]
    one_of: tuple[str, ...] = ()
    checks: tuple[RowCheck, ...] = ()

    @cached_property
    def columns(self) -> tuple[FeedColumn, ...]:
        """Return all columns, with those that every feed may have."""
        return (*self.own_columns, UPDATED_AT, OP)

    @cached_property
    def required(self) -> tuple[str, ...]:
        """Return the columns without which a file cannot be read."""
        return tuple(column.name for column in self.own_columns if column.required)

    @cached_property
    def person_columns(self) -> tuple[FeedColumn, ...]:
        """Return the columns that say which person a row belongs to."""
        return tuple(column for column in self.own_columns if column.names)

    def column(self, name: str) -> FeedColumn:
        """Return one column; StopIteration when it is not declared."""
        return next(column for column in self.columns if column.name == name)
