"""What needs a person, tenant by tenant, and since when: alerts are raised and closed by runs.

A sentence names a gate, a feed or a table and never a count: measures and data quality publish
counts and hide the small ones. The only counts shown are those that `data_quality` publishes.
Source: serving specification, 3.2 rule 3.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from metriccare.monitoring.run_rows import demand_of, fix_of, refusal_of
from metriccare.settings import QualitySettings
from metriccare.tracking.pending import ERASED
from metriccare.tracking.states import PUBLISHED_RUNS, FileRecord, FileState, RunRecord, RunState

Record = dict[str, Any]
FAILURE, WARNING = "failure", "warning"
OPEN, CLOSED = "open", "closed"
HOURS, ROWS = "hours", "rows"
_HOUR = timedelta(hours=1)
# A closed alert is kept as long as publications are (publishing specification, 2.2).
_KEPT = timedelta(days=400)
_MOST_KEPT = 1000
_ID_DIGITS = 16


@dataclass(frozen=True)
class Finding:
    """Something that needs a person now; `value` is None where it is hidden or no number."""

    rule: str
    subject: str
    severity: str
    meaning: str
    next_step: str
    page: str
    value: int | None = None
    allowed: int | None = None
    unit: str | None = None
    suppressed: bool = False


@dataclass(frozen=True)
class Alert:
    """A finding and since when it is there; `closed_at` is None while it is.

    The sequences are the publications of operations that raised and closed it.
    """

    finding: Finding
    raised_at: datetime
    raised_sequence: int
    closed_at: datetime | None = None
    closed_sequence: int | None = None

    @property
    def subject(self) -> tuple[str, str]:
        """Return what makes two findings of two runs the same alert."""
        return self.finding.rule, self.finding.subject

    def row(self, tenant: str) -> Record:
        """Return the alert as a row of the mart `alert`."""
        finding = self.finding
        return {
            "tenant": tenant,
            "alert_id": self.id_in(tenant),
            "state": OPEN if self.closed_at is None else CLOSED,
            **{name: getattr(finding, name) for name in Finding.__dataclass_fields__},
            "raised_at": self.raised_at,
            "closed_at": self.closed_at,
            "raised_sequence": self.raised_sequence,
            "closed_sequence": self.closed_sequence,
        }

    def id_in(self, tenant: str) -> str:
        """Return the id of the alert, which stays the same until it is closed and after."""
        words = "\x1f".join((tenant, *self.subject, self.raised_at.isoformat()))
        return hashlib.sha256(words.encode()).hexdigest()[:_ID_DIGITS]


@dataclass(frozen=True)
class Observed:
    """What is known of one tenant at the end of a run; runs are newest first.

    `freshness` and `quality` are the tenant's published rows of those tables.
    """

    tenant: str
    at: datetime
    runs: Sequence[RunRecord]
    files: Sequence[FileRecord]
    limits: QualitySettings
    freshness: Sequence[Mapping[str, Any]] = field(default_factory=tuple)
    quality: Sequence[Mapping[str, Any]] = field(default_factory=tuple)


def _refused(observed: Observed) -> Iterator[Finding]:
    """Yield the gate that the newest run did not pass with this tenant."""
    newest = _newest(observed)
    refusal = refusal_of(newest, observed.tenant) if newest else None
    if newest is None or refusal is None:
        return
    accept = f" To publish as it is: `metriccare run --accept {newest.run_id}`."
    yield Finding(
        rule="gate_refused",
        subject=refusal.gate,
        severity=FAILURE,
        meaning=(
            "A quality gate did not publish new figures; the last good ones stay."
            f" {demand_of(refusal.gate)}"
        ),
        next_step=fix_of(refusal.gate) + accept,
        page="/runs",
    )


def _failed(observed: Observed) -> Iterator[Finding]:
    newest = _newest(observed)
    if newest is not None and newest.state is RunState.FAILED:
        yield Finding(
            rule="run_failed",
            subject="run",
            severity=FAILURE,
            meaning="The newest run failed; figures are those of the run before it.",
            next_step="`metriccare status` says why. The files wait, and the next run takes them.",
            page="/runs",
        )


def _unreadable(observed: Observed) -> Iterator[Finding]:
    if any(file.state is FileState.UNREADABLE for file in observed.files):
        yield Finding(
            rule="file_unreadable",
            subject="files",
            severity=WARNING,
            meaning="A file could not be read at all; nothing of it is in the figures.",
            next_step="`metriccare status` names it: send it again, whole.",
            page="/runs",
        )


def _nothing_arrived(observed: Observed) -> Iterator[Finding]:
    newest = max((file.registered_at for file in observed.files), default=None)
    if newest is not None:
        late = ("nothing_arrived", "everything", "Nothing has arrived")
        yield from _late(observed, *late, newest, observed.limits.sla_hours)


def _late_feeds(observed: Observed) -> Iterator[Finding]:
    """Yield feeds that have hours of their own in the settings and are older than these."""
    arrived = {str(row["resource_type"]): row["last_ingested_at"] for row in observed.freshness}
    for feed, hours in sorted(observed.limits.sla_hours_by_feed.items()):
        newest = next((at for name, at in arrived.items() if _is_feed(name, feed)), None)
        if newest is not None:
            late = ("feed_late", feed, f"Nothing of {feed} has arrived")
            yield from _late(observed, *late, newest, hours)


def _is_feed(name: str, feed: str) -> bool:
    """Return True if a resource type or feed is the one that the settings name: claim, Claim."""
    plain = name.removeprefix("feed:").replace("_", "").lower()
    return plain == feed.replace("_", "").lower()


def _late(
    observed: Observed, rule: str, subject: str, what: str, newest: datetime, allowed: int
) -> Iterator[Finding]:
    hours = (observed.at - _aware(newest)) // _HOUR
    if hours <= allowed:
        return
    yield Finding(
        rule=rule,
        subject=subject,
        severity=WARNING,
        meaning=f"{what} for longer than the limit; the figures may be incomplete.",
        next_step="Ask the sender; the limit is `sla_hours` in [quality] of the settings.",
        page="/quality",
        value=hours,
        allowed=allowed,
        unit=HOURS,
    )


def _rejected(observed: Observed) -> Iterator[Finding]:
    """Yield each rule that rejected records which nobody has sent again, as published."""
    for row in observed.quality:
        count, is_hidden = row["row_count"], bool(row["suppressed"])
        if row["severity"] != "reject" or not (count or is_hidden):
            continue
        yield Finding(
            rule="records_rejected",
            subject=f"{row['table_name']}: {row['rule_id']}",
            severity=WARNING,
            meaning=f"Records of {row['table_name']} were rejected: {row['meaning']}",
            next_step="`metriccare quarantine list` shows them; correct them and send them again.",
            page="/quality",
            value=None if is_hidden else count,
            unit=ROWS,
            suppressed=is_hidden,
        )


def _newest(observed: Observed) -> RunRecord | None:
    """Return the newest run that has ended; an erasure or a rollback judges nothing anew."""
    ended = PUBLISHED_RUNS | {RunState.REFUSED, RunState.FAILED}
    return next((r for r in observed.runs if r.state in ended and r.stage != ERASED), None)


def _aware(moment: datetime) -> datetime:
    """Return an instant with a zone: tables give theirs in UTC without one."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


Rule = Callable[[Observed], Iterable[Finding]]
# Of the tracking store alone: they can be judged when a run broke, too.
RULES_OF_RUNS: Mapping[str, Rule] = {
    "gate_refused": _refused,
    "run_failed": _failed,
    "file_unreadable": _unreadable,
    "nothing_arrived": _nothing_arrived,
}
# Of the published tables.
RULES_OF_TABLES: Mapping[str, Rule] = {
    "feed_late": _late_feeds,
    "records_rejected": _rejected,
}


def alerts_after(
    stored: Sequence[Alert],
    observed: Observed,
    rules: Collection[str],
    sequence: int,
) -> list[Alert]:
    """Return the alerts after judging some rules: new ones raised, those not found again closed.

    Alerts of other rules stay as they are. The newest come first.
    """
    judged = {**RULES_OF_RUNS, **RULES_OF_TABLES}
    found = {
        (finding.rule, finding.subject): finding
        for name in rules
        for finding in judged[name](observed)
    }
    kept = [_after(alert, found, rules, observed.at, sequence) for alert in stored]
    known = {alert.subject for alert in kept if alert.closed_at is None}
    new = [
        Alert(finding, observed.at, sequence)
        for subject, finding in found.items()
        if subject not in known
    ]
    return _newest_first([*new, *kept], observed.at)


def _after(
    alert: Alert,
    found: Mapping[tuple[str, str], Finding],
    rules: Collection[str],
    at: datetime,
    sequence: int,
) -> Alert:
    if alert.closed_at is not None or alert.finding.rule not in rules:
        return alert
    finding = found.get(alert.subject)
    if finding is None:
        return replace(alert, closed_at=at, closed_sequence=sequence)
    return replace(alert, finding=finding)


def _newest_first(alerts: Sequence[Alert], at: datetime) -> list[Alert]:
    kept = [each for each in alerts if each.closed_at is None or at - each.closed_at < _KEPT]
    kept.sort(key=lambda each: (each.closed_at is not None, -each.raised_at.timestamp()))
    return kept[:_MOST_KEPT]
