"""Evidence of a lake on this machine, for the API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from metriccare.api.evidence import Explanation, Record, SourceRecord
from metriccare.marts.measures.rulebook import load_rulebook
from metriccare.report import evidence
from metriccare.report.evidence import Cell, Choice
from metriccare.report.explain import explain
from metriccare.report.explained_account import explain_account
from metriccare.settings import Lake, Settings

if TYPE_CHECKING:
    from metriccare.query.duckdb.engine import DuckDbEngine


class LakeEvidence:
    """Reads the newest rows of the inner layers; every query opens a session of its own."""

    def __init__(self, lake: Lake, settings: Settings) -> None:
        self._lake, self._settings = lake, settings

    def stays(self, tenant: str, cell: Cell, choice: Choice) -> list[Record]:
        """Return the stays of a cell."""
        return evidence.stays_of_cell(self._engine(), tenant, cell, choice)

    def explanation(self, tenant: str, measure_id: str, stay_id: str) -> Explanation | None:
        """Return why a stay is in or out of a measure."""
        engine = self._engine()
        # Asked first, so that nothing is said of another tenant's stay.
        owner = evidence.owner_of_stay(engine, tenant, stay_id)
        if owner is None:
            return None
        codes = load_rulebook(self._settings.measures).codes
        rows = explain(engine, codes, measure_id, stay_id, tenant)
        return Explanation(*owner, tuple(rows.records()))

    def denials(self, tenant: str, where: Mapping[str, Sequence[str]], limit: int) -> list[Record]:
        """Return denials to work."""
        return evidence.denials(self._engine(), tenant, where, limit)

    def account(self, tenant: str, account_id: str) -> Explanation | None:
        """Return an account down to file and line."""
        engine = self._engine()
        owner = evidence.owner_of_account(engine, tenant, account_id)
        if owner is None:
            return None
        rows = explain_account(engine, account_id, tenant)
        return Explanation(*owner, tuple(rows.records()))

    def account_of_claim(self, tenant: str, claim_id: str) -> str | None:
        """Return the account of a claim."""
        return evidence.account_of_claim(self._engine(), tenant, claim_id)

    def small_counts(self, tenant: str, measure_id: str) -> list[Record]:
        """Return every result of a measure before suppression."""
        return evidence.unsuppressed_results(self._engine(), tenant, measure_id)

    def record(self, tenant: str, resource_type: str, record_id: str) -> SourceRecord | None:
        """Return the newest version of a resource."""
        engine = self._engine()
        versions = evidence.source_records(engine, tenant, resource_type, record_id)
        if not versions or versions[0]["deleted"]:
            return None
        newest = versions[0]
        return SourceRecord(
            persons=tuple(evidence.persons_of_record(engine, tenant, resource_type, record_id)),
            raw=newest["raw"],
            source_file=newest["source_file"],
            source_line=newest["source_line"],
            last_updated=newest["last_updated"],
            versions=len(versions),
        )

    def _engine(self) -> DuckDbEngine:
        # Imported late: the translation of SQL takes a tenth of a second.
        from metriccare.wiring.queries import open_engine

        return open_engine(self._lake)
