"""When a person died, as far as the record says: bounds in a facility's zone, and how known.

Source: measure specification, section 4.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from metriccare.marts.stays.history import PersonHistory
from metriccare.marts.stays.partial_date import PartialDate


@dataclass(frozen=True, slots=True)
class Death:
    """A person's death: `recorded` if any date is known; `unknown` when deceased without one."""

    recorded: PartialDate | None = None
    unknown: bool = False

    @property
    def is_recorded(self) -> bool:
        """Return True if some date of death is known, however vague."""
        return self.recorded is not None

    def bounds(self, zone: ZoneInfo, as_of: date) -> tuple[date, date] | None:
        """Return the earliest and latest date of death a zone allows, or None without a date."""
        if self.recorded is None:
            return None
        first, last = self.recorded.bounds_in(zone)
        return first, min(last, as_of)


def death_of(history: PersonHistory) -> Death:
    """Return the death as the person's records have it; one dated after as_of is not known."""
    dates = [p.death for p in history.patients if p.death is not None]
    if dates:
        # The sharpest record wins; the surviving record comes first.
        found = min(dates, key=lambda m: (m.last - m.first, m.first))
        return Death(found) if found.first <= history.as_of else Death()
    return Death(unknown=any(p.deceased for p in history.patients))
