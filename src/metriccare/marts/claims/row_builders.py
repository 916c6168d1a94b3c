"""How each table of claims is read from what the rules make: a column is an attribute.

Amounts in cents become decimals here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from metriccare.marts.claims.account import Account
from metriccare.marts.claims.balances import Span
from metriccare.marts.claims.claim import Line
from metriccare.marts.claims.denials import Denial
from metriccare.marts.claims.entry import Entry
from metriccare.marts.claims.expected import ExpectedLine
from metriccare.marts.claims.history import (
    ClaimDiagnosis,
    ClaimProcedure,
    Cover,
    Source,
)
from metriccare.marts.claims.ledger import ClaimStanding, RemitStanding
from metriccare.marts.claims.money import amount, amount_or_none
from metriccare.marts.claims.remit import Adjustment, Amounts
from metriccare.marts.claims.unbilled import UnbilledCare
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


def origin_of(source: Source) -> Row:
    """Return the columns that say where a row comes from."""
    return {"source_file": source.file, "source_line": source.line, "source_kind": source.kind}


@dataclass(frozen=True, slots=True)
class RemitLine:
    """A line of a remit with what is known of the remit."""

    standing: RemitStanding
    line_number: int
    amounts: Amounts

    @property
    def in_force(self) -> bool:
        """Return True if its amounts are part of the answer that counts."""
        return self.line_number in self.standing.lines_in_force

    @property
    def is_denied(self) -> bool:
        """Return True if the payer denied it in this remit, whatever the remit also took back."""
        stated = self.standing.remit.stated.get(self.line_number)
        return stated is not None and stated.is_denied


_CLAIM_PATHS = {
    name: f"claim.{name}"
    for name in (
        *("billing_provider_id", "provider_id", "facility_id", "payer_id", "payer", "stay_id"),
        *("service_from", "service_to", "discharge_date", "submitted_date", "currency"),
    )
}
claim_row = RowBuilder[ClaimStanding](
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
line_row = RowBuilder[Line](
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
diagnosis_row = RowBuilder[ClaimDiagnosis](
    tables.CLAIM_DIAGNOSIS, added=(*_PERSON, *_ORIGIN, "claim_id")
)
procedure_row = RowBuilder[ClaimProcedure](
    tables.CLAIM_PROCEDURE, added=(*_PERSON, *_ORIGIN, "claim_id", "date")
)
remit_row = RowBuilder[RemitStanding](
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
remit_line_row = RowBuilder[RemitLine](
    tables.REMIT_LINE,
    given=_money(
        "amounts.",
        *("charge", "allowed", "paid", "contractual", "patient_share", "denied"),
        *("prior_payer", "unexplained"),
    ),
    paths={"remit_id": "standing.remit.id", "claim_id": "standing.remit.claim_id"},
    added=(*_PERSON, *_ORIGIN),
)
adjustment_row = RowBuilder[Adjustment](
    tables.ADJUSTMENT,
    given={**_money("", "amount"), "rarc": lambda a: list(a.rarc)},
    paths={"line_number": "line", "group_code": "group"},
    added=(*_PERSON, *_ORIGIN, "remit_id", "claim_id"),
)
account_row = RowBuilder[Account](
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
entry_row = RowBuilder[Entry](
    tables.ACCOUNT_ENTRY,
    given={**_money("", "amount"), "balance_effect": _decimal(attrgetter("effect"))},
    paths={"entry_id": "id"},
    added=(*_PERSON, *_ORIGIN, "account_id", "currency"),
)
span_row = RowBuilder[Span](
    tables.ACCOUNT_BALANCE,
    given=_money("balance.", "balance", "payer_balance", "patient_balance"),
    paths={
        name: f"balance.{name}"
        for name in ("is_adjudicated", "bill_date", "service_date", "payer_clock_date")
    },
    added=(*_PERSON, "account_id"),
)
unbilled_row = RowBuilder[UnbilledCare](
    tables.UNBILLED_CARE,
    given={
        "charges": lambda c: amount_or_none(c.charges),
        "encounter_ids": lambda c: list(c.encounter_ids),
        "provider_id": lambda c: c.provider.provider_id if c.provider else None,
        "specialty": lambda c: c.provider.specialty if c.provider else None,
    },
    added=_PERSON,
)
denial_row = RowBuilder[Denial](
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
expected_row = RowBuilder[ExpectedLine](
    tables.EXPECTED_LINE,
    given={
        **_money("", "allowed"),
        "expected": lambda e: amount_or_none(e.expected),
        "variance": lambda e: amount_or_none(e.variance),
    },
    paths={"claim_id": "claim.id", "line_number": "line.number"},
    added=(*_PERSON, *_ORIGIN, "account_id"),
)
cover_row = RowBuilder[Cover](tables.COVERAGE_SPAN, added=(*_PERSON, *_ORIGIN))


def _part(line: Line, part: str) -> str | None:
    procedure = line.sent.procedure
    return getattr(procedure, part) if procedure else None


def _provider_level(standing: RemitStanding) -> int | None:
    remit = standing.remit
    return None if remit.payment_amount is None else remit.payment_amount - remit.total.paid
