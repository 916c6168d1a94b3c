"""The data quality score of every table: counted by the run that received the rows, then summed.

What each run received is counted once and kept; a run counts again only the tables whose rows it
may have changed. Source: claims specification, 7.3.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic

from metriccare.engine.protocol import Engine, RelationT, Row, Value
from metriccare.incremental.context import RunContext
from metriccare.incremental.pending_rows import IS_PENDING, is_written, pending_parameters
from metriccare.incremental.table_changes import TableChanges, changes_of_table, with_key
from metriccare.naming import CANARY_TENANT
from metriccare.pipeline.bronze.quarantine import open_rejects
from metriccare.pipeline.publish import quality_models as models
from metriccare.pipeline.publish.quality_windows import COLUMNS, Windows, windows_of
from metriccare.pipeline.publish.scored_table import ScoredTable
from metriccare.quality.rules import RULES
from metriccare.sources.feeds.registry import FEEDS
from metriccare.sources.fhir.resources import RESOURCES
from metriccare.tables import Table, bronze, quality, silver
from metriccare.tables.commit_note import CommitNote
from metriccare.tables.declaration import ORDERING, RECORD_KEY, RUN_ID
from metriccare.tables.feeds import BY_FEED

_ROW_RULES = tuple(sorted({rule.id for rule in RULES}))
# Where rows arrive, and the column that says of which table they are.
_ARRIVING = (
    (bronze.RESOURCE, "resource_type"),
    (bronze.RECORD, "record_type"),
    (bronze.QUARANTINE, "coalesce(record_type, resource_type)"),
)


@dataclass(frozen=True)
class QualityScores(Generic[RelationT]):
    """Counts and scores of one run."""

    engine: Engine[RelationT]
    context: RunContext

    def changes(self) -> list[TableChanges[RelationT]]:
        """Return the counts that changed, and the scores of this run."""
        counts = self.engine.materialize(self._newest_counts())
        counted = changes_of_table(self.engine, counts, self.context, quality.ARRIVAL)
        scored = list(self._scored(counts))
        rows = [table.row() for table in scored]
        shown = [table.published_row() for table in scored if table.tenant != CANARY_TENANT]
        return [
            counted,
            self._added(quality.SCORE, rows),
            self._added(quality.PUBLISHED_SCORE, shown),
        ]

    def recount(self, note: CommitNote) -> None:
        """Write the counts of all tables as they are now, without a score."""
        changes = changes_of_table(self.engine, self.counts(), self.context, quality.ARRIVAL)
        changes.commit(self.engine, note)

    def counts(self) -> RelationT:
        """Return the counts of all tables as they are now."""
        return self._in_force([r.type for r in RESOURCES], [feed.name for feed in FEEDS])

    @cached_property
    def _windows(self) -> Windows:
        return windows_of(self.context)

    @property
    def _default(self) -> dict[str, Value]:
        return {"since": self._windows.default.since}

    @cached_property
    def _window_rows(self) -> RelationT:
        own = self._windows.own.items()
        return self.engine.from_rows(COLUMNS, [(t, w.since, w.until) for t, w in own])

    def _added(self, table: Table, rows: Sequence[Row]) -> TableChanges[RelationT]:
        """Return rows to add to a table that only grows."""
        columns = [c for c in table.columns if c not in (RECORD_KEY, ORDERING)]
        relation = self.engine.from_rows(columns, [[row[c.name] for c in columns] for row in rows])
        keyed = with_key(self.engine, relation, table, self.context)
        added = self.engine.materialize(keyed) if rows else None
        return TableChanges(table, added, replaces=False)

    def _scored(self, counts: RelationT) -> Iterator[ScoredTable]:
        """Yield every table that has a count now or had a score before."""
        engine, until = self.engine, self._windows.default.until
        text = models.sums_of_tables()
        given = {"counts": counts, "windows": self._window_rows}
        sums = {
            _place(row): row for row in engine.rows(engine.sql(text, {"until": until}, **given))
        }
        stored = engine.read(quality.SCORE)
        places = engine.sql(
            "select distinct tenant, table_name, feed from stored union"
            " select distinct tenant, table_name, feed from counts",
            stored=stored,
            counts=counts,
        )
        for place in sorted({_place(row) for row in engine.rows(places)}, key=str):
            yield ScoredTable.of(self.context, self._windows.of(place[0]), place, sums.get(place))

    def _newest_counts(self) -> RelationT:
        """Return the counts of every table in the window, counting again what may have changed."""
        if self._is_all_new():
            return self.counts()
        touched = self._touched()
        types = [r.type for r in RESOURCES if {r.type, silver.BY_RESOURCE[r.type].name} & touched]
        feeds = [f.name for f in FEEDS if {f.name, BY_FEED[f.name].name} & touched]
        return self._in_force(types, feeds)

    def _is_all_new(self) -> bool:
        """Return True if nothing kept can be used, or as_of is before one that was scored."""
        context, engine = self.context, self.engine
        is_stored = bool(engine.commits(quality.ARRIVAL)) and bool(engine.commits(quality.SCORE))
        if not is_stored or context.rebuild or context.taken_again:
            return True
        latest = engine.sql(
            "select tenant, max(as_of) as as_of from stored group by tenant",
            stored=engine.read(quality.SCORE),
        )
        rows = engine.rows(latest)
        return any(row["as_of"] > context.as_of_for(row["tenant"]) for row in rows)

    def _touched(self) -> set[str]:
        """Return the types, feeds and tables of which a pending run may have changed a row."""
        engine, context = self.engine, self.context
        tables = (*silver.BY_RESOURCE.values(), *BY_FEED.values())
        touched = {table.name for table in tables if is_written(engine, context, table)}
        for table, column in _ARRIVING:
            if is_written(engine, context, table):
                text = f"select distinct {column} as name from stored where {IS_PENDING}"
                rows = engine.sql(text, pending_parameters(context), stored=engine.read(table))
                touched |= {row["name"] for row in engine.rows(rows)}
        for feed in FEEDS:
            targets = {BY_FEED[str(c.refers)].name for c in models.references_of(feed)}
            if targets & touched or (BY_FEED[models.CLAIMS].name in targets and "claim" in touched):
                touched.add(feed.name)
        repeats = engine.sql(
            models.tables_with_old_repeats(),
            self._default,
            stored=engine.read(quality.ARRIVAL),
            windows=self._window_rows,
        )
        return touched | {row["table_name"] for row in engine.rows(repeats)}

    def _in_force(self, types: Sequence[str], feeds: Sequence[str]) -> RelationT:
        """Return the counts of some types and feeds, counted now, and the kept ones of others."""
        engine = self.engine
        names = [silver.BY_RESOURCE[t].name for t in types] + [BY_FEED[f].name for f in feeds]
        counts = self._counted(types, feeds) if names else engine.from_rows(_COUNTED, [])
        return engine.sql(
            models.counts_in_force(names),
            self._default,
            counts=counts,
            stored=engine.read(quality.ARRIVAL),
            windows=self._window_rows,
        )

    def _counted(self, types: Sequence[str], feeds: Sequence[str]) -> RelationT:
        """Return the counts of some types and feeds."""
        engine = self.engine
        selects = [models.rejected(types, feeds, _ROW_RULES)]
        given: dict[str, Any] = {"rejects": open_rejects(engine), "windows": self._window_rows}
        if types:
            selects.append(models.received_resources(types))
            given |= {
                "resources": engine.read(bronze.RESOURCE),
                "waiting": engine.read(silver.UNRESOLVED_REFERENCE),
            }
        if feeds:
            selects.append(models.received_records(feeds))
            given["records"] = engine.read(bronze.RECORD)
        for resource in (r for r in RESOURCES if r.type in types):
            table = silver.BY_RESOURCE[resource.type]
            if engine.commits(table):
                selects.append(models.kept_resources(resource))
                given[table.name] = engine.read(table)
        for feed in (f for f in FEEDS if f.name in feeds):
            table = BY_FEED[feed.name]
            if engine.commits(table):
                selects.append(models.kept_rows(feed))
                given[table.name] = engine.read(table)
                given |= {
                    models.keys_relation(column): self._keys[str(column.refers)]
                    for column in models.references_of(feed)
                }
        return engine.sql(models.counted(selects), self._default, **given)

    @cached_property
    def _keys(self) -> dict[str, RelationT]:
        """Return the names by which rows refer to those of each feed."""
        engine = self.engine
        claim = engine.read(silver.BY_RESOURCE["Claim"])
        found = {}
        for name in {str(c.refers) for feed in FEEDS for c in models.references_of(feed)}:
            more = {"claim": claim} if name == models.CLAIMS else {}
            kept = engine.read(BY_FEED[name])
            found[name] = engine.sql(models.keys_of(name), None, kept=kept, **more)
        return found


_COUNTED = [c for c in quality.ARRIVAL.computed_columns if c.name != RUN_ID.name]


def _place(row: Row) -> tuple[str, str, str | None]:
    return row["tenant"], row["table_name"], row["feed"]
