"""The form of a table's declaration, from which every schema and document is derived."""

from __future__ import annotations

from dataclasses import dataclass, replace

from metriccare import naming


@dataclass(frozen=True)
class Column:
    """One column: its Spark type and its meaning; `identifying` columns could name a person."""

    name: str
    type: str
    meaning: str
    identifying: bool = False


@dataclass(frozen=True)
class Table:
    """One Hudi table. `key` names the columns that identify a row; `tenant` is always first.

    A table with `versioned` keeps the row with the greatest `ordering`; in the others the latest
    commit wins.
    """

    layer: str
    name: str
    meaning: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    versioned: bool = False

    @property
    def full_name(self) -> str:
        """Return the name a query uses locally, such as `gold.stay`."""
        return f"{self.layer}.{self.name}"

    @property
    def path(self) -> str:
        """Return the table's folder below the lake's root."""
        return naming.table_path(self.layer, self.name)

    @property
    def column_names(self) -> tuple[str, ...]:
        """Return the column names in declared order."""
        return tuple(column.name for column in self.columns)

    @property
    def computed_columns(self) -> tuple[Column, ...]:
        """Return the columns without those that a run stamps on every row it writes."""
        return tuple(column for column in self.columns if column.name not in STAMPS)

    def column(self, name: str) -> Column:
        """Return one column; StopIteration when it is not declared."""
        return next(c for c in self.columns if c.name == name)


TENANT = Column("tenant", "string", "whose data this is; the partition of every table")
RUN_ID = Column("run_id", "string", "the run that wrote the row")
AS_OF = Column("as_of", "date", "the date up to which the data is taken as complete")
INGESTED_AT = Column("ingested_at", "timestamp", "when a run first took it in (UTC)")
DATA_QUALITY_SCORE = Column(
    "data_quality_score",
    "double",
    "0 to 100: the share of the weight of the rules that the row keeps",
)
RECORD_KEY = Column("record_key", "string", "the row's key as one text (Hudi record key)")
ORDERING = Column(
    "ordering", "bigint", "which of two rows of one key is newer (Hudi ordering field)"
)
# Of rows to write, not of a table people read: Hudi removes what it marks.
DELETE_MARKER = Column("_hoodie_is_deleted", "boolean", "the row is to be removed")
PARTITION_COLUMN = TENANT.name
# What a run stamps: two rows that differ in these only are the same.
STAMPS = frozenset({RUN_ID.name, ORDERING.name, RECORD_KEY.name})


def hudi_table(table: Table) -> Table:
    """Return the table with the two columns Hudi needs appended to those people read."""
    return replace(table, columns=(*table.columns, RECORD_KEY, ORDERING))
