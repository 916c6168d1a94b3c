"""What the lake holds: one declaration per table."""

from metriccare.tables import bronze, feeds, gold, publish, silver
from metriccare.tables.declaration import Column, Table

TABLES: tuple[Table, ...] = (
    *bronze.TABLES,
    *silver.TABLES,
    *feeds.TABLES,
    *gold.TABLES,
    *publish.TABLES,
)
BY_NAME = {table.full_name: table for table in TABLES}

__all__ = ["BY_NAME", "TABLES", "Column", "Table"]
