"""The alerts of a tenant as they are kept from run to run, beside its published marts.

A run has to know since when something needs a person; a mart is read by readers only, never by
what writes it.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from metriccare.monitoring.alerts import Alert
from metriccare.object_store import ObjectStore, read_if_there
from metriccare.query.published.operations_marts import LEDGER
from metriccare.query.published.publication import folder_of


def read_alerts(objects: ObjectStore, tenant: str) -> list[Alert]:
    """Return the alerts of a tenant; none where there are none yet or the file is damaged.

    Those that are still there are then raised again.
    """
    content = read_if_there(objects, _path(tenant))
    if content is None:
        return []
    try:
        return msgspec.json.decode(content, type=list[Alert])
    except msgspec.MsgspecError:
        return []


def write_alerts(objects: ObjectStore, tenant: str, alerts: Sequence[Alert]) -> None:
    """Keep the alerts of a tenant."""
    objects.put(_path(tenant), msgspec.json.encode(alerts))


def _path(tenant: str) -> str:
    return f"{folder_of(tenant)}/{LEDGER}"
