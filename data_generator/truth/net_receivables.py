"""What is owed, less what payers usually take off: the sums behind ``net_days_in_ar``.

How much payers take off is known only when all accounts are counted, so the balances of accounts
without an answer wait in a temporary file: memory does not grow with people.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from tempfile import SpooledTemporaryFile
from typing import IO

# Claims specification, 2.3: answers of a year count, from 30 accounts on.
_WINDOW_DAYS, _FEWEST_ACCOUNTS = 365, 30
_SHARE = 10**9  # shares have nine digits, as exact as balances below a million need
_IN_MEMORY = 1 << 20  # 1 MB of waiting balances, then a file
_ROW = 6  # payer, month, three places, cents
_ROWS_AT_ONCE = 1 << 14
Amounts = tuple[int, int, int]  # accounts, charges, contractual


@dataclass(slots=True)
class NetReceivables:
    """Balances of accounts without an answer, and what answers took off, by payer and day."""

    payers: list[str] = field(default_factory=list)
    # Changes of accounts, charges and contractual in the window that ends on a day.
    changes: dict[str, dict[int, list[int]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(lambda: [0, 0, 0]))
    )
    pending: array[int] = field(default_factory=lambda: array("q"))
    waiting: IO[bytes] = field(
        default_factory=lambda: SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115
    )

    def add_waiting(self, payer: str, month: int, places: tuple[int, int, int], cents: int) -> None:
        """Keep the balance of an account without an answer at a month's end."""
        if payer not in self.payers:
            self.payers.append(payer)
        self.pending.extend((self.payers.index(payer), month, *places, cents))
        if len(self.pending) >= _ROW * _ROWS_AT_ONCE:
            self._flush()

    def _flush(self) -> None:
        self.waiting.seek(0, 2)
        self.waiting.write(self.pending.tobytes())
        del self.pending[:]

    def add_answered(self, payer: str, first: int, posted: Iterable[tuple[int, int, int]]) -> None:
        """Add an account answered first on a day; ``posted`` are day, charges and contractual."""
        changes, last = self.changes[payer], first + _WINDOW_DAYS
        charges = contractual = 0
        for day, charged, reduced in posted:
            if day < last:
                _add(changes[max(day, first)], (0, charged, reduced))
                charges, contractual = charges + charged, contractual + reduced
        _add(changes[first], (1, 0, 0))
        _add(changes[last], (-1, -charges, -contractual))

    def shares(self, stocks: Sequence[int], base: NetReceivables | None) -> list[Shares | None]:
        """Return, for each month's end, what payers leave of a charge; None: too few answers."""
        payers = {*self.changes, *(base.changes if base else ())}
        sums: dict[str, list[Amounts]] = {}
        for payer in payers:
            of_days: dict[int, list[int]] = defaultdict(lambda: [0, 0, 0])
            for each in (self, base):
                for day, amounts in each.changes.get(payer, {}).items() if each else ():
                    _add(of_days[day], amounts)
            sums[payer] = list(_running(of_days, stocks))
        return [_shares({p: rows[n] for p, rows in sums.items()}) for n in range(len(stocks))]

    def rows(self) -> Iterator[tuple[str, int, tuple[int, int, int], int]]:
        """Yield payer, month, places and cents of every balance without an answer."""
        self._flush()
        self.waiting.seek(0)
        while data := self.waiting.read(8 * _ROW * _ROWS_AT_ONCE):
            values = array("q", data)
            for at in range(0, len(values), _ROW):
                payer, month, one, two, three, cents = values[at : at + _ROW]
                yield self.payers[payer], month, (one, two, three), cents


@dataclass(frozen=True, slots=True)
class Shares:
    """What is left of a charge, in billionths: of payers with enough answers, and of all."""

    own: Mapping[str, int]
    whole: int

    def left_of(self, payer: str, cents: int) -> int:
        """Return what is left of a balance, half a cent rounded up."""
        return (2 * cents * self.own.get(payer, self.whole) + _SHARE) // (2 * _SHARE)


def _shares(of_payers: Mapping[str, Amounts]) -> Shares | None:
    whole = tuple(map(sum, zip(*of_payers.values(), strict=True))) or (0, 0, 0)
    if whole[0] < _FEWEST_ACCOUNTS:
        return None
    own = {p: _share(row) for p, row in of_payers.items() if row[0] >= _FEWEST_ACCOUNTS}
    return Shares(own, _share(whole))


def _share(amounts: Sequence[int]) -> int:
    _, charges, contractual = amounts
    if charges <= 0:
        return _SHARE
    left = 2 * abs(charges - contractual) * _SHARE
    share = (left + charges) // (2 * charges)
    return share if contractual <= charges else -share


def _running(of_days: Mapping[int, Sequence[int]], stocks: Sequence[int]) -> Iterator[Amounts]:
    """Yield the sums of all changes up to each day."""
    total = [0, 0, 0]
    days = sorted(of_days)
    at = 0
    for stock in stocks:
        while at < len(days) and days[at] <= stock:
            _add(total, of_days[days[at]])
            at += 1
        yield total[0], total[1], total[2]


def _add(total: list[int], amounts: Sequence[int]) -> None:
    for place, amount in enumerate(amounts):
        total[place] += amount
