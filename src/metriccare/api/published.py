"""Reads of published rows, with every refusal as a problem."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from metriccare.access.scope import NotAllowed, Scope
from metriccare.api.problems import FieldError, Problem
from metriccare.errors import UsageError
from metriccare.query.datasets.conditions import Condition
from metriccare.query.datasets.declaration import Dataset
from metriccare.query.published.engine import Answer, PublishedEngine
from metriccare.query.published.file_list import FileList
from metriccare.query.published.publication import FIGURES, Publication, PublicationRefused
from metriccare.query.published.refusals import (
    InvalidParameter,
    NotPublished,
    PublicationGone,
    TimedOut,
    UnknownDataset,
)
from metriccare.query.published.statements import FIRST_PAGE, Page

_SLUGS: Mapping[type[Exception], str] = {
    NotPublished: "not-published",
    PublicationGone: "publication-gone",
    PublicationRefused: "unavailable",
    TimedOut: "timeout",
    UnknownDataset: "not-found",
    NotAllowed: "forbidden",
}


@dataclass(frozen=True)
class PublishedReads:
    """The published results, for one scope at a time."""

    engine: PublishedEngine
    files: FileList

    def history(self, scope: Scope) -> list[Publication]:
        """Return the publications of the scope's tenant that are kept, the newest first."""
        ids = self.files.kept_ids(scope.tenant)
        kept = (self.files.kept(scope.tenant, each) for each in ids)
        found = [publication for publication in kept if publication is not None]
        return sorted(found, key=lambda each: each.pointer.sequence, reverse=True)

    def publication(
        self, scope: Scope, pinned: str | None = None, pointer: str = FIGURES
    ) -> Publication:
        """Return what is published, or the pinned publication."""
        return self.engine.publication(scope, pinned, pointer)

    def rows(
        self,
        scope: Scope,
        dataset: Dataset,
        conditions: Sequence[Condition] = (),
        page: Page = FIRST_PAGE,
        publication: str | None = None,
    ) -> Answer:
        """Return a page of a dataset's rows."""
        return self.engine.rows(scope, dataset, conditions, page, publication)


def problem_of(error: Exception) -> Problem | None:
    """Return the problem of a refusal of the query layer; None for another error."""
    if isinstance(error, InvalidParameter):
        return Problem("invalid-parameter", errors=[FieldError("query", error.name, error.detail)])
    slug = next((slug for kind, slug in _SLUGS.items() if isinstance(error, kind)), None)
    # Of the inner layers: what is asked for is not in this lake.
    if slug is None and isinstance(error, UsageError):
        return Problem("not-found")
    # The words of these refusals hold no value of a record.
    return None if slug is None else Problem(slug, str(error))
