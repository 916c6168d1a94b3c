"""The plan of an erasure, its journal and its receipt."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Protocol

from metriccare import naming
from metriccare.errors import UsageError
from metriccare.object_store import ObjectStore
from metriccare.sources.feeds.blanking import RowPlace, blank_feed_file
from metriccare.sources.fhir.redaction import blank_file
from metriccare.sources.record import Place
from metriccare.tables.keys import place_of_record
from metriccare.tracking.documents import (
    document_names,
    read_document,
    remove_document,
    write_document,
)
from metriccare.tracking.erased import ErasedNames, load_erased
from metriccare.tracking.states import FileRecord, RunRecord

# Copies that no erasure can reach, in any lake; every receipt names them.
NEVER_REACHED = (
    "the sender's own copy; sent again it is left out, but its raw file has it until the person is"
    " erased again",
    "results, reports and pages copied out of the lake earlier",
)


@dataclass(frozen=True)
class Blanks:
    """What to blank, by file id: records of FHIR files, rows of feed files."""

    records: Mapping[str, set[Place]]
    rows: Mapping[str, Sequence[RowPlace]] = field(default_factory=dict)

    def holds(self, file: FileRecord) -> bool:
        """Return True if something of a file is to be blanked."""
        return file.file_id in self.rows or file.file_id in self.records

    def blank(self, file: FileRecord, path: Path) -> None:
        """Blank the records or rows of a file, of which `path` has the bytes."""
        if file.file_id in self.rows:
            blank_feed_file(path, self.rows[file.file_id])
        else:
            blank_file(path, self.records[file.file_id])


class Copies(Protocol):
    """The copies of records outside the tables: on this machine, or in a deployed stack."""

    def blank(self, files: Iterable[FileRecord], places: Blanks) -> int:
        """Blank records out of raw files; return how many files were rewritten."""
        ...

    def drop_old(self) -> int:
        """Remove what storage keeps of objects replaced or removed; return how many."""
        ...

    def not_reached(self, run: RunRecord) -> tuple[str, ...]:
        """Return which copies are left, in words, with the day they end where it is known."""
        ...


@dataclass(frozen=True)
class Request:
    """The patient to erase, and the reason."""

    tenant: str
    patient_id: str
    reason: str


@dataclass(frozen=True)
class Person:
    """One person of a tenant: the patient records merged into one, and their names."""

    tenant: str
    patient_ids: tuple[str, ...]
    names: tuple[str, ...]


@dataclass(frozen=True)
class FeedHoldings:
    """A person's rows of feeds, by record key: in bronze, in each feed's silver table, rejected.

    `names` are the names that only this person's rows have. `places` are the rows' places in raw
    files, by file id.
    """

    names: tuple[str, ...] = ()
    records: tuple[str, ...] = ()
    silver: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    quarantine: tuple[str, ...] = ()
    places: Mapping[str, tuple[RowPlace, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Holdings:
    """A person's data in the lake: resources to remove whole, and rows by record key."""

    person: Person
    resources: tuple[tuple[str, str], ...]
    bronze: tuple[str, ...]
    quarantine: tuple[str, ...]
    feeds: FeedHoldings = field(default_factory=FeedHoldings)

    @property
    def blanks(self) -> Blanks:
        """Return what to blank in raw files."""
        return Blanks(places_by_file([*self.bronze, *self.quarantine]), self.feeds.places)


@dataclass(frozen=True)
class Receipt:
    """The counts of what was removed from where; nothing about the person."""

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
        """Return the receipt as a JSON document."""
        return asdict(self)


@dataclass(frozen=True)
class Plan:
    """The data to erase, and the reason; the journal keeps it until the erasure is done."""

    reason: str
    held: Holdings

    def document(self) -> dict[str, Any]:
        """Return the plan as a JSON document."""
        return asdict(self)

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Plan:
        """Return the plan of a JSON document."""
        held = document["held"]
        person = held["person"]
        return cls(
            document["reason"],
            Holdings(
                Person(person["tenant"], tuple(person["patient_ids"]), tuple(person["names"])),
                tuple((type_, id_) for type_, id_ in held["resources"]),
                tuple(held["bronze"]),
                tuple(held["quarantine"]),
                _feed_holdings(held.get("feeds", {})),
            ),
        )

    def is_of(self, tenant: str, patient_id: str) -> bool:
        """Return True if the plan is for this person."""
        return self.held.person.tenant == tenant and patient_id in self.held.person.patient_ids

    def listed_in(self, erased: ErasedNames) -> ErasedNames:
        """Return the list of erased names with the person's names added."""
        own = {f"{type_}/{id_}" for type_, id_ in self.held.resources}
        names = {*self.held.person.names, *own, *self.held.feeds.names}
        return erased.with_names(self.held.person.tenant, names)


def _feed_holdings(held: Mapping[str, Any]) -> FeedHoldings:
    """Return what a journal says of feeds; earlier versions wrote nothing of them."""
    return FeedHoldings(
        tuple(held.get("names", ())),
        tuple(held.get("records", ())),
        {feed: tuple(keys) for feed, keys in held.get("silver", {}).items()},
        tuple(held.get("quarantine", ())),
        {
            file_id: tuple(RowPlace(*place) for place in places)
            for file_id, places in held.get("places", {}).items()
        },
    )


@dataclass(frozen=True)
class Files:
    """The counts of changed files: raw ones, old ones of tables, versions in storage.

    `not_reached` names the places with copies that it could not reach.
    """

    raw: int
    old: int
    versions: int
    not_reached: tuple[str, ...]


def receipt_of(
    plan: Plan, objects: ObjectStore, run: RunRecord, rows: Mapping[str, int], files: Files
) -> Receipt:
    """Return the receipt of an erasure."""
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
    """Return the positions of records by file id, from their keys in bronze."""
    places: dict[str, set[Place]] = {}
    for key in record_keys:
        place = place_of_record(key)
        places.setdefault(place.file_id, set()).add((place.line, place.entry))
    return places


def write_request(objects: ObjectStore, name: str, request: Request) -> None:
    """Write a request for the job that erases: whoever may see a job can read its arguments."""
    write_document(objects, _request_path(name), json.dumps(asdict(request)))


def read_request(objects: ObjectStore, name: str) -> Request:
    """Return a request; UsageError if there is none of this name."""
    text = read_document(objects, _request_path(name))
    if text is None:
        raise UsageError(
            "There is no such request; `metriccare erase PATIENT --lake s3://...` makes one."
        )
    return Request(**json.loads(text))


def remove_requests(objects: ObjectStore) -> None:
    """Remove every request: they name persons."""
    for path in document_names(objects, naming.ERASURE_REQUESTS):
        remove_document(objects, path)


def _request_path(name: str) -> str:
    return f"{naming.ERASURE_REQUESTS}/{name}.json"


def write_journal(objects: ObjectStore, plan: Plan) -> None:
    """Write the journal, so that an interrupted erasure can be finished."""
    write_document(objects, naming.ERASURE_JOURNAL, _json(plan.document()))


def read_journal(objects: ObjectStore) -> Plan | None:
    """Return the plan of an interrupted erasure; None if there is none."""
    text = read_document(objects, naming.ERASURE_JOURNAL)
    return None if text is None else Plan.of(json.loads(text))


def remove_journal(objects: ObjectStore) -> None:
    """Remove the journal: it names the person, and everything in it is erased."""
    remove_document(objects, naming.ERASURE_JOURNAL)


def write_receipt(objects: ObjectStore, receipt: Receipt) -> None:
    """Write an erasure's receipt to the lake."""
    name = f"{naming.ERASURES_FOLDER}/{receipt.erasure}.json"
    write_document(objects, name, _json(receipt.document()))


def _json(document: Mapping[str, Any]) -> str:
    return json.dumps(document, indent=2)
