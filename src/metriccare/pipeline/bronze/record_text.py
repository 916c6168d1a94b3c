"""The text of a received record, as bronze and the quarantine keep it."""

from __future__ import annotations

from metriccare.sources.record import MAX_RECORD_BYTES, QUARANTINED_TEXT_BYTES, Record

UTF_8 = "utf-8"


def text_of(record: Record, encoding: str = UTF_8) -> bytes | str:
    """Return the exact text; text may be given as its UTF-8 bytes.

    Wrong bytes of a rejected record are written as escapes, and of one that is too large only the
    beginning is kept.
    """
    raw = record.raw
    if record.rule_id is None:
        return raw if encoding == UTF_8 else raw.decode(encoding)
    if len(raw) > MAX_RECORD_BYTES:
        raw = raw[:QUARANTINED_TEXT_BYTES]
    return raw.decode(encoding, "backslashreplace")
