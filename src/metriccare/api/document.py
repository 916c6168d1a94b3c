"""generated/openapi.json: this API as OpenAPI 3.1, written from the declared endpoints.

`python -m metriccare.api.document` writes it; with `--check` it only compares.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from metriccare.api.answering import Answer
from metriccare.api.app import described_api
from metriccare.api.endpoint import Endpoint
from metriccare.report.written_page import write_or_check

PAGE = Path("generated", "openapi.json")


def openapi_text() -> str:
    """Return the document as it is stored."""
    return json.dumps(described_api(_nothing).openapi(), indent=1, sort_keys=True) + "\n"


def _nothing(_endpoint: Endpoint) -> Answer:
    """Return an answer that is never asked for: only the endpoints' descriptions count here."""

    async def answer(_request: Request) -> Response:
        return Response(status_code=501)

    return answer


if __name__ == "__main__":
    sys.exit(write_or_check(PAGE, openapi_text(), "metriccare.api.document"))
