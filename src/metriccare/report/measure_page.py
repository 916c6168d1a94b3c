"""docs/measures.md, written from the measures' declarations and the worked examples.

`python -m metriccare.report.measure_page` writes it; with `--check` it only compares.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from metriccare.marts.measures import MEASURES
from metriccare.marts.measures.compute import PersonResult, compute
from metriccare.marts.measures.definition import MEAN, PATIENT_DAYS, Evidence, Measure
from metriccare.marts.measures.examples import Example
from metriccare.marts.measures.predictions import PREDICTED_MEASURES
from metriccare.marts.measures.results import estimate
from metriccare.marts.stays import flags
from metriccare.marts.stays.codesets import FILES, CodeSets, load_code_sets
from metriccare.report.figures import counts_text, interval_text, unit, value_text
from metriccare.report.written_page import write_or_check

PAGE = Path("docs") / "measures.md"


@dataclass(frozen=True)
class Worked:
    """An example with what the rules make of it: verdicts by stay, and the figure in words."""

    example: Example
    verdicts: dict[str, str]
    numerator: int
    denominator: int
    text: str


def worked(measure: Measure, example: Example, codes: CodeSets) -> Worked:
    """Return an example, judged."""
    found = compute(example.history, codes)
    evidence = [e for id_, e in found.evidence if id_ == measure.id]
    numerator = sum(e.numerator or 0 for e in evidence)
    denominator = _denominator(measure, evidence, found)
    row = {
        "numerator": numerator,
        "denominator": denominator,
        "suppressed": False,
        **estimate(measure, numerator, denominator)._asdict(),
    }
    text = f"{counts_text(measure, row)}: {value_text(measure, row)}"
    if measure.shape != MEAN:
        text += f", 95 % interval {interval_text(measure, row)}"
    return Worked(
        example, {e.stay_id: _verdict(measure, e) for e in evidence}, numerator, denominator, text
    )


def _denominator(measure: Measure, evidence: list[Evidence], found: PersonResult) -> int:
    if measure.denominator_unit == PATIENT_DAYS:
        return sum(d.patient_days for d in found.days)
    return sum(e.in_denominator for e in evidence)


def _verdict(measure: Measure, evidence: Evidence) -> str:
    if not evidence.in_denominator:
        return "out: " + ", ".join(f"`{reason}`" for reason in evidence.exclusion_reasons)
    days = " days" if measure.shape == MEAN else ""
    return f"counts, {evidence.numerator}{days}"


def page() -> str:
    """Return the whole page as Markdown."""
    codes = load_code_sets()
    environment = Environment(  # noqa: S701 - Markdown of our own words, nothing to escape
        loader=PackageLoader("metriccare.report"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template("measures.md.j2").render(
        measures=MEASURES,
        flags=flags.MEANING,
        unit=unit,
        worked={m.id: [worked(m, e, codes) for e in m.examples] for m in MEASURES},
        sets=[codes[name] for name in FILES],
        files=FILES,
        predicted=PREDICTED_MEASURES,
    )


def main() -> int:
    """Write the page, or with --check compare it; exit code 1 when it is out of date."""
    return write_or_check(PAGE, page(), "metriccare.report.measure_page")


if __name__ == "__main__":
    sys.exit(main())
