"""generated/openapi.json: this API as OpenAPI 3.1, written from the declared endpoints.

`python -m metriccare.api.document` writes it; with `--check` it only compares.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from metriccare.api.described import openapi_document
from metriccare.report.written_page import write_or_check

PAGE = Path("generated", "openapi.json")


def openapi_text() -> str:
    """Return the document as it is stored."""
    return json.dumps(openapi_document(), indent=1, sort_keys=True) + "\n"


if __name__ == "__main__":
    sys.exit(write_or_check(PAGE, openapi_text(), "metriccare.api.document"))
