"""The money of the answer key at the end of one day: accounts, denials and KPIs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from data_generator.clock import first_day_of_month, month_index
from data_generator.facts.collections import monthly_cost
from data_generator.ids import Kind, resource_id
from data_generator.revenue.account import Account
from data_generator.story import Story, Withdrawal
from data_generator.truth.account_denials import Denial, denials
from data_generator.truth.account_revenue import revenue_sums
from data_generator.truth.account_rows import account_row, denial_row
from data_generator.truth.account_state import AccountState
from data_generator.truth.books import Books
from data_generator.truth.kpi_accounts import UNBILLED_TYPE, flows, parents_of, strata_of
from data_generator.truth.kpi_stocks import add_stocks
from data_generator.truth.kpi_sums import OVERALL, KpiSums
from data_generator.truth.revenue import Receivables
from data_generator.world import World

AccountRows = tuple[dict[str, Any], list[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Encounter:
    """The accounts of one stay or visit, and when it is on record.

    ``merged_day`` is the day from which a stay under an alias is the person's own.
    """

    books: tuple[Books, ...]
    first: int
    deleted: int | None = None
    unfinished_from: int | None = None  # the record never shows an end, or no longer
    merged_day: int | None = None

    def on_record(self, day: int) -> bool:
        """Return True if it is on record at the end of a day."""
        return self.first <= day and (self.deleted is None or day < self.deleted)

    def record(self, day: int) -> int:
        """Return the number of the patient record that it belongs to."""
        return int(self.merged_day is not None and day < self.merged_day)

    def settled(self, day: int) -> bool:
        """Return True if it stays as it is: no later day adds to its sums or changes its rows."""
        stays = self.deleted is None and self.record(day) == 0 and self.on_record(day)
        return stays and all(books.settled_day <= day for books in self.books)


def encounters_of(story: Story) -> Iterator[Encounter]:
    """Yield every stay and visit of a person that is billed."""
    accounts = story.accounts or {}
    for number, episode in enumerate(story.episodes):
        deleted = in_error = merged = None
        if episode.withdrawal is Withdrawal.DELETED:
            deleted = episode.withdrawn_day
        elif episode.withdrawal is not None:
            in_error = episode.withdrawn_day
        if story.alias is not None and story.alias.episode == number:
            merged = story.alias.merged_day
        for stay in episode.stays:
            unfinished = stay.admit_day if stay.forgotten else in_error
            books = _books(accounts[stay.number])
            yield Encounter(books, stay.admit_day, deleted, unfinished, merged)
    for stay in story.nonacute:
        yield Encounter(_books(accounts[stay.number]), stay.admit_day)
    for visit in story.visits:
        yield Encounter(_books(accounts[visit.number]), visit.arrives, visit.withdrawn_day)


def _books(accounts: tuple[Account, ...]) -> tuple[Books, ...]:
    return tuple(Books(account) for account in accounts)


def _written_by(encounter: Encounter, day: int) -> int:
    """Return the charges of care that were posted by a day, in cents."""
    return sum(
        line.charge
        for books in encounter.books
        for line in books.account.claims[0].lines
        if (line.last if line.posted is None else line.posted) <= day
    )


@dataclass(slots=True)
class AccountTruth:
    """The accounts of a run at the end of ``day``, by what is on record on the day ``known``.

    Days after each other share a ``base``: the accounts that none of them changes. One of them
    fills it.
    """

    world: World
    day: int
    receivables: Receivables
    base: AccountTruth | None = None
    fills_base: bool = False
    known: int = 0  # the same day unless it is given
    sums: KpiSums = field(init=False)
    npi: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        """Open the sums."""
        self.known = self.known or self.day
        self.npi = {p.id: p.npi for p in self.world.practitioners}
        self.sums = KpiSums(self.world.start_day, self.day, parents_of(self.world))
        if self.base is not None:
            self.sums.base = self.base.sums

    def add_costs(self) -> None:
        """Add the cost of each month that is over."""
        for month in range(month_index(self.world.start_day), month_index(self.day) + 1):
            last = first_day_of_month(month + 1) - 1
            if last <= self.day:
                self._add_costs(last)

    def _add_costs(self, day: int) -> None:
        for hospital in self.world.facilities:
            cost = monthly_cost(hospital.facts.key, self.world.people)
            place = self.sums.places
            places = place[OVERALL], place["facility", hospital.organization_id]
            self.sums.add("cost", day, places, cost)

    def add(self, story: Story, encounters: list[Encounter]) -> Iterator[AccountRows]:
        """Add a person; yield a row for each account, with those of its denials."""
        key = story.person.key
        for encounter in encounters:
            if not encounter.on_record(self.known):
                continue
            kept = self
            if self.base is not None and encounter.settled(self.base.day):
                if not self.fills_base:
                    continue
                kept = self.base
            billed = [b for b in encounter.books if b.first_billed <= self.day]
            if not billed:
                self._count_unbilled(encounter)
            kept._add_unbilled(encounter, self.known)
            person_id = resource_id(key, Kind.PATIENT, encounter.record(self.known))
            for books in billed:
                yield kept.add_account(key, person_id, AccountState(books, self.day))

    def add_account(self, key: str, person_id: str, state: AccountState) -> AccountRows:
        """Add an account; return its row and those of its denials."""
        claim_type, payer, provider = strata_of(state.books.account, self.npi)
        place = self.sums.places
        places = place[claim_type], place[payer], place[provider]
        refused = list(denials(state))
        sums, lags = flows(state, refused)
        self.sums.add_all(sums, places)
        self.sums.add_lags(lags, (claim_type, payer), provider)
        self._add_reasons(refused)
        add_stocks(self.sums, state, places)
        self.receivables.add_sums(str(state.books.account.payer.kind), revenue_sums(state))
        row = account_row(key, person_id, state)
        return row, [denial_row(key, state, denial) for denial in refused]

    def _add_reasons(self, refused: list[Denial]) -> None:
        place = self.sums.places
        for denial in refused:
            places = place["category", denial.category], place["carc", denial.reason]
            day = denial.answer.day
            if denial.is_initial:
                self.sums.add("denied_initially", day, places, denial.decided.denied)
            if denial.days is not None:
                self.sums.add("resolutions", day, places, 1)
                self.sums.add("resolution_days", day, places, denial.days)
                lag = "resolution_days", day, denial.days
                self.sums.lags.add([lag], (("category", denial.category), ("carc", denial.reason)))

    def _count_unbilled(self, encounter: Encounter) -> None:
        """Count finished care that no claim names yet."""
        account = encounter.books[0].account
        if account.care.last <= self.day:
            self.receivables.add_sums(str(account.payer.kind), {"unbilled": 1})

    def _add_unbilled(self, encounter: Encounter, known: int) -> None:
        """Add finished care to the months at whose end no claim named it, with its charges."""
        account, unfinished = encounter.books[0].account, encounter.unfinished_from
        if unfinished is not None and unfinished <= known:
            return
        first_billed = min(books.first_billed for books in encounter.books)
        for month, day in self.sums.stock_days_from(account.care.last):
            if day >= first_billed:
                break
            if account.care.last <= day:
                _, payer, provider = strata_of(account, self.npi)
                place = self.sums.places
                places = place[UNBILLED_TYPE], place[payer], place[provider]
                self.sums.add_month("unbilled_care", month, places, 1)
                self.sums.add_month("unbilled", month, places, _written_by(encounter, day))

    def rows(self, *, brief: bool) -> Iterator[dict[str, Any]]:
        """Yield the KPI rows; ``brief`` has few strata."""
        return self.sums.rows(brief=brief)
