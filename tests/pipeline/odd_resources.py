"""Resources with odd values, and what is read of each: the same on every engine."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from typing import Any

from metriccare.sources.fhir.declarations import declared_shape
from metriccare.sources.fhir.resources import BY_TYPE, RESOURCES
from metriccare.sources.fhir.shapes import INT, Shape
from tests.pipeline.resources import encounter, patient

ACT = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
_DAY = "2024-03-01"
_DATES = ("date", "start", "end", "created", "issued", "instant", "birthdate", "datetime")
# Elements whose form differs between the versions are declared as text.
_AS_TEXT: dict[str, Any] = {
    "class": {"system": ACT, "code": "IMP"},
    "serviceType": {"coding": [{"code": "s"}]},
    "condition": {"reference": "Condition/c1"},
    "reference": "Patient/p1",
    "status": "finished",
    "focal": True,
    "active": True,
}
_SHARED_NAMES = {"use": [{"coding": [{"code": "AD"}]}]}


def whole(kind: str) -> dict[str, Any]:
    """Return a resource of a type with every declared element, once in each list."""
    made = _made(declared_shape(BY_TYPE[kind]), "", kind)
    made.pop("modifierExtension")
    meta = {"lastUpdated": "2024-03-01T00:00:00Z"}
    return {"resourceType": kind, "id": "whole", "meta": meta, **made}


def _made(shape: Shape, name: str, kind: str) -> Any:
    if shape.element is not None:
        return [_made(shape.element, name, kind)]
    if shape.members:
        return {inner: _made(member, inner, kind) for inner, member in shape.members}
    if shape.kind == INT:
        return 1
    if shape.kind != "STRING":
        return True if shape.kind == "BOOLEAN" else 1.5
    if kind == "Encounter" and name in _SHARED_NAMES:
        return _SHARED_NAMES[name]
    is_date = name.lower().endswith(_DATES)
    return copy.deepcopy(_AS_TEXT.get(name, _DAY if is_date else "text"))


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the paths of all values in a resource, apart from its header."""
    inner: Any = ()
    if isinstance(value, dict):
        inner = value.items()
    elif isinstance(value, list):
        inner = enumerate(value)
    for name, one in inner:
        if path or name not in ("resourceType", "id", "meta"):
            yield (*path, name)
            yield from places(one, (*path, name))


def with_value(resource: dict[str, Any], path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    changed = copy.deepcopy(resource)
    inside = changed
    for name in path[:-1]:
        inside = inside[name]
    inside[path[-1]] = value
    return changed


ODD: tuple[Any, ...] = (
    None,
    "",
    " ",
    "null",
    "9999-12-31T23:59:59-05:00",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31",
    "9999",
    "0000-01-01",
    "1900-01-01",
    "2024-02-30",
    "2024-03-10T02:30:00-05:00",
    "Group/1",
    "urn:uuid:nobody",
    "#",
    "Patient?identifier=",
    0,
    -1,
    1.5,
    1e40,
    10**30,
    99999999999,
    True,
    {},
    [],
    [None],
    [[None]],
    ["text"],
    [{}],
    [None, {"coding": [None]}],
    {"coding": None},
    {"reference": None, "identifier": {"value": None}},
    "\u0000\ud83d\ude00'\"\\",
)


def odd_resources(share: float) -> list[dict[str, Any]]:
    """Return each resource with one odd value in one place: a share of all there are.

    Each type has a seed of its own, so that a new type or column changes no other.
    """
    made = [
        with_value(base, path, value)
        for base, chosen in (_seeded(resource.type) for resource in RESOURCES)
        for path in (*places(base), ("modifierExtension",))
        for value in ODD
        if chosen.random() < share
    ]
    return [{**one, "id": f"odd-{number}"} for number, one in enumerate(made)]


def _seeded(kind: str) -> tuple[dict[str, Any], random.Random]:
    return whole(kind), random.Random(f"2024 {kind}")


def good_ones() -> list[dict[str, Any]]:
    return [{**whole(resource.type), "id": "good"} for resource in RESOURCES]


def with_nulls(value: Any) -> Any:
    """Return a value with a null before and after the elements of each of its lists."""
    if isinstance(value, list):
        return [None, *(with_nulls(one) for one in value), None]
    if isinstance(value, dict):
        return {name: with_nulls(one) for name, one in value.items()}
    return value


LOCAL = {"system": "http://local.example/class", "code": "S1"}
INPATIENT, NON_ACUTE, AMBULATORY = (
    {"system": ACT, "code": code} for code in ("IMP", "NONAC", "AMB")
)
CLASSES: dict[str, tuple[Any, str | None]] = {
    "r4": (INPATIENT, "IMP"),
    "r4-without-system": ({"code": "AMB"}, "AMB"),
    "r4-as-list": ([{"code": "IMP"}], "IMP"),
    "r4-as-concept": ({"coding": [LOCAL, INPATIENT]}, "IMP"),
    "r5": ([{"coding": [INPATIENT]}], "IMP"),
    "r5-local-coding-first": ([{"coding": [LOCAL, INPATIENT]}], "IMP"),
    "r5-local-concept-first": ([{"coding": [LOCAL]}, {"coding": [INPATIENT]}], "IMP"),
    "inpatient-wins": ([{"coding": [AMBULATORY, NON_ACUTE]}, {"coding": [INPATIENT]}], "IMP"),
    "acute-wins": ([{"coding": [NON_ACUTE, {"system": ACT, "code": "ACUTE"}]}], "ACUTE"),
    "non-acute-wins": ([{"coding": [AMBULATORY, NON_ACUTE]}], "NONAC"),
    "act-code-before-a-local-like": ([{"coding": [{**LOCAL, "code": "IMP"}, AMBULATORY]}], "AMB"),
    "local-but-known": ([{"coding": [LOCAL, {**LOCAL, "code": "EMER"}]}], "EMER"),
    "nulls": ([None, {"coding": [None, INPATIENT]}], "IMP"),
    "local-only": ([{"coding": [LOCAL]}], None),
    "text": ("IMP", None),
    "none": ([], None),
}
# What is kept of each date: its bounds in UTC.
FIRST, LAST = "0001-01-01 00:00:00", "9999-12-31 23:59:59.999999"
DATES: dict[str, tuple[str, str] | None] = {
    "9999-12-31T23:59:59-05:00": ("9999-12-31 23:59:59",) * 2,
    "9999-12-31T23:59:60.5-11:00": ("9999-12-31 23:59:59.5",) * 2,
    "0001-01-01T00:00:00+14:00": (FIRST, FIRST),
    "9999-12-31": ("9999-12-31 00:00:00", LAST),
    "9999-12": ("9999-12-01 00:00:00", LAST),
    "9999": ("9999-01-01 00:00:00", LAST),
    "0001-01-01": (FIRST, "0001-01-01 23:59:59.999999"),
    "0001": (FIRST, "0001-12-31 23:59:59.999999"),
    "1900-01-01": ("1900-01-01 00:00:00", "1900-01-01 23:59:59.999999"),
    "0000-01-01": None,
}
NUMBERS: dict[str, tuple[Any, int | None]] = {
    "1": (1, 1),
    "1.0": (1, 1),
    "1e0": (1, 1),
    "1.5": (None, None),
    "99999999999": (None, None),
    "1e40": (None, None),
}


def claim_with(id_: str, sequence: str, total: str = "10.10") -> bytes:
    """Return a claim whose numbers are written as given."""
    return (
        f'{{"resourceType":"Claim","id":"{id_}","patient":{{"reference":"Patient/p1"}},'
        '"item":[{"net":{"value":7.0}}],'
        f'"diagnosis":[{{"sequence":{sequence}}}],"total":{{"value":{total}}}}}\n'
    ).encode()


LISTS = [
    patient(
        "names",
        name=[
            {"use": "maiden", "family": "Former"},
            {"use": "usual", "family": "Usual"},
            {"use": "official", "family": "Official", "given": ["A", None, "B"]},
        ],
        address=[{"use": "old", "state": "MA"}, {"state": "NY"}, {"use": "home", "state": "VT"}],
    ),
    patient("former", name=[{"use": "old", "family": "Former"}, {"family": "Plain"}]),
    {
        "resourceType": "Coverage",
        "id": "v",
        "order": 2.0,
        "payor": [{"reference": "Patient/p1"}, {"reference": "Organization/i", "display": "I"}],
    },
    {
        "resourceType": "Claim",
        "id": "c",
        "patient": {"reference": "Patient/names"},
        "type": {"coding": [{"code": "local"}, {"system": "x"}, {"code": "institutional"}]},
        "insurance": [
            {"coverage": {"reference": "Coverage/first"}},
            {"focal": True, "coverage": {"reference": "Coverage/focal"}},
        ],
        "diagnosis": [
            {
                "onAdmission": {"coding": [{"code": "local"}, {"code": "y"}]},
                "type": [{"text": "no coding"}, {"coding": [{"code": "principal"}]}],
            }
        ],
    },
    {
        "resourceType": "Condition",
        "id": "d",
        "verificationStatus": {
            "coding": [
                {"system": "urn:local", "code": "sure"},
                {
                    "system": "http://terminology.hl7.org/CodeSystem/condition-ver-status",
                    "code": "confirmed",
                },
            ]
        },
        "code": {"coding": [{"display": "no code"}, {"system": "urn:icd", "code": "J18"}]},
    },
    encounter(
        "r5",
        serviceType=[
            {"concept": {"coding": [{"code": "s1"}]}},
            {"concept": {"coding": [{"code": "s2"}]}},
        ],
        diagnosis=[
            {
                "condition": [
                    {"reference": {"reference": "Condition/c1"}},
                    {"concept": {"coding": [{"code": "J18"}]}},
                ],
                "use": [{"coding": [{"code": "AD"}]}, {"coding": [{"code": "billing"}]}],
            },
            {"rank": 1.0},
        ],
    ),
    {
        "resourceType": "Observation",
        "id": "bp",
        "component": [
            {
                "code": {"coding": [{"system": "http://loinc.org", "code": "8480-6"}]},
                "valueQuantity": {"value": 120, "unit": "mm Hg", "code": "mm[Hg]"},
            },
            None,
            {
                "code": {"coding": [{"code": "8462-4"}]},
                "valueCodeableConcept": {"coding": [{"code": "low"}], "text": "low"},
            },
        ],
    },
]
