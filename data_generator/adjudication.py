"""What a payer decides about a claim, line by line; cents.

The lines add up to the claim: of what was charged, a part is taken off by contract, a part is not
covered, and the rest is shared between patient and payer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from data_generator.facts import billing as facts
from data_generator.facts.people import Payer, PayerKind
from data_generator.streams import Stream


@dataclass(frozen=True, slots=True)
class Decision:
    """The amounts of one line; ``reason`` is the adjustment reason of a line denied."""

    charge: int
    allowed: int = 0
    patient_share: int = 0
    reason: str | None = None

    @property
    def paid(self) -> int:
        """What the payer pays."""
        return self.allowed - self.patient_share

    @property
    def not_covered(self) -> int:
        """The charge of a line denied."""
        return self.charge if self.reason else 0

    @property
    def discount(self) -> int:
        """What the contract takes off a line that is covered."""
        return self.charge - self.allowed - self.not_covered


def deny(charges: Sequence[int], reason: str) -> tuple[Decision, ...]:
    """Every line denied for the same reason."""
    return tuple(Decision(charge, reason=reason) for charge in charges)


def allow(stream: Stream, payer: Payer, charges: Sequence[int]) -> tuple[Decision, ...]:
    """The lines as paid; of several lines one may be denied all the same."""
    share = 1.0 if payer.kind is PayerKind.SELF_PAY else 0.05 + 0.15 * stream.random()
    denied, place = stream.chance(facts.LINE_DENIED), stream.below(len(charges))
    reason = stream.pick(facts.LINE_DENIAL_REASONS)
    out = place if denied and len(charges) > 1 else -1
    covered = [0 if number == out else charge for number, charge in enumerate(charges)]
    allowed = int(sum(covered) * payer.share)
    amounts = _parts(allowed, covered), _parts(int(allowed * share), covered)
    return tuple(
        Decision(charge, reason=reason) if number == out else Decision(charge, part, own)
        for number, (charge, part, own) in enumerate(zip(charges, *amounts, strict=True))
    )


def _parts(total: int, weights: Sequence[int]) -> Iterator[int]:
    """The total in proportion to the weights, to the cent: rounding never loses or adds one."""
    whole = sum(weights)
    shares = (total * weight // whole for weight in accumulate(weights, initial=0))
    return (after - before for before, after in pairwise(shares))
