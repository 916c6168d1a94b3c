"""The published files of a lake, as the API reads and watches them."""

from __future__ import annotations

import logging
from contextlib import suppress
from datetime import UTC, datetime
from threading import Thread

from metriccare.access.rights import RIGHTS
from metriccare.access.scope import operator_scope
from metriccare.api.readiness import CheckFailed
from metriccare.errors import MetricCareError
from metriccare.query.datasets.registry import datasets
from metriccare.query.published.engine import PublishedEngine
from metriccare.query.published.file_list import FileList
from metriccare.query.published.publication import FIGURES, OPERATIONS
from metriccare.query.published.statements import Page
from metriccare.query.published.store import PublishedStore

_log = logging.getLogger("metriccare.api")


class PublishedFigures:
    """The publications of a lake's tenants, and which of them were refused."""

    def __init__(self, files: FileList, operations: FileList) -> None:
        self.files = files
        self._refused: dict[str, str | None] = {}
        figures = PublishedStore(self.files, _marts_of(FIGURES), on_refused=self._note_refused)
        # Its sessions are small: a few hundred rows.
        runs = PublishedStore(operations, _marts_of(OPERATIONS), on_refused=_log_refused)
        self.engine = PublishedEngine(figures, operations=runs)

    def open_in_background(self) -> None:
        """Open every tenant's publication and ask one question, so that no reader waits for it."""
        Thread(target=self._open_all, name="open-publications", daemon=True).start()

    def check(self) -> str:
        """Return what is published, in words; CheckFailed if a publication was refused."""
        tenants = self.files.tenants()
        current = {tenant: self.files.current_id(tenant) for tenant in tenants}
        refused = [name for name, at in self._refused.items() if current.get(name) == at]
        if refused:
            raise CheckFailed(f"a publication was refused, of: {', '.join(sorted(refused))}")
        return f"published: {len(tenants)} tenants" if tenants else "nothing is published"

    def age_seconds(self) -> float:
        """Return the age of the oldest tenant's publication; 0 if nothing is published."""
        ages = [0.0]
        for tenant in self.files.tenants():
            with suppress(MetricCareError):
                published = self.files.current(tenant)
                if published is not None:
                    age = datetime.now(UTC) - published.pointer.published_at
                    ages.append(age.total_seconds())
        return max(ages)

    def _open_all(self) -> None:
        for tenant in self.files.tenants():
            scope = operator_scope(tenant, RIGHTS)
            try:
                self.engine.rows(scope, datasets()[0], (), Page((), 1))
            except MetricCareError as error:
                self._note_refused(tenant, error)

    def _note_refused(self, tenant: str, error: MetricCareError) -> None:
        """Log that a publication was refused: readers keep the one before."""
        self._refused[tenant] = self.files.current_id(tenant)
        _log_refused(tenant, error)


def _log_refused(tenant: str, error: MetricCareError) -> None:
    _log.error("a publication of tenant %s was refused: %s", tenant, error)


def _marts_of(pointer: str) -> tuple[str, ...]:
    """Return the marts that the datasets of a pointer read."""
    return tuple(dict.fromkeys(each.mart for each in datasets() if each.pointer == pointer))
