"""Rejected records that are open."""

from __future__ import annotations

from metriccare.engine.protocol import Engine, RelationT
from metriccare.tables import bronze as tables


def open_rejects(engine: Engine[RelationT]) -> RelationT:
    """Return the rejected records no later run took in after all."""
    quarantine = engine.read(tables.QUARANTINE)
    return engine.sql(
        "select * from quarantine where redriven_run_id is null", quarantine=quarantine
    )
