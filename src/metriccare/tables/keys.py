"""Record keys: built and read here only, in Python and as expressions of models.

A key is the values of a table's key columns, joined. The key of a row of bronze also says where in
its file the record is; the key of a reject is its record's, and the rule that rejects it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from metriccare.tables.declaration import RECORD_KEY, Table

SEPARATOR = "|"
# Expressions over rows with a record key: the file a row of bronze came in, and the key of the
# record that a reject is of, whatever rule rejects it.
FILE_ID = f"split_part({RECORD_KEY.name}, '{SEPARATOR}', 2)"
REJECTED_RECORD = (
    f"substring({RECORD_KEY.name}, 1,"
    f" length({RECORD_KEY.name}) - length(rule_id) - {len(SEPARATOR)})"
)


class RecordPlace(NamedTuple):
    """Where a record is: its file, its line, and its entry within the line."""

    file_id: str
    line: int
    entry: str


def joined(*values: object) -> str:
    """Return the key that values make; None is empty."""
    return SEPARATOR.join("" if value is None else str(value) for value in values)


def joined_expression(*expressions: str) -> str:
    """Return the SQL expression of the key that expressions make."""
    return f"concat_ws('{SEPARATOR}', {', '.join(expressions)})"


def key_expression(table: Table) -> str:
    """Return the SQL expression of a row's key; a null part of it is empty."""
    return joined_expression(*(f"coalesce(cast({name} as string), '')" for name in table.key))


def keys_of_records(
    tenant: str, file_id: str, places: Sequence[tuple[int, int | str]]
) -> list[str]:
    """Return the keys of a file's records in bronze, from their lines and entries."""
    # Joined once: a file may have millions of records.
    prefix = joined(tenant, file_id, "")
    return [f"{prefix}{line}{SEPARATOR}{entry}" for line, entry in places]


def place_of_record(key: str) -> RecordPlace:
    """Return where the record of a row of bronze, or of a reject, is."""
    _, file_id, line, entry, *_ = key.split(SEPARATOR)
    return RecordPlace(file_id, int(line), entry)


def rejected_record(key: str, rule_id: str) -> str:
    """Return the key of the record that a reject is of, whatever rule rejects it."""
    return key.removesuffix(f"{SEPARATOR}{rule_id}")


def first_part(key: str) -> str:
    """Return the first of the values that a key was made of."""
    return key.split(SEPARATOR, 1)[0]
