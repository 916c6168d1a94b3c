"""Denials of an account: each denied line of each answer, and what became of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from data_generator.revenue.account import Answer, Claim, LineAnswer
from data_generator.truth.account_state import AccountState, answer_word
from data_generator.truth.books import Entry

_CATEGORIES = {
    "eligibility": ("26", "27", "31", "109"),
    "authorization": ("15", "39", "197", "198"),
    "medical_necessity": ("50", "55", "56", "151", "167"),
    "timely_filing": ("29",),
    "duplicate": ("18",),
    "bundling": ("97", "234"),
    "missing_information": ("16", "125", "163", "226", "227", "252"),
    "coverage": ("49", "54", "96", "119", "204"),
    "coordination": ("19", "20", "21", "22"),
}
CATEGORY = {reason: word for word, reasons in _CATEGORIES.items() for reason in reasons}


@dataclass(frozen=True, slots=True)
class Denial:
    """One denied line of one answer, and its state."""

    claim: Claim
    answer: Answer
    line: int
    decided: LineAnswer
    is_initial: bool
    is_leading: bool
    status: str
    resolved: int | None
    recovered: int

    @property
    def reason(self) -> str:
        """Return the adjustment reason."""
        return self.decided.reason or ""

    @property
    def category(self) -> str:
        """Return the category of the reason."""
        return CATEGORY.get(self.reason, "other")

    @property
    def days(self) -> int | None:
        """Return the days to the resolution."""
        return None if self.resolved is None else self.resolved - self.answer.day


_CLAIM = 0  # the number of a claim denied as a whole
RESOLVED = ("written_off", "overturned", "upheld")


def denials(state: AccountState) -> Iterator[Denial]:
    """Yield the denials of an account that is not void."""
    if state.void:
        return
    for number, (claim, answer) in enumerate(state.remits):
        rows = _denied(answer)
        # The largest leads; of two alike the lower reason, then the lower line.
        rows.sort(key=lambda row: (-row[1].denied, row[1].reason, row[0]))
        found = []
        for place, (line_number, line) in enumerate(rows):
            status, day = _status(state, number, line_number, line)
            won = status == "overturned" and place == 0
            amount = _recovered(state, day) if won and day is not None else 0
            found.append(
                Denial(
                    claim,
                    answer,
                    line_number,
                    line,
                    number == 0,
                    place == 0,
                    status,
                    day if status in RESOLVED else None,
                    amount,
                )
            )
        yield from sorted(found, key=lambda denial: denial.line)


def _denied(answer: Answer) -> list[tuple[int, LineAnswer]]:
    """Return the denied lines by number, or number 0 for a claim denied as a whole."""
    rows = [(n, line) for n, line in enumerate(answer.lines, 1) if line.denied]
    if not answer.as_a_whole:
        return rows
    charge = sum(line.charge for line in answer.lines)
    return [(_CLAIM, replace(answer.lines[0], charge=charge, denied=charge))]


def _denied_again(answer: Answer, number: int) -> int | None:
    """Return what an answer denies of a line, or of the claim; None if it does not mention it."""
    if number == _CLAIM:
        return sum(line.denied for line in answer.lines)
    return answer.lines[number - 1].denied if number <= len(answer.lines) else None


def _status(
    state: AccountState, number: int, line_number: int, line: LineAnswer
) -> tuple[str, int | None]:
    """Return the newest event and its day; of two on one day the first of the list counts."""
    events: list[tuple[int, int, str]] = []
    events += [
        (day, 3, "written_off") for day, kind, _ in state.seen if kind is Entry.DENIAL_WRITEOFF
    ]
    for _, later in state.remits[number + 1 :]:
        again = _denied_again(later, line_number)
        if again is not None:
            fewer = again < line.denied
            events.append((later.day, 2 if fewer else 1, "overturned" if fewer else "upheld"))
    answered = state.remits[number][1].day
    for claim in state.books.first_level:
        waits = answer_word(claim, state.day) != "adjudicated"
        if answered < claim.sent <= state.day and waits:
            events.append((claim.sent, 0, "appealed"))
    if events:
        day, _, word = max(events)
        return word, day
    return ("patient_liability" if line.group == "PR" else "open"), None


def _recovered(state: AccountState, since: int) -> int:
    return sum(
        amount for day, kind, amount in state.seen if kind is Entry.PAYER_PAYMENT and day >= since
    )
