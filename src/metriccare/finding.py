"""What a check of `metriccare doctor` found."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One check: whether it passed, what was found, how to fix it; `optional` ones may fail."""

    check: str
    ok: bool
    found: str
    fix: str = ""
    optional: bool = False
