"""Values as JSON text, and bodies as they are sent: encoded and compressed once."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

import orjson

_LEVEL = 6
# Below this, compression adds more bytes than it takes away.
_LEAST_BYTES = 512
_OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_NAIVE_UTC | orjson.OPT_NON_STR_KEYS


@dataclass(frozen=True)
class Facts:
    """What the audit row says of an answer's rows."""

    row_count: int | None = None
    hidden: int | None = None
    columns: tuple[str, ...] = ()
    patient_hash: tuple[str, ...] = ()


@dataclass(frozen=True)
class Body:
    """An encoded answer; `compressed` is None where it is too short to gain."""

    plain: bytes
    compressed: bytes | None
    media_type: str
    facts: Facts

    @property
    def size(self) -> int:
        """Return the bytes it takes in memory."""
        return len(self.plain) + len(self.compressed or b"")


def encoded(content: object, media_type: str, facts: Facts) -> Body:
    """Return the body of an answer: bytes as they are, anything else as JSON."""
    plain = content if isinstance(content, bytes) else to_json(content)
    compressed = gzip.compress(plain, _LEVEL, mtime=0) if len(plain) >= _LEAST_BYTES else None
    return Body(plain, compressed, media_type, facts)


def to_json(content: object) -> bytes:
    """Return JSON: money as decimal text, dates as YYYY-MM-DD, instants in UTC ending in Z."""
    return orjson.dumps(content, default=_text, option=_OPTIONS)


def _text(value: object) -> object:
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, frozenset | set):
        return sorted(value)
    raise TypeError(type(value).__name__)


def instant(moment: datetime) -> str:
    """Return an instant as RFC 3339 in UTC."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware.astimezone(UTC).isoformat().replace("+00:00", "Z")
