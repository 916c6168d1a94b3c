"""Resource ids: UUIDs built from a person's key, the kind of resource and a count.

The same id serves as FHIR id and, in bundles, as ``urn:uuid``.
"""

from __future__ import annotations

from enum import IntEnum

from data_generator.streams import digest


class Kind(IntEnum):
    """What an id is for; the number is part of the id."""

    PATIENT = 1
    COVERAGE = 2
    STAY = 3
    WARD_STAY = 4
    NURSING = 5
    VISIT = 6
    EMERGENCY = 7
    DIAGNOSIS = 8
    CHRONIC = 9
    INFECTION = 10
    PROCEDURE = 11
    OBSERVATION = 12
    CLAIM = 13
    CLAIM_RESPONSE = 14
    BENEFIT = 15
    SPECIMEN = 16
    TEST = 17
    BROKEN = 18
    MEDICATION = 19
    REPORT = 20
    DOCUMENT = 21
    IMMUNIZATION = 22
    ALLERGY = 23
    DEVICE = 24
    PAYMENT = 25
    CHARGE = 26
    TRANSACTION = 27


def person_key(seed: int, number: int) -> str:
    """Return the first 19 characters of every id of a person."""
    text = digest(seed, "person", number).hex()
    return f"{text[:8]}-{text[8:12]}-4{text[12:15]}"


def bundle_id(name: str, day: int) -> str:
    """Return the id of a Bundle; also used as UUID for a resource whose id is not a UUID."""
    text = digest("bundle", name, day).hex()
    return f"{text[:8]}-{text[8:12]}-4{text[12:15]}-8{text[15:18]}-{text[18:30]}"


def resource_id(key: str, kind: Kind, index: int, count: int = 0) -> str:
    """Return an id: ``index`` numbers the stay or visit, ``count`` the resource within it."""
    return f"{key}{_MIDDLES[kind]}{index:05x}{count:07x}"


# Formatting an enum takes longer than the rest of an id.
_MIDDLES = tuple(f"-8{number:03x}-" for number in range(max(Kind) + 1))
