"""What an erasure is to remove, what it writes down about itself, and its receipt."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Protocol

from metriccare import naming
from metriccare.fhir.record import Place
from metriccare.object_store import ObjectStore
from metriccare.tracking.documents import read_document, remove_document, write_document
from metriccare.tracking.erased import ErasedNames, load_erased
from metriccare.tracking.states import FileRecord, RunRecord

# Copies that no erasure can reach, wherever the lake is; named in every receipt.
NEVER_REACHED = (
    "the sender's own copy; sent again it is passed over, but its raw file holds it until an"
    " erasure is made again",
    "results, reports and pages copied out of the lake earlier",
)


class Copies(Protocol):
    """The copies of records outside the tables: on this machine, or in a deployed stack."""

    def blank(self, files: Iterable[FileRecord], places: Mapping[str, set[Place]]) -> int:
        """Blank records out of raw files, by file id; return how many files were rewritten."""
        ...

    def drop_old(self) -> int:
        """Remove what storage keeps of objects replaced or removed; return how many."""
        ...

    def not_reached(self, run: RunRecord) -> tuple[str, ...]:
        """Return which copies are left, in words, with the day they end where it is known."""
        ...


@dataclass(frozen=True)
class Request:
    """Whom to erase, and why."""

    tenant: str
    patient_id: str
    reason: str


@dataclass(frozen=True)
class Person:
    """One person of a tenant: the patient records merged into one, and what they are called."""

    tenant: str
    patient_ids: tuple[str, ...]
    names: tuple[str, ...]


@dataclass(frozen=True)
class Holdings:
    """What the lake holds of a person: resources that go whole, and rows by record key."""

    person: Person
    resources: tuple[tuple[str, str], ...]
    bronze: tuple[str, ...]
    quarantine: tuple[str, ...]


@dataclass(frozen=True)
class Receipt:
    """What was removed where: counts only, nothing of the person."""

    erasure: str
    erased_at: str
    reason: str
    mark: str
    patient_records: int
    rows: Mapping[str, int]
    raw_files_rewritten: int
    old_files_removed: int
    stored_versions_removed: int
    not_reached: tuple[str, ...]

    def document(self) -> dict[str, Any]:
        """Return the receipt as it is written."""
        return asdict(self)


@dataclass(frozen=True)
class Plan:
    """What is to be erased, and why; written down until it is done."""

    reason: str
    held: Holdings

    def document(self) -> dict[str, Any]:
        """Return the plan as it is written."""
        return asdict(self)

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Plan:
        """Return the plan that was written."""
        held = document["held"]
        person = held["person"]
        return cls(
            document["reason"],
            Holdings(
                Person(person["tenant"], tuple(person["patient_ids"]), tuple(person["names"])),
                tuple((kind, id_) for kind, id_ in held["resources"]),
                tuple(held["bronze"]),
                tuple(held["quarantine"]),
            ),
        )

    def is_of(self, tenant: str, patient_id: str) -> bool:
        """Tell whether the plan is of this person."""
        return self.held.person.tenant == tenant and patient_id in self.held.person.patient_ids

    def listed_in(self, erased: ErasedNames) -> ErasedNames:
        """Return the list of erased names with all of the person's."""
        own = {f"{kind}/{id_}" for kind, id_ in self.held.resources}
        return erased.with_names(self.held.person.tenant, {*self.held.person.names, *own})


@dataclass(frozen=True)
class Files:
    """How many files an erasure changed: raw ones, old ones of tables, versions in storage.

    `not_reached` says where copies may be that it could not reach.
    """

    raw: int
    old: int
    versions: int
    not_reached: tuple[str, ...]


def receipt_of(
    plan: Plan, objects: ObjectStore, run: RunRecord, rows: Mapping[str, int], files: Files
) -> Receipt:
    """Return what is kept of an erasure."""
    person = plan.held.person
    return Receipt(
        erasure=run.run_id,
        erased_at=run.started_at.isoformat(timespec="seconds"),
        reason=plan.reason,
        mark=load_erased(objects).mark(person.tenant, f"Patient/{person.patient_ids[0]}"),
        patient_records=len(person.patient_ids),
        rows=rows,
        raw_files_rewritten=files.raw,
        old_files_removed=files.old,
        stored_versions_removed=files.versions,
        not_reached=files.not_reached,
    )


def places_by_file(record_keys: Iterable[str]) -> dict[str, set[Place]]:
    """Return where records stand, by file id, from their keys in bronze."""
    places: dict[str, set[Place]] = {}
    for key in record_keys:
        _, file_id, line, entry, *_ = key.split("|")
        places.setdefault(file_id, set()).add((int(line), entry))
    return places


def write_journal(objects: ObjectStore, plan: Plan) -> None:
    """Write down what is to be erased, so that an erasure that breaks off can be finished."""
    write_document(objects, naming.ERASURE_JOURNAL, _json(plan.document()))


def read_journal(objects: ObjectStore) -> Plan | None:
    """Return what an erasure that broke off was to erase."""
    text = read_document(objects, naming.ERASURE_JOURNAL)
    return None if text is None else Plan.of(json.loads(text))


def remove_journal(objects: ObjectStore) -> None:
    """Remove the journal: it names the person, and all it names is gone."""
    remove_document(objects, naming.ERASURE_JOURNAL)


def write_receipt(objects: ObjectStore, receipt: Receipt) -> None:
    """Keep an erasure's receipt with the lake."""
    name = f"{naming.ERASURES_FOLDER}/{receipt.erasure}.json"
    write_document(objects, name, _json(receipt.document()))


def _json(document: Mapping[str, Any]) -> str:
    return json.dumps(document, indent=2)
