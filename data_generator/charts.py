"""Text charts for the calibration report."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

# Odd, so that the target has a cell in the middle; fits beside the numbers in 100 columns.
GAUGE_WIDTH = 25
_MIDDLE, _EDGE = GAUGE_WIDTH // 2, GAUGE_WIDTH // 4


def gauge(off: float, tolerance: float) -> str:
    """Return a gauge: the target in the middle, the tolerance in brackets, a dot for the value."""
    cells = ["·"] * GAUGE_WIDTH
    cells[_MIDDLE], cells[_MIDDLE - _EDGE], cells[_MIDDLE + _EDGE] = "|", "[", "]"
    cells[_MIDDLE + _steps(off, tolerance)] = "●"
    return "".join(cells)


def _steps(off: float, tolerance: float) -> int:
    """Return the cells from the middle; only values within the tolerance are inside brackets."""
    if abs(off) <= tolerance:
        return round((_EDGE - 1) * off / tolerance) if tolerance else 0
    beyond = round(_EDGE * (abs(off) / tolerance - 1)) if tolerance else _MIDDLE
    steps = min(_MIDDLE, _EDGE + max(1, beyond))
    return steps if off > 0 else -steps


def bars(counts: Iterable[tuple[str, float]], width: int = 40) -> Iterator[str]:
    """Yield one bar per row; the longest has the given width."""
    rows = list(counts)
    largest = max((value for _, value in rows), default=0) or 1
    for label, value in rows:
        yield f"{label:>8} {'█' * round(width * value / largest)} {value:,g}"
