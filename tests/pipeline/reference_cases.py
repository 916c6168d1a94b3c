"""References in every form, a tenant for each case, and histories of what they come to mean."""

from __future__ import annotations

import json
from typing import Any, Protocol

from tests.pipeline.resources import encounter, patient

URN = "urn:uuid:00000000-0000-4000-8000-000000000001"
OTHER_URN = "urn:uuid:00000000-0000-4000-8000-000000000002"
EARLY, LATE, LATEST = (f"2024-0{month}-01T00:00:00Z" for month in (2, 3, 4))
WRONG_TYPE, SEVERAL, MISSING = (
    "reference_type_unexpected",
    "reference_ambiguous",
    "reference_dangling",
)


def numbered(id_: str, *numbers: str, updated: str = EARLY) -> dict[str, Any]:
    """Return a patient with numbers, each written `system|value` or `value`."""
    parts = [number.rpartition("|") for number in numbers]
    identifiers = [
        {"value": value} | ({"system": system} if system else {}) for system, _, value in parts
    ]
    return patient(id_, updated, identifier=identifiers)


def by_number(value: str, system: str | None = None, **more: Any) -> dict[str, Any]:
    return {"identifier": {"value": value} | ({"system": system} if system else {}), **more}


def of(kind: str, id_: str, **more: Any) -> dict[str, Any]:
    return {"resourceType": kind, "id": id_, "meta": {"lastUpdated": EARLY}, **more}


def observation(id_: str, subject: Any) -> dict[str, Any]:
    return of("Observation", id_, status="final", subject=subject)


def bundle(*entries: tuple[str | None, dict[str, Any]]) -> bytes:
    urns = [{"fullUrl": urn} if urn else {} for urn, _ in entries]
    listed = [{**urn, "resource": one} for urn, (_, one) in zip(urns, entries, strict=True)]
    return json.dumps({"resourceType": "Bundle", "type": "transaction", "entry": listed}).encode()


def to(reference: str) -> dict[str, str]:
    return {"reference": reference}


class Receives(Protocol):
    """A lake that takes batches in, tenant by tenant."""

    def receive(self, tenant: str, *batches: Any) -> None:
        """Take batches in with the next run."""


CONTAINED = [
    {"resourceType": "Group", "id": "group", "identifier": [{"value": "77"}]},
    {
        "resourceType": "Patient",
        "id": "me",
        "identifier": [None, {"value": "55"}, {"system": "urn:mrn", "value": "77"}],
    },
    {"resourceType": "Patient", "id": "nobody"},
]
# Encounter.subject may be a Patient or a Group; a patient, a group and a ward all have the id 1.
SUBJECTS = {
    "relative": (to("Patient/1"), "1", []),
    "absolute": (to("https://ehr.example.org/fhir/Patient/1/_history/3"), "1", []),
    "group": (to("Group/1"), None, []),
    "absolute-group": (to("https://ehr.example.org/Patient/1/Group/1"), None, []),
    "ward": (to("Location/1"), None, [WRONG_TYPE]),
    "logical": (by_number("77", "urn:mrn"), "1", []),
    "logical-typed": (by_number("77", "urn:mrn", type="Patient"), "1", []),
    "logical-group": (by_number("77", "urn:mrn", type="Group"), None, []),
    "logical-url": (
        by_number("77", type="http://hl7.org/fhir/StructureDefinition/Location"),
        None,
        [WRONG_TYPE],
    ),
    "search-group": (to("Group?identifier=77"), None, []),
    "search-ward": (to("Location?identifier=77"), None, [WRONG_TYPE]),
    "contained": (to("#me"), "1", []),
    "contained-group": (to("#group"), None, []),
    "contained-nobody": (to("#nobody"), None, [MISSING]),
    "blank-text": ({"reference": " ", **by_number("77", " ")}, "1", []),
    "blank-number": (by_number(" "), None, [MISSING]),
    "not-there": (to("Patient/2"), "2", [MISSING]),
    "no-reference": (to("Ms. Smith"), None, [MISSING]),
}


def two_templates() -> tuple[bytes, ...]:
    """Return two Bundles of one template, and both again as lines of one file."""
    first = bundle((URN, patient("pa")), (None, encounter("ea", to(URN))))
    second = bundle((URN, patient("pb")), (None, encounter("eb", to(URN))))
    third, fourth = (
        one.replace(b'"pa"', b'"pc"').replace(b'"ea"', b'"ec"') for one in (first,) * 2
    )
    fourth = second.replace(b'"pb"', b'"pd"').replace(b'"eb"', b'"ed"')
    return first, second, third + b"\n" + fourth


def receive_single_run_cases(tenants: Receives) -> None:
    people = [numbered("1", "urn:mrn|77"), of("Location", "1"), of("Group", "1")]
    stays = [encounter(id_, one[0], contained=CONTAINED) for id_, one in SUBJECTS.items()]
    tenants.receive("types", [*people, *stays, observation("swab", to("Location/1"))])
    tenants.receive("template", *two_templates())
    others = [
        encounter("e-device", to(URN)),
        observation("o-device", to(URN)),
        encounter("e-ward", to(OTHER_URN)),
    ]
    devices = bundle(
        (URN, of("Group", "g")), (OTHER_URN, of("Location", "l")), *[(None, one) for one in others]
    )
    tenants.receive("urns-of-others", [patient("g"), patient("l")], devices)
    # In one Bundle two entries have the same urn; in another none has it, and two Bundles do.
    tenants.receive(
        "several",
        bundle((URN, patient("pa")), (URN, patient("pb")), (None, encounter("e-in", to(URN)))),
        bundle((OTHER_URN, patient("pa")), (None, patient("pc"))),
        bundle((OTHER_URN, patient("pb"))),
        bundle((None, encounter("e-out", to(OTHER_URN)))),
        [
            numbered("p1", "a|100"),
            numbered("p2", "b|100", "b|200", "c|200"),
            encounter("e-any", by_number("100")),
            encounter("e-one", by_number("100", "b")),
            # One person twice is no doubt.
            encounter("e-same", by_number("200")),
        ],
    )
    tenants.receive(
        "elsewhere", bundle((URN, patient("p1"))), bundle((None, encounter("e1", to(URN))))
    )
    tenants.receive("arrays", array_case())


def array_case() -> list[dict[str, Any]]:
    claim = of(
        "Claim",
        "c",
        patient=to("Patient/p1"),
        provider=to("Practitioner/h1"),
        insurance=[{"coverage": to("Organization/v")}],
        item=[{"encounter": [to("Encounter/e1"), to("Location/e1")]}],
        diagnosis=[{"diagnosisReference": to("Condition/d")}],
    )
    kin = [{"type": "seealso", "other": to("RelatedPerson/p2")}]
    stay = encounter(
        "e1",
        diagnosis=[{"condition": to("Procedure/d")}, {"condition": to("Condition/d")}],
        location=[{"location": to("Organization/w")}],
    )
    return [patient("p1", link=kin), claim, stay]


ONE_NUMBER = encounter("e1", by_number("100"))
FIRST, SECOND = numbered("pa", "a|100"), numbered("pb", "b|100")
GIVEN_UP = numbered("pa", "a|999", updated=LATE)
DELETED = json.dumps(
    {
        "resourceType": "Bundle",
        "type": "history",
        "timestamp": LATEST,
        "entry": [{"request": {"method": "DELETE", "url": "Patient/pb"}}],
    }
).encode()
FIRST_URN, SECOND_URN = bundle((URN, patient("pa"))), bundle((URN, patient("pb")))
BY_URN = bundle((None, encounter("e1", to(URN))))
NOBODY, AMBIGUOUS = (None, [MISSING]), (None, [SEVERAL])
# What arrives in one run after the other, and what the encounter says after each.
HISTORIES: dict[str, list[tuple[Any, tuple]]] = {
    "second-holder-later": [
        ([FIRST, ONE_NUMBER], ("pa", [])),
        ([SECOND], AMBIGUOUS),
        ([GIVEN_UP], ("pb", [])),
        (DELETED, NOBODY),
    ],
    "second-holder-first": [
        ([SECOND, ONE_NUMBER], ("pb", [])),
        ([patient("px")], ("pb", [])),
        ([FIRST], AMBIGUOUS),
        ([GIVEN_UP], ("pb", [])),
    ],
    "holders-last": [
        ([ONE_NUMBER], NOBODY),
        ([FIRST, SECOND], AMBIGUOUS),
        (DELETED, ("pa", [])),
        ([GIVEN_UP], NOBODY),
    ],
    "number-moves": [
        ([FIRST, ONE_NUMBER], ("pa", [])),
        ([SECOND, GIVEN_UP], ("pb", [])),
    ],
    "urn": [
        (FIRST_URN, None),
        (BY_URN, ("pa", [])),
        (SECOND_URN, AMBIGUOUS),
    ],
    "urn-last": [
        (BY_URN, NOBODY),
        (SECOND_URN, ("pb", [])),
        (FIRST_URN, AMBIGUOUS),
    ],
    # An urn of its own Bundle keeps its meaning, even if other resources have it later.
    "urn-of-bundle": [
        (bundle((URN, patient("pa")), (None, encounter("e1", to(URN)))), ("pa", [])),
        (SECOND_URN, ("pa", [])),
        (bundle((URN, patient("pc"))), ("pa", [])),
    ],
    # A patient that goes is missed by those that came before and those that come later.
    "patient-goes": [
        ([SECOND, encounter("e1", to("Patient/pb"))], ("pb", [])),
        (DELETED, ("pb", [MISSING])),
        ([patient("pb", "2024-05-01T00:00:00Z")], ("pb", [])),
    ],
    # A newer version no longer waits for what the older one named.
    "corrected": [
        ([encounter("e1", to("Patient/px"))], ("px", [MISSING])),
        (
            [patient("pa"), encounter("e1", meta={"lastUpdated": LATE}, subject=to("Patient/pa"))],
            ("pa", []),
        ),
    ],
}
WAITING_AT_THE_END = {
    "second-holder-later": [("e1", "Patient?identifier=100", False)],
    "holders-last": [("e1", "Patient?identifier=100", False)],
    "urn": [("e1", URN, True)],
    "urn-last": [("e1", URN, True)],
}
