"""What an erasure is to remove, and its receipt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from metriccare.settings import Lake
from metriccare.tracking.erased import ErasedNames, load_erased
from metriccare.tracking.states import RunRecord

# Copies that no command on this machine can reach, named in every receipt.
NOT_REACHED = (
    "backups and snapshots of the disk, until they are rotated out",
    "the sender's own copy; sent again it is passed over, but its raw file holds it until an"
    " erasure is made again",
    "results, reports and pages copied out of the lake earlier",
)


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
    not_reached: tuple[str, ...] = NOT_REACHED

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

    def receipt(
        self, lake: Lake, run: RunRecord, rows: Mapping[str, int], files: tuple[int, int]
    ) -> Receipt:
        """Return the receipt; `files` are raw files rewritten and old table files removed."""
        person = self.held.person
        return Receipt(
            erasure=run.run_id,
            erased_at=run.started_at.isoformat(timespec="seconds"),
            reason=self.reason,
            mark=load_erased(lake).mark(person.tenant, f"Patient/{person.patient_ids[0]}"),
            patient_records=len(person.patient_ids),
            rows=rows,
            raw_files_rewritten=files[0],
            old_files_removed=files[1],
        )
