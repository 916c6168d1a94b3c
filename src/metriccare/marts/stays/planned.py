"""Was an admission planned? The CMS algorithm where its tables are given, else a proxy.

Source: measure specification, section 3; CMS planned readmission algorithm, version 4.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from metriccare.errors import UsageError
from metriccare.marts.stays.codesets import ICD10, PCS, CodeSets, plain, short_system
from metriccare.marts.stays.diagnosis import Diagnosis
from metriccare.marts.stays.history import Coding, Codings
from metriccare.settings import read_text

PRA, PROXY, NONE = "pra", "proxy", "none"
_ALWAYS, _ACUTE = "always_planned", "acute"
_LISTS = ("always_procedure", "always_diagnosis", "potential_procedure", "acute_diagnosis")


@dataclass(frozen=True)
class PlannedTables:
    """The algorithm's yearly tables, as the user loaded them.

    `diagnosis_ccs` and `procedure_ccs` map plain ICD-10 codes to CCS categories; each list holds
    CCS categories and plain codes.
    """

    version: str
    diagnosis_ccs: Mapping[str, str]
    procedure_ccs: Mapping[str, str]
    lists: Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Admission:
    """What is known of an admission when it is judged."""

    principal: Diagnosis | None
    priorities: Codings
    procedures: tuple[Codings, ...]


def judge(admission: Admission, codes: CodeSets, tables: PlannedTables | None) -> tuple[bool, str]:
    """Return whether the admission was planned, and by which method that was decided."""
    if tables is not None and _has_icd(admission):
        return _by_algorithm(admission, tables), PRA
    return _by_proxy(admission, codes)


def _has_icd(admission: Admission) -> bool:
    return admission.principal is not None and any(_plain(admission.principal.codings, ICD10))


def _by_algorithm(admission: Admission, tables: PlannedTables) -> bool:
    principal = admission.principal.codings if admission.principal else ()
    diagnosis = _with_ccs(_plain(principal, ICD10), tables.diagnosis_ccs)
    procedures = _with_ccs(
        [code for codings in admission.procedures for code in _plain(codings, PCS)],
        tables.procedure_ccs,
    )
    lists = tables.lists
    if procedures & lists["always_procedure"] or diagnosis & lists["always_diagnosis"]:
        return True
    potential = bool(procedures & lists["potential_procedure"])
    return potential and not diagnosis & lists["acute_diagnosis"]


def _plain(codings: Iterable[Coding], system: str) -> list[str]:
    return [plain(c.code) for c in codings if short_system(c.system) == system]


def _with_ccs(codes: Iterable[str], to_ccs: Mapping[str, str]) -> set[str]:
    listed = list(codes)
    return {*listed, *(f"CCS:{to_ccs[code]}" for code in listed if code in to_ccs)}


def _by_proxy(admission: Admission, codes: CodeSets) -> tuple[bool, str]:
    groups = (
        codes["planned_diagnoses"].values(admission.principal.codings)
        if admission.principal
        else frozenset()
    )
    transplant = any(
        codes["procedures"].value(p, frozenset({"transplant"})) for p in admission.procedures
    )
    if _ALWAYS in groups or transplant:
        return True, PROXY
    priority = codes["admission"].value(admission.priorities)
    if priority == "elective":
        return _ACUTE not in groups, PROXY
    known = priority is not None or admission.principal is not None
    return False, PROXY if known else NONE


def load_planned_tables(folder: Path) -> PlannedTables:
    """Read `icd10cm_ccs.csv`, `icd10pcs_ccs.csv` (code,ccs) and `planned_lists.csv` (list,code).

    A CCS category in a list is written `CCS:45`. Raises UsageError for a missing or odd file.
    """
    lists: dict[str, set[str]] = {name: set() for name in _LISTS}
    for row in _rows(folder / "planned_lists.csv", ("list", "code")):
        if row["list"] not in lists:
            raise UsageError(f"Unknown list {row['list']!r}; known: {', '.join(_LISTS)}.")
        code = row["code"].strip()
        lists[row["list"]].add(code if code.startswith("CCS:") else plain(code))
    return PlannedTables(
        version=folder.name,
        diagnosis_ccs=_ccs(folder / "icd10cm_ccs.csv"),
        procedure_ccs=_ccs(folder / "icd10pcs_ccs.csv"),
        lists={name: frozenset(codes) for name, codes in lists.items()},
    )


def _ccs(path: Path) -> dict[str, str]:
    return {plain(row["code"]): row["ccs"].strip() for row in _rows(path, ("code", "ccs"))}


def _rows(path: Path, columns: tuple[str, ...]) -> list[dict[str, str]]:
    if not path.is_file():
        raise UsageError(f"The planned-readmission tables lack {path.name}.")
    reader = csv.DictReader(StringIO(read_text(path), newline=""))
    if not set(columns) <= set(reader.fieldnames or ()):
        raise UsageError(f"{path.name} must have the columns {', '.join(columns)}.")
    return list(reader)
