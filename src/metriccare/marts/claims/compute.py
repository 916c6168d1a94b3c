"""From one person's claims history to everything gold holds of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from metriccare.marts.claims import flags
from metriccare.marts.claims.accounts import grouped
from metriccare.marts.claims.claim import Claim, counts
from metriccare.marts.claims.claim_numbers import with_shared_number
from metriccare.marts.claims.claim_resolver import ClaimResolver
from metriccare.marts.claims.history import STATEMENT, Answer, ClaimsHistory
from metriccare.marts.claims.ledger import AccountRows, Ledger, RemitStanding, ledger_of
from metriccare.marts.claims.merging import MergedClaims, joined_answers, merged_claims
from metriccare.marts.claims.reasons import AdjustmentReasons, shipped_reasons
from metriccare.marts.claims.remit import Remit
from metriccare.marts.claims.remits import RemitBuilder
from metriccare.marts.claims.transactions import by_account, entries_of, is_in_future
from metriccare.marts.claims.unbilled import UnbilledCare, unbilled_care


@dataclass(frozen=True, slots=True)
class ClaimsResult:
    """A person's accounts, the remits whose claim has not arrived, and what waits for a claim."""

    history: ClaimsHistory
    ledgers: tuple[Ledger, ...]
    orphans: tuple[RemitStanding, ...]
    unbilled: tuple[UnbilledCare, ...]


def compute(history: ClaimsHistory, reasons: AdjustmentReasons | None = None) -> ClaimsResult:
    """Return the person's accounts; `reasons` is the shipped table unless a user has own rows."""
    merged = merged_claims((c for c in history.claims if counts(c)), history.shared_numbers)
    answers = _by_claim(history, merged)
    benefits = {id_: [a for a in rows if a.kind == STATEMENT] for id_, rows in answers.items()}
    resolver = ClaimResolver(history, benefits)
    claims = _flagged([resolver.resolve(claim) for claim in merged.claims], history, merged)
    builder = RemitBuilder(reasons or shipped_reasons(), history.payments, history.as_of)
    default_zone = history.facilities.zone_of(None, None)
    remits: dict[str, tuple[Remit, ...]] = {}
    orphans: list[RemitStanding] = []
    for claim_id, rows in sorted(answers.items()):
        claim = claims.get(claim_id)
        zone = claim.zone if claim else default_zone
        built = builder.remits_of(claim_id, claim, zone, rows)
        if claim is not None:
            remits[claim_id] = built
        else:
            orphans += [RemitStanding(remit, None, None, False) for remit in built]
    ledgers = _ledgers(history, merged, grouped(claims.values()), remits)
    standings = (standing for ledger in ledgers for standing in ledger.claims)
    unbilled = tuple(unbilled_care(history, standings))
    return ClaimsResult(history, ledgers, tuple(orphans), unbilled)


def _flagged(
    claims: Sequence[Claim], history: ClaimsHistory, merged: MergedClaims
) -> dict[str, Claim]:
    """Return the claims by id, those that share their number with another's flagged."""
    shared = with_shared_number(claims, history.shared_numbers, merged.known_as)
    flag = frozenset({flags.DUPLICATE_CLAIM_NUMBER})
    return {c.id: replace(c, flags=c.flags | flag) if c.id in shared else c for c in claims}


def _by_claim(history: ClaimsHistory, merged: MergedClaims) -> dict[str, list[Answer]]:
    """Return the answers to each claim; one that names none is under no claim's id."""
    zone = history.facilities.zone_of(None, None)
    days: dict[str, date] = {a.id: a.created.date_in(zone) for a in history.answers if a.created}
    found: dict[str, list[Answer]] = {}
    for answer in joined_answers(history.answers, days):
        found.setdefault(merged.id_of(answer.claim_id) or "", []).append(answer)
    return found


def _ledgers(
    history: ClaimsHistory,
    merged: MergedClaims,
    accounts: Sequence[tuple[Claim, ...]],
    remits: Mapping[str, tuple[Remit, ...]],
) -> tuple[Ledger, ...]:
    by_id = {claims[0].id: claims for claims in accounts}
    transactions = by_account(history.transactions, by_id, merged)
    found = []
    for account_id, claims in by_id.items():
        rows = transactions.get(account_id, [])
        zone = claims[0].zone
        is_early = any(is_in_future(t, zone) for t in rows)
        own_flags = frozenset({flags.DATE_IN_FUTURE} if is_early else ())
        of_account = AccountRows(claims, remits, entries_of(rows, merged, zone), own_flags)
        found.append(ledger_of(of_account, history.fees, history.as_of))
    return tuple(found)
