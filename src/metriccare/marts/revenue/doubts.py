"""What the doubts about revenue look at: parts of a whole, now and in the last publication.

Source: claims specification, 7.2.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Generic, NamedTuple

from metriccare.engine.models import model
from metriccare.engine.protocol import Engine, RelationT, Row
from metriccare.incremental.context import RunContext
from metriccare.incremental.pending_rows import IS_PENDING, pending_parameters
from metriccare.marts.periods import MONTH
from metriccare.marts.revenue.closed import closed_figures
from metriccare.marts.revenue.figures import VALUE_DIGITS, Figure, KpiKey
from metriccare.marts.revenue.rounding import decimal
from metriccare.quality.gates import ACCOUNTS_OUT_OF_BALANCE, CLOSE_RESTATED, CREDIT_BALANCES
from metriccare.quality.gates import ORPHAN_REMITS as ORPHANS
from metriccare.quality.measured import Share, Subject
from metriccare.tables import claims, revenue
from metriccare.tables.declaration import TENANT, Column
from metriccare.tables.feeds import BY_FEED
from metriccare.tables.strata import OVERALL

# The amounts of a closed month that hardly change any more.
_WATCHED = {"gross_charges": "charges", "total_collections": "collections"}
_NAMES = {
    ORPHANS: "answers without their claim",
    CREDIT_BALANCES: "credit balances",
    ACCOUNTS_OUT_OF_BALANCE: "accounts out of balance",
}
_READ = (claims.ACCOUNT, claims.REMIT)
WAITING = (TENANT, Column("answers", "bigint", "answers of feeds that wait for their claim"))


class _Part(NamedTuple):
    part: Decimal
    whole: Decimal

    @property
    def share(self) -> Decimal:
        """Return the share; a part of nothing is all of it."""
        return self.part / self.whole if self.whole else Decimal(bool(self.part))


_Parts = Mapping[tuple[str, str, str | None], _Part]


@dataclass(frozen=True)
class Doubts(Generic[RelationT]):
    """Measures what the gates may doubt; `claim_name` are the names by which rows mean claims."""

    engine: Engine[RelationT]
    context: RunContext
    claim_name: RelationT

    def shares(
        self, tables: Mapping[str, RelationT], figures: Iterable[Figure], closed: Sequence[Row]
    ) -> dict[Subject, Share]:
        """Return the shares; `tables` are as they are to be, `closed` the rows of gold.kpi_close.

        What the last publication had is read from the stored tables.
        """
        engine = self.engine
        now = doubtful_parts(engine, tables, self._waiting("true"))
        is_stored = all(engine.commits(table) for table in _READ)
        stored = {table.name: engine.read(table) for table in _READ}
        earlier = self._waiting(f"not {IS_PENDING}")
        then = doubtful_parts(engine, stored, earlier) if is_stored else {}
        watched = {(f.tenant, f.key): _amount(f.value) for f in figures if _is_watched(f.key)}
        restated = restated_shares(closed, watched, self._published() if closed else {})
        return {**shares_of(now, then), **dict(restated)}

    def _waiting(self, which: str) -> RelationT:
        """Return, by tenant, the answers of feeds that name a claim nobody has sent."""
        engine, table = self.engine, BY_FEED["remits"]
        if not engine.commits(table):
            return engine.from_rows(WAITING, [])
        # Answers that are not ours, and estimates, touch nothing.
        text = (
            "select tenant, count(*) as answers from (select distinct f.tenant, f.remit_id,"
            " f.claim_id from feed_remits f left anti join claim_name n"
            " on n.tenant = f.tenant and n.name = f.claim_id"
            " where not f.deleted and coalesce(f.claim_status_code, '') not in ('23', '25')"
            f" and {which}) w group by tenant"
        )
        parameters = pending_parameters(self.context) if which != "true" else None
        rows = {"feed_remits": engine.read(table), "claim_name": self.claim_name}
        return engine.sql(text, parameters, **rows)

    def _published(self) -> dict[tuple[str, KpiKey], Decimal]:
        """Return the watched amounts by month that the last publication stored."""
        names = ", ".join(("tenant", "value", *KpiKey._fields))
        listed = ", ".join(f"'{kpi}'" for kpi in _WATCHED)
        text = (
            f"select {names} from kpi_result where kpi_id in ({listed}) and grain = '{MONTH}'"
            f" and stratum_type = '{OVERALL}'"
        )
        rows = self.engine.sql(text, kpi_result=self.engine.read(revenue.KPI_RESULT))
        return {
            (row["tenant"], KpiKey(*(row[name] for name in KpiKey._fields))): row["value"]
            for row in self.engine.rows(rows)
            if row["value"] is not None
        }


def doubtful_parts(
    engine: Engine[RelationT], tables: Mapping[str, RelationT], waiting: RelationT
) -> _Parts:
    """Return part and whole by tenant, gate and currency, from tables of accounts and answers."""
    given = {table.name: tables[table.name] for table in _READ}
    text = model(__package__, "doubtful_shares")
    rows = engine.rows(engine.sql(text, None, waiting=waiting, **given))
    return {
        (row["tenant"], row["gate"], row["currency"]): _Part(row["part"], row["whole"])
        for row in rows
    }


def shares_of(now: _Parts, then: _Parts) -> dict[Subject, Share]:
    """Return the shares of parts, each with the one that was published."""
    found = {}
    for key, (part, whole) in now.items():
        tenant, gate, currency = key
        name = f"{_NAMES[gate]} in {currency}" if currency else _NAMES[gate]
        before = then[key].share if key in then else Decimal(0)
        found[Subject(tenant, name)] = Share(gate, part, whole, before)
    return found


def restated_shares(
    closed: Iterable[Row],
    now: Mapping[tuple[str, KpiKey], Decimal],
    then: Mapping[tuple[str, KpiKey], Decimal],
) -> Iterator[tuple[Subject, Share]]:
    """Yield what changed of the charges and collections of closed months, newest close only."""
    newest = {
        (each.figure.tenant, each.figure.key): _amount(each.figure.value)
        for each in sorted(closed_figures(closed), key=lambda each: each.version)
        if _is_watched(each.figure.key)
    }
    for (tenant, key), amount in newest.items():
        name = f"{_WATCHED[key.kpi_id]} of {key.period_start:%Y-%m} in {key.currency}, restated"
        changed = _Part(abs(now.get((tenant, key), Decimal(0)) - amount), abs(amount))
        before = _Part(abs(then.get((tenant, key), amount) - amount), abs(amount))
        yield Subject(tenant, name), Share(CLOSE_RESTATED, *changed, before.share)


def _is_watched(key: KpiKey) -> bool:
    return key.kpi_id in _WATCHED and (key.grain, key.stratum_type) == (MONTH, OVERALL)


def _amount(value: int | None) -> Decimal:
    return Decimal(0) if value is None else decimal(value, VALUE_DIGITS)
