"""Adjustment reasons: what a code is (its class) and, for a denial, which category it falls under.

Source: claims specification, 1.7.3 and 1.7.4. The table is a data file; a user's rows override it.
"""

from __future__ import annotations

import functools
import importlib.resources
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

CONTRACTUAL, PATIENT, PRIOR_PAYER = "contractual", "patient", "prior_payer"
PENDING, INFORMATIONAL, DENIAL = "pending", "informational", "denial"
# Who owes an adjustment: by contract nobody, the patient, other reasons, the payer's initiative.
CO, PR, OA, PI = "CO", "PR", "OA", "PI"
# Before version 5010 corrections had a group of their own.
_OLD_CORRECTION = "CR"
OTHER = "other"


class Reason(NamedTuple):
    """The class of a code, and the category of a denial."""

    adjustment_class: str
    category: str | None = None


@dataclass(frozen=True)
class AdjustmentReasons:
    """The table of codes."""

    by_code: Mapping[str, Reason] = field(default_factory=dict)

    def is_known(self, carc: str | None) -> bool:
        """Return True for a listed code, and for an adjustment without a code."""
        return carc is None or carc in self.by_code

    def class_of(self, carc: str | None, group: str | None, refuses: bool) -> str:
        """Return the class of an adjustment; `refuses`: its line is paid 0 and allowed 0."""
        reason = self.by_code.get(carc or "")
        if reason is None:
            if refuses:
                return DENIAL
            return PATIENT if group == PR else CONTRACTUAL
        if reason.adjustment_class == PATIENT and group not in (None, PR):
            return CONTRACTUAL
        return reason.adjustment_class

    def category_of(self, carc: str | None) -> str:
        """Return the category of a denial."""
        reason = self.by_code.get(carc or "")
        return (reason.category if reason else None) or OTHER

    def with_rows(self, rows: Iterable[Mapping[str, Any]]) -> AdjustmentReasons:
        """Return the table with a user's rows (carc, class, category) on top."""
        own = {str(r["carc"]): Reason(r["class"], r.get("category")) for r in rows}
        return AdjustmentReasons({**self.by_code, **own})


def group_of(group: str | None, adjustment_class: str) -> str:
    """Return the group code; without one the patient owes what is of class patient."""
    if group == _OLD_CORRECTION:
        return CO
    return group or (PR if adjustment_class == PATIENT else CO)


@functools.cache
def shipped_reasons() -> AdjustmentReasons:
    """Return the table in `codes/adjustment_reasons.json`."""
    folder = importlib.resources.files(f"{__package__}.codes")
    document = json.loads(folder.joinpath("adjustment_reasons.json").read_text(encoding="utf-8"))
    return AdjustmentReasons().with_rows(document["codes"])
