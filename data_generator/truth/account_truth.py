"""The money of the answer key at the end of one day: accounts, denials and KPIs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from data_generator.clock import first_day_of_month, month_index
from data_generator.facts.collections import monthly_cost
from data_generator.revenue.account import Account
from data_generator.story import Story, Withdrawal
from data_generator.truth.account_denials import Denial, denials
from data_generator.truth.account_revenue import revenue_sums
from data_generator.truth.account_rows import account_row, denial_row
from data_generator.truth.account_state import AccountState
from data_generator.truth.books import Books
from data_generator.truth.kpi_accounts import flows, parents_of, strata_of
from data_generator.truth.kpi_stocks import add_stocks
from data_generator.truth.kpi_sums import OVERALL, KpiSums
from data_generator.truth.revenue import Receivables
from data_generator.truth.view import StoryView
from data_generator.world import World


@dataclass(frozen=True, slots=True)
class Encounter:
    """The accounts of one stay or visit, and when it is on record."""

    books: tuple[Books, ...]
    first: int
    deleted: int | None
    unfinished_from: int | None  # the record never shows an end, or no longer

    def on_record(self, day: int) -> bool:
        """Return True if it is on record at the end of a day."""
        return self.first <= day and (self.deleted is None or day < self.deleted)


def encounters_of(story: Story) -> Iterator[Encounter]:
    """Yield every stay and visit of a person that is billed."""
    accounts = story.accounts or {}
    for episode in story.episodes:
        deleted = in_error = None
        if episode.withdrawal is Withdrawal.DELETED:
            deleted = episode.withdrawn_day
        elif episode.withdrawal is not None:
            in_error = episode.withdrawn_day
        for stay in episode.stays:
            unfinished = stay.admit_day if stay.forgotten else in_error
            yield Encounter(_books(accounts[stay.number]), stay.admit_day, deleted, unfinished)
    for stay in story.nonacute:
        yield Encounter(_books(accounts[stay.number]), stay.admit_day, None, None)
    for visit in story.visits:
        books = _books(accounts[visit.number])
        yield Encounter(books, visit.arrives, visit.withdrawn_day, None)


def _books(accounts: tuple[Account, ...]) -> tuple[Books, ...]:
    return tuple(Books(account) for account in accounts)


@dataclass(slots=True)
class AccountTruth:
    """The accounts of a run at the end of ``day``."""

    world: World
    day: int
    receivables: Receivables
    sums: KpiSums = field(init=False)
    npi: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        """Begin with the monthly costs, which no person has."""
        self.npi = {p.id: p.npi for p in self.world.practitioners}
        self.sums = KpiSums(self.world.start_day, self.day, parents_of(self.world))
        for month in range(month_index(self.world.start_day), month_index(self.day) + 1):
            last = first_day_of_month(month + 1) - 1
            if last <= self.day:
                self._add_costs(last)

    def _add_costs(self, day: int) -> None:
        for hospital in self.world.facilities:
            cost = monthly_cost(hospital.facts.key, self.world.people)
            facility = self.sums.place(("facility", hospital.organization_id))
            self.sums.add("cost", day, (self.sums.place(OVERALL), facility), cost)

    def add(self, story: Story, encounters: list[Encounter]) -> Iterator[dict[str, Any]]:
        """Add a person; yield a row for each account, with its denials under ``denials``."""
        person_id = StoryView(story, self.day).person_id
        for encounter in encounters:
            if not encounter.on_record(self.day):
                continue
            billed = [b for b in encounter.books if b.first_billed <= self.day]
            if not billed:
                self._add_unbilled(encounter)
            for books in billed:
                yield self._add_account(story.person.key, person_id, AccountState(books, self.day))

    def _add_account(self, key: str, person_id: str, state: AccountState) -> dict[str, Any]:
        strata = strata_of(state.books.account, self.npi)
        places = (
            self.sums.places[strata[0]],
            self.sums.places[strata[1]],
            self.sums.places[strata[2]],
        )
        refused = list(denials(state))
        self.sums.add_all(flows(state, refused), places)
        self._add_reasons(refused)
        add_stocks(self.sums, state, places)
        self.receivables.add_sums(str(state.books.account.payer.kind), revenue_sums(state))
        row = account_row(key, person_id, state)
        return row | {"denials": [denial_row(key, state, denial) for denial in refused]}

    def _add_reasons(self, refused: list[Denial]) -> None:
        place = self.sums.place
        for denial in refused:
            places = place(("category", denial.category)), place(("carc", denial.reason))
            day = denial.answer.day
            if denial.is_initial:
                self.sums.add("denied_initially", day, places, denial.decided.denied)
            if denial.days is not None:
                self.sums.add("resolutions", day, places, 1)
                self.sums.add("resolution_days", day, places, denial.days)

    def _add_unbilled(self, encounter: Encounter) -> None:
        """Add the charges of finished care that no claim names."""
        account = encounter.books[0].account
        self.receivables.add_sums(str(account.payer.kind), {"unbilled": 1})
        ended = account.care.last <= self.day
        unfinished = encounter.unfinished_from
        if not ended or (unfinished is not None and unfinished <= self.day):
            return
        provider = ("provider", f"npi:{self.npi[account.care.attending]}")
        places = self.sums.place(OVERALL), self.sums.place(provider)
        for books in encounter.books:
            for line in books.account.claims[0].lines:
                posted = line.last if line.posted is None else line.posted
                if posted <= self.day:
                    self.sums.add("unbilled", self.day, places, line.charge)

    def rows(self, *, brief: bool) -> Iterator[dict[str, Any]]:
        """Yield the KPI rows; ``brief`` has few strata."""
        return self.sums.rows(brief=brief)
