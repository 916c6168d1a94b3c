"""Answers of declared datasets over published marts, for one scope at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from metriccare.access.scope import Scope
from metriccare.query.datasets.conditions import Condition
from metriccare.query.datasets.declaration import Dataset
from metriccare.query.published.publication import FIGURES, OPERATIONS, Publication
from metriccare.query.published.refusals import InvalidParameter, NotPublished
from metriccare.query.published.statements import (
    FIRST_PAGE,
    Page,
    count_statement,
    rows_statement,
)
from metriccare.query.published.store import PublishedStore

# Of an answer; exports have a way of their own (serving specification, 1.4).
MOST_ROWS = 50_000
_SECONDS = 5.0
SUPPRESSED = "suppressed"


@dataclass(frozen=True)
class Answer:
    """A page of a dataset's rows, and what it was taken from.

    `total` counts the rows of all pages, `hidden` those of this page that are suppressed. `next`
    are the values of the order in the last row; None if no row follows.
    """

    dataset: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    total: int
    hidden: int
    publication: str
    run_id: str
    as_of: date | None
    published_at: datetime
    next: tuple[Any, ...] | None

    @property
    def returned(self) -> int:
        """Return how many rows the page has."""
        return len(self.rows)


class PublishedEngine:
    """Answers declared datasets; each answer is for one scope, and none is given without.

    `operations` is the store of the marts about runs, which have a pointer of their own; None where
    they are not read.
    """

    def __init__(
        self,
        store: PublishedStore,
        seconds: float = _SECONDS,
        operations: PublishedStore | None = None,
    ) -> None:
        self._stores = {FIGURES: store, OPERATIONS: operations}
        self._seconds = seconds

    def publication(
        self, scope: Scope, pinned: str | None = None, pointer: str = FIGURES
    ) -> Publication:
        """Return what is published of the scope's tenant, or an earlier publication by its id."""
        return self._store(pointer).session(scope.tenant, pinned).publication

    def rows(
        self,
        scope: Scope,
        dataset: Dataset,
        conditions: Sequence[Condition] = (),
        page: Page = FIRST_PAGE,
        publication: str | None = None,
    ) -> Answer:
        """Return a page of a dataset's rows.

        Raises NotAllowed without the dataset's right, InvalidParameter, NotPublished,
        PublicationGone or TimedOut.
        """
        scope.require(dataset.right)
        if not 1 <= page.limit <= MOST_ROWS:
            raise InvalidParameter("limit", f"takes 1 to {MOST_ROWS:,}.")
        session = self._store(dataset.pointer).session(scope.tenant, publication)
        stored = session.columns(dataset.mart)
        asked = rows_statement(scope, dataset, conditions, page, stored)
        found = session.run(asked, self._seconds).rows
        width = len(dataset.columns)
        rows = tuple(row[:width] for row in found[: page.limit])
        if page.after is None and len(found) <= page.limit:
            total = len(rows)
        else:
            counted = count_statement(scope, dataset, conditions, stored)
            total = session.run(counted, self._seconds).rows[0][0]
        has_more = len(found) > page.limit
        pointer = session.publication.pointer
        return Answer(
            dataset=dataset.name,
            columns=dataset.column_names,
            rows=rows,
            total=total,
            hidden=_hidden(dataset, rows),
            publication=session.publication.id,
            run_id=pointer.run_id,
            as_of=pointer.as_of,
            published_at=pointer.published_at,
            next=found[page.limit - 1][width:] if has_more else None,
        )

    def _store(self, pointer: str) -> PublishedStore:
        found = self._stores[pointer]
        if found is None:
            raise NotPublished
        return found


def _hidden(dataset: Dataset, rows: Sequence[tuple[Any, ...]]) -> int:
    names = dataset.column_names
    if SUPPRESSED not in names:
        return 0
    place = names.index(SUPPRESSED)
    return sum(1 for row in rows if row[place])
