"""One claim and one remit from several sources. Source: claims specification, 1.4.4 and 1.4.5."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime
from typing import Any, TypeVar

from metriccare.marts.claims.history import (
    STATEMENT,
    Answer,
    Cover,
    Payment,
    SentClaim,
    SentLine,
    Source,
)
from metriccare.marts.claims.identity import FEED, FHIR

RowT = TypeVar("RowT", SentClaim, SentLine, Cover)
_FIELDS: Mapping[type, Sequence[str]] = {
    class_: tuple(field.name for field in fields(class_)) for class_ in (SentClaim, SentLine, Cover)
}
_EARLIEST = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class MergedClaims:
    """A person's claims, each once, and by which id each is known when it has another one."""

    claims: tuple[SentClaim, ...]
    known_as: Mapping[str, str]

    def id_of(self, named: str | None) -> str | None:
        """Return the id of the claim that a row names."""
        return self.known_as.get(named, named) if named else None


def merged_claims(claims: Iterable[SentClaim], of_others: Collection[str] = ()) -> MergedClaims:
    """Return the claims: a feed's claim with the id or an identifier of a FHIR claim is that one.

    The later version wins, column by column where it has a value. A feed's claim with a number that
    is another person's as well (`of_others`) gets an id of its own, so that both are kept apart.
    """
    ordered = sorted(claims, key=lambda c: c.id)
    fhir = {c.id: c for c in ordered if c.source.kind == FHIR}
    known_as = _identifiers(fhir.values())
    merged = dict(fhir)
    for claim in ordered:
        if claim.source.kind == FHIR:
            continue
        id_ = claim.id if claim.id in fhir else known_as.get(claim.id, claim.id)
        if id_ not in fhir and claim.id in of_others:
            id_ = known_as[claim.id] = f"{FEED}/{claim.id}"
        merged[id_] = _joined(merged[id_], claim) if id_ in merged else replace(claim, id=id_)
    names = {old: new for old, new in known_as.items() if old not in merged}
    return MergedClaims(tuple(_renamed(c, names) for _, c in sorted(merged.items())), names)


def _identifiers(claims: Iterable[SentClaim]) -> dict[str, str]:
    """Return the claim of each identifier; one that two claims share says nothing."""
    found: dict[str, str | None] = {}
    for claim in claims:
        for identifier in claim.identifiers:
            found[identifier] = claim.id if found.get(identifier, claim.id) == claim.id else None
    return {identifier: id_ for identifier, id_ in found.items() if id_ is not None}


def _renamed(claim: SentClaim, names: Mapping[str, str]) -> SentClaim:
    if not any(prior in names for prior in claim.prior_ids):
        return claim
    return replace(claim, prior_ids=tuple(names.get(p, p) for p in claim.prior_ids))


def updated_at(source: Source) -> datetime:
    """Return when a row was last changed; a row that does not say so is the oldest."""
    return source.updated or _EARLIEST


def _joined(fhir: SentClaim, feed: SentClaim) -> SentClaim:
    is_feed_newer = updated_at(feed.source) > updated_at(fhir.source)
    newer, older = (feed, fhir) if is_feed_newer else (fhir, feed)
    columns = _columns(newer, older)
    if newer.lines and older.lines:
        columns["lines"] = _joined_lines(newer.lines, older.lines)
    if newer.cover and older.cover:
        columns["cover"] = replace(newer.cover, **_columns(newer.cover, older.cover))
    return replace(newer, **{**columns, "id": fhir.id})


def _joined_lines(newer: tuple[SentLine, ...], older: tuple[SentLine, ...]) -> tuple[SentLine, ...]:
    """Return every line that one of them has; a feed may send only those it adds something to."""
    lines = {line.number: line for line in older}
    for line in newer:
        before = lines.get(line.number)
        lines[line.number] = replace(line, **_columns(line, before)) if before else line
    return tuple(line for _, line in sorted(lines.items()))


def _columns(newer: RowT, older: RowT) -> dict[str, Any]:
    """Return the older row's values of the columns in which the newer one has none."""
    names = _FIELDS[type(newer)]
    return {n: getattr(older, n) for n in names if getattr(newer, n) in (None, ())}


def joined_answers(answers: Iterable[Answer], days: Mapping[str, date]) -> list[Answer]:
    """Return the answers, explanations of benefit joined to the ClaimResponse of the same remit.

    `days` is the created date of each answer that has one, by id.
    """
    responses = {a.id: a for a in answers if a.kind == STATEMENT and not a.is_benefit}
    by_day: dict[tuple[str | None, date], str] = {}
    for id_, response in sorted(responses.items(), reverse=True):
        if id_ in days:
            by_day[(response.claim_id, days[id_])] = id_
    joined, rest = dict(responses), []
    for answer in sorted(answers, key=lambda a: a.id):
        if answer.kind != STATEMENT:
            rest.append(answer)
        elif answer.is_benefit:
            day = days.get(answer.id)
            same_day = by_day.get((answer.claim_id, day)) if day and answer.claim_id else None
            target = answer.response_id if answer.response_id in joined else same_day
            if target is None:
                rest.append(answer)
            else:
                joined[target] = _with_benefit(joined[target], answer)
    return [*joined.values(), *rest]


def _with_benefit(response: Answer, benefit: Answer) -> Answer:
    """Return the ClaimResponse with what only the explanation of benefit has."""
    has_lines = any(line.has_amounts for line in response.lines)
    has_header = response.header is not None and response.header.has_amounts
    return replace(
        response,
        benefit_ids=(*response.benefit_ids, benefit.id),
        claim_id=response.claim_id or benefit.claim_id,
        lines=response.lines if has_lines else benefit.lines,
        header=response.header if has_header else benefit.header,
        payment=_payment(response.payment, benefit.payment),
        currency=response.currency or benefit.currency,
        payer_id=response.payer_id or benefit.payer_id,
        care_team=response.care_team or benefit.care_team,
        provider=response.provider or benefit.provider,
        service_from=response.service_from or benefit.service_from,
    )


def _payment(one: Payment | None, other: Payment | None) -> Payment | None:
    if one is None or other is None:
        return one or other
    return Payment(
        one.date or other.date,
        other.amount if one.amount is None else one.amount,
        one.check_number or other.check_number,
    )
