"""What is known of one person's claims, whatever the source: the input of every rule here.

Everything is frozen and plain, so that a rule can be tried on three lines of data. Amounts are
decimals as sent; the rules turn them into cents once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple
from zoneinfo import ZoneInfo

from metriccare.marts.claims.fees import NO_FEE_SCHEDULE, FeeSchedule
from metriccare.marts.claims.identity import FEED, ProviderRef, Providers
from metriccare.marts.stays.facility import Facilities
from metriccare.marts.stays.history import Coding
from metriccare.marts.stays.partial_date import PartialDate

# What a payer's answer says of the claim as a whole.
NONE, PENDING, REJECTED, ADJUDICATED = "none", "pending", "rejected", "adjudicated"
STATEMENT, EVENT = "statement", "event"


class Source(NamedTuple):
    """Where a row comes from, when it was last changed and when it arrived."""

    file: str | None = None
    line: int | None = None
    kind: str = FEED
    updated: datetime | None = None
    ingested: datetime | None = None

    def is_before(self, day: date | None, zone: ZoneInfo) -> bool:
        """Return True if the row arrived before a day that it speaks of: it cannot know it yet."""
        if day is None or self.ingested is None:
            return False
        return self.ingested.astimezone(zone).date() < day


NOWHERE = Source()


@dataclass(frozen=True, slots=True)
class Cover:
    """A cover of the person; `payer` is the word of the payer, `payer_id` the insurer."""

    payer_id: str | None = None
    payer: str | None = None
    name: str | None = None
    plan: str | None = None
    level: int | None = None
    start: date | None = None
    end: date | None = None
    source: Source = NOWHERE


class CareTeamMember(NamedTuple):
    """A member of a claim's care team; `role` is a lower case code."""

    role: str | None
    provider: ProviderRef
    sequence: int | None = None


class ClaimDiagnosis(NamedTuple):
    """A diagnosis of a claim; `poa` says whether it was present on admission."""

    sequence: int
    system: str | None
    code: str | None
    is_principal: bool = False
    poa: str | None = None


class ClaimProcedure(NamedTuple):
    """A procedure of a claim."""

    sequence: int
    system: str | None
    code: str | None
    date: PartialDate | None = None


@dataclass(frozen=True, slots=True)
class SentLine:
    """A line of a claim as sent. `charge` is None when the line gives none."""

    number: int
    charge: Decimal | None = None
    units: Decimal | None = None
    currency: str | None = None
    service_from: PartialDate | None = None
    service_to: PartialDate | None = None
    procedure: Coding | None = None
    modifiers: tuple[str, ...] = ()
    revenue_code: str | None = None
    place_of_service: str | None = None
    provider: ProviderRef | None = None
    diagnosis_sequences: tuple[int, ...] = ()
    posted_date: date | None = None
    encounter_id: str | None = None
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class SentClaim:
    """A claim as sent; columns that a source does not have are None or empty."""

    id: str
    identifiers: tuple[str, ...] = ()
    account_number: str | None = None
    use: str | None = None
    status: str | None = None
    claim_type: str | None = None
    frequency: int | None = None
    type_of_bill: str | None = None
    # Claims it names as prior or replaced.
    prior_ids: tuple[str, ...] = ()
    level: int | None = None
    billing: ProviderRef | None = None
    care_team: tuple[CareTeamMember, ...] = ()
    facility_id: str | None = None
    location_id: str | None = None
    cover: Cover | None = None
    encounter_ids: tuple[str, ...] = ()
    service_from: PartialDate | None = None
    service_to: PartialDate | None = None
    discharge_date: date | None = None
    submitted: PartialDate | None = None
    drg: str | None = None
    total: Decimal | None = None
    currency: str | None = None
    edit_status: str | None = None
    lines: tuple[SentLine, ...] = ()
    diagnoses: tuple[ClaimDiagnosis, ...] = ()
    procedures: tuple[ClaimProcedure, ...] = ()
    source: Source = NOWHERE


class SentAdjustment(NamedTuple):
    """An adjustment as sent; a FHIR category may already say what class it is."""

    group: str | None
    carc: str | None
    amount: Decimal | None
    rarc: tuple[str, ...] = ()
    adjustment_class: str | None = None


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """Amounts of a line, or of the claim as a whole, as a payer states them.

    `derives_contractual`: what the contract takes off is not stated and follows from the allowed
    amount (FHIR without a discount).
    """

    number: int
    charge: Decimal | None = None
    allowed: Decimal | None = None
    paid: Decimal | None = None
    adjustments: tuple[SentAdjustment, ...] = ()
    derives_contractual: bool = False

    @property
    def has_amounts(self) -> bool:
        """Return True if it decides something: more than the submitted charge is given."""
        return self.allowed is not None or self.paid is not None or bool(self.adjustments)


class Payment(NamedTuple):
    """A payment of an answer."""

    date: PartialDate | None = None
    amount: Decimal | None = None
    check_number: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """A payer's answer to one claim: a FHIR statement, or one event of a feed of remits."""

    id: str
    claim_id: str | None
    kind: str
    answer: str = ADJUDICATED
    is_partial: bool = False
    is_reversal: bool = False
    is_benefit: bool = False
    # Of an explanation of benefit: the ClaimResponse it names.
    response_id: str | None = None
    # Of a ClaimResponse: the explanations of benefit that are the same remit.
    benefit_ids: tuple[str, ...] = ()
    payer_id: str | None = None
    created: PartialDate | None = None
    payment: Payment | None = None
    header: AnswerLine | None = None
    lines: tuple[AnswerLine, ...] = ()
    currency: str | None = None
    # What an explanation of benefit knows of its claim.
    care_team: tuple[CareTeamMember, ...] = ()
    provider: ProviderRef | None = None
    service_from: PartialDate | None = None
    source: Source = NOWHERE


@dataclass(frozen=True, slots=True)
class PaymentDetail:
    """A detail of a PaymentReconciliation: names the answer, else the claim, it pays."""

    response_id: str | None
    claim_id: str | None
    amount: Decimal | None = None
    date: PartialDate | None = None
    check_number: str | None = None


@dataclass(frozen=True, slots=True)
class Transaction:
    """A payment, refund or write-off outside the payers' answers."""

    id: str
    type: str
    amount: Decimal
    post_date: date
    claim_id: str | None = None
    account_number: str | None = None
    party: str | None = None
    point_of_service: bool | None = None
    source: Source = NOWHERE


@dataclass(frozen=True, slots=True)
class SentCharge:
    """A charge written down before it is billed."""

    encounter_id: str
    amount: Decimal | None
    service: PartialDate | None = None
    posted: PartialDate | None = None
    code: str | None = None
    currency: str | None = None
    facility_id: str | None = None
    provider: ProviderRef | None = None


class EncounterFacts(NamedTuple):
    """An encounter of the person: whether it has ended, what it is part of, who is responsible."""

    id: str
    is_finished: bool
    start: PartialDate | None = None
    end: PartialDate | None = None
    hospital_id: str | None = None
    part_of_id: str | None = None
    attender: ProviderRef | None = None


@dataclass(frozen=True, slots=True)
class StayFacts:
    """A stay of the person, as the mart of stays computed it."""

    stay_id: str
    encounter_ids: tuple[str, ...]
    discharge_date: date | None = None


@dataclass(frozen=True, slots=True)
class ClaimsHistory:
    """All that is known of one person's claims, and what is known of all persons alike."""

    person_id: str
    as_of: date
    facilities: Facilities
    claims: tuple[SentClaim, ...] = ()
    answers: tuple[Answer, ...] = ()
    payments: tuple[PaymentDetail, ...] = ()
    transactions: tuple[Transaction, ...] = ()
    covers: tuple[Cover, ...] = ()
    stays: tuple[StayFacts, ...] = ()
    encounters: tuple[EncounterFacts, ...] = ()
    charges: tuple[SentCharge, ...] = ()
    # The organisation that gave the services of an encounter.
    encounter_hospitals: Mapping[str, str] = field(default_factory=dict)
    # Ids that its claims name and that are another person's claims.
    claims_of_others: frozenset[str] = frozenset()
    # Numbers of its claims that are numbers of another person's claims as well.
    shared_numbers: frozenset[str] = frozenset()
    providers: Providers = field(default_factory=Providers)
    fees: FeeSchedule = NO_FEE_SCHEDULE
    default_currency: str = "USD"
