"""What a KPI of the revenue cycle is: its definition for people, and its SQL over a relation.

A KPI is one file in `kpis/` that ends with its `Kpi`; the registry in `kpis/__init__.py` names
them all. Models, results, evidence, suppression and views are derived from it. Expressions are
Spark SQL over the columns of its relation (`relations/<relation>.sql`).
Source: claims specification, section 2.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from metriccare.tables.strata import OVERALL

MONEY, PROPORTION, DAYS, COUNT = "money", "proportion", "days", "count"


class Relation(StrEnum):
    """What the rows of a KPI are; the SQL file of the same name has their columns."""

    ACCOUNT = "account"
    # Sums of an account's entries of one month.
    ENTRY = "entry"
    # Balances, and charges of the last 90 days, of an account at a stock date.
    BALANCE = "balance"
    DENIAL = "denial"
    LINE = "line"
    REMIT = "remit"
    EXPECTED = "expected"
    # The user's file of costs beside collections; summed in Python.
    COST = "cost"


@dataclass(frozen=True)
class KpiStratum:
    """One breakdown: its `stratum_type`, and the column of a relation that holds its value."""

    name: str
    column: str


# Single providers have years and all time only: their months and quarters would be more than half
# of all figures, nearly all of them small cells. They belong to a mart of providers.
PROVIDER = "provider"
# Columns of accounts, by the number of their value.
USUAL_STRATA = tuple(
    KpiStratum(name, f"{name}_no")
    for name in ("facility", "payer", "payer_id", PROVIDER, "specialty", "claim_type")
)
CATEGORY, CARC = KpiStratum("category", "category"), KpiStratum("carc", "carc")
BUCKET = "bucket"


@dataclass(frozen=True)
class Reason:
    """A word of evidence and the condition under which a row does not count."""

    word: str
    condition: str
    meaning: str


# What a figure needs of a tenant's data, and the note where it is missing.
NO_TRANSACTIONS, NO_EDIT_LOG = "no_transactions", "no_edit_log"
NO_CHARGES = "no_charges"
SHORT_HISTORY, FEW_ACCOUNTS = "short_history", "few_accounts"


class Divisor(StrEnum):
    """What a stock is divided by: the daily average of 90 days."""

    CHARGES = "recent_charges"
    NET_CHARGES = "recent_net_charges"


@dataclass(frozen=True)
class Kpi:
    """One KPI: what it asks, what it counts, what it leaves out, and where that is written.

    `numerator`, `denominator`, `placed_by`, `candidates` and reasons are SQL over the relation;
    the words are for people. `has_percentiles` marks means of days that have a median.
    `is_count` marks proportions of counts, which have an interval. What follows is what
    suppression must know. `population` names the rows it counts: KPIs of one population count the
    same rows. `shows` are other populations whose amount it shows as it is. `part_of` is a wider
    population that holds all of its rows in the same period. `numerator_name` is the population
    that its numerator counts.
    """

    id: str
    title: str
    question: str
    relation: Relation
    unit: str
    numerator: str
    numerator_words: str
    placed_by: str
    placed_words: str
    source: str
    population: str
    denominator: str | None = None
    denominator_words: str = "none"
    candidates: str = "true"
    reasons: tuple[Reason, ...] = ()
    strata: tuple[KpiStratum, ...] = USUAL_STRATA
    has_percentiles: bool = False
    per_day: Divisor | None = None
    is_count: bool = False
    needs_transactions: bool = False
    needs_charges: bool = False
    notes_missing_edit_log: bool = False
    shows: tuple[str, ...] = ()
    part_of: str | None = None
    numerator_name: str | None = None
    caveats: str = ""
    # Which way a change is good: lower or higher; None where neither is.
    better: str | None = None
    version: str = "1"

    @property
    def is_stock(self) -> bool:
        """Return True if it is taken at a date instead of summed over a period."""
        return self.relation is Relation.BALANCE

    @property
    def is_of_money(self) -> bool:
        """Return True if its numerator is an amount, False if it counts accounts, lines or days."""
        if self.unit == DAYS:
            return self.per_day is not None
        return self.unit in (MONEY, PROPORTION) and not self.is_count

    @property
    def has_run_out(self) -> bool:
        """Return True if young accounts are left out until their time has passed."""
        return any(reason.word == RUN_OUT for reason in self.reasons)

    @property
    def stratum_types(self) -> tuple[str, ...]:
        """Return every `stratum_type` of its results."""
        return (OVERALL, *(stratum.name for stratum in self.strata))


# Entries of any kind that a rate by post date looks at: who is behind the row.
POSTED = (
    "charges is not null or contractual is not null or collected is not null"
    " or bad_debt is not null or charity is not null or denial_writeoff is not null"
)
RUN_OUT = "run_out"
VOID = "void"
SELF_PAY = Reason("self_pay", "is_self_pay", "the level-1 payer is the patient")
NO_ANSWER = "no_answer"
PENDING = "pending"


def run_out(day: str) -> Reason:
    """Return the reason of accounts whose date is too recent to judge them."""
    return Reason(RUN_OUT, f"{day} > run_out_by", f"{day} + run_out_days is after as_of")
