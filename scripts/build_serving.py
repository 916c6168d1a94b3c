"""Write generated/serving.json: what Terraform needs to know about the API that functions serve.

Everything is derived from declarations in `src/metriccare`. `--check` writes nothing and fails when
the file is out of date.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from metriccare.access.audit import AuditEntry
from metriccare.access.roles import ROLES
from metriccare.api.endpoint import Endpoint, Source
from metriccare.api.frame import security_headers
from metriccare.api.registry import endpoints_of
from metriccare.report.written_page import write_or_check

PAGE = Path("generated", "serving.json")
# Terraform puts the issuer's address here.
_ISSUER = "<issuer>"
_CSP, _OWN_SETTINGS = (
    "Content-Security-Policy",
    {
        # Arguments of their own in CloudFront's policy.
        *("Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy"),
        "Strict-Transport-Security",
    },
)
# As access/audit.py writes a row: what an entry says, and its place in a chain.
_CHAIN = {"statement_hash": "str", "chain": "str", "seq": "int", "prev_hash": "str", "hash": "str"}
_HIVE = {"str": "string", "int": "bigint", "float": "double", "tuple[str, ...]": "array<string>"}


def serving() -> dict[str, Any]:
    """Return the file's content."""
    headers = security_headers(_ISSUER, is_tls=True)
    served = endpoints_of({Source.PUBLISHED})
    return {
        "roles": [role.name for role in ROLES],
        "content_security_policy": headers[_CSP],
        "further_headers": {n: v for n, v in headers.items() if n not in _OWN_SETTINGS},
        "routes": {"published": routes_of(served)},
        "audit_columns": _audit_columns(),
    }


def routes_of(endpoints: tuple[Endpoint, ...]) -> list[str]:
    """Return the gateway's routes to some endpoints, by the first part of their paths."""
    paths = [endpoint.path.strip("/").split("/") for endpoint in endpoints]
    return sorted({f"/{p[0]}/{{proxy+}}" if len(p) > 1 else f"/{p[0]}" for p in paths})


def _audit_columns() -> list[Mapping[str, str]]:
    declared = {field.name: str(field.type).removesuffix(" | None") for field in fields(AuditEntry)}
    return [{"name": n, "type": _HIVE[t]} for n, t in {**declared, **_CHAIN}.items()]


def text() -> str:
    """Return the file as it is stored."""
    return json.dumps(serving(), indent=1) + "\n"


if __name__ == "__main__":
    sys.exit(write_or_check(PAGE, text(), "scripts.build_serving"))
