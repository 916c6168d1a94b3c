"""The worlds to choose from: how often care happens, and how closely stays are charted.

A world changes how many stays and visits there are, never what happens in one of them: the rates
of a stay (length, death, return, infection, denial) are those of ``facts.rates`` in each.
"""

from __future__ import annotations

from dataclasses import dataclass

REGION, HOSPITAL = "region", "hospital"


@dataclass(frozen=True, slots=True)
class Density:
    """How dense the records of a world are, beside those of a general population.

    ``admissions`` and ``visits`` multiply the yearly rates. ``every_round`` says whether vital
    signs and laboratory results are written at each round of a stay, or one blood pressure on
    arrival.
    """

    admissions: float = 1.0
    visits: float = 1.0
    every_round: bool = True


DENSITIES = {
    REGION: Density(),
    # So dense that about 100,000 resources hold enough stays and infections to show most figures
    # of five hospitals: counts of 1 to 10 are hidden.
    HOSPITAL: Density(admissions=9.0, visits=0.05, every_round=False),
}
