"""Every endpoint of the API, in the order in which its document lists them."""

from __future__ import annotations

from metriccare.api.endpoint import Endpoint
from metriccare.api.routes import auth, health, me

ENDPOINTS: tuple[Endpoint, ...] = (
    *health.ENDPOINTS,
    *auth.ENDPOINTS,
    *me.ENDPOINTS,
)
