"""Every endpoint of the API, in the order in which its document lists them."""

from __future__ import annotations

from collections.abc import Collection

from metriccare.api.endpoint import Endpoint, Source
from metriccare.api.routes import (
    alerts,
    audit,
    auth,
    datasets,
    events,
    evidence,
    exports,
    fhir,
    health,
    me,
    measures,
    operations,
    publication,
    revenue,
    small_counts,
    views,
)

ENDPOINTS: tuple[Endpoint, ...] = (
    *health.ENDPOINTS,
    *auth.ENDPOINTS,
    *me.ENDPOINTS,
    *publication.ENDPOINTS,
    *measures.ENDPOINTS,
    *revenue.ENDPOINTS,
    *operations.ENDPOINTS,
    *alerts.ENDPOINTS,
    *datasets.ENDPOINTS,
    *evidence.ENDPOINTS,
    *small_counts.ENDPOINTS,
    *exports.ENDPOINTS,
    *events.ENDPOINTS,
    *views.ENDPOINTS,
    *audit.ENDPOINTS,
    *fhir.ENDPOINTS,
)


def endpoints_of(sources: Collection[Source]) -> tuple[Endpoint, ...]:
    """Return the endpoints that read one of some sources."""
    return tuple(endpoint for endpoint in ENDPOINTS if endpoint.source in sources)
