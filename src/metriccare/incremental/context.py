"""The facts that every stage of a run needs: its id, its dates, its settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from metriccare.object_store import RawFiles
from metriccare.settings import Lake, Settings
from metriccare.sources.feeds.contracts import Contract
from metriccare.tracking.erased import ErasedNames
from metriccare.tracking.states import FileRecord


@dataclass(frozen=True)
class RunContext:
    """One run: its id, its lake, its dates and its settings.

    `as_of` is the date up to which the data counts as complete, per tenant. `pending_runs` are the
    runs with rows that are not published yet, this one too, each with its tenants (None for all).
    `taken_again` are loaded files that were processed before: by a replay or after a rollback.
    `rebuild` are the tenants with a silver layer to derive again from bronze (EVERY_TENANT for
    all); all of gold follows. Records of `erased` names are left out. `contracts` say how senders
    spell feeds, besides the canonical spelling.
    """

    run_id: str
    lake: Lake
    started_at: datetime
    as_of: date
    raw_files: RawFiles
    settings: Settings = field(default_factory=Settings)
    as_of_by_tenant: Mapping[str, date] = field(default_factory=dict)
    pending_runs: Mapping[str, frozenset[str] | None] = field(default_factory=dict)
    taken_again: tuple[FileRecord, ...] = ()
    rebuild: frozenset[str] = frozenset()
    erased: ErasedNames = field(default_factory=ErasedNames)
    contracts: tuple[Contract, ...] = ()

    def as_of_for(self, tenant: str) -> date:
        """Return the tenant's `as_of`: the date in its own time zone unless one was given."""
        return self.as_of_by_tenant.get(tenant, self.as_of)
