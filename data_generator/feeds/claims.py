"""The rows of one person: claims, lines, answers, postings, charges, coverages."""

from __future__ import annotations

from collections.abc import Iterator

from data_generator.clock import at, day_text
from data_generator.feeds.remits import remit_rows
from data_generator.feeds.text import Row, money
from data_generator.fhir.account_charges import open_charges
from data_generator.fhir.account_view import AccountView, account_views
from data_generator.fhir.chart import Chart
from data_generator.fhir.patients import SELF_PAY, record_number
from data_generator.ids import Kind
from data_generator.revenue.account import ChargeLine, Claim, Form

_SEQUENCES = {1: "P", 2: "S"}


def claim_rows(chart: Chart, *, whole: bool) -> Iterator[Row]:
    """Yield the rows about a person's accounts at the end of a day.

    ``whole`` writes all facts; otherwise only those that FHIR has no form for.
    """
    for view in account_views(chart, coded=whole):
        sent = [claim for claim in view.account.claims if claim.sent <= chart.as_of]
        for claim in sent:
            updated = _updated(view, claim.sent)
            if whole:
                yield Row("claims", _claim(view, claim), updated)
                for values in _lines(view, claim):
                    yield Row("claim_lines", values, updated)
                yield from remit_rows(view, claim)
            else:
                yield Row("claims", _edit_log(view, claim), updated)
                yield from (Row("claim_lines", v, updated) for v in _posting_log(view, claim))
        yield from _transactions(view)
        if whole and not sent:
            yield from _charges(view)


def _updated(view: AccountView, day: int) -> str:
    return view.account.care.hospital.zone.utc_instant(at(day, 17))


def payer_text(view: AccountView, claim: Claim) -> str:
    """Return the id of the payer of a claim."""
    return view.payer_id(claim) or SELF_PAY


def _edit_log(view: AccountView, claim: Claim) -> tuple[str, ...]:
    """Return the required columns and the result of the edits."""
    care = view.account.care
    return (
        view.claim_id(claim.count), "", "", "", str(care.form), record_number(view.chart),
        care.hospital.organization_id, "", "", "", "", payer_text(view, claim), "",
        day_text(claim.first), "", "", "", "", "", "", "", "", day_text(claim.sent),
        money(claim.charge), "", claim.edits, "",
    )  # fmt: skip


def _claim(view: AccountView, claim: Claim) -> tuple[str, ...]:
    care = view.account.care
    hospital = care.form is Form.INSTITUTIONAL
    gone = care.inpatient and care.last <= claim.sent
    codes, admissions = _diagnoses(view)
    return (
        view.claim_id(claim.count),
        view.account_number,
        str(claim.frequency),
        view.claim_id(claim.names) if claim.names is not None else "",
        str(care.form),
        record_number(view.chart),
        care.hospital.organization_id,
        "" if hospital else care.attending,
        care.attending if hospital else "",
        "",
        care.hospital.organization_id,
        payer_text(view, claim),
        _SEQUENCES[claim.level],
        day_text(claim.first),
        day_text(claim.last),
        day_text(care.last) if gone else "",
        "",
        f"{care.bill_type}{claim.frequency}" if care.bill_type else "",
        claim.lines[0].place or "",
        care.drg or "",
        codes,
        admissions,
        day_text(claim.sent),
        money(claim.charge),
        "USD",
        claim.edits,
        care.encounter_ids[0],
    )


def _diagnoses(view: AccountView) -> tuple[str, str]:
    """Return the codes, and for each what the claim says of the admission."""
    codes, admissions = [], []
    for entry in view.diagnoses:
        codes.append(entry["diagnosisCodeableConcept"]["coding"][0]["code"])
        said = entry.get("onAdmission")
        admissions.append(said["coding"][0]["code"].upper() if said else "")
    return "|".join(codes), "|".join(admissions) if any(admissions) else ""


def _lines(view: AccountView, claim: Claim) -> Iterator[tuple[str, ...]]:
    care, id_ = view.account.care, view.claim_id(claim.count)
    rendering = "" if care.form is Form.INSTITUTIONAL else care.attending
    for number, line in enumerate(claim.lines, 1):
        yield (
            id_, str(number), day_text(line.first), day_text(line.last), line.code or "",
            "|".join(line.modifiers), line.revenue, line.place or "", str(line.quantity),
            money(line.charge), "1", rendering,
            _posted(claim, line), "",
        )  # fmt: skip


def _posting_log(view: AccountView, claim: Claim) -> Iterator[tuple[str, ...]]:
    id_ = view.claim_id(claim.count)
    for number, line in enumerate(claim.lines, 1):
        posted = _posted(claim, line)
        if posted:
            blank = ("",) * 7
            yield (id_, str(number), *blank, money(line.charge), "", "", posted, "")


def _posted(claim: Claim, line: ChargeLine) -> str:
    """Return the day of posting; a claim to the second payer repeats lines posted before."""
    return day_text(line.posted) if line.posted is not None and claim.level == 1 else ""


def _transactions(view: AccountView) -> Iterator[Row]:
    account = view.account
    first, number = account.claims[0], account.care.number
    for t in account.transactions:
        if t.day > view.chart.as_of:
            continue
        values = (
            view.chart.id(Kind.TRANSACTION, number, first.part(t.number)),
            view.claim_id(first.count),
            view.account_number,
            str(t.type),
            money(t.amount),
            day_text(t.day),
            t.party,
            "true" if t.point_of_service else "false",
        )
        yield Row("transactions", values, _updated(view, t.day))


def _charges(view: AccountView) -> Iterator[Row]:
    care = view.account.care
    for id_, line, posted in open_charges(view):
        values = (
            id_, care.encounter_ids[0], record_number(view.chart), day_text(line.first),
            day_text(posted), line.code or "", line.revenue, str(line.quantity),
            money(line.charge), care.hospital.organization_id, care.attending,
        )  # fmt: skip
        yield Row("charges", values, _updated(view, posted))
