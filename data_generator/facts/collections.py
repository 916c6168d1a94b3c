"""Shares of what happens to claims and balances; all assumed unless the line says otherwise."""

from __future__ import annotations

from data_generator.streams import Weighted

SECONDARY_COVER = 0.08  # of insured people
SECONDARY_PAYERS = Weighted.of({"buckeye": 45, "riverbank": 35, "medicaid": 20})

EDITS = Weighted.of({"passed": 96, "touched": 3, "failed": 1})
# Days from service to posting: 4 % are late, which is more than 3 days.
POSTING_LAG = Weighted.of({0: 46, 1: 32, 2: 12, 3: 6, 4: 2, 5: 1, 6: 1})

VOIDED = 0.01
LATE_CHARGES = 0.02
REPROCESSED_APPEAL = 0.30  # of appealed denials that are won: a second answer to the same claim
REPROCESSED = 0.02  # of paid claims: the payer corrects its answer
TAKEN_BACK = 0.01  # of paid claims: a later answer denies what was paid
DENIED_AS_A_WHOLE = 0.10  # of first denials: the answer does not mention the lines
PENDED = 0.08  # answers that are preceded by "pending"
UNDERPAID_LINE = 0.02
TO_THE_DEDUCTIBLE = 0.03  # of paid claims: the patient owes all that is allowed
INTERIM_NIGHTS, INTERIM_EVERY = 21, 14  # long nursing stays are billed every 14 days

PATIENT_DENIAL = 0.06  # of denials: the patient owes what the payer does not cover
PATIENT_DENIAL_REASONS = Weighted.of({"96": 70, "204": 30})
TAKEBACK_REASONS = Weighted.of({"27": 60, "22": 40})
# Remark codes (CMS, free) that explain a denial; others have none.
REMARKS = {"16": "N290", "50": "N115", "96": "N130", "204": "N130", "151": "N362"}

POINT_OF_SERVICE = 0.30  # of visits whose patient owes something
SMALL_BALANCE = 1_000  # cents: not worth a letter
DENIAL_GIVEN_UP = 0.55
CREDIT = 0.005  # accounts whose patient pays twice
CREDIT_REFUNDED = 0.5
BAD_DEBT_RECOVERED = 0.05
# What a patient does about a balance.
PATIENT_WAYS = Weighted.of({"pays": 62, "pays_part": 12, "bad_debt": 12, "charity": 4, "open": 10})
SELF_PAY_WAYS = Weighted.of(
    {"pays": 25, "pays_part": 35, "bad_debt": 15, "charity": 15, "open": 10}
)

# The cost of the billing office by month, in cents for each person of the region; about 3 % of
# what it collects.
_COST_PER_PERSON = {
    "queen-city": 115,
    "saint-brigid": 81,
    "miami-valley": 66,
    "green-river": 58,
    "bluegrass": 43,
    "mill-creek": 12,
}


def monthly_cost(facility: str, people: int) -> int:
    """Return what the billing office of a facility costs in a month, in cents."""
    return _COST_PER_PERSON[facility] * people
