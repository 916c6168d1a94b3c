"""What `/health/ready` looks at on this machine."""

from __future__ import annotations

from pathlib import Path

from metriccare.access.audit import AuditFailed
from metriccare.access.issuer_keys import IssuerUnreachable
from metriccare.api.body_cache import BodyCache
from metriccare.api.readiness import Check, CheckFailed
from metriccare.api.sign_in import SignIn
from metriccare.local.audit_files import AuditFiles

_DAY_SECONDS = 86_400


def checks_of(
    folder: Path, sign_in: SignIn, audit: AuditFiles, cache: BodyCache
) -> dict[str, Check]:
    """Return the checks by name."""

    def storage() -> str:
        next(folder.iterdir(), None)
        return "the lake's folder can be read"

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
        return f"chain {audit.chain}"

    def cached() -> str:
        return f"{len(cache)} answers, {cache.bytes} bytes"

    return {"storage": storage, "identity": identity, "audit": writable, "cache": cached}
