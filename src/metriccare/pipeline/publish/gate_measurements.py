"""What the gates look at, of what a run holds in memory and of what the tracking store knows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date
from typing import Any

from metriccare.incremental.context import RunContext
from metriccare.marts.measures import BY_ID
from metriccare.marts.measures.definition import RATE
from metriccare.marts.measures.result_rows import TenantResult
from metriccare.marts.periods import ALL
from metriccare.pipeline.gold.outcome import Outcome, PersonsNotComputed
from metriccare.pipeline.publish.conservation import Conserved
from metriccare.quality.measured import Counted, Measured, Sizes, Subject, Uncomputed
from metriccare.tables import gold as gold_tables
from metriccare.tables.strata import OVERALL
from metriccare.tracking.pending import last_judged, last_published
from metriccare.tracking.states import FileRecord, FileState, RunRecord, RunState
from metriccare.tracking.store import TrackingStore

# The run under way, and those since the refusal that a person has looked at.
_LOOKED_AT = 10


def accepted_tenants(context: RunContext, found: Measured, store: TrackingStore) -> frozenset[str]:
    """Return the tenants whose refusal in force a person has accepted."""
    accept = context.settings.gates.accept
    if not accept:
        return frozenset()
    runs = store.runs(limit=_LOOKED_AT)
    return frozenset(t for t in found.by_tenant() if is_accepted(runs, accept, t))


def is_accepted(runs: Sequence[RunRecord], accept: str | None, tenant: str) -> bool:
    """Return True if a person accepted a tenant's refusal and no run has been judged since."""
    refused = last_judged(runs)
    if refused is None or refused.run_id != accept:
        return False
    # Refusals of earlier versions named no tenants: they were of all.
    every = refused.state is RunState.REFUSED and not refused.refused
    return every or tenant in refused.refused_tenants


def measured(
    context: RunContext,
    outcome: Outcome[Any],
    repeated: Mapping[Subject, Counted],
    kept: Conserved,
    store: TrackingStore,
) -> Measured:
    """Return what the gates look at; `repeated` are keys of gold's tables that are not unique.

    All files ever received are asked for only when their age matters: they grow with every day.
    """
    ages_matter = context.settings.gates.stale_days is not None
    taken_up = store.files(FileState.LOADED)
    return Measured(
        keys={**repeated, **_result_keys(outcome.results)},
        contents=contents(taken_up),
        files=_files(taken_up, kept.files),
        resources=kept.resources,
        before=_published_sizes(context, outcome.before),
        after=sizes(outcome.results),
        newest=newest_arrivals(store.files()) if ages_matter else {},
        as_of={one.tenant: one.as_of for one in outcome.results},
        uncomputed=_uncomputed(outcome.uncomputed, store) if outcome.uncomputed else {},
        violations=outcome.violations,
        shares=outcome.shares,
    )


def _uncomputed(
    counts: Mapping[str, PersonsNotComputed], store: TrackingStore
) -> dict[str, Uncomputed]:
    """Return the persons not computed, and how many of them are new since the last publication."""
    runs = store.runs()
    return {
        tenant: _unseen(found, last_published(runs, tenant) or "")
        for tenant, found in counts.items()
    }


def _unseen(found: PersonsNotComputed, published: str) -> Uncomputed:
    """Count what came after a run; runs are named in the order in which they began."""
    outcomes = sum(n for (_, outcome), n in found.since.items() if (outcome or "") > published)
    persons = sum(
        n for (run, outcome), n in found.since.items() if max(run, outcome or "") > published
    )
    return Uncomputed(sum(found.since.values()), found.of, persons, outcomes)


def contents(taken_up: Sequence[FileRecord]) -> dict[Subject, Counted]:
    """Return the bytes of files and those accounted for, of files read since that is kept."""
    found = {}
    for file in taken_up:
        accounted = file.bytes_accounted
        if file.bytes_content is not None and accounted is not None:
            found[_subject(file)] = Counted(file.bytes_content, accounted)
    return found


def _subject(file: FileRecord) -> Subject:
    return Subject(file.tenant, f"{file.source_file} (file {file.sequence})")


def _files(
    taken_up: Sequence[FileRecord], stored: Mapping[Subject, Counted]
) -> dict[Subject, Counted]:
    return {
        _subject(file): Counted(
            file.rows_loaded + file.rows_quarantined,
            stored.get(Subject(file.tenant, file.file_id), Counted(0, 0)).found,
        )
        for file in taken_up
    }


def _result_keys(results: Sequence[TenantResult]) -> dict[Subject, Counted]:
    """Return, of tenants whose results repeat a key, rows and keys."""
    groups: dict[str, list[object]] = {}
    for one in results:
        groups.setdefault(one.tenant, []).append(one.result.key)
    name = gold_tables.MEASURE_RESULT.full_name
    return {Subject(t, name): Counted(len(found), len(set(found))) for t, found in groups.items()}


def sizes(results: Iterable[TenantResult]) -> dict[Subject, Sizes]:
    """Return the base of every measure over all time."""
    return {
        Subject(one.tenant, one.result.key.measure_id): _sizes(
            one.result.key.measure_id, one.result.denominator, one.result.excluded
        )
        for one in results
        if (one.result.key.grain, one.result.key.stratum_type) == (ALL, OVERALL)
    }


def _sizes(measure_id: str, denominator: int | None, excluded: int | None) -> Sizes:
    """Return candidates and denominator; a rate's denominator is days, not candidates."""
    counted, left_out = denominator or 0, excluded or 0
    is_rate = measure_id in BY_ID and BY_ID[measure_id].shape == RATE
    return Sizes(0 if is_rate else counted + left_out, counted)


def _published_sizes(context: RunContext, before: Sequence[TenantResult]) -> dict[Subject, Sizes]:
    """Return the bases stored by the last run, of tenants whose as_of does not go back."""
    return sizes(one for one in before if one.as_of <= context.as_of_for(one.tenant))


def newest_arrivals(files: Iterable[FileRecord]) -> dict[str, date]:
    """Return the day (UTC) each tenant's newest file was registered."""
    found: dict[str, date] = {}
    for file in files:
        day = file.registered_at.astimezone(UTC).date()
        found[file.tenant] = max(day, found.get(file.tenant, day))
    return found
