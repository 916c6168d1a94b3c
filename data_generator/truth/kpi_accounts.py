"""What one account adds to the sums behind the KPIs: entries, cohorts, lags, answers."""

from __future__ import annotations

from collections.abc import Mapping

from data_generator.facts.billing import DENIAL_REASONS, LINE_DENIAL_REASONS
from data_generator.facts.collections import PATIENT_DENIAL_REASONS, TAKEBACK_REASONS
from data_generator.facts.people import PAYERS, TAXONOMY
from data_generator.revenue.account import Account, Answer, Claim, Form, TransactionType
from data_generator.revenue.contracts import overpaid, underpaid
from data_generator.truth.account_denials import CATEGORY, RESOLVED, Denial
from data_generator.truth.account_state import AccountState, answer_word
from data_generator.truth.books import RUN_OUT_DAYS, Entry
from data_generator.truth.kpi_sums import BUCKETS, OVERALL, Stratum, Sum
from data_generator.truth.lags import Lag
from data_generator.world import World

LATE_AFTER_DAYS = 3
# Care has a claim type once a claim is sent.
UNBILLED_TYPE: Stratum = ("claim_type", "unknown")


def strata_of(account: Account, npi: Mapping[str, str]) -> tuple[Stratum, Stratum, Stratum]:
    """Return the three strata that an account is added to; ``npi`` is by clinician."""
    return (
        ("claim_type", str(account.care.form)),
        ("payer_id", account.payer.id),
        ("provider", f"npi:{npi[account.care.attending]}"),
    )


def parents_of(world: World) -> dict[Stratum, tuple[Stratum, ...]]:
    """Return the strata that those of an account are part of."""
    parents: dict[Stratum, tuple[Stratum, ...]] = {OVERALL: ()}
    for hospital in world.facilities:
        parents["facility", hospital.organization_id] = ()
    reasons = (*DENIAL_REASONS.items, *LINE_DENIAL_REASONS.items)
    for reason in (*reasons, *PATIENT_DENIAL_REASONS.items, *TAKEBACK_REASONS.items):
        parents["carc", reason] = ()
        parents["category", CATEGORY.get(reason, "other")] = ()
    for name in BUCKETS:
        parents["bucket", name] = ()
    for form in Form:
        parents["claim_type", str(form)] = (OVERALL,)
    parents[UNBILLED_TYPE] = (OVERALL,)
    for payer in PAYERS:
        parents["payer_id", payer.id] = (("payer", str(payer.kind)),)
    facility = {id_: h.organization_id for h in world.facilities for id_ in h.staff}
    for clinician in world.practitioners:
        parents["provider", f"npi:{clinician.npi}"] = (
            ("facility", facility[clinician.id]),
            ("specialty", TAXONOMY[clinician.specialty]),
        )
    return parents


def flows(state: AccountState, refused: list[Denial]) -> tuple[list[Sum], list[Lag]]:
    """Return what an account adds to the sums of a period, and how many days things took."""
    sums: list[Sum] = []
    lags: list[Lag] = []
    _posted(state, sums)
    if state.void:
        return sums, lags
    _cohorts(state, sums)
    _lags(state, sums, lags)
    if not state.books.self_pay:
        _first_answers(state, sums)
        if state.remits:
            _remits(state, refused, sums, lags)
            _contract(state, sums)
    return sums, lags


_SUM_OF = {
    Entry.CHARGE: "charges",
    Entry.CONTRACTUAL: "contractual",
    Entry.PAYER_PAYMENT: "cash",
    Entry.PATIENT_PAYMENT: "cash",
    Entry.BAD_DEBT: "bad_debt",
    Entry.CHARITY: "charity",
    Entry.DENIAL_WRITEOFF: "denial_writeoff",
}


def _posted(state: AccountState, sums: list[Sum]) -> None:
    for day, kind, amount in state.seen:
        if kind is Entry.REFUND:
            sums.append(("cash", day, -amount))
        elif kind in _SUM_OF:
            sums.append((_SUM_OF[kind], day, amount))
    for posting in state.books.account.transactions:
        if posting.type is TransactionType.PATIENT_PAYMENT and posting.day <= state.day:
            sums.append(("patient_payments", posting.day, posting.amount))
            if posting.point_of_service:
                sums.append(("paid_at_the_desk", posting.day, posting.amount))


def _cohorts(state: AccountState, sums: list[Sum]) -> None:
    charges = contractual = cash = patient = share = 0
    first_share: int | None = None
    for day, kind, amount in state.seen:
        if kind is Entry.CHARGE:
            charges += amount
        elif kind is Entry.CONTRACTUAL:
            contractual += amount
        elif kind is Entry.PAYER_PAYMENT:
            cash += amount
        elif kind is Entry.PATIENT_PAYMENT:
            patient += amount
        elif kind is Entry.REFUND:
            patient -= amount
        elif kind is Entry.PATIENT_SHARE:
            share += amount
            if amount > 0 and first_share is None:
                first_share = day
    ended = state.service_to
    if ended + RUN_OUT_DAYS <= state.day:
        sums.append(("cohort_cash", ended, cash + patient))
        sums.append(("cohort_charges", ended, charges))
        sums.append(("cohort_contractual", ended, contractual))
    if state.books.self_pay:
        share, first_share = charges - contractual, state.books.first_billed
    if share > 0 and first_share is not None and first_share + RUN_OUT_DAYS <= state.day:
        sums.append(("share", first_share, share))
        sums.append(("share_paid", first_share, max(0, min(patient, share))))


def _lags(state: AccountState, sums: list[Sum], lags: list[Lag]) -> None:
    billed = state.books.first_billed
    lag = billed - state.discharged
    if lag >= 0:
        sums.append(("bills", billed, 1))
        sums.append(("billing_days", billed, lag))
        lags.append(("billing_days", billed, lag))
    for claim in state.in_force:
        for line in claim.lines:
            if line.posted is not None:
                lag = line.posted - line.first
                sums.append(("posted", line.posted, 1))
                sums.append(("posted_amount", line.posted, line.charge))
                lags.append(("posting_days", line.posted, lag))
                if lag:
                    sums.append(("posting_days", line.posted, lag))
                if lag > LATE_AFTER_DAYS:
                    sums.append(("posted_late", line.posted, line.charge))
    for day, kind, amount in state.seen:
        if kind is Entry.PAYER_PAYMENT and amount > 0:
            sums.append(("payments", day, 1))
            sums.append(("payment_days", day, day - billed))
            lags.append(("payment_days", day, day - billed))
            break


def _first_answers(state: AccountState, sums: list[Sum]) -> None:
    answer, day = state.first_answer, state.books.first_billed
    if answer in ("none", "pending"):
        return
    sums.append(("answered", day, 1))
    if answer == "rejected":
        return
    first = state.books.first_level[0]
    once = sum(claim.level == 1 for claim in state.sent) == 1
    sums.append(("accepted", day, 1))
    sums.append(("clean", day, int(first.edits == "passed")))
    sums.append(("resolved", day, int(once and not first.answers[0].denies)))


def _remits(state: AccountState, refused: list[Denial], sums: list[Sum], lags: list[Lag]) -> None:
    for _, answer in state.remits:
        sums.append(("processed", answer.day, 1))
    for denial in refused:
        if denial.is_initial:
            sums.append(("denied_initially", denial.answer.day, denial.decided.denied))
        if denial.status in RESOLVED and denial.days is not None:
            sums.append(("resolutions", denial.answer.day, 1))
            sums.append(("resolution_days", denial.answer.day, denial.days))
            lags.append(("resolution_days", denial.answer.day, denial.days))
    claim, first = state.remits[0]
    lines = [line for line in first.lines if line.denied]
    sums.append(("remits", first.day, 1))
    sums.append(("remit_lines", first.day, len(first.lines)))
    sums.append(("remit_charges", first.day, sum(line.charge for line in first.lines)))
    if lines:
        sums.append(("denied", first.day, int(first.denies)))
        sums.append(("denied_any", first.day, 1))
        sums.append(("denied_lines", first.day, len(lines)))
        sums.append(("denied_amount", first.day, sum(line.denied for line in lines)))
    _appeals(state, claim, first, sums)


def _appeals(state: AccountState, claim: Claim, first: Answer, sums: list[Sum]) -> None:
    later = state.remits[1:]
    if first.denies:
        again = any(c.level == 1 and c.sent > claim.sent for c in state.sent)
        sums.append(("appealed", first.day, int(again or bool(later))))
        if later:
            sums.append(("appeals_decided", first.day, 1))
            sums.append(("overturned", first.day, int(not later[-1][1].denies)))
    newest = [c for c in state.sent if c.level == 1][-1]
    waits = answer_word(newest, state.day) in ("none", "pending")
    if first.day + RUN_OUT_DAYS <= state.day and not waits:
        lost = first.denies and state.remits[-1][1].denies
        sums.append(("final", first.day, 1))
        sums.append(
            ("denied_finally", first.day, int(lost and not state.total(Entry.PAYER_PAYMENT)))
        )


def _contract(state: AccountState, sums: list[Sum]) -> None:
    """Compare the lines of the answers in force with the contract."""
    day = state.remits[0][1].day
    newest = {claim.count: answer for claim, answer in state.remits}
    for claim in state.in_force:
        answer = newest.get(claim.count)
        if answer is None or answer.denies:
            continue
        covered = [line for line in answer.lines if not line.denied]
        sums.append(("compared", day, len(covered)))
        for line in covered:
            if line.allowed < line.due and underpaid(line.allowed, line.due):
                sums.append(("underpaid", day, 1))
                sums.append(("underpaid_amount", day, line.due - line.allowed))
            elif overpaid(line.allowed, line.due):
                sums.append(("overpaid_amount", day, line.allowed - line.due))
