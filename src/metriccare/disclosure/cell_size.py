"""Which counts are small: a module of its own, for readers that need no linear algebra."""

from __future__ import annotations

# CMS cell size policy: counts of 1 to 10 are hidden, 0 and 11 and more are shown.
SMALLEST_SHOWN = 11


def is_small(count: int) -> bool:
    """Return True if a count must be hidden."""
    return 0 < count < SMALLEST_SHOWN
