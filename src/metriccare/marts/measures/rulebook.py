"""What a run computes by: the code sets, the yearly tables and the predictions in force.

The shipped sets, with a user's own files on top. Results carry the edition of those files beside
the measure's version, so that a figure says by which codes it was made, and a run that finds
figures of another edition computes everyone again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from metriccare.errors import UsageError
from metriccare.marts.measures import MEASURES
from metriccare.marts.measures.definition import Measure
from metriccare.marts.measures.predictions import Predictions, load_predictions
from metriccare.marts.measures.reasons import UNDER_AGE
from metriccare.marts.stays.codesets import CodeSets, load_code_sets
from metriccare.marts.stays.planned import PlannedTables, load_planned_tables
from metriccare.settings import Ages, MeasureFiles

_EDITION_DIGITS = 8
# Every ICD-10-PCS code: seven letters and digits, never I or O.
_ANY_PCS = "^[0-9A-HJ-NP-Z]{7}$"


@dataclass(frozen=True)
class Rulebook:
    """Code sets, planned-readmission tables, predictions and ages; the edition of own ones."""

    codes: CodeSets
    planned: PlannedTables | None = None
    predictions: Predictions = field(default_factory=Predictions)
    edition: str = ""
    ages: Mapping[str, Ages] = field(default_factory=dict)

    def version(self, measure: Measure) -> str:
        """Return the measure's version, with the edition of a user's own codes and tables."""
        return f"{measure.version}+{self.edition}" if self.edition else measure.version

    @property
    def procedure_pattern(self) -> str:
        """Return a regular expression of every procedure code that can matter."""
        known = self.codes["procedures"].pattern()
        return known if self.planned is None else f"{known}|{_ANY_PCS}"


def load_rulebook(files: MeasureFiles) -> Rulebook:
    """Read what the settings name; UsageError names a missing folder or a file of odd shape."""
    for folder in (files.code_sets, files.planned_tables):
        if folder is not None and not folder.is_dir():
            raise UsageError(f"The settings name the folder {folder}, which does not exist.")
    tables = files.planned_tables
    predictions = files.predictions
    return Rulebook(
        codes=load_code_sets(files.code_sets),
        planned=load_planned_tables(tables) if tables else None,
        predictions=load_predictions(predictions) if predictions else Predictions(),
        edition=_edition(files),
        ages=_checked(files.ages),
    )


def _checked(ages: Mapping[str, Ages]) -> Mapping[str, Ages]:
    of_adults = [measure.id for measure in MEASURES if UNDER_AGE in measure.exclusions]
    unknown = sorted(set(ages) - set(of_adults))
    if unknown:
        raise UsageError(
            f"The settings give ages for {unknown[0]!r}; known: {', '.join(of_adults)}."
        )
    return ages


def _edition(files: MeasureFiles) -> str:
    """Return the first digits of a hash over the user's own codes, tables and ages."""
    own = [*_files(files.code_sets, "*.json"), *_files(files.planned_tables, "*.csv")]
    if not own and not files.ages:
        return ""
    digest = sha256("".join(f"{m}={files.ages[m]};" for m in sorted(files.ages)).encode())
    for path in own:
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:_EDITION_DIGITS]


def _files(folder: Path | None, pattern: str) -> list[Path]:
    return sorted(folder.glob(pattern)) if folder is not None else []
