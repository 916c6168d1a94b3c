"""Gates: conditions that a tenant's computed results must meet before any of them is written.

The tuple is ordered: faults that make every number wrong come before doubts about one. A gate
names a tenant and a subject (a table, a file, a measure) and compares numbers, never content.
Each tenant is judged alone: a refused tenant keeps its results, the others are published.
Source: ingest specification, section 4.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial

from metriccare.errors import GateRefused, Refusal
from metriccare.quality.measured import Measured, Sizes
from metriccare.settings import GateLimits

# A message names at most this many failures of a gate, and tenants: a broken feed breaks many
# measures at once, and a person reads the first few.
_MOST_NAMED = 5
# With more refused tenants than this, each is named with its first failure only: an item of the
# tracking table holds 400 kB, and each sentence takes about 200 bytes.
_MOST_TENANTS_IN_FULL = 20
# The doubts about shares of revenue, which its mart measures.
ORPHAN_REMITS, CREDIT_BALANCES = "orphan_remits", "credit_balances"
CLOSE_RESTATED, ACCOUNTS_OUT_OF_BALANCE = "close_restated", "accounts_out_of_balance"
# This share of a tenant's persons may stay uncomputed, and always fewer persons than the base.
_UNCOMPUTED_SHARE = 0.001
_UNCOMPUTED_BASE = 5


Judge = Callable[[Measured, GateLimits], Iterable[str]]


@dataclass(frozen=True)
class Gate:
    """One gate; `judge` yields a sentence for each failure, with wanted and found.

    A `doubt` may be correct and can be accepted; the others are faults and cannot.
    """

    id: str
    sentence: str
    measures: str
    fix: str
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


def _too_many_uncomputed(measured: Measured, limits: GateLimits) -> Iterator[str]:
    for tenant, (persons, of, unseen, unseen_outcomes) in measured.uncomputed.items():
        most = max(_UNCOMPUTED_BASE - 1, int(of * _UNCOMPUTED_SHARE))
        if unseen_outcomes:
            yield (
                f"tenant {tenant}: wanted every person with a death or an infection computed,"
                f" found {unseen_outcomes:,} not computed"
            )
        elif unseen and persons > most:
            yield (
                f"tenant {tenant}: wanted at most {most:,} of {of:,} persons not computed,"
                f" found {persons:,}"
            )


def _dropped_sizes(measured: Measured, limits: GateLimits) -> Iterator[str]:
    for subject, before in measured.before.items():
        after = measured.after.get(subject, Sizes(0, 0))
        for size in Sizes._fields:
            published, computed = getattr(before, size), getattr(after, size)
            least = published * (1 - limits.drop_share)
            if published >= limits.drop_base and computed < least:
                yield (
                    f"{size} of {subject.name}, tenant {subject.tenant}: wanted at least"
                    f" {least:,.0f} ({limits.drop_share:.0%} less than the {published:,}"
                    " published),"
                    f" found {computed:,}"
                )


def _stale_tenants(measured: Measured, limits: GateLimits) -> Iterator[str]:
    if limits.stale_days is None:
        return
    for tenant, as_of in measured.as_of.items():
        newest = measured.newest.get(tenant)
        if newest is not None and (as_of - newest).days > limits.stale_days:
            yield (
                f"tenant {tenant}: wanted an arrival at most {limits.stale_days} days before as_of"
                f" {as_of}, found the newest on {newest}"
            )


def _broken_sums(gate_id: str, measured: Measured, limits: GateLimits) -> Iterator[str]:
    for subject, (wanted, found) in measured.violations.items():
        if subject.name == gate_id and wanted != found:
            yield f"tenant {subject.tenant}: wanted {wanted:,} violations, found {found:,}"


def _large_shares(
    gate_id: str, limit_of: Callable[[GateLimits], float], measured: Measured, limits: GateLimits
) -> Iterator[str]:
    """Yield the shares above the limit; one that was published is doubted when it grows by it."""
    limit = Decimal(str(limit_of(limits)))
    for subject, (gate, part, whole, published) in measured.shares.items():
        most = limit if published <= limit else published + limit
        if gate == gate_id and part > most * whole:
            found = f"{part / whole:.1%}" if whole else "all"
            yield (
                f"{subject.name}, tenant {subject.tenant}: wanted at most {most:.1%} of"
                f" {whole:,}, found {part:,} ({found})"
            )


def _large_counts(
    gate_id: str, limit_of: Callable[[GateLimits], float], measured: Measured, limits: GateLimits
) -> Iterator[str]:
    """Yield the shares of rows above the limit, of tenants with enough rows to judge by."""
    many = {s: share for s, share in measured.shares.items() if share.whole >= limits.share_base}
    return _large_shares(gate_id, limit_of, replace(measured, shares=many), limits)


def _of_sums(id_: str, sentence: str, measures: str) -> Gate:
    """Return a gate of sums that must hold to the cent; a violation is a fault of the rules."""
    fix = "A fault of the rules: report it. `metriccare rebuild gold` if a table was changed."
    return Gate(id_, sentence, measures, fix, partial(_broken_sums, id_))


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
        "bytes of each processed file, against those of its records, of its rejects, of entries"
        " passed over, of Bundles and arrays around them and of white space; records of each file,"
        " tracked and stored; resources in bronze that are neither in silver nor in quarantine",
        "A table was changed from outside or a write was lost: `metriccare replay` the day the"
        " file arrived.",
        _lost_records,
    ),
    _of_sums(
        "money_conservation",
        "Of every account, charge = paid by payers and patient - refunds + contractual + written"
        " off + balance, and the balance is the payers' and the patient's.",
        "accounts whose sums differ by a cent or more",
    ),
    _of_sums(
        "line_conservation",
        "The charges of a claim's lines are the claim's charge, and split amounts are the amount"
        " of the header.",
        "claims and answers whose lines do not add up to them",
    ),
    _of_sums(
        "ar_rollforward",
        "The balance at a month's end is the one at its start and what was posted in between.",
        "facilities and months whose balances differ from the entries",
    ),
    _of_sums(
        "kpi_totals",
        "The strata of one type add up to the overall figure, money and counts.",
        "figures whose strata do not add up to them",
    ),
    _of_sums(
        "close_unchanged",
        "A closed month's figures are those of its fingerprint: nobody changed them.",
        "closed figures with another fingerprint",
    ),
    _of_sums(
        "entry_once",
        "Each line of an answer, transaction and submission is the source of entries once.",
        "entries with the same source",
    ),
    Gate(
        "persons_computed",
        "The rules can compute nearly every person; the rows of one they fail on stay as they were"
        " and may be wrong.",
        "persons not computed: none with a death or an infection, and at most"
        f" {_UNCOMPUTED_SHARE:.1%} of a tenant's persons (fewer than {_UNCOMPUTED_BASE} always"
        " pass); persons who were not computed in the last publication do not count again",
        "`metriccare status` names the persons and the place of the error: correct their records"
        " or report the error, and run again, or accept results without them.",
        _too_many_uncomputed,
        doubt=True,
    ),
    Gate(
        "share_dropped",
        "No measure's base shrinks by more than `drop_share` from one run to the next; deletes or"
        " corrections of that size are more often a broken feed.",
        "candidates and denominator of each measure over all time, against those stored by the"
        " last run; only from `drop_base` on, and not when as_of goes back",
        "Send what is missing and run again, or accept the drop.",
        _dropped_sizes,
        doubt=True,
    ),
    Gate(
        "data_fresh",
        "The newest arrival is at most `stale_days` before as_of: results that claim to be"
        " complete up to a day must not rest on a feed that stopped before it.",
        "days between the newest registered file of a tenant and its as_of; only when"
        " `stale_days` is set",
        "Fix the feed and run again, or accept the age.",
        _stale_tenants,
        doubt=True,
    ),
    Gate(
        ORPHAN_REMITS,
        "Nearly every answer of a payer finds its claim; many that do not are more often a feed of"
        " claims that is missing.",
        "answers whose claim has not arrived, of all answers; only from `share_base` answers on",
        "Send the claims and run again, or accept the answers without them.",
        partial(_large_counts, ORPHAN_REMITS, lambda limits: limits.orphan_share),
        doubt=True,
    ),
    Gate(
        CREDIT_BALANCES,
        "Credit balances are small beside open receivables; large ones are more often payments or"
        " discounts that count twice, or missing charges.",
        "sum of the credit balances of each currency, of its open receivables",
        "`metriccare query` the accounts of `gold.account` in state `credit`: correct what was sent"
        " and run again, or accept the credits.",
        partial(_large_shares, CREDIT_BALANCES, lambda limits: limits.credit_share),
        doubt=True,
    ),
    Gate(
        CLOSE_RESTATED,
        "A closed month's charges and collections hardly change any more; a large change is more"
        " often a feed that was sent again, or in part.",
        "charges and collections of each closed month, as known now against as closed",
        "Look at the view `kpi_close_history`: send what is missing and run again, or accept the"
        " change. `metriccare close MONTH --reopen` keeps the new figures.",
        partial(_large_shares, CLOSE_RESTATED, lambda limits: limits.restated_share),
        doubt=True,
    ),
    Gate(
        ACCOUNTS_OUT_OF_BALANCE,
        "Payment and adjustments of an answer add up to its charge; many answers that do not are"
        " more often a mapping that lost a column.",
        "accounts with an answer out of balance, of all accounts; only from `share_base` accounts"
        " on",
        "`metriccare query` the rows of `gold.remit` with `remit_out_of_balance` in `dq_flags`:"
        " correct the mapping and replay, or accept them.",
        partial(_large_counts, ACCOUNTS_OUT_OF_BALANCE, lambda limits: limits.out_of_balance_share),
        doubt=True,
    ),
)


def judge(
    measured: Measured, limits: GateLimits, run_id: str, accepted: Collection[str] = ()
) -> tuple[Refusal, ...]:
    """Return the tenants that are refused, each with the failures of the first gate that fails.

    `accepted`: tenants whose last refusal a person has accepted; their doubts pass. Raises
    GateRefused when no tenant is left to publish.
    """
    parts = measured.by_tenant()
    failed = {
        tenant: failure
        for tenant, part in parts.items()
        if (failure := _first_failure(part, limits, lets_doubts_pass=tenant in accepted))
    }
    most = _MOST_NAMED if len(failed) <= _MOST_TENANTS_IN_FULL else 1
    refusals = tuple(
        Refusal(tenant, gate.id, f"{_joined(failures, most)}. {gate.sentence}")
        for tenant, (gate, failures) in failed.items()
    )
    if refusals and len(refusals) == len(parts):
        raise GateRefused(refusal_message(refusals, run_id), refusals)
    return refusals


def _first_failure(
    measured: Measured, limits: GateLimits, *, lets_doubts_pass: bool
) -> tuple[Gate, list[str]] | None:
    for gate in GATES:
        failures = [] if gate.doubt and lets_doubts_pass else list(gate.judge(measured, limits))
        if failures:
            return gate, failures
    return None


def _joined(failures: Sequence[str], most: int) -> str:
    more = len(failures) - most
    return "; ".join(failures[:most]) + (f"; and {more:,} more" if more > 0 else "")


def refusal_message(refusals: Sequence[Refusal], run_id: str) -> str:
    """Say which gates refused which tenants, why, and what a person can do."""
    gates = [gate for gate in GATES if gate.id in {refusal.gate for refusal in refusals}]
    sentences = [
        f"Gate {gate} refused to publish tenant {tenant}: {sentence}"
        for tenant, gate, sentence in refusals[:_MOST_NAMED]
    ]
    if len(refusals) > _MOST_NAMED:
        sentences.append(
            f"{len(refusals) - _MOST_NAMED:,} more tenants are refused (`metriccare status`)."
        )
    sentences.append("The results published before stay, and the files wait for the next run.")
    sentences += [gate.fix for gate in gates]
    if any(gate.doubt for gate in gates):
        sentences.append(f"To publish as it is: `metriccare run --accept {run_id}`.")
    return " ".join(sentences)
