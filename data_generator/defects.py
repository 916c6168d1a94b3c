"""Records that are wrong on purpose, and the data-quality rule that must report each.

A broken record is an extra copy with its own id. It never replaces a record and is never an
inpatient encounter or an infection, so the answer key is right whether or not it is loaded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass

import orjson

from data_generator.fhir.codes import Resource
from data_generator.ids import Kind, resource_id
from data_generator.output.batch import BrokenLine
from data_generator.streams import Stream

REJECT, WARN = "reject", "warn"
Bytes = Callable[[Resource], bytes]


def _with(**changes: object) -> Bytes:
    """Return a function that replaces elements of a record, or drops those that are None."""

    def breaks(resource: Resource) -> bytes:
        changed = {**resource, **changes}
        return orjson.dumps({k: v for k, v in changed.items() if v is not None})

    return breaks


def _truncated(resource: Resource) -> bytes:
    whole = orjson.dumps(resource)
    return whole[: len(whole) * 2 // 3]


def _bad_bytes(resource: Resource) -> bytes:
    return orjson.dumps(resource).replace(b'"id":"', b'"id":"\xff\xfe', 1)


def _text(resource: Resource) -> bytes:
    return orjson.dumps(f"{resource['resourceType']}/{resource['id']}")


def _backwards(resource: Resource) -> bytes:
    period = resource["period"]
    return _with(period={"start": period["end"], "end": period["start"]})(resource)


def _endless(resource: Resource) -> bytes:
    return _with(period={"start": resource["period"]["start"]})(resource)


_LOCAL_CLASS = {"system": "urn:local:class", "code": "INPATIENT-A"}
_MODIFIER = [{"url": "https://ohio-valley.example/fhir/not-done", "valueBoolean": True}]
_UNKNOWN_PERSON = {"reference": "Patient/00000000-0000-4000-8000-000000000000"}

VITAL, VISIT, PERSON = "Observation", "Encounter", "Patient"


@dataclass(frozen=True, slots=True)
class Defect:
    """One kind of defect; ``rule_id`` is the row rule of ``quality`` that must report it."""

    kind: str
    rule_id: str
    severity: str
    resource_type: str
    breaks: Bytes


DEFECTS = (
    Defect("truncated_line", "json_invalid", REJECT, VITAL, _truncated),
    Defect("bad_encoding", "encoding_invalid", REJECT, VITAL, _bad_bytes),
    Defect("text_in_a_line", "not_an_object", REJECT, VITAL, _text),
    Defect("unknown_type", "resource_type_unknown", REJECT, VISIT, _with(resourceType="Encountre")),
    Defect("no_id", "id_invalid", REJECT, VITAL, _with(id=None)),
    Defect("bad_id", "id_invalid", REJECT, VISIT, _with(id="visit#1 of today")),
    Defect("wrong_json_type", "shape_invalid", REJECT, VISIT, _with(period="2023-05-04")),
    Defect(
        "unknown_modifier",
        "modifier_extension_unknown",
        REJECT,
        VITAL,
        _with(modifierExtension=_MODIFIER),
    ),
    Defect(
        "unknown_status", "encounter_status_unknown", REJECT, VISIT, _with(status="discharged-ok")
    ),
    Defect(
        "unknown_class",
        "encounter_class_unknown",
        REJECT,
        VISIT,
        _with(**{"class": _LOCAL_CLASS}),
    ),
    Defect(
        "impossible_day",
        "date_invalid",
        REJECT,
        VITAL,
        _with(effectiveDateTime="2023-02-29T10:00:00-05:00"),
    ),
    Defect(
        "time_without_offset",
        "date_invalid",
        REJECT,
        VITAL,
        _with(effectiveDateTime="2023-03-01T10:00:00"),
    ),
    Defect("impossible_birth", "date_invalid", REJECT, PERSON, _with(birthDate="1961-13-04")),
    Defect(
        "far_future",
        "date_in_future",
        WARN,
        VITAL,
        _with(effectiveDateTime="2190-01-01T08:00:00-05:00"),
    ),
    Defect("no_last_updated", "last_updated_missing", WARN, VITAL, _with(meta=None)),
    Defect("end_before_start", "period_end_before_start", WARN, VISIT, _backwards),
    Defect("no_end", "period_end_missing", WARN, VISIT, _endless),
    Defect(
        "died_before_birth",
        "death_before_birth",
        WARN,
        PERSON,
        _with(birthDate="1950-06-01", deceasedDateTime="1949-06-01", deceasedBoolean=None),
    ),
    Defect("no_birth_date", "birth_date_missing", WARN, PERSON, _with(birthDate=None)),
    Defect("unknown_person", "reference_dangling", WARN, VITAL, _with(subject=_UNKNOWN_PERSON)),
)
_BY_TYPE = {
    kind: tuple(d for d in DEFECTS if d.resource_type == kind) for kind in (VITAL, VISIT, PERSON)
}
_OUTPATIENT_CLASSES = ("AMB", "VR")


def break_some(
    resources: list[Resource], rate: float, stream: Stream, key: str
) -> Iterator[BrokenLine]:
    """Yield broken copies of a share ``rate`` of the resources that may be broken."""
    for resource in resources:
        if stream.random() >= rate:
            continue
        chosen = _breakable(resources, resource, stream)
        if chosen is not None:
            yield _broken(chosen, stream, key)


def _breakable(resources: list[Resource], wanted: Resource, stream: Stream) -> Resource | None:
    """Return the resource itself, or another of the same person that no measure reads."""
    index = int(stream.random() * len(resources))
    for candidate in (wanted, *resources[index:], *resources[:index]):
        if _may_break(candidate):
            return candidate
    return None


def _may_break(resource: Resource) -> bool:
    match resource["resourceType"]:
        case "Observation":
            return "valueQuantity" in resource
        case "Encounter":
            return resource["class"]["code"] in _OUTPATIENT_CLASSES
        case other:
            return bool(other == PERSON)


def _broken(resource: Resource, stream: Stream, key: str) -> BrokenLine:
    kind = resource["resourceType"]
    defect = stream.one_of(_BY_TYPE[kind])
    copy = deepcopy(resource)
    # 20 and 28 bits: the two last fields of an id. Two broken copies with one id are unlikely.
    copy["id"] = resource_id(key, Kind.BROKEN, stream.below(1 << 20), stream.below(1 << 28))
    copy.pop("identifier", None)
    copy.pop("link", None)
    line = defect.breaks(copy)
    return BrokenLine(kind, line, defect.kind, defect.rule_id, defect.severity, copy["id"])
