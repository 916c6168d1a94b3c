"""The contracts of feeds in force, and what has arrived under each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from metriccare.query.engine import SqlEngine
from metriccare.sources.feeds.contracts import Contract
from metriccare.sources.feeds.declarations import Feed

LIST_COLUMNS = ("feed", "canonical", "version", "match", "files", "rows", "last_file", "last_seen")
SHOW_COLUMNS = ("column", "type", "required", "key", "words", "in_the_file", "meaning")


def listed(contracts: Sequence[Contract], engine: SqlEngine | None) -> list[tuple[Any, ...]]:
    """Return a row for each contract; without an engine nothing has arrived."""
    files: dict[str, list[tuple[Any, str]]] = {}
    rows: dict[str, int] = {}
    if engine is not None:
        found = engine.query("SELECT feed, first_seen, source_file FROM bronze.feed_layout").rows
        for feed, seen, name in found:
            files.setdefault(feed, []).append((seen, name))
        counted = engine.query("SELECT feed, count(*) AS n FROM bronze.record GROUP BY feed").rows
        rows = dict(counted)
    return [
        (
            contract.name,
            contract.feed.name,
            contract.version,
            ", ".join(contract.match) or f"{contract.name}.csv, {contract.name}/...",
            len(files.get(contract.name, ())),
            rows.get(contract.name, 0),
            *reversed(max(files.get(contract.name, [(None, None)]))),
        )
        for contract in contracts
    ]


def shown(contract: Contract) -> list[tuple[Any, ...]]:
    """Return a row for each column of a contract."""
    return [_column(contract, contract.feed, column.name) for column in contract.feed.columns]


def _column(contract: Contract, feed: Feed, name: str) -> tuple[Any, ...]:
    column, mapping = feed.column(name), contract.mapping(name)
    constant = None if mapping.const is None else f"always {mapping.const}"
    return (
        name,
        str(column.kind),
        column.required,
        name in feed.key,
        ", ".join(column.words) or None,
        constant or ", ".join(mapping.sources),
        column.meaning,
    )
