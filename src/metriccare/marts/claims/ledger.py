"""One account from its claims, remits and transactions. Source: claims specification, 1.6-1.8."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from metriccare.marts.claims import account as accounts
from metriccare.marts.claims import flags
from metriccare.marts.claims.account import Account
from metriccare.marts.claims.accounts import acting_levels
from metriccare.marts.claims.balances import AccountFacts, Span, spans
from metriccare.marts.claims.cash import payer_payments
from metriccare.marts.claims.claim import Claim
from metriccare.marts.claims.denials import Decision, Denial, decisions_of, denials_of
from metriccare.marts.claims.entry import PATIENT_SHARE, PAYER_PAYMENT, Entry
from metriccare.marts.claims.expected import ExpectedLine, expected_lines
from metriccare.marts.claims.fees import FeeSchedule
from metriccare.marts.claims.remit import Remit
from metriccare.marts.claims.submission import Submission
from metriccare.marts.claims.submission_order import ordered, submissions_of
from metriccare.marts.claims.walk import Walk


@dataclass(frozen=True, slots=True)
class ClaimStanding:
    """A claim in its account as at as_of."""

    claim: Claim
    level: int
    frequency: int
    submission_no: int | None
    in_force: bool
    answer: str
    flags: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class RemitStanding:
    """A remit in its account as at as_of; `lines_in_force` are those that count."""

    remit: Remit
    level: int | None
    account_id: str | None
    in_force: bool
    lines_in_force: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Ledger:
    """All that is known of an account; `account` is None when nothing of it was known by as_of."""

    account_id: str
    currency: str
    account: Account | None
    claims: tuple[ClaimStanding, ...]
    remits: tuple[RemitStanding, ...]
    entries: tuple[Entry, ...]
    spans: tuple[Span, ...]
    denials: tuple[Denial, ...]
    expected: tuple[ExpectedLine, ...]


@dataclass(frozen=True, slots=True)
class AccountRows:
    """What an account is made of."""

    claims: tuple[Claim, ...]
    remits: Mapping[str, tuple[Remit, ...]]
    transactions: Sequence[Entry]
    flags: frozenset[str]


def ledger_of(rows: AccountRows, fees: FeeSchedule, as_of: date) -> Ledger:
    """Return the account's ledger, with all figures as at as_of and every entry there is."""
    account_id = rows.claims[0].id
    levels = acting_levels(rows.claims)
    currency = _currency(rows.claims, levels)
    counted = [c for c in rows.claims if _counts(c, currency)]
    remits = {c.id: _in_currency(rows.remits.get(c.id, ()), currency) for c in counted}
    submissions = submissions_of(counted, levels, remits)
    if not submissions:
        return _uncounted(rows, levels, currency)
    walk = Walk(submissions)
    walk.go_to(as_of)
    seen = _Evening(rows, walk, as_of)
    claims = _claim_standings(rows, levels, currency, submissions)
    remit_standings = _remit_standings(rows, levels, account_id, submissions)
    expected = tuple(
        line
        for s in submissions
        if s.level == 1 and s.counts
        for line in expected_lines(s.claim, s.lines, fees)
    )
    account = seen.account(account_id, currency, remit_standings)
    denials = () if walk.is_void else tuple(seen.denials())
    entries = seen.all_entries
    if walk.has_more:
        walk.go_to(date.max)
        entries = _entries(walk, rows.transactions)
    return Ledger(
        account_id,
        currency,
        account,
        claims,
        remit_standings,
        tuple(entries),
        tuple(seen.spans),
        denials,
        expected,
    )


def _uncounted(rows: AccountRows, levels: Mapping[str, int], currency: str) -> Ledger:
    """Return the ledger of claims that none counts: their dates have to be corrected first."""
    account_id = rows.claims[0].id
    return Ledger(
        account_id=account_id,
        currency=currency,
        account=None,
        claims=_claim_standings(rows, levels, currency, ()),
        remits=_remit_standings(rows, levels, account_id, ()),
        entries=tuple(sorted(rows.transactions, key=lambda e: e.order)),
        spans=(),
        denials=(),
        expected=(),
    )


def _entries(walk: Walk, transactions: Sequence[Entry]) -> list[Entry]:
    paid = (entry for s in walk.submissions for entry in payer_payments(s))
    return sorted((*walk.entries, *paid, *transactions), key=lambda e: e.order)


class _Evening:
    """The account on the evening of as_of, its events walked through up to then."""

    def __init__(self, rows: AccountRows, walk: Walk, as_of: date) -> None:
        self._rows, self._walk, self._as_of = rows, walk, as_of
        self.all_entries = _entries(walk, rows.transactions)
        self._entries = [e for e in self.all_entries if e.post_date <= as_of]
        self._primary = [s for s in walk.of_level(1) if s.is_request]
        self._decisions: list[Decision] = decisions_of(walk.submissions, as_of)
        self._lead = _leading(self._primary, walk.submissions)
        self._is_self_pay = self._lead.claim.payer == accounts.SELF_PAY
        billed = self._primary[0].claim.submitted_date if self._primary else None
        facts = AccountFacts(self._is_self_pay, billed)
        self.spans: list[Span] = spans(facts, self._entries, walk.evenings, as_of)

    def denials(self) -> list[Denial]:
        return denials_of(self._decisions, self._primary, self._entries)

    def account(
        self, account_id: str, currency: str, remits: Sequence[RemitStanding]
    ) -> Account | None:
        """Return the account; None when none of its entries or submissions was known."""
        if not self.spans:
            return None
        walk, balance, lead = self._walk, self.spans[-1].balance, self._lead.claim
        in_force = [s.claim for s in self._primary if s.in_force]
        dated = in_force or [s.claim for s in self._primary] or [lead]
        answered = walk.answer_in_force(1)
        known = [r.remit for r in remits if r.remit.remit_date <= self._as_of]
        return Account(
            account_id=account_id,
            claim=lead,
            claim_ids=tuple(c.id for c in self._rows.claims),
            currency=currency,
            service_from=min((c.service_from for c in dated if c.service_from), default=None),
            service_to=max((c.service_to for c in dated if c.service_to), default=None),
            discharge_date=max((c.discharge_date for c in dated if c.discharge_date), default=None),
            sums=accounts.sums_of(self._entries),
            firsts=accounts.firsts_of(self._primary, self._decisions, self._as_of),
            balance=balance,
            denied_open=accounts.denied_open(walk, balance),
            answer_in_force_denied=answered.is_denied if answered else None,
            state=accounts.state_of(walk, balance, self._is_self_pay),
            first_patient_share_date=accounts.first_date(self._entries, PATIENT_SHARE),
            first_payment_date=accounts.first_date(self._entries, PAYER_PAYMENT),
            flags=self._rows.flags.union(
                *(c.flags for c in self._rows.claims), *(r.flags for r in known)
            ),
            source=lead.sent.source,
        )


def _leading(primary: Sequence[Submission], all_: Sequence[Submission]) -> Submission:
    """Return the newest level-1 submission in force, else the newest known, else any."""
    in_force = [s for s in primary if s.in_force]
    return (in_force or primary or [s for s in all_ if s.level == 1] or all_)[-1]


def _currency(claims: Sequence[Claim], levels: Mapping[str, int]) -> str:
    """Return the currency of the account's charges: of its first submission."""
    return ordered([c for c in claims if levels[c.id] == 1])[0].currency


def _counts(claim: Claim, currency: str) -> bool:
    return claim.currency == currency and flags.DATE_IN_FUTURE not in claim.flags


def _in_currency(remits: Sequence[Remit], currency: str) -> tuple[Remit, ...]:
    return tuple(r for r in remits if r.currency in (None, currency))


def _claim_standings(
    rows: AccountRows,
    levels: Mapping[str, int],
    currency: str,
    submissions: Sequence[Submission],
) -> tuple[ClaimStanding, ...]:
    by_id = {s.claim.id: s for s in submissions}
    found = []
    for claim in rows.claims:
        s = by_id.get(claim.id)
        mixed = claim.currency != currency
        own = claim.flags | {flags.CURRENCY_MIXED} if mixed else claim.flags
        if s is None:
            standing = ClaimStanding(
                claim, levels[claim.id], claim.frequency, None, False, "none", own
            )
        else:
            standing = ClaimStanding(
                claim, s.level, s.frequency, s.number, s.in_force, s.answer, own
            )
        found.append(standing)
    return tuple(found)


def _remit_standings(
    rows: AccountRows,
    levels: Mapping[str, int],
    account_id: str,
    submissions: Sequence[Submission],
) -> tuple[RemitStanding, ...]:
    by_id = {s.claim.id: s for s in submissions}
    found = []
    for claim in rows.claims:
        s = by_id.get(claim.id)
        for remit in rows.remits.get(claim.id, ()):
            counts = s is not None and s.remit_counts(remit)
            lines = frozenset(
                n for n in remit.net if s is not None and counts and s.remit_counts(remit, n)
            )
            found.append(RemitStanding(remit, levels[claim.id], account_id, counts, lines))
    return tuple(found)
