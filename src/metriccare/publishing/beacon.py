"""`marts/beacon.json`: two words that change when something was published, for pages to look at.

It is open to everybody, so it names no tenant, no figure and no number of alerts.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable

from metriccare import naming
from metriccare.object_store import ObjectStore, read_if_there

_DIGITS = 16


def write_beacon(objects: ObjectStore, run_id: str, alerts: Iterable[tuple[str, str]]) -> None:
    """Write the beacon; `alerts` are the ids and states of the alerts of all tenants."""
    words = "\n".join(" ".join(each) for each in sorted(alerts))
    token = hashlib.sha256(words.encode()).hexdigest()[:_DIGITS]
    content = json.dumps({"run_id": run_id, "alerts": token}, separators=(",", ":")).encode()
    if read_if_there(objects, naming.BEACON_FILE) != content:
        objects.put(naming.BEACON_FILE, content)
