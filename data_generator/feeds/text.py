"""Values as a feed writes them."""

from __future__ import annotations

from typing import NamedTuple


class Row(NamedTuple):
    """One row: the values in the order of ``columns``, without ``updated_at`` and ``op``."""

    feed: str
    values: tuple[str, ...]
    updated_at: str


def money(cents: int) -> str:
    """Return cents as decimal text in dollars."""
    sign, cents = ("-", -cents) if cents < 0 else ("", cents)
    return f"{sign}{cents // 100}.{cents % 100:02d}"
