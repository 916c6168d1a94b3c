"""The arguments of a run, and the checks that refuse impossible ones."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from data_generator.facts.worlds import DENSITIES, REGION

FORMATS = ("ndjson", "bundle", "json")
# Wide enough for any use; births lie up to 100 years before the start.
_EARLIEST, _LATEST = date(1950, 1, 1), date(2090, 12, 31)
# A quarter: each daily folder keeps its own answer key in memory, about 4 MB.
MAX_DAYS = 92
# About half a billion resources; medical record numbers (8 digits) have room for more.
MAX_PATIENTS = 10_000_000
# The answer key holds it as a JSON number, and its writer (orjson) accepts 64 bits.
LARGEST_SEED = 2**64 - 1
# Two windows of 30 days: a 30-day measure then has discharges whose 30 days are over.
SHORTEST_SPAN_DAYS = 61


class GeneratorError(ValueError):
    """The arguments are impossible; the message says what to change."""


def day_argument(name: str, text: str) -> date:
    """Return a date of the command line; raises GeneratorError."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise GeneratorError(f"{name} is {text!r}: give a date such as 2024-12-31.") from error


@dataclass(frozen=True, slots=True)
class GeneratorConfig:
    """The arguments of a run; the same arguments give the same bytes.

    ``start`` and ``end`` are the first and last day of the history, ``days`` the daily folders
    after it, ``defects`` the broken records per good one. ``all_types`` adds types that no measure
    reads; ``world`` says how often people are in hospital. ``claims_detail`` simulates the money of
    every account; ``feeds`` writes it as CSV instead of FHIR.
    """

    out: Path
    patients: int = 1000
    seed: int = 42
    start: date = date(2022, 1, 1)
    end: date = date(2024, 12, 31)
    format: str = "ndjson"
    days: int = 0
    defects: float = 0.0
    force: bool = False
    all_types: bool = False
    world: str = REGION
    claims_detail: bool = True
    feeds: bool = False

    def check(self) -> None:
        """Raise GeneratorError if the arguments are impossible."""
        for wrong, sentence in self._refusals():
            if wrong:
                raise GeneratorError(sentence)

    def _refusals(self) -> tuple[tuple[bool, str], ...]:
        span = (self.end - self.start).days + 1
        return (
            (
                not 1 <= self.patients <= MAX_PATIENTS,
                f"patients is {self.patients}: choose 1 to {MAX_PATIENTS:,}.",
            ),
            (
                not 0 <= self.seed <= LARGEST_SEED,
                f"seed is {self.seed}: choose 0 to {LARGEST_SEED:,}.",
            ),
            (
                span < SHORTEST_SPAN_DAYS,
                f"{self.start} to {self.end} is {max(span, 0)} days: choose at least "
                f"{SHORTEST_SPAN_DAYS}, so that a 30-day window can close.",
            ),
            (
                self.start < _EARLIEST or self.end > _LATEST,
                f"{self.start} to {self.end}: choose dates from {_EARLIEST} to {_LATEST}.",
            ),
            (
                self.format not in FORMATS,
                f"format is {self.format!r}: choose one of {', '.join(FORMATS)}.",
            ),
            (
                self.world not in DENSITIES,
                f"world is {self.world!r}: choose one of {', '.join(DENSITIES)}.",
            ),
            (
                not 0 <= self.days <= MAX_DAYS,
                f"days is {self.days}: choose 0 to {MAX_DAYS}.",
            ),
            (
                not 0 <= self.defects <= 0.5,
                f"defects is {self.defects}: choose a rate from 0 to 0.5.",
            ),
            (
                self.feeds and not self.claims_detail,
                "feeds are written from the claims in detail: choose feeds or no claims detail.",
            ),
            (
                self.format != "ndjson" and self.defects > 0,
                f"defects are written as broken lines, which format {self.format} does not "
                "have: choose format ndjson, or defects 0.",
            ),
        )

    def identity(self) -> dict[str, Any]:
        """Return the arguments that decide what happens, not how or where it is written."""
        arguments = {
            "patients": self.patients,
            "seed": self.seed,
            "start": self.start.isoformat(),
            "end": self.end.isoformat(),
            "defects": self.defects,
        }
        if self.claims_detail:
            arguments["claims_detail"] = True
        # The default world is left out: its answer keys keep the bytes of before there were two.
        return arguments if self.world == REGION else {**arguments, "world": self.world}
