"""Where the next page of a list begins, as an opaque signed word.

It carries the publication, a hash of everything else that was asked, and the last row's values.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from metriccare.api.problems import Problem, invalid
from metriccare.api.written_values import value_of, written

_SIGNATURE_BYTES = 16


@dataclass(frozen=True)
class Asked:
    """What a list was asked for: a cursor of another question is refused."""

    publication: str
    tenant: str
    role: str
    dataset: str
    question: Mapping[str, Any]

    def digest(self) -> str:
        """Return a hash of all but the publication."""
        text = repr((self.tenant, self.role, self.dataset, sorted(self.question.items())))
        return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()[:24]


class Cursors:
    """Writes and reads cursors with one secret."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def write(self, asked: Asked, after: Sequence[Any]) -> str:
        """Return the cursor of the page after a row."""
        values = [written(value) for value in after]
        content = json.dumps([asked.publication, asked.digest(), values]).encode()
        return base64.urlsafe_b64encode(self._signature(content) + content).rstrip(b"=").decode()

    def read(self, asked: Asked, cursor: str, first_page: str) -> tuple[Any, ...]:
        """Return the last row's values.

        Raises the problem publication-changed, with a link to `first_page`, or invalid-parameter.
        """
        publication, digest, values = self._content(cursor)
        if digest != asked.digest():
            raise invalid("query", "cursor", "belongs to another list or other filters")
        if publication != asked.publication:
            raise Problem("publication-changed", more={"first_page": first_page})
        return tuple(value_of(value) for value in values)

    def _content(self, cursor: str) -> tuple[str, str, list[Any]]:
        try:
            raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        except ValueError:
            raw = b""
        signature, content = raw[:_SIGNATURE_BYTES], raw[_SIGNATURE_BYTES:]
        if not hmac.compare_digest(signature, self._signature(content)):
            raise invalid("query", "cursor", "is not one that this server wrote")
        publication, digest, values = json.loads(content)
        return publication, digest, values

    def _signature(self, content: bytes) -> bytes:
        return hmac.digest(self._secret, content, "sha256")[:_SIGNATURE_BYTES]
