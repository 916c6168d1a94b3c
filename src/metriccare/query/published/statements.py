"""Statements over a published mart, built from the declaration of a dataset.

Names come from declarations and every value is bound, so no word that a person typed becomes SQL.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from metriccare.access.scope import Scope
from metriccare.query.datasets.conditions import Condition
from metriccare.query.datasets.declaration import CONTAINS, EQ, GE, IN, LE, LT, Dataset
from metriccare.query.published.refusals import InvalidParameter
from metriccare.tables.types import duckdb_type

if TYPE_CHECKING:
    from sqlglot import exp

_DIALECT = "duckdb"


@dataclass(frozen=True)
class Statement:
    """SQL with one question mark for each bound value."""

    sql: str
    values: tuple[Any, ...]


@dataclass(frozen=True)
class Sort:
    """A column to sort by; rows without a value come last in both directions."""

    column: str
    descending: bool = False


@dataclass(frozen=True)
class Page:
    """Which rows of an answer: their order, how many at most, and the row after which they begin.

    `after` are the values of the sorted columns of the last row before, `None` for the first page.
    """

    sort: tuple[Sort, ...] = ()
    limit: int = 200
    after: tuple[Any, ...] | None = None


FIRST_PAGE = Page()


def sort_of(dataset: Dataset, words: Sequence[str]) -> tuple[Sort, ...]:
    """Return the order that words such as `-value` ask for; InvalidParameter for another column."""
    allowed = {*dataset.sorts, *dataset.key}
    found = tuple(Sort(word.removeprefix("-"), word.startswith("-")) for word in words)
    for each in found:
        if each.column not in allowed:
            raise InvalidParameter("sort", f"takes {', '.join(sorted(allowed))}.")
    if len({each.column for each in found}) != len(found):
        raise InvalidParameter("sort", "names a column twice.")
    return found


def total_order(dataset: Dataset, sort: Sequence[Sort]) -> tuple[Sort, ...]:
    """Return an order in which no two rows are equal: as asked, or the default, then the key."""
    chosen = tuple(sort) or sort_of(dataset, dataset.order)
    named = {each.column for each in chosen}
    return (*chosen, *(Sort(name) for name in dataset.key if name not in named))


def rows_statement(
    scope: Scope,
    dataset: Dataset,
    conditions: Sequence[Condition],
    page: Page,
    stored: Collection[str],
) -> Statement:
    """Return the statement of a page and one row more; then come the values of the order.

    `stored` are the columns the mart has: those of an older mart that it lacks are null.
    """
    from sqlglot import exp

    # Built in place: sqlglot's copies took a third of the time of an answer.
    where = _Where(stored)
    where.admit(scope, dataset)
    where.add(conditions)
    order = total_order(dataset, page.sort)
    if page.after is not None:
        where.after(order, page.after)
    items = [*(_item(column.name, column.type, stored) for column in dataset.columns)]
    keys = [_aliased(_column(each.column), f"order_{n}") for n, each in enumerate(order)]
    query = exp.select(*items, *keys, copy=False)
    query.from_(exp.to_identifier(dataset.mart, quoted=True), copy=False)
    query.where(*where.parts, copy=False)
    query.order_by(*(_ordered(each) for each in order), copy=False)
    query.limit(exp.Placeholder(), copy=False)
    return Statement(query.sql(dialect=_DIALECT), (*where.values, page.limit + 1))


def count_statement(
    scope: Scope, dataset: Dataset, conditions: Sequence[Condition], stored: Collection[str]
) -> Statement:
    """Return the statement of how many rows there are on all pages together."""
    from sqlglot import exp

    where = _Where(stored)
    where.admit(scope, dataset)
    where.add(conditions)
    query = exp.select(exp.Count(this=exp.Star()), copy=False)
    query.from_(exp.to_identifier(dataset.mart, quoted=True), copy=False)
    query.where(*where.parts, copy=False)
    return Statement(query.sql(dialect=_DIALECT), tuple(where.values))


class _Where:
    """Conditions of a statement, and their values in the same order."""

    def __init__(self, stored: Collection[str]) -> None:
        self._stored = stored
        self.parts: list[exp.Expr] = []
        self.values: list[Any] = []

    def admit(self, scope: Scope, dataset: Dataset) -> None:
        """Add what a scope may see of a dataset, and the rows the dataset is about."""
        self._equal("tenant", scope.tenant)
        for name, value in dataset.where.items():
            self._equal(name, value)
        if scope.facilities is None or dataset.is_of_no_facility:
            return
        rule = dataset.facilities
        if rule is None:
            self._nothing()
            return
        for name, value in rule.fixed.items():
            self._equal(name, value)
        self._is_in(rule.column, scope.facilities)

    def add(self, conditions: Sequence[Condition]) -> None:
        """Add what a reader asks for; a column the mart lacks matches no row."""
        for each in conditions:
            if each.column not in self._stored:
                self._nothing()
            elif each.operator == IN:
                self._is_in(each.column, each.values)
            else:
                self._compare(each.operator, each.column, each.values[0])

    def after(self, order: Sequence[Sort], last: Sequence[Any]) -> None:
        """Add that rows come after one: equal in some columns, then greater in the next."""
        from sqlglot import exp

        if len(last) != len(order):
            raise InvalidParameter("cursor", "is of another order.")
        choices = []
        for place, each in enumerate(order):
            greater = self._greater(each, last[place])
            if greater is None:
                continue
            equal = [
                exp.NullSafeEQ(this=_column(same.column), expression=exp.Placeholder())
                for same in order[:place]
            ]
            choices.append(exp.and_(*equal, greater) if equal else greater)
            self.values += [*last[:place], last[place]]
        self.parts.append(exp.or_(*choices) if choices else exp.false())

    def _greater(self, sort: Sort, value: Any) -> exp.Expr | None:
        """Return the condition of coming later in one column; None if nothing does."""
        from sqlglot import exp

        if value is None:
            return None
        compare = exp.LT if sort.descending else exp.GT
        later = compare(this=_column(sort.column), expression=exp.Placeholder())
        return exp.Paren(
            this=exp.or_(later, exp.Is(this=_column(sort.column), expression=exp.null()))
        )

    def _equal(self, column: str, value: Any) -> None:
        self._compare(EQ, column, value)

    def _compare(self, operator: str, column: str, value: Any) -> None:
        from sqlglot import exp

        if operator == CONTAINS:
            # Not LIKE: a percent sign that a person types is a percent sign.
            text = exp.Lower(this=_column(column))
            self.parts.append(
                exp.func("contains", text, exp.Lower(this=exp.Placeholder()), dialect=_DIALECT)
            )
        else:
            kinds = {EQ: exp.EQ, GE: exp.GTE, LE: exp.LTE, LT: exp.LT}
            self.parts.append(kinds[operator](this=_column(column), expression=exp.Placeholder()))
        self.values.append(value)

    def _is_in(self, column: str, values: Sequence[Any]) -> None:
        from sqlglot import exp

        if not values:
            self._nothing()
            return
        marks = [exp.Placeholder() for _ in values]
        self.parts.append(exp.In(this=_column(column), expressions=marks))
        self.values += values

    def _nothing(self) -> None:
        from sqlglot import exp

        self.parts.append(exp.false())


def _column(name: str) -> exp.Column:
    from sqlglot import exp

    return exp.column(exp.to_identifier(name, quoted=True))


def _item(name: str, type_: str, stored: Collection[str]) -> exp.Expr:
    from sqlglot import exp

    if name in stored:
        return _aliased(_column(name), name)
    return _aliased(exp.cast(exp.null(), duckdb_type(type_), dialect=_DIALECT), name)


def _aliased(item: exp.Expr, name: str) -> exp.Expr:
    from sqlglot import exp

    return exp.Alias(this=item, alias=exp.to_identifier(name, quoted=True))


def _ordered(sort: Sort) -> exp.Ordered:
    from sqlglot import exp

    return exp.Ordered(this=_column(sort.column), desc=sort.descending, nulls_first=False)
