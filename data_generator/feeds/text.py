"""Values as feeds write them; the answer key writes amounts so, too."""

from __future__ import annotations

from typing import NamedTuple


class Row(NamedTuple):
    """One row: the values in the order of ``columns``, without ``updated_at`` and ``op``."""

    feed: str
    values: tuple[str, ...]
    updated_at: str


def money(cents: int) -> str:
    """Return cents as decimal text in dollars."""
    if cents < 0:
        return f"-{money(-cents)}"
    return f"{cents // 100}.{cents % 100:02d}"
