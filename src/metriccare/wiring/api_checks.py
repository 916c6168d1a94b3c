"""What `/health/ready` looks at wherever the API is served."""

from __future__ import annotations

from metriccare.access.audit import AuditFailed, AuditLog
from metriccare.access.issuer_keys import IssuerUnreachable
from metriccare.api.body_cache import BodyCache
from metriccare.api.readiness import Check, CheckFailed
from metriccare.api.sign_in import SignIn

_DAY_SECONDS = 86_400


def checks_of(sign_in: SignIn, audit: AuditLog, cache: BodyCache) -> dict[str, Check]:
    """Return the checks by name."""

    def identity() -> str:
        age = sign_in.keys_age_seconds()
        if age is None or age > _DAY_SECONDS:
            try:
                sign_in.refresh_keys()
            except IssuerUnreachable as error:
                raise CheckFailed(str(error)) from error
        return "the issuer's keys are known"

    def writable() -> str:
        try:
            audit.check()
        except AuditFailed as error:
            raise CheckFailed(str(error)) from error
        return "rows are taken"

    def cached() -> str:
        return f"{len(cache)} answers, {cache.bytes} bytes"

    return {"identity": identity, "audit": writable, "cache": cached}
