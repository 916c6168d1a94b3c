"""The worlds to choose from: how often people receive care, and how many observations it has.

A world changes the number of stays and visits, never what happens in them: the rates of a stay
(length, death, return, infection, denial) are those of ``facts.rates`` in every world.
"""

from __future__ import annotations

from dataclasses import dataclass

REGION, HOSPITAL = "region", "hospital"


@dataclass(frozen=True, slots=True)
class Density:
    """How dense the records of a world are, compared with a general population.

    ``admissions`` and ``visits`` multiply the yearly rates. ``every_round`` says whether vital
    signs and laboratory results are recorded at each round of a stay, or only one blood pressure
    on arrival.
    """

    admissions: float = 1.0
    visits: float = 1.0
    every_round: bool = True


DENSITIES = {
    REGION: Density(),
    # Dense enough that about 100,000 resources show most figures of five hospitals: counts of
    # 1 to 10 are hidden.
    HOSPITAL: Density(admissions=9.0, visits=0.05, every_round=False),
}
