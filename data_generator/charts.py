"""Small charts of text, for the calibration report."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

GAUGE_WIDTH = 25
_MIDDLE, _EDGE = GAUGE_WIDTH // 2, GAUGE_WIDTH // 4


def gauge(off: float, tolerance: float) -> str:
    """Where a figure lies: the target in the middle, the tolerance between brackets."""
    cells = ["·"] * GAUGE_WIDTH
    cells[_MIDDLE], cells[_MIDDLE - _EDGE], cells[_MIDDLE + _EDGE] = "|", "[", "]"
    cells[_MIDDLE + _steps(off, tolerance)] = "●"
    return "".join(cells)


def _steps(off: float, tolerance: float) -> int:
    """Cells from the middle; within the brackets only what is within the tolerance."""
    if abs(off) <= tolerance:
        return round((_EDGE - 1) * off / tolerance) if tolerance else 0
    beyond = round(_EDGE * (abs(off) / tolerance - 1)) if tolerance else _MIDDLE
    steps = min(_MIDDLE, _EDGE + max(1, beyond))
    return steps if off > 0 else -steps


def bars(counts: Iterable[tuple[str, float]], width: int = 40) -> Iterator[str]:
    """One bar a row, the longest as wide as said."""
    rows = list(counts)
    largest = max((value for _, value in rows), default=0) or 1
    for label, value in rows:
        yield f"{label:>8} {'█' * round(width * value / largest)} {value:,g}"
