"""What handlers work with; wiring chooses the implementations."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from metriccare.access.audit import AuditLog, AuditRows
from metriccare.access.pseudonyms import Pseudonyms
from metriccare.api import published
from metriccare.api.acknowledgements import Acknowledgements
from metriccare.api.body_cache import BodyCache
from metriccare.api.cursors import Cursors
from metriccare.api.evidence import Evidence
from metriccare.api.exchange import Exchange
from metriccare.api.exports import Exports
from metriccare.api.gate import Gate
from metriccare.api.limits import Limiter
from metriccare.api.metrics import Metrics
from metriccare.api.operations import Operations
from metriccare.api.problems import Problem
from metriccare.api.published import PublishedReads
from metriccare.api.readiness import Readiness
from metriccare.api.saved_views import SavedViews
from metriccare.api.sign_in import SignIn
from metriccare.api.streams import Streams

# The bytes of the beacon; None where nothing was published yet.
Beacon = Callable[[], bytes | None]
_log = logging.getLogger("metriccare.api")


@dataclass(frozen=True)
class Services:
    """Everything an endpoint may use.

    `site` is the folder of the built page, None where it is not built. `is_development` says that
    the development issuer signs people in. `audit_rows`, `operations` and `evidence` are None where
    their endpoints are not served, `streams` where no connection stays open. `most_bytes` is the
    most that an answer may have, None for no limit.
    """

    published: PublishedReads
    cursors: Cursors
    gate: Gate
    sign_in: SignIn
    audit: AuditLog
    audit_rows: AuditRows | None
    limiter: Limiter
    metrics: Metrics
    cache: BodyCache
    readiness: Readiness
    operations: Operations | None
    evidence: Evidence | None
    exports: Exports
    views: SavedViews
    acknowledgements: Acknowledgements
    beacon: Beacon
    streams: Streams | None
    pseudonyms: Pseudonyms
    clock: Callable[[], datetime]
    hosts: frozenset[str]
    issuer: str
    is_tls: bool
    is_development: bool
    allowed_origins: frozenset[str] = frozenset()
    site: Path | None = None
    most_bytes: int | None = None

    def problem_of(self, error: Exception, exchange: Exchange) -> Problem:
        """Return the problem of an error; of one that nobody expected, only its type is logged."""
        expected = published.problem_of(error)
        if expected is not None:
            return expected
        _log.error("request %s failed: %s", exchange.request_id, type(error).__name__)
        return Problem("internal", reason=type(error).__name__)
