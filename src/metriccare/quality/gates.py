"""Gates: what computed results must be before anything of them is written.

One ordered tuple: what would make every number wrong comes before what makes one doubtful. A gate
names a tenant and a subject (a table, a file, a measure) and compares numbers, never content.
Source: ingest specification, section 4.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from metriccare.errors import GateRefused
from metriccare.settings import GateLimits

# Of one gate's failures a message names so many; a broken feed breaks many measures at once.
_NAMED = 5


class Subject(NamedTuple):
    """What was measured: whose, and which table, file or measure."""

    tenant: str
    name: str


class Counted(NamedTuple):
    """Two numbers that ought to agree."""

    wanted: int
    found: int


class Sizes(NamedTuple):
    """The size of one measure's base: candidates it judged and those that count."""

    candidates: int
    denominator: int


@dataclass(frozen=True)
class Measured:
    """What the gates look at, by tenant and subject.

    `keys`: rows and distinct keys of each gold table. `contents`: bytes of each file taken up and
    those its reader accounts for. `files`: records tracked and stored of each of them.
    `resources`: resources received and kept, of the types where one is missing. `before` and
    `after`: the published and the computed size of each measure. `newest` and `as_of`: day of the
    newest arrival and of the results, by tenant.
    """

    keys: Mapping[Subject, Counted] = field(default_factory=dict)
    contents: Mapping[Subject, Counted] = field(default_factory=dict)
    files: Mapping[Subject, Counted] = field(default_factory=dict)
    resources: Mapping[Subject, Counted] = field(default_factory=dict)
    before: Mapping[Subject, Sizes] = field(default_factory=dict)
    after: Mapping[Subject, Sizes] = field(default_factory=dict)
    newest: Mapping[str, date] = field(default_factory=dict)
    as_of: Mapping[str, date] = field(default_factory=dict)


Judge = Callable[[Measured, GateLimits], Iterable[str]]


@dataclass(frozen=True)
class Gate:
    """One gate; `judge` yields a sentence for each failure, with wanted and found.

    A `doubt` may be right after all and can be accepted; the others are faults and cannot.
    """

    id: str
    sentence: str
    measures: str
    mend: str
    judge: Judge
    doubt: bool = False


def _repeated_keys(measured: Measured, limits: GateLimits) -> Iterator[str]:
    for subject, (wanted, found) in measured.keys.items():
        if wanted != found:
            yield (
                f"{subject.name} of tenant {subject.tenant}: wanted {wanted:,} rows with a key of"
                f" their own, found {found:,} keys"
            )


def _lost_records(measured: Measured, limits: GateLimits) -> Iterator[str]:
    for subject, (wanted, found) in measured.contents.items():
        if wanted != found:
            yield (
                f"{subject.name} of tenant {subject.tenant}: wanted {wanted:,} bytes read as"
                f" records, rejects, passed over or around records, found {found:,}"
            )
    for subject, (wanted, found) in measured.files.items():
        if wanted != found:
            yield (
                f"{subject.name} of tenant {subject.tenant}: wanted {wanted:,} records in bronze"
                f" and quarantine, found {found:,}"
            )
    for subject, (wanted, found) in measured.resources.items():
        if wanted != found:
            yield (
                f"{subject.name} of tenant {subject.tenant}: wanted {wanted:,} resources in silver"
                f" or quarantine, found {found:,}"
            )


def _dropped(measured: Measured, limits: GateLimits) -> Iterator[str]:
    for subject, before in measured.before.items():
        after = measured.after.get(subject, Sizes(0, 0))
        for what in Sizes._fields:
            was, now = getattr(before, what), getattr(after, what)
            least = was * (1 - limits.drop_share)
            if was >= limits.drop_base and now < least:
                yield (
                    f"{what} of {subject.name}, tenant {subject.tenant}: wanted at least"
                    f" {least:,.0f} ({limits.drop_share:.0%} less than the {was:,} published),"
                    f" found {now:,}"
                )


def _stale(measured: Measured, limits: GateLimits) -> Iterator[str]:
    if limits.stale_days is None:
        return
    for tenant, as_of in measured.as_of.items():
        newest = measured.newest.get(tenant)
        if newest is not None and (as_of - newest).days > limits.stale_days:
            yield (
                f"tenant {tenant}: wanted an arrival at most {limits.stale_days} days before as_of"
                f" {as_of}, found the newest on {newest}"
            )


GATES: tuple[Gate, ...] = (
    Gate(
        "key_unique",
        "Every row of a gold table has a key of its own; a repeated one would count twice.",
        "rows and distinct declared keys of each gold table and of the results",
        "A fault of the rules or of silver: `metriccare replay` the days of the run's files, and"
        " report it.",
        _repeated_keys,
    ),
    Gate(
        "records_conserved",
        "Every byte of a file is accounted for, every record received is loaded or in quarantine,"
        " and every resource is in silver, in quarantine, or superseded by a newer version of"
        " itself.",
        "bytes of each file taken up, against those of its records, of its rejects, of entries"
        " passed over, of Bundles and arrays around them and of white space; records of each file,"
        " tracked and stored; resources in bronze that are neither in silver nor in quarantine",
        "A table was changed from outside or a write was lost: `metriccare replay` the day the"
        " file arrived.",
        _lost_records,
    ),
    Gate(
        "share_dropped",
        "No measure's base shrinks by more than `drop_share` from one run to the next; deletes or"
        " corrections of that size are more often a broken feed.",
        "candidates and denominator of each measure over all time, against those stored by the"
        " last run; only from `drop_base` on, and not when as_of goes back",
        "Send what is missing and run again, or accept the drop.",
        _dropped,
        doubt=True,
    ),
    Gate(
        "data_fresh",
        "The newest arrival is at most `stale_days` before as_of: results that claim to be"
        " complete up to a day must not rest on a feed that stopped before it.",
        "days between the newest registered file of a tenant and its as_of; only when"
        " `stale_days` is set",
        "Mend the feed and run again, or accept the age.",
        _stale,
        doubt=True,
    ),
)


def judge(measured: Measured, limits: GateLimits, run_id: str, accepted: bool = False) -> None:
    """Raise GateRefused with the failures of the first gate that fails.

    `accepted`: a person has looked at the last refusal and lets doubts pass.
    """
    for gate in GATES:
        failures = [] if gate.doubt and accepted else list(gate.judge(measured, limits))
        if failures:
            raise GateRefused(_message(gate, failures, run_id))


def _message(gate: Gate, failures: list[str], run_id: str) -> str:
    more = len(failures) - _NAMED
    named = "; ".join(failures[:_NAMED]) + (f"; and {more:,} more" if more > 0 else "")
    accept = f" To publish as it is: `metriccare run --accept {run_id}`." if gate.doubt else ""
    return (
        f"Gate {gate.id} refused to publish: {named}. {gate.sentence} The results published"
        f" before stay, and the files wait for the next run. {gate.mend}{accept}"
    )
