"""How a stay ends: its outcome and discharge disposition, decided before it is simulated."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from data_generator.arrivals import Arrival
from data_generator.clock import years_between
from data_generator.facts import dispositions as codes
from data_generator.facts import rates
from data_generator.facts.diagnoses import Group
from data_generator.facts.hospitals import DispositionStyle
from data_generator.story import Person
from data_generator.streams import Stream, Weighted


class Outcome(StrEnum):
    """How a stay ends."""

    DIED = "died"
    TRANSFERRED = "transferred"
    SENT_AWAY = "sent-away"  # to a hospital outside the region
    LEFT = "left"  # against medical advice
    ALIVE = "alive"


@dataclass(frozen=True, slots=True)
class Plan:
    """The end of a stay, decided before the stay is simulated."""

    outcome: Outcome
    disposition: str | None


# 5 % say "home": real feeds code some transfers as ordinary discharges (share assumed).
_TRANSFER_CODE = Weighted.of(
    {codes.ACUTE_TRANSFER: 92, codes.TRANSFER_RETURN_PLANNED: 3, codes.HOME: 5}
)
_OUTPATIENTS_AT_HOME = (Group.DELIVERY, Group.PSYCHIATRIC, Group.CHEMOTHERAPY)


def decide(person: Person, stream: Stream, arrival: Arrival) -> Plan:
    """Return how the stay will end."""
    outcome = _outcome(person, stream, arrival)
    return Plan(outcome, _disposition(person, stream, arrival, outcome))


def _outcome(person: Person, stream: Stream, arrival: Arrival) -> Outcome:
    age = years_between(person.birth_day, arrival.day)
    draws = [stream.random() for _ in range(4)]
    group = arrival.diagnosis.group
    if draws[0] < rates.DEATH_IN_HOSPITAL[rates.rate_index(age)] * arrival.diagnosis.death:
        return Outcome.DIED
    emergency = arrival.priority != "EL" and group in (Group.ACUTE, Group.OTHER)
    # A second transfer in a row is rarer; the factor is assumed.
    chance = rates.SECOND_TRANSFER * 0.3 if arrival.transferred_in else rates.TRANSFER_TO_ACUTE
    if emergency and draws[1] < chance:
        return Outcome.TRANSFERRED
    if arrival.transferred_in:
        return Outcome.ALIVE
    codes_transfers = arrival.hospital.facts.feed.disposition is not DispositionStyle.HL7
    if emergency and codes_transfers and draws[2] < rates.TRANSFER_OUT_OF_REGION:
        return Outcome.SENT_AWAY
    return Outcome.LEFT if draws[3] < rates.LEFT_AGAINST_ADVICE and age >= 18 else Outcome.ALIVE


_FIXED_DISPOSITIONS = {
    Outcome.SENT_AWAY: codes.ACUTE_TRANSFER,
    Outcome.LEFT: codes.AGAINST_ADVICE,
}


def _disposition(person: Person, stream: Stream, arrival: Arrival, outcome: Outcome) -> str | None:
    missing = stream.chance(rates.NO_DISPOSITION) and not arrival.transferred_in
    transfer, leaving = stream.pick(_TRANSFER_CODE), stream.random()
    if outcome is Outcome.TRANSFERRED:
        return transfer
    if outcome in _FIXED_DISPOSITIONS:
        return _FIXED_DISPOSITIONS[outcome]
    if missing:
        return None
    if outcome is Outcome.DIED:
        return codes.DIED
    age = years_between(person.birth_day, arrival.day)
    if arrival.diagnosis.group in _OUTPATIENTS_AT_HOME:
        return codes.HOME
    return codes.LEAVING_ALIVE[rates.diagnosis_index(age)].at(leaving)
