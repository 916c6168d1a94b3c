"""What results are broken down by: one declaration per stratum.

Columns of the evidence, the counts, the sums that suppression guards and the choices of
`metriccare metrics --by` are derived from it.
"""

from __future__ import annotations

from dataclasses import dataclass

from metriccare.tables.declaration import Column

# The row of everything together, and its only value.
OVERALL, WHOLE = "overall", "all"
# Events by type: only some measures have it, and only their numerators are broken down by it.
INFECTION_TYPE = "infection_type"
# The value of a stratum that the record leaves open.
UNKNOWN = "unknown"


@dataclass(frozen=True)
class Stratum:
    """One breakdown: its `stratum_type`, and the column of the evidence that holds its value.

    `is_exclusive` is False where a stay may count under several values, as in several departments.
    """

    name: str
    column: Column
    is_exclusive: bool = True


HOSPITAL = Stratum("hospital", Column("hospital_id", "string", "the organisation's id"))
DEPARTMENT = Stratum(
    "department", Column("department", "string", "the location's id"), is_exclusive=False
)
AGE_BAND = Stratum(
    "age_band", Column("age_band", "string", "0-17, 18-44, 45-64, 65-74, 75-84, 85+, unknown")
)
SEX = Stratum("sex", Column("sex", "string", "administrative sex"))
PAYER = Stratum(
    "payer",
    Column("payer", "string", "medicare, medicaid, commercial, self_pay, other, unknown"),
)

STRATA = (HOSPITAL, DEPARTMENT, AGE_BAND, SEX, PAYER)
# Every `stratum_type` a result may have.
STRATUM_TYPES = (OVERALL, *(stratum.name for stratum in STRATA), INFECTION_TYPE)
