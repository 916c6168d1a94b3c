"""What is published: the current publication, and which earlier ones are kept."""

from __future__ import annotations

from typing import Any

from metriccare.access.rights import MARTS_READ
from metriccare.api.dataset_parameters import PUBLICATION
from metriccare.api.encoding import instant
from metriccare.api.endpoint import Call, Endpoint, Reply
from metriccare.query.published.publication import Publication

_SCHEMA = {
    "type": "object",
    "required": ["publication", "run_id", "as_of", "published_at", "marts"],
    "properties": {
        "publication": {"type": "string"},
        "run_id": {"type": "string"},
        "as_of": {"type": ["string", "null"], "format": "date"},
        "published_at": {"type": "string", "format": "date-time"},
        "marts": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "mart": {"type": "string"},
                    "rows": {"type": "integer"},
                    "run_id": {"type": "string"},
                    "rows_sha256": {"type": "string"},
                },
            },
        },
    },
}


def publication(call: Call) -> Reply:
    """Return the publication that reads are answered from."""
    pinned = call.values["publication"]
    return Reply(_described(call.services.published.publication(call.scope, pinned)))


def _described(found: Publication) -> dict[str, Any]:
    pointer = found.pointer
    return {
        "publication": found.id,
        "run_id": pointer.run_id,
        "as_of": pointer.as_of,
        "published_at": instant(pointer.published_at),
        "marts": [
            {
                "mart": name,
                "rows": manifest.rows,
                "run_id": manifest.run_id,
                "rows_sha256": manifest.rows_sha256,
            }
            for name, manifest in sorted(found.manifests.items())
        ],
    }


ENDPOINTS = (
    Endpoint(
        "/v1/publication",
        publication,
        MARTS_READ,
        "What is published now",
        parameters=(PUBLICATION,),
        schema=_SCHEMA,
        is_cached=True,
    ),
)
