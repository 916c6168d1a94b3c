"""From FHIR adjudications to amounts and adjustments. Source: claims specification, 1.7.2.

The category's code alone decides, whatever its system; of a category that comes twice the first
counts. Categories that are not named here are kept in silver and not used.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from metriccare.marts.claims.history import AnswerLine, SentAdjustment
from metriccare.marts.claims.reasons import CO, CONTRACTUAL, DENIAL, OA, PATIENT, PR, PRIOR_PAYER

Row = Mapping[str, Any]

_SUBMITTED = ("submitted", "line_sbmtd_chrg_amt")
_ALLOWED = ("eligible", "line_alowd_chrg_amt")
_PAID = ("paidtoprovider", "benefit", "line_prvdr_pmt_amt")
_NOT_COVERED = "noncovered"
# In CARIN profiles the reason of what is not covered has an entry of its own.
_DENIAL_REASON = "denialreason"
_DISCOUNT = "discount"
_PRIOR = "priorpayerpaid"
_SHARES = (
    ("1", ("deductible", "line_bene_ptb_ddctbl_amt")),
    ("2", ("coinsurance", "line_coinsrnc_amt")),
    ("3", ("copay",)),
)
_LIABILITY = "memberliability"
_GROUPS = frozenset({"CO", "PR", "OA", "PI", "CR"})
# A reason may have its group in front (CO-45). Remark codes begin with M or N.
_REASON = re.compile(r"(?:(CO|PR|OA|PI|CR)[-\s]?)?(\d{1,3}|[ABDPWY]\d{1,2})")
_REMARK = re.compile(r"(?:M|MA|N)\d{1,4}")


class _Entry(NamedTuple):
    """An entry of a category: its amount, and the codes of its reasons."""

    amount: Decimal | None
    reasons: tuple[str, ...]


def decimal_of(value: object) -> Decimal | None:
    """Return an amount of a row, however the engine hands it over."""
    if value is None or isinstance(value, Decimal):
        return value
    return Decimal(str(value))


def adjudicated(number: int, rows: Iterable[Row | None] | None) -> AnswerLine:
    """Return the amounts of a line, or of the claim as a whole (line 0)."""
    if not rows:
        return AnswerLine(number, derives_contractual=True)
    entries = _by_category(rows)
    found = [*_contractual(entries), *_shares(entries), *_not_covered(entries)]
    prior = _amount(entries, _PRIOR)
    if prior:
        found.append(SentAdjustment(OA, "23", prior, (), PRIOR_PAYER))
    return AnswerLine(
        number,
        charge=_first(entries, _SUBMITTED),
        allowed=_first(entries, _ALLOWED),
        paid=_first(entries, _PAID),
        adjustments=tuple(found),
        derives_contractual=_amount(entries, _DISCOUNT) is None,
    )


def currency_of(rows: Iterable[Row | None] | None) -> str | None:
    """Return the currency of the first amount that has one."""
    return next((r["currency"] for r in rows or () if r and r.get("currency")), None)


def _by_category(rows: Iterable[Row | None] | None) -> dict[str, _Entry]:
    kept = tuple(row for row in rows or () if row and row.get("category"))
    currency = currency_of(kept)
    entries: dict[str, _Entry] = {}
    for row in kept:
        category = _spelled(str(row["category"]))
        if category in entries or row.get("currency") not in (None, currency):
            continue
        reasons = tuple(
            str(r["code"]).strip() for r in row.get("reason_codes") or () if r and r["code"]
        )
        entries[category] = _Entry(decimal_of(row.get("amount")), reasons)
    return entries


# There are some dozen categories: 1,000 leaves room for misspelled ones.
@lru_cache(maxsize=1000)
def _spelled(category: str) -> str:
    """Return a category's code; some senders write the address of the variable as its code."""
    return category.rsplit("/", 1)[-1].strip().lower()


def _amount(entries: Mapping[str, _Entry], category: str) -> Decimal | None:
    entry = entries.get(category)
    return entry.amount if entry else None


def _first(entries: Mapping[str, _Entry], categories: Iterable[str]) -> Decimal | None:
    # A loop: this is asked several times about each of a hundred thousand lines.
    for category in categories:
        entry = entries.get(category)
        if entry is not None and entry.amount is not None:
            return entry.amount
    return None


def _contractual(entries: Mapping[str, _Entry]) -> list[SentAdjustment]:
    discount = _amount(entries, _DISCOUNT)
    return [SentAdjustment(CO, "45", discount, (), CONTRACTUAL)] if discount else []


def _shares(entries: Mapping[str, _Entry]) -> list[SentAdjustment]:
    """Return the patient's share; the member's liability only where no part of it is given."""
    amounts = [(carc, _first(entries, categories)) for carc, categories in _SHARES]
    if all(amount is None for _, amount in amounts):
        liability = _amount(entries, _LIABILITY)
        return [SentAdjustment(PR, None, liability, (), PATIENT)] if liability else []
    return [SentAdjustment(PR, carc, amount) for carc, amount in amounts if amount]


def _not_covered(entries: Mapping[str, _Entry]) -> list[SentAdjustment]:
    """Return what is not covered, under its own reason or that of the denial beside it."""
    entry = entries.get(_NOT_COVERED)
    if entry is None or entry.amount == 0:
        return []
    beside = entries.get(_DENIAL_REASON)
    group, carc, remarks = _coded(entry.reasons or (beside.reasons if beside else ()))
    if entry.amount is None and carc is None:
        return []
    class_ = DENIAL if carc is None else None
    return [SentAdjustment(group, carc, entry.amount, remarks, class_)]


def _coded(reasons: Iterable[str]) -> tuple[str | None, str | None, tuple[str, ...]]:
    """Return group, first adjustment reason and remark codes of a list of codes."""
    group, carc, remarks = None, None, []
    for code in reasons:
        match = _REASON.fullmatch(code)
        if code in _GROUPS:
            group = group or code
        elif match and carc is None:
            group, carc = group or match[1], match[2]
        elif _REMARK.fullmatch(code):
            remarks.append(code)
    return group, carc, tuple(remarks)
