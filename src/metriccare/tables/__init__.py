"""What the lake holds: one declaration per table."""

from metriccare import naming
from metriccare.tables import bronze, claims, feeds, gold, publish, quality, revenue, silver
from metriccare.tables.declaration import Column, Table

TABLES: tuple[Table, ...] = (
    *bronze.TABLES,
    *silver.TABLES,
    *feeds.TABLES,
    *gold.TABLES,
    *claims.TABLES,
    *revenue.TABLES,
    *publish.TABLES,
    *quality.TABLES,
)
BY_NAME = {table.full_name: table for table in TABLES}
GOLD_TABLES = tuple(table for table in TABLES if table.layer == naming.GOLD)

__all__ = ["BY_NAME", "GOLD_TABLES", "TABLES", "Column", "Table"]
