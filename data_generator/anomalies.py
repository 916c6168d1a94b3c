"""Billing patterns for an analyst to find: a few clinicians bill differently from their peers."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from data_generator.streams import Weighted


class Pattern(StrEnum):
    """How a clinician's bills differ."""

    UPCODING = "upcoding"
    EXCESS_UNITS = "excess-units"
    OFTEN_DENIED = "often-denied"


# Practitioner numbers, one per pattern: the same in every run, each at another hospital.
_PATTERNS = {
    "practitioner-0003": Pattern.UPCODING,
    "practitioner-0017": Pattern.EXCESS_UNITS,
    "practitioner-0030": Pattern.OFTEN_DENIED,
}
# Far enough from the peers to be found in a few dozen bills; what a peer does is in facts.billing.
UPCODED_LEVEL = Weighted.of({2: 3, 3: 12, 4: 85})
EXCESS_FACTOR = 4
DENIED_SHARE = 0.45

_DESCRIPTIONS = {
    Pattern.UPCODING: "85 % of emergency visits billed at level 5 (peers: 16 %)",
    Pattern.EXCESS_UNITS: "four times the pharmacy units of peers",
    Pattern.OFTEN_DENIED: "45 % of initial claims denied (peers: 12 %)",
}


def pattern_of(practitioner: str) -> Pattern | None:
    """Return the pattern of a clinician; almost all have none."""
    return _PATTERNS.get(practitioner)


def anomaly_rows() -> list[dict[str, Any]]:
    """Return the planted patterns as rows of the answer key."""
    return [
        {"practitioner_id": id_, "pattern": str(pattern), "description": _DESCRIPTIONS[pattern]}
        for id_, pattern in _PATTERNS.items()
    ]
