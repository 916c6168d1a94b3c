"""The views that give published measures: their headers and columns, written from declarations.

Every subject has the view `metric_<subject>`. A section of the report may name a view with what
its chart draws. A view selects from one table and needs no cast where the declaration of the
table's column gives the type.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from textwrap import wrap
from typing import Protocol, TypeVar

from metriccare.marts.measures import measures_of, sections, subjects
from metriccare.marts.measures.definition import MEAN, PROPORTION, RATE, Measure
from metriccare.marts.measures.presentation import Chart, Section, Subject
from metriccare.marts.periods import ALL, YEAR
from metriccare.report.health_checks import WRITTEN_BY
from metriccare.tables.publish import MEASURE
from metriccare.tables.strata import HOSPITAL, OVERALL


class Named(Protocol):
    """What has an id: a measure, a KPI."""

    @property
    def id(self) -> str:
        """Return the id."""


NamedT = TypeVar("NamedT", bound=Named)
_FIGURES = (
    "numerator",
    "denominator",
    "value",
    "ci_low",
    "ci_high",
    "suppressed",
    "as_of",
)
# The contract of users fixes these columns and their order; the rest may be added after them.
_PROMISED = (
    "tenant",
    "measure_id",
    "grain",
    "period_start",
    "period_end",
    "stratum_type",
    "stratum_value",
    "stratum_label",
    *_FIGURES,
)
_ADDED = (
    "measure_title",
    "method",
    "predicted",
    "sir",
    "median",
    "percentile_90",
    "geometric_mean",
)
# The columns of the views `metric_*`.
COLUMNS = (*_PROMISED, *_ADDED)
_LABEL = "coalesce(stratum_label, stratum_value)"
# Columns that are not those of the table. `year` is an integer here and a bigint on Trino: cast.
_EXPRESSIONS = {
    "stratum_label": f"{_LABEL} as stratum_label",
    "hospital_id": "stratum_value as hospital_id",
    "hospital_name": f"{_LABEL} as hospital_name",
    "period_year": "cast(year(period_start) as integer) as period_year",
}
_LINE_LENGTH = 100
_INDENT = " " * len("Denominator: ")
_INTERVALS = {
    PROPORTION: "95 % interval of proportions by Wilson",
    RATE: "95 % interval of rates exact Poisson below 10 events, else Byar",
    MEAN: "no interval is published for a mean",
}
_HIDDEN = "counts of 1 to 10, and what would give them away, are hidden"


def measure_views() -> Mapping[str, str]:
    """Return the text of every view of measures by its name."""
    found = {subject.view: _subject_view(subject) for subject in subjects()}
    for section in sections():
        if section.view is not None and section.chart in _SECTION_VIEWS:
            found[section.view] = _SECTION_VIEWS[section.chart](section)
    return found


def _subject_view(subject: Subject) -> str:
    measures = measures_of(subject)
    fields = {
        "Question": joined(measure.question for measure in measures),
        "Numerator": of_each(measures, lambda m: m.numerator),
        "Denominator": of_each(measures, _denominator),
        "Exclusions": of_each(measures, lambda m: ", ".join(m.reasons))
        + "; docs/measures.md says what each word means",
        "Grain": "one row per tenant, measure, period and stratum; periods by "
        + of_each(measures, lambda m: m.period),
        "Source": joined((*map(_source, measures), *_intervals(measures)), "; "),
        "Caveats": _caveats(measures),
    }
    text = header(f"{subject.title}, as published.", fields)
    return text + _select(COLUMNS, _is_one_of(measures), {})


def _hospital_view(section: Section) -> str:
    (measure,) = measures_of(section)
    fields = {
        "Question": measure.question,
        "Numerator": measure.numerator,
        "Denominator": measure.denominator,
        "Exclusions": f"those of {measure.subject.view}",
        "Grain": "one row per tenant and hospital",
        "Source": f"published measure {measure.id}, grain {ALL}, stratum {HOSPITAL.name}",
        "Caveats": "not risk-adjusted: hospitals differ in the people they treat, so compare"
        f" intervals, not ranks; {_HIDDEN}",
    }
    columns = ("tenant", "hospital_id", "hospital_name", *_FIGURES)
    where = {"grain": ALL, "stratum_type": HOSPITAL.name}
    return header(f"{section.title}.", fields) + _select(columns, _is_one_of([measure]), where)


def _year_view(section: Section) -> str:
    measures = measures_of(section)
    views = joined((f"those of {measure.subject.view}" for measure in measures), ", ")
    fields = {
        "Question": "Do the values rise or fall over the years?",
        "Numerator": of_each(measures, lambda m: m.numerator),
        "Denominator": of_each(measures, lambda m: m.denominator) + "; of the year",
        "Exclusions": views,
        "Grain": "one row per tenant, measure and year",
        "Source": f"published measures {', '.join(m.id for m in measures)},"
        f" grain {YEAR}, stratum {OVERALL}",
        "Caveats": f"the year of as_of may be incomplete; not risk-adjusted; {_HIDDEN}",
    }
    columns = ("tenant", "measure_id", "period_year", *_FIGURES)
    where = {"grain": YEAR, "stratum_type": OVERALL}
    return header(f"{section.title}.", fields) + _select(columns, _is_one_of(measures), where)


_SECTION_VIEWS: Mapping[Chart, Callable[[Section], str]] = {
    Chart.HOSPITAL_BARS: _hospital_view,
    Chart.YEAR_LINES: _year_view,
}


def _denominator(measure: Measure) -> str:
    per = f" (value per {measure.per:,})" if measure.shape == RATE else ""
    return f"{measure.denominator}{per}"


def _source(measure: Measure) -> str:
    """Return where a measure comes from, without the section of its specification."""
    return measure.source.partition("; section")[0]


def _intervals(measures: Iterable[Measure]) -> list[str]:
    return [_INTERVALS[measure.shape] for measure in measures]


def _caveats(measures: Sequence[Measure]) -> str:
    caveats = [measure.not_this for measure in measures]
    if any(measure.shape == RATE for measure in measures):
        caveats.append(
            "The ratio sir, events / predicted, is given only where a file of predictions has at"
            " least 1 event."
        )
    return joined((*caveats, f"{_HIDDEN.capitalize()}."))


def of_each(measures: Sequence[NamedT], text: Callable[[NamedT], str]) -> str:
    """Return a text of each measure or KPI behind its id; what several say is said once."""
    ids: dict[str, list[str]] = {}
    for measure in measures:
        ids.setdefault(text(measure), []).append(measure.id)
    if len(ids) == 1:
        return next(iter(ids))
    return "; ".join(f"{', '.join(of_text)}: {said}" for said, of_text in ids.items())


def joined(texts: Iterable[str], by: str = " ") -> str:
    """Return texts as one, each once."""
    return by.join(dict.fromkeys(texts))


def header(title: str, fields: Mapping[str, str]) -> str:
    """Return the header of a view or check that is written from declarations."""
    lines = [f"-- {title}", "--", f"-- {WRITTEN_BY}", "--"]
    width = _LINE_LENGTH - len("-- ") - len(_INDENT)
    for name, text in fields.items():
        first, *rest = wrap(text, width, break_long_words=False, break_on_hyphens=False)
        lines.append(f"-- {name + ':':<{len(_INDENT)}}{first}")
        lines += [f"-- {_INDENT}{line}" for line in rest]
    return "\n".join(lines) + "\n\n"


def _select(columns: Sequence[str], measures: str, where: Mapping[str, str]) -> str:
    """Return the one select of a view: each column once, typed by the table's declaration."""
    items = ",\n".join(f"    {_EXPRESSIONS.get(name, name)}" for name in columns)
    also = "".join(f"\n    and {name} = '{value}'" for name, value in where.items())
    condition = f"where\n    {measures}{also}" if where else f"where {measures}"
    return f"select\n{items}\nfrom {MEASURE.name}\n{condition}\n"


def _is_one_of(measures: Sequence[Measure]) -> str:
    """Return the condition that a row is of one of the measures."""
    if len(measures) == 1:
        return f"measure_id = '{measures[0].id}'"
    literals = [f"'{measure.id}'" for measure in measures]
    line = f"measure_id in ({', '.join(literals)})"
    if len(line) <= _LINE_LENGTH - len("where "):
        return line
    return "measure_id in (\n    " + ",\n    ".join(literals) + "\n)"
