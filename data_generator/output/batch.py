"""The unit of writing: the resources of one person, or of the region."""

from __future__ import annotations

from dataclasses import dataclass, field

from data_generator.fhir.codes import Resource


@dataclass(frozen=True, slots=True)
class BrokenLine:
    """A record that is wrong on purpose, and the file it goes to."""

    folder_of: str  # the resource type of that file
    line: bytes
    kind: str
    rule_id: str
    severity: str
    resource_id: str | None


@dataclass(frozen=True, slots=True)
class Batch:
    """Resources that belong together; ``deleted`` are ``Type/id`` deleted on ``day``."""

    name: str
    day: int
    resources: list[Resource]
    deleted: tuple[str, ...] = ()
    broken: list[BrokenLine] = field(default_factory=list)
