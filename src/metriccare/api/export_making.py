"""Makes the file of an export, whichever process does it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from metriccare.api.export_files import write_csv, write_workbook
from metriccare.api.exports import Form, Wanted
from metriccare.api.published import PublishedReads
from metriccare.query.published.engine import MOST_ROWS
from metriccare.query.published.parquet_file import parquet_of
from metriccare.query.published.statements import Page

MOST_EXPORTED_ROWS = 1_000_000


@dataclass(frozen=True)
class Made:
    """What came of an export: ready with its file, or too_large without one."""

    state: str
    rows: int
    hidden: int | None = None
    path: Path | None = None


def make_file(published: PublishedReads, wanted: Wanted, path: Path) -> Made:
    """Write the rows that are wanted to a file; `path` ends as the form is called."""
    rows = _Rows(published, wanted)
    if rows.total > MOST_EXPORTED_ROWS:
        return Made("too_large", rows.total)
    names = wanted.dataset.column_names
    if wanted.form is Form.XLSX:
        write_workbook(path, names, rows, _about(rows))
    elif wanted.form is Form.CSV:
        write_csv(path, names, rows)
    else:
        draft = path.with_suffix(".csv")
        write_csv(draft, names, rows, is_safe=False)
        notes = {"publication": wanted.publication, "dataset": wanted.dataset.name}
        path = parquet_of(draft, wanted.dataset, notes)
        draft.unlink()
    return Made("ready", rows.total, rows.hidden, path)


class _Rows:
    """The rows of an export, read page by page."""

    def __init__(self, published: PublishedReads, wanted: Wanted) -> None:
        self._published, self.wanted = published, wanted
        self._first = self._page(None)
        self.total, self.hidden = self._first.total, 0

    def __iter__(self) -> Iterator[Sequence[Any]]:
        """Yield every row."""
        answer = self._first
        while True:
            self.hidden += answer.hidden
            yield from answer.rows
            if answer.next is None:
                return
            answer = self._page(answer.next)

    @property
    def as_of(self) -> str:
        """Return the date up to which the data is complete."""
        return str(self._first.as_of)

    def _page(self, after: tuple[Any, ...] | None) -> Any:
        wanted = self.wanted
        page = Page(wanted.sort, MOST_ROWS, after)
        return self._published.rows(
            wanted.scope, wanted.dataset, wanted.conditions, page, wanted.publication
        )


def _about(rows: _Rows) -> dict[str, str]:
    wanted = rows.wanted
    return {
        "Title": wanted.dataset.title,
        "Meaning": wanted.dataset.meaning,
        "Filters": wanted.filters or "none",
        "Publication": wanted.publication,
        "Complete to": rows.as_of,
        "Hidden": "Rows with suppressed = TRUE have no figures: a count could identify people.",
    }
