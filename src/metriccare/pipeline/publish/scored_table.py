"""One table of a tenant with its score: the row that is kept, and the one that may be seen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from math import floor
from typing import Any

from metriccare import naming
from metriccare.disclosure.cell_size import SMALLEST_SHOWN
from metriccare.engine.protocol import Row
from metriccare.incremental.context import RunContext
from metriccare.pipeline.publish.data_quality import OF_NOBODY
from metriccare.pipeline.publish.quality_windows import Window, micros_of
from metriccare.quality.score import NO_SCORE, Counts, Score, score_of
from metriccare.sources.feeds.registry import FEEDS
from metriccare.tables.feeds import BY_FEED
from metriccare.tables.silver import BY_RESOURCE

# Six decimals, rounded half up, as rates have.
_SCALE = 10**6
# Tables that speak of no person: how many rows they have identifies nobody.
_OF_NOBODY = {
    *(BY_RESOURCE[type_].name for type_ in OF_NOBODY if type_ in BY_RESOURCE),
    *(BY_FEED[feed.name].name for feed in FEEDS if not feed.person_columns),
}


@dataclass(frozen=True)
class ScoredTable:
    """A table of a tenant: where it is, as of when, its counts and its score."""

    tenant: str
    table_name: str
    feed: str | None
    window: Window
    run_id: str
    counts: Counts | None
    score: Score

    @classmethod
    def of(
        cls,
        context: RunContext,
        window: Window,
        place: tuple[str, str, str | None],
        sums: Row | None,
    ) -> ScoredTable:
        """Return a table with its score; `sums` are None if nothing arrived in the window."""
        tenant, table_name, feed = place
        if sums is None:
            return cls(tenant, table_name, feed, window, context.run_id, None, NO_SCORE)
        counts = Counts(**{name: int(sums[name]) for name in Counts.__dataclass_fields__})
        now = min(micros_of(context.started_at), window.until)
        age = timedelta(microseconds=max(now - sums["newest"], 0))
        sla = context.settings.quality.sla_of(feed or table_name)
        score = score_of(counts, age, sla)
        return cls(tenant, table_name, feed, window, context.run_id, counts, score)

    def row(self) -> dict[str, Any]:
        """Return the row of gold.data_quality_score."""
        return {
            "tenant": self.tenant,
            "layer": naming.SILVER,
            "table_name": self.table_name,
            "feed": self.feed,
            "as_of": self.window.as_of,
            "rows": self.counts.received if self.counts else 0,
            **{name: _double(value) for name, value in self.score.components.items()},
            "score": None if self.score.value is None else float(self.score.value),
            "run_id": self.run_id,
        }

    def published_row(self) -> dict[str, Any]:
        """Return the row without what a small count could give away.

        From validity, and from completeness beside the score, it follows how many rows have a
        fault.
        """
        row = self.row()
        is_hidden = self._is_small(self.counts.received) if self.counts else False
        hidden: tuple[str, ...] = ()
        if is_hidden:
            hidden = ("rows", "score", *self.score.components)
        elif self.counts and self._has_small_fault(self.counts):
            hidden = ("validity", "completeness")
        return {**row, **dict.fromkeys(hidden), "suppressed": bool(hidden)}

    def _has_small_fault(self, counts: Counts) -> bool:
        return self._is_small(counts.bad) or self._is_small(counts.received - counts.bad)

    def _is_small(self, count: int) -> bool:
        return 0 < count < SMALLEST_SHOWN and self.table_name not in _OF_NOBODY


def _double(value: Fraction | None) -> float | None:
    return None if value is None else floor(value * _SCALE + Fraction(1, 2)) / _SCALE
