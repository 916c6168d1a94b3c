"""From what the rules make of a person's claims to rows of the tables of claims.

Tenant and run are added by the stage.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

from metriccare.marts.claims.compute import ClaimsResult
from metriccare.marts.claims.history import (
    ClaimsHistory,
    Cover,
)
from metriccare.marts.claims.ledger import ClaimStanding, Ledger, RemitStanding
from metriccare.marts.claims.row_builders import (
    RemitLine,
    account_row,
    adjustment_row,
    claim_row,
    cover_row,
    denial_row,
    diagnosis_row,
    entry_row,
    expected_row,
    line_row,
    origin_of,
    procedure_row,
    remit_line_row,
    remit_row,
    span_row,
    unbilled_row,
)
from metriccare.tables import claims as tables
from metriccare.tables.rows import Row


def rows_of(result: ClaimsResult) -> dict[str, list[Row]]:
    """Return what gold holds of a person's claims, by table, without tenant and run."""
    rows: dict[str, list[Row]] = {table.name: [] for table in tables.PERSON_TABLES}
    for ledger in result.ledgers:
        _add_ledger(rows, ledger)
    for orphan in result.orphans:
        _add_remit(rows, orphan)
    rows[tables.COVERAGE_SPAN.name] = [
        {**cover_row(cover), **origin_of(cover.source)} for cover in _covers(result.history)
    ]
    rows[tables.UNBILLED_CARE.name] = [unbilled_row(care) for care in result.unbilled]
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
        for c in sorted(history.covers, key=_cover_order)
        if c.payer_id or c.name
    }
    return by_key.values()


def _cover_order(cover: Cover) -> tuple[Any, ...]:
    """Return the place of a cover among those of its key: the last one counts."""
    end, source = cover.end or date.max, cover.source
    return (end, cover.plan or "", source.file or "", source.line or 0)


def _add_ledger(rows: dict[str, list[Row]], ledger: Ledger) -> None:
    of_account = {"account_id": ledger.account_id}
    for claim in ledger.claims:
        _add_claim(rows, claim, of_account)
    for remit in ledger.remits:
        _add_remit(rows, remit)
    rows[tables.ACCOUNT_ENTRY.name] += [
        {**entry_row(e), **origin_of(e.source), **of_account, "currency": ledger.currency}
        for e in ledger.entries
    ]
    rows[tables.ACCOUNT_BALANCE.name] += [{**span_row(s), **of_account} for s in ledger.spans]
    rows[tables.DENIAL.name] += [
        {**denial_row(d), **origin_of(d.remit.source), **of_account} for d in ledger.denials
    ]
    rows[tables.EXPECTED_LINE.name] += [
        {**expected_row(e), **origin_of(e.claim.sent.source), **of_account} for e in ledger.expected
    ]
    if ledger.account is not None:
        row = account_row(ledger.account)
        rows[tables.ACCOUNT.name].append({**row, **origin_of(ledger.account.source)})


def _add_claim(rows: dict[str, list[Row]], standing: ClaimStanding, of_account: Row) -> None:
    claim = standing.claim
    origin = origin_of(claim.sent.source)
    of_claim = {"claim_id": claim.id, **origin}
    rows[tables.CLAIM.name].append({**claim_row(standing), **of_claim, **of_account})
    of_line = {**of_claim, **of_account, "in_force": standing.in_force}
    for line in claim.lines:
        row = {**line_row(line), **of_line}
        if line.sent.source is not None:
            row.update(origin_of(line.sent.source))
        rows[tables.CLAIM_LINE.name].append(row)
    rows[tables.CLAIM_DIAGNOSIS.name] += [
        {**diagnosis_row(d), **of_claim} for d in _once(claim.sent.diagnoses)
    ]
    rows[tables.CLAIM_PROCEDURE.name] += [
        {**procedure_row(p), **of_claim, "date": p.date.date_in(claim.zone) if p.date else None}
        for p in _once(claim.sent.procedures)
    ]


def _once(entries: Iterable[Any]) -> Iterable[Any]:
    """Return one entry of each sequence, the first."""
    return {each.sequence: each for each in reversed(tuple(entries))}.values()


def _add_remit(rows: dict[str, list[Row]], standing: RemitStanding) -> None:
    remit = standing.remit
    origin = origin_of(remit.source)
    of_remit = {"remit_id": remit.id, "claim_id": remit.claim_id, **origin}
    rows[tables.REMIT.name].append({**remit_row(standing), **origin})
    rows[tables.REMIT_LINE.name] += [
        {**remit_line_row(RemitLine(standing, number, amounts)), **origin}
        for number, amounts in remit.net.items()
    ]
    rows[tables.ADJUSTMENT.name] += [
        {**adjustment_row(adjustment), **of_remit} for adjustment in remit.adjustments
    ]
