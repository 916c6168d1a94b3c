"""Where a person went: NUBC, HL7 and SNOMED CT dispositions as one word.

Source: measure specification, section 2.
"""

from __future__ import annotations

from metriccare.marts.stays.codesets import CodeSets, short_system
from metriccare.marts.stays.history import Coding, Codings

NUBC, HL7 = "nubcdisposition", "dischargedisposition"
UNKNOWN = "unknown"
TRANSFER = "transfer_acute"
AGAINST_ADVICE = "against_medical_advice"
DIED, DIED_HOSPICE = "died", "died_hospice"
DEATHS = frozenset({DIED, DIED_HOSPICE})


def disposition_word(codings: Codings, codes: CodeSets) -> str:
    """Return the word of the first coding that is known, else `unknown`."""
    words = (codes["dispositions"].value((spelled,)) for c in codings for spelled in _spellings(c))
    return next((word for word in words if word), UNKNOWN)


def _spellings(coding: Coding) -> tuple[Coding, ...]:
    """Return the coding as the standard ward_stays it: NUBC codes have two digits, HL7 lower case.

    A code without a system is tried as both.
    """
    code = (coding.code or "").strip()
    nubc = Coding(_NUBC_URI, code.zfill(2))
    hl7 = Coding(_HL7_URI, code)
    named = short_system(coding.system)
    if named == NUBC or "nubc" in named.lower():
        return (nubc,)
    if named == "":
        return (nubc, hl7)
    return (Coding(coding.system, code),)


_NUBC_URI = "https://www.nubc.org/CodeSystem/PatDischargeStatus"
_HL7_URI = "http://terminology.hl7.org/CodeSystem/discharge-disposition"
