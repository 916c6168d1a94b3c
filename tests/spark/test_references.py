"""A reference means one resource of the right type, or none; the order of arrival decides nothing.

Each case is a tenant of its own in one lake, so that all of them take few runs.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from metriccare.spark import hudi
from metriccare.tables import silver as tables
from tests.spark.conftest import Loader, encounter, ndjson, patient

pytestmark = pytest.mark.spark

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


class Tenants:
    """The rows of a lake by tenant."""

    def __init__(self, loader: Loader) -> None:
        self.loader = loader

    def receive(self, tenant: str, *batches: Any) -> None:
        for batch in batches:
            name = f"{tenant}-{self.loader.count}.ndjson"
            self.loader.receive(batch, name, tenant)

    def references(self, tenant: str, kind: str = "Encounter") -> dict[str, tuple]:
        """Return patient, reference and flags of each row."""
        frame = hudi.read(self.loader.spark, self.loader.lake, tables.BY_RESOURCE[kind])
        rows = frame.where(f"tenant = '{tenant}'").select(
            "id", "patient_id", "patient_reference", "dq_flags"
        )
        return {id_: rest for id_, *rest in sorted(map(tuple, rows.collect()))}

    def patients(self, tenant: str) -> dict[str, tuple]:
        return {id_: (key, flags) for id_, (key, _, flags) in self.references(tenant).items()}

    def waiting(self, tenant: str) -> list[tuple]:
        rows = self.loader.rows("silver.unresolved_reference", *_WAITING)
        return [tuple(rest) for of_tenant, *rest in rows if of_tenant == tenant]

    def row(self, tenant: str, kind: str, *columns: str) -> tuple:
        frame = hudi.read(self.loader.spark, self.loader.lake, tables.BY_RESOURCE[kind])
        (found,) = frame.where(f"tenant = '{tenant}'").select(*columns).collect()
        return tuple(found)


_WAITING = ("tenant", "id", "reference", "ambiguous")
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


def receive_single_run_cases(tenants: Tenants) -> None:
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
    # In one Bundle two entries go by one urn; in another, none does and two Bundles have it.
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


@pytest.fixture(scope="module")
def loaded(spark, tmp_path_factory) -> Tenants:
    """Return a lake after one run of all cases that need no second one."""
    from metriccare.settings import Lake

    folder = tmp_path_factory.mktemp("references")
    tenants = Tenants(Loader(spark, Lake(str(folder / "lake")), folder))
    receive_single_run_cases(tenants)
    tenants.loader.run()
    return tenants


def test_only_a_patient_is_a_patient_whatever_the_form_of_the_reference(loaded):
    expected = {id_: (key, flags) for id_, (_, key, flags) in SUBJECTS.items()}
    assert loaded.patients("types") == expected


def test_a_reference_to_another_type_keeps_its_text_and_waits_for_nothing(loaded):
    assert loaded.references("types")["ward"][1] == "Location/1"
    assert loaded.references("types")["logical-group"][1] == "Group?identifier=urn:mrn|77"
    assert loaded.waiting("types") == [
        ("no-reference", "Ms. Smith", False),
        ("not-there", "Patient/2", False),
    ]


def test_a_result_of_a_ward_is_nobodys_and_no_fault(loaded):
    assert loaded.references("types", "Observation") == {"swab": [None, "Location/1", []]}


def test_a_contained_patient_is_looked_up_by_its_first_number_with_a_system(loaded):
    assert loaded.references("types")["contained"][1] == "Patient?identifier=urn:mrn|77"


def test_references_in_arrays_and_of_other_elements_keep_to_their_types(loaded):
    columns = ("provider_id", "provider_reference", "coverage_id", "encounters", "diagnoses")
    found = loaded.row("arrays", "Claim", *columns, "dq_flags")
    provider, provider_text, coverage, encounters, diagnoses, flags = found
    assert (provider, provider_text, coverage) == (None, "Practitioner/h1", None)
    assert [e.encounter_id for e in encounters] == ["e1", None]
    assert [d.condition_id for d in diagnoses] == ["d"]
    assert flags == [WRONG_TYPE]
    diagnoses, locations, flags = loaded.row(
        "arrays", "Encounter", "diagnoses", "locations", "dq_flags"
    )
    assert [d.condition_id for d in diagnoses] == [None, "d"]
    assert [place.location_id for place in locations] == [None]
    assert flags == [WRONG_TYPE]
    ((link,), flags) = loaded.row("arrays", "Patient", "links", "dq_flags")
    assert (link.patient_id, link.patient_reference, flags) == (None, "RelatedPerson/p2", [])


def test_an_urn_means_the_entry_of_its_own_bundle(loaded):
    assert loaded.patients("template") == {
        "ea": ("pa", []),
        "eb": ("pb", []),
        "ec": ("pc", []),
        "ed": ("pd", []),
    }


def test_an_urn_of_an_entry_of_another_type_is_no_patient_and_does_not_wait(loaded):
    assert loaded.patients("urns-of-others") == {
        "e-device": (None, []),
        "e-ward": (None, [WRONG_TYPE]),
    }
    assert loaded.references("urns-of-others", "Observation") == {"o-device": [None, URN, []]}
    assert loaded.waiting("urns-of-others") == []


def test_an_urn_of_another_bundle_is_found_where_only_one_has_it(loaded):
    assert loaded.patients("elsewhere") == {"e1": ("p1", [])}


def test_what_several_go_by_means_none_of_them_and_is_said(loaded):
    assert loaded.patients("several") == {
        "e-any": (None, [SEVERAL]),
        "e-in": (None, [SEVERAL]),
        "e-one": ("p2", []),
        "e-out": (None, [SEVERAL]),
        "e-same": ("p2", []),
    }
    assert loaded.waiting("several") == [
        ("e-any", "Patient?identifier=100", True),
        ("e-in", URN, True),
        ("e-out", OTHER_URN, True),
    ]


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
    # An urn of its own Bundle stays what it was, whoever else goes by it later.
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


def test_the_order_of_arrival_decides_nothing(loader):
    tenants = Tenants(loader)
    for number in range(max(map(len, HISTORIES.values()))):
        for name, steps in HISTORIES.items():
            if number < len(steps):
                tenants.receive(name, steps[number][0])
        loader.run()
        expected = {
            name: steps[number][1]
            for name, steps in HISTORIES.items()
            if number < len(steps) and steps[number][1] is not None
        }
        assert {name: tenants.patients(name)["e1"] for name in expected} == expected
    assert {name: tenants.waiting(name) for name in HISTORIES if tenants.waiting(name)} == (
        WAITING_AT_THE_END
    )
    released = loader.rows("silver.released_patient", "tenant", "patient_id")
    assert {("second-holder-later", "pa"), ("second-holder-later", "pb"), ("urn", "pa")} <= set(
        released
    )
    ends_like_all_at_once(tenants)


def ends_like_all_at_once(tenants: Tenants) -> None:
    """Load each history's batches in one run, into a tenant of its own, and compare."""
    for name, steps in HISTORIES.items():
        for batch, _ in steps:
            tenants.receive(f"{name}-whole", batch if isinstance(batch, bytes) else ndjson(batch))
    tenants.loader.run()
    whole = {name: tenants.references(f"{name}-whole")["e1"] for name in HISTORIES}
    assert whole == {name: tenants.references(name)["e1"] for name in HISTORIES}
    waiting = {name: tenants.waiting(f"{name}-whole") for name in HISTORIES}
    assert waiting == {name: tenants.waiting(name) for name in HISTORIES}


def test_a_run_that_changes_no_name_writes_no_row_again(loader):
    loader.load([FIRST, SECOND, ONE_NUMBER, encounter("e2", by_number("100", "a"))])
    before = loader.rows("silver.encounter", "record_key", "run_id")
    waiting = loader.rows("silver.unresolved_reference", "record_key", "run_id")
    names = loader.rows("silver.resolved_name", "name", "target_id")
    assert names == [("Patient?identifier=a|100", "pa")]
    loader.load([numbered("pz", "z|1")])
    assert loader.rows("silver.encounter", "record_key", "run_id") == before
    assert loader.rows("silver.unresolved_reference", "record_key", "run_id") == waiting
