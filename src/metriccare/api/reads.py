"""Reads of a whole dataset in one answer, for charts and catalogues; and their conditions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, TypeVar

from metriccare.api import small_counts
from metriccare.api.encoding import Facts, instant
from metriccare.api.endpoint import Call, Reply
from metriccare.api.problems import Problem
from metriccare.query.datasets.conditions import Condition
from metriccare.query.datasets.declaration import EQ, GE, IN, LT, Dataset
from metriccare.query.published.engine import MOST_ROWS, Answer
from metriccare.query.published.statements import Page, sort_of
from metriccare.tables.strata import OVERALL, WHOLE

Record = dict[str, Any]
DeclaredT = TypeVar("DeclaredT")


def declared(call: Call, by_id: Mapping[str, DeclaredT]) -> DeclaredT:
    """Return what the id of the address names; not-found if there is nothing of that id."""
    found = by_id.get(call.values["id"])
    if found is None:
        raise Problem("not-found")
    return found


def equal(column: str, value: Any) -> Condition:
    """Return the condition that a column has a value."""
    return Condition(column, EQ, (value,))


def one_of(column: str, values: Sequence[Any]) -> Condition:
    """Return the condition that a column has one of some values."""
    return Condition(column, IN, tuple(sorted(set(values))))


def between(column: str, start: date | None, end: date | None) -> list[Condition]:
    """Return the conditions that a column's day lies in a half-open range; None is no bound."""
    bounds = ((GE, start), (LT, end))
    return [Condition(column, operator, (day,)) for operator, day in bounds if day]


def of_stratum(kind: str, value: str | None) -> list[Condition]:
    """Return the conditions of one stratum of a kind, or of everything where none is named."""
    stratum = (kind, value) if value else (OVERALL, WHOLE)
    return [equal("stratum_type", stratum[0]), equal("stratum_value", stratum[1])]


class Reader:
    """Reads rows of the request's publication and counts what the audit row must say."""

    def __init__(self, call: Call) -> None:
        self._call = call
        self._datasets: dict[str, None] = {}
        self._columns: dict[str, None] = {}
        self._rows = self._hidden = 0
        self._last: Answer | None = None
        self._as_of: date | None = None

    @property
    def as_of(self) -> date | None:
        """Return the date up to which the rows just read are complete."""
        return self._last.as_of if self._last else self._as_of

    def rows(
        self, dataset: Dataset, conditions: Sequence[Condition], sort: Sequence[str] = ()
    ) -> list[Record]:
        """Return every row that meets the conditions; of a scope with small counts, unhidden."""
        if self._call.scope.small_counts:
            found = small_counts.rows(self._call, conditions, sort)
            return self._noted(dataset, found)
        page = Page(sort_of(dataset, sort), MOST_ROWS)
        call = self._call
        publication = call.exchange.publication
        answer = call.services.published.rows(call.scope, dataset, conditions, page, publication)
        self._last = answer
        self._datasets[dataset.name] = None
        self._columns |= dict.fromkeys(answer.columns)
        self._rows += answer.returned
        self._hidden += answer.hidden
        return [dict(zip(answer.columns, row, strict=True)) for row in answer.rows]

    def _noted(self, dataset: Dataset, rows: list[Record]) -> list[Record]:
        self._datasets[f"{dataset.name} with small counts"] = None
        self._columns |= dict.fromkeys(dataset.column_names)
        self._rows += len(rows)
        self._hidden += sum(bool(row["small"]) for row in rows)
        self._as_of = next((row["as_of"] for row in rows), self._as_of)
        return rows

    def reply(self, content: dict[str, Any]) -> Reply:
        """Return an answer with what was read in `meta`."""
        call, publication = self._call, self._call.services.published.publication
        call.exchange.object = f"{'+'.join(self._datasets)} {call.exchange.route}"
        found = publication(call.scope, call.exchange.publication).pointer
        meta = {
            "publication": call.exchange.publication,
            "run_id": found.run_id,
            "as_of": found.as_of,
            "published_at": instant(found.published_at),
            "returned": self._rows,
            "total": self._rows,
            "hidden": self._hidden,
            "links": {"self": _own_address(call)},
        }
        if call.scope.small_counts:
            meta |= {"small_counts": True, "hidden": 0, "small": self._hidden}
        facts = Facts(self._rows, self._hidden, tuple(self._columns))
        return Reply({**content, "meta": meta}, facts=facts)


def _own_address(call: Call) -> str:
    query = call.request.url.query
    return f"{call.request.url.path}?{query}" if query else call.request.url.path
