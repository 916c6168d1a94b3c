"""`metriccare sql-server`: Trino over a lake, in the foreground, for BI tools."""

from __future__ import annotations

import time
from collections.abc import Callable

from metriccare import naming
from metriccare.query.trino.metastore import CATALOG
from metriccare.query.trino.server import HOST, TrinoServer
from metriccare.settings import Lake

_REFRESH_SECONDS = 10


def serve(lake: Lake, port: int, report_progress: Callable[[str], None]) -> None:
    """Run Trino until interrupted or terminated; tables that appear later are registered."""
    report_progress(
        f"Starting Trino on {HOST}:{port} (the first time, 240 MB are fetched by Maven)"
    )
    with TrinoServer(lake, port, report_progress) as server:
        report_progress(
            f"Ready: jdbc:trino://{HOST}:{port}/{CATALOG}/{naming.PUBLISH}, any user name, no"
            " password. Views and tables are read-only. Stop with Ctrl-C."
        )
        while True:
            time.sleep(_REFRESH_SECONDS)
            server.refresh()
