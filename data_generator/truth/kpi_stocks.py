"""What an account owes at the end of each month, by age."""

from __future__ import annotations

from collections.abc import Iterator

from data_generator.revenue.account import Claim
from data_generator.truth.account_state import AccountState, answer_word
from data_generator.truth.books import PATIENT_SIGNS, SIGNS, Books, Entry
from data_generator.truth.kpi_list import NET_OPEN
from data_generator.truth.kpi_sums import BUCKETS, KpiSums

_OLD = 90  # days


# By age in days, up to the first day of the oldest bucket: looking up is a third of working out.
_OF_AGE = tuple(max(0, age - 1) // 30 for age in range(30 * (len(BUCKETS) - 1) + 2))


def bucket(age: int) -> int:
    """Return the number of the bucket of an age in days."""
    return _OF_AGE[age] if 0 <= age < len(_OF_AGE) else (0 if age < 0 else _OF_AGE[-1])


def add_stocks(sums: KpiSums, state: AccountState, places: tuple[int, int, int]) -> None:
    """Add the charges of an account by day, its balance at each month's end, and its answers."""
    books, entries = state.books, state.seen
    for day, kind, amount in entries:
        if kind is Entry.CHARGE:
            sums.add_day("charges", day, places, amount)
        elif kind is Entry.CONTRACTUAL:
            sums.add_day("contractual", day, places, amount)
    position = balance = patient = 0
    moved = books.first_billed
    for month, day in sums.stock_days_from(entries[0][0]):
        while position < len(entries) and entries[position][0] <= day:
            posted, kind, amount = entries[position]
            balance += SIGNS[kind] * amount
            patient += PATIENT_SIGNS.get(kind, 0) * amount
            if kind is Entry.PATIENT_SHARE and amount > 0:
                moved = posted
            position += 1
        if balance < 0:
            sums.add_month("credit", month, places, -balance)
        elif balance > 0:
            since = _payer_clock(books, day, balance - patient, moved)
            _add_open(sums, (books, month, day), (balance, since), places)
        elif position == len(entries):
            break
    if state.remits and not state.void:
        payer = str(books.account.payer.kind)
        sums.net.add_answered(payer, state.remits[0][1].day, _reductions(state))


def _reductions(state: AccountState) -> Iterator[tuple[int, int, int]]:
    for day, kind, amount in state.seen:
        if kind is Entry.CHARGE:
            yield day, amount, 0
        elif kind is Entry.CONTRACTUAL:
            yield day, 0, amount


def _payer_clock(books: Books, day: int, payer_balance: int, moved: int) -> int:
    """Return the day since which the one who owes has had the bill."""
    if books.self_pay:
        return books.first_billed
    newest = _newest(books, day)
    waits = answer_word(newest, day) in ("none", "pending")
    return newest.sent if waits or payer_balance > 0 else moved


def _newest(books: Books, day: int) -> Claim:
    newest = books.first_level[0]
    for claim in books.account.claims:
        if newest.sent < claim.sent <= day:
            newest = claim
    return newest


def _add_open(
    sums: KpiSums,
    when: tuple[Books, int, int],
    owed: tuple[int, int],
    places: tuple[int, int, int],
) -> None:
    (books, month, day), (balance, since) = when, owed
    cells, buckets = sums.cells, sums.buckets
    owing = cells["open"]
    for place in places:
        owing[place + month] += balance
    if books.is_decided(day):
        sums.add_month(NET_OPEN, month, places, balance)
    else:
        sums.net.add_waiting(str(books.account.payer.kind), month, places, balance)
    age = day - books.first_billed
    if age > _OLD:
        sums.add_month("over_90", month, places, balance)
    service = AccountState(books, day).discharged if books.interim else books.account.care.last
    cells["aging_bill"][buckets[bucket(age)] + month] += balance
    cells["aging_service"][buckets[bucket(day - service)] + month] += balance
    cells["aging_payer"][buckets[bucket(day - since)] + month] += balance
