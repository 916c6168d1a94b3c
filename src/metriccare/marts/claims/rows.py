"""From what the rules make of a person's claims to rows of the tables of claims.

Amounts become decimals here; tenant and run are added by the stage.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import Any

from metriccare.marts.claims.account import Account
from metriccare.marts.claims.balances import Span
from metriccare.marts.claims.claim import Line
from metriccare.marts.claims.compute import ClaimsResult
from metriccare.marts.claims.denials import Denial
from metriccare.marts.claims.entry import Entry
from metriccare.marts.claims.expected import ExpectedLine
from metriccare.marts.claims.history import (
    ClaimDiagnosis,
    ClaimProcedure,
    ClaimsHistory,
    Cover,
    Source,
)
from metriccare.marts.claims.ledger import ClaimStanding, Ledger, RemitStanding
from metriccare.marts.claims.money import amount, amount_or_none
from metriccare.marts.claims.remit import Adjustment, Amounts
from metriccare.tables import claims as tables
from metriccare.tables.rows import Row, RowBuilder

_Given = Mapping[str, Callable[[Any], Any]]
_PERSON = ("tenant", "person_id")
_ORIGIN = ("source_file", "source_line", "source_kind")


def _money(prefix: str, *names: str) -> _Given:
    """Return how amounts in cents are read from below a prefix."""
    return {name: _decimal(attrgetter(prefix + name)) for name in names}


def _decimal(read: Callable[[Any], int]) -> Callable[[Any], Any]:
    return lambda each: amount(read(each))


def _origin(source: Source) -> Row:
    return {"source_file": source.file, "source_line": source.line, "source_kind": source.kind}


@dataclass(frozen=True, slots=True)
class _OfRemit:
    """A line of a remit with what is known of the remit."""

    standing: RemitStanding
    line_number: int
    amounts: Amounts

    @property
    def in_force(self) -> bool:
        return self.line_number in self.standing.lines_in_force

    @property
    def is_denied(self) -> bool:
        stated = self.standing.remit.stated.get(self.line_number)
        return stated is not None and stated.is_denied


_CLAIM_PATHS = {
    name: f"claim.{name}"
    for name in (
        *("billing_provider_id", "provider_id", "facility_id", "payer_id", "payer", "stay_id"),
        *("service_from", "service_to", "discharge_date", "submitted_date", "currency"),
    )
}
_claim_row = RowBuilder[ClaimStanding](
    tables.CLAIM,
    given={
        "charge": _decimal(attrgetter("claim.charge")),
        "status": lambda c: "cancelled" if c.claim.is_cancelled else "active",
        "encounter_ids": lambda c: list(c.claim.encounter_ids),
        "related_claim_ids": lambda c: sorted(set(c.claim.sent.prior_ids)),
        "dq_flags": lambda c: sorted(c.flags),
    },
    paths={
        **_CLAIM_PATHS,
        "claim_id": "claim.id",
        "claim_type": "claim.sent.claim_type",
        "type_of_bill": "claim.sent.type_of_bill",
        "drg": "claim.sent.drg",
        "edit_status": "claim.sent.edit_status",
    },
    added=(*_PERSON, *_ORIGIN, "account_id"),
)
_line_row = RowBuilder[Line](
    tables.CLAIM_LINE,
    given={
        **_money("", "charge"),
        "procedure_system": lambda line: _part(line, "system"),
        "procedure_code": lambda line: _part(line, "code"),
        "modifiers": lambda line: list(line.modifiers),
        "diagnosis_codes": lambda line: list(line.diagnosis_codes),
    },
    paths={
        "line_number": "number",
        "revenue_code": "sent.revenue_code",
        "place_of_service": "sent.place_of_service",
        "posted_date": "sent.posted_date",
    },
    added=(*_PERSON, *_ORIGIN, "account_id", "claim_id", "in_force"),
)
_diagnosis_row = RowBuilder[ClaimDiagnosis](
    tables.CLAIM_DIAGNOSIS, added=(*_PERSON, *_ORIGIN, "claim_id")
)
_procedure_row = RowBuilder[ClaimProcedure](
    tables.CLAIM_PROCEDURE, added=(*_PERSON, *_ORIGIN, "claim_id", "date")
)
_remit_row = RowBuilder[RemitStanding](
    tables.REMIT,
    given={
        "charge": lambda r: amount(r.remit.total.charge),
        "allowed": lambda r: amount(r.remit.total.allowed),
        "paid": lambda r: amount(r.remit.total.paid),
        "payment_amount": lambda r: amount_or_none(r.remit.payment_amount),
        "provider_level_amount": lambda r: amount_or_none(_provider_level(r)),
        "dq_flags": lambda r: sorted(r.remit.flags),
    },
    paths={
        "remit_id": "remit.id",
        "reversal": "remit.is_reversal",
        **{
            name: f"remit.{name}"
            for name in (
                *("claim_id", "payer_id", "kind", "answer", "remit_date", "payment_date"),
                *("check_number", "denies_claim"),
            )
        },
    },
    added=(*_PERSON, *_ORIGIN),
)
_remit_line_row = RowBuilder[_OfRemit](
    tables.REMIT_LINE,
    given=_money(
        "amounts.",
        *("charge", "allowed", "paid", "contractual", "patient_share", "denied"),
        *("prior_payer", "unexplained"),
    ),
    paths={"remit_id": "standing.remit.id", "claim_id": "standing.remit.claim_id"},
    added=(*_PERSON, *_ORIGIN),
)
_adjustment_row = RowBuilder[Adjustment](
    tables.ADJUSTMENT,
    given={**_money("", "amount"), "rarc": lambda a: list(a.rarc)},
    paths={"line_number": "line", "group_code": "group"},
    added=(*_PERSON, *_ORIGIN, "remit_id", "claim_id"),
)
_account_row = RowBuilder[Account](
    tables.ACCOUNT,
    given={
        **_money(
            "sums.",
            *("charge", "payer_paid", "patient_paid", "contractual", "written_off"),
            *("refunded", "patient_share"),
        ),
        **_money("balance.", "balance", "payer_balance", "patient_balance"),
        **_money("firsts.", "first_remit_charge", "first_remit_denied_amount"),
        **_money("", "denied_open"),
        "claim_ids": lambda a: list(a.claim_ids),
        "dq_flags": lambda a: sorted(a.flags),
    },
    paths={
        **{
            name: f"claim.{name}"
            for name in (
                *("billing_provider_id", "provider_id", "facility_id", "payer_id", "payer"),
            )
        },
        "claim_type": "claim.sent.claim_type",
        "payer_clock_date": "balance.payer_clock_date",
        **{
            name: f"firsts.{name}"
            for name in (
                *("first_billed_date", "first_remit_date", "first_remit_denied"),
                *("first_answer", "first_answer_date", "first_answer_denied", "edit_status"),
                *("first_remit_lines", "first_remit_denied_lines", "resubmitted"),
                *("later_remit", "newest_remit_denied", "n_submissions", "newest_answer"),
            )
        },
    },
    added=(*_PERSON, *_ORIGIN),
)
_entry_row = RowBuilder[Entry](
    tables.ACCOUNT_ENTRY,
    given={**_money("", "amount"), "balance_effect": _decimal(attrgetter("effect"))},
    paths={"entry_id": "id"},
    added=(*_PERSON, *_ORIGIN, "account_id", "currency"),
)
_span_row = RowBuilder[Span](
    tables.ACCOUNT_BALANCE,
    given=_money("balance.", "balance", "payer_balance", "patient_balance"),
    paths={
        name: f"balance.{name}"
        for name in ("is_adjudicated", "bill_date", "service_date", "payer_clock_date")
    },
    added=(*_PERSON, "account_id"),
)
_denial_row = RowBuilder[Denial](
    tables.DENIAL,
    given={
        "amount": _decimal(attrgetter("adjustment.amount")),
        **_money("", "recovered_amount"),
        "rarc": lambda d: list(d.adjustment.rarc),
    },
    paths={
        "denial_id": "id",
        "claim_id": "remit.claim_id",
        "remit_id": "remit.id",
        "denial_date": "remit.remit_date",
        "line_number": "adjustment.line",
        "group_code": "adjustment.group",
        "carc": "adjustment.carc",
        "category": "adjustment.category",
    },
    added=(*_PERSON, *_ORIGIN, "account_id"),
)
_expected_row = RowBuilder[ExpectedLine](
    tables.EXPECTED_LINE,
    given={
        **_money("", "allowed"),
        "expected": lambda e: amount_or_none(e.expected),
        "variance": lambda e: amount_or_none(e.variance),
    },
    paths={"claim_id": "claim.id", "line_number": "line.number"},
    added=(*_PERSON, *_ORIGIN, "account_id"),
)
_cover_row = RowBuilder[Cover](tables.COVERAGE_SPAN, added=(*_PERSON, *_ORIGIN))


def _part(line: Line, part: str) -> str | None:
    procedure = line.sent.procedure
    return getattr(procedure, part) if procedure else None


def _provider_level(standing: RemitStanding) -> int | None:
    remit = standing.remit
    return None if remit.payment_amount is None else remit.payment_amount - remit.total.paid


def rows_of(result: ClaimsResult) -> dict[str, list[Row]]:
    """Return what gold holds of a person's claims, by table, without tenant and run."""
    rows: dict[str, list[Row]] = {table.name: [] for table in tables.PERSON_TABLES}
    for ledger in result.ledgers:
        _add_ledger(rows, ledger)
    for orphan in result.orphans:
        _add_remit(rows, orphan)
    rows[tables.COVERAGE_SPAN.name] = [
        {**_cover_row(cover), **_origin(cover.source)} for cover in _covers(result.history)
    ]
    person = {"person_id": result.history.person_id}
    for each in rows.values():
        for row in each:
            row.update(person)
    return rows


def _covers(history: ClaimsHistory) -> Iterable[Cover]:
    """Return the covers by their key: one sent twice counts once."""
    by_key = {
        (c.payer_id or c.name, c.level or 1, c.start): replace(
            c, payer_id=c.payer_id or c.name, level=c.level or 1
        )
        for c in sorted(history.covers, key=lambda c: (c.end is None, c.end, c.plan or ""))
        if c.payer_id or c.name
    }
    return by_key.values()


def _add_ledger(rows: dict[str, list[Row]], ledger: Ledger) -> None:
    of_account = {"account_id": ledger.account_id}
    for claim in ledger.claims:
        _add_claim(rows, claim, of_account)
    for remit in ledger.remits:
        _add_remit(rows, remit)
    rows[tables.ACCOUNT_ENTRY.name] += [
        {**_entry_row(e), **_origin(e.source), **of_account, "currency": ledger.currency}
        for e in ledger.entries
    ]
    rows[tables.ACCOUNT_BALANCE.name] += [{**_span_row(s), **of_account} for s in ledger.spans]
    rows[tables.DENIAL.name] += [
        {**_denial_row(d), **_origin(d.remit.source), **of_account} for d in ledger.denials
    ]
    rows[tables.EXPECTED_LINE.name] += [
        {**_expected_row(e), **_origin(e.claim.sent.source), **of_account} for e in ledger.expected
    ]
    if ledger.account is not None:
        row = _account_row(ledger.account)
        rows[tables.ACCOUNT.name].append({**row, **_origin(ledger.account.source)})


def _add_claim(rows: dict[str, list[Row]], standing: ClaimStanding, of_account: Row) -> None:
    claim = standing.claim
    origin = _origin(claim.sent.source)
    of_claim = {"claim_id": claim.id, **origin}
    rows[tables.CLAIM.name].append({**_claim_row(standing), **of_claim, **of_account})
    of_line = {**of_claim, **of_account, "in_force": standing.in_force}
    for line in claim.lines:
        row = {**_line_row(line), **of_line}
        if line.sent.source is not None:
            row.update(_origin(line.sent.source))
        rows[tables.CLAIM_LINE.name].append(row)
    rows[tables.CLAIM_DIAGNOSIS.name] += [
        {**_diagnosis_row(d), **of_claim} for d in _once(claim.sent.diagnoses)
    ]
    rows[tables.CLAIM_PROCEDURE.name] += [
        {**_procedure_row(p), **of_claim, "date": p.date.date_in(claim.zone) if p.date else None}
        for p in _once(claim.sent.procedures)
    ]


def _once(entries: Iterable[Any]) -> Iterable[Any]:
    """Return one entry of each sequence, the first."""
    return {each.sequence: each for each in reversed(tuple(entries))}.values()


def _add_remit(rows: dict[str, list[Row]], standing: RemitStanding) -> None:
    remit = standing.remit
    origin = _origin(remit.source)
    of_remit = {"remit_id": remit.id, "claim_id": remit.claim_id, **origin}
    rows[tables.REMIT.name].append({**_remit_row(standing), **origin})
    rows[tables.REMIT_LINE.name] += [
        {**_remit_line_row(_OfRemit(standing, number, amounts)), **origin}
        for number, amounts in remit.net.items()
    ]
    rows[tables.ADJUSTMENT.name] += [
        {**_adjustment_row(adjustment), **of_remit} for adjustment in remit.adjustments
    ]
