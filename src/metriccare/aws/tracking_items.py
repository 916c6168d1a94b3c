"""Records of tracking as DynamoDB stores them, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

from metriccare.errors import Refusal
from metriccare.tracking.states import FileRecord, FileState, RunRecord, RunState

Item = dict[str, Any]

_TIMES = frozenset({"registered_at", "started_at", "ended_at"})
_to_dynamo = TypeSerializer().serialize
_from_dynamo = TypeDeserializer().deserialize


def plain(record: FileRecord | RunRecord) -> Item:
    """Return a record's fields as DynamoDB takes them; a field without a value is left out."""
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in asdict(record).items()
        if value is not None
    }


def file_of(item: Item) -> FileRecord:
    """Return the file that an item is the record of."""
    return FileRecord(**_fields_of(FileRecord, item, FileState))


def run_of(item: Item) -> RunRecord:
    """Return the run that an item is the record of."""
    return RunRecord(**_fields_of(RunRecord, item, RunState))


def serialized(item: Mapping[str, Any]) -> Item:
    """Return an item with DynamoDB's types, such as {"S": "text"}."""
    return {name: _to_dynamo(_text(value)) for name, value in item.items()}


def deserialized(item: Mapping[str, Any]) -> Item:
    """Return an item without DynamoDB's types."""
    return {name: _from_dynamo(value) for name, value in item.items()}


def _text(value: Any) -> Any:
    return str(value) if isinstance(value, FileState | RunState) else value


def _fields_of(
    record: type[FileRecord | RunRecord], item: Item, state: type[FileState | RunState]
) -> Item:
    """Return the record's fields from an item; numbers come back from DynamoDB as decimals."""
    names = (field.name for field in fields(record))
    values = {name: item[name] for name in names if item.get(name) is not None}
    for name, value in values.items():
        if name in _TIMES:
            values[name] = datetime.fromisoformat(value)
        elif name == "state":
            values[name] = state(value)
        elif name == "refused":
            values[name] = tuple(Refusal(*each) for each in value)
        elif name == "rebuild":
            values[name] = tuple(value)
        elif not isinstance(value, str):
            values[name] = int(value)
    return values
