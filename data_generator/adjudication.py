"""What a payer decides about a claim, line by line; cents.

The lines add up to the claim. The contract takes off part of the charge, part is not covered, and
patient and payer share the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from data_generator.facts import billing as facts
from data_generator.facts.people import Payer, PayerKind
from data_generator.streams import Stream


@dataclass(frozen=True, slots=True)
class Decision:
    """The amounts of one line; ``reason`` is the adjustment reason of a denied line."""

    charge: int
    allowed: int = 0
    patient_share: int = 0
    reason: str | None = None

    @property
    def paid(self) -> int:
        """Return what the payer pays."""
        return self.allowed - self.patient_share

    @property
    def not_covered(self) -> int:
        """Return the charge of a denied line, 0 for any other."""
        return self.charge if self.reason else 0

    @property
    def discount(self) -> int:
        """Return what the contract takes off a covered line."""
        return self.charge - self.allowed - self.not_covered


def deny(charges: Sequence[int], reason: str) -> tuple[Decision, ...]:
    """Return every line as denied for the same reason."""
    return tuple(Decision(charge, reason=reason) for charge in charges)


def allow(stream: Stream, payer: Payer, charges: Sequence[int]) -> tuple[Decision, ...]:
    """Return the lines as paid; one of several lines may still be denied."""
    # Insured people pay 5 to 20 % of what is allowed; assumed.
    share = 1.0 if payer.kind is PayerKind.SELF_PAY else 0.05 + 0.15 * stream.random()
    denied, chosen = stream.chance(facts.LINE_DENIED), stream.below(len(charges))
    reason = stream.pick(facts.LINE_DENIAL_REASONS)
    denied_line = chosen if denied and len(charges) > 1 else -1
    covered = [0 if number == denied_line else charge for number, charge in enumerate(charges)]
    allowed = int(sum(covered) * payer.share)
    amounts = parts(allowed, covered), parts(int(allowed * share), covered)
    return tuple(
        Decision(charge, reason=reason) if number == denied_line else Decision(charge, part, own)
        for number, (charge, part, own) in enumerate(zip(charges, *amounts, strict=True))
    )


def parts(total: int, weights: Sequence[int]) -> list[int]:
    """Return the total in proportion to the weights; the parts add up to it to the cent."""
    whole = sum(weights)
    if not whole:
        return [0] * len(weights)
    shares = (total * weight // whole for weight in accumulate(weights, initial=0))
    return [after - before for before, after in pairwise(shares)]
