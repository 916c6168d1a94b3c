"""A published lake's rows, computed: so many hospitals, so many years, some cells known.

The figures are chosen, not simulated: hospital 3 has a hidden cell, hospital 4 a zero, and the
shape is what publishing writes. Whoever changes a figure changes what the view tests expect.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

AS_OF = date(2024, 12, 31)
RUN = "run-2"
SNOMED = "http://snomed.info/sct"
ICD10 = "http://hl7.org/fhir/sid/icd-10-cm"
LAST_YEAR = 2024

Row = dict[str, object]

PROPORTIONS = {
    "readmission_30d": (40, 300),
    "mortality_in_hospital": (14, 400),
    "mortality_30d": (26, 350),
    "infection_stay_share": (15, 500),
}
HIDDEN = {"numerator": None, "denominator": None, "value": None, "ci_low": None, "ci_high": None}


def measure_rows(hospitals: int = 4, years: int = 3) -> list[Row]:
    """Return `publish.measure`: every measure by every grain, overall and by stratum."""
    return [
        {**period, **stratum, **figures, **_common()}
        for period, scale in _periods(years)
        for stratum, share in _strata(hospitals)
        for figures in _figures(scale * share, _level(period, stratum), stratum)
    ]


def _level(period: Row, stratum: Row) -> float:
    """Return how high the rates of a cell are: hospitals differ, every year is a little better."""
    level = 1.0
    if stratum["stratum_type"] == "hospital":
        level *= 0.7 + int(str(stratum["stratum_value"]).removeprefix("hosp-")) * 5 % 9 / 12
    if isinstance(period["period_start"], date):
        level *= 1 + 0.05 * (LAST_YEAR - period["period_start"].year)
    return level


def _common() -> Row:
    return {"tenant": "default", "as_of": AS_OF, "run_id": RUN, "measure_version": "1"}


def _periods(years: int) -> Iterator[tuple[Row, float]]:
    end = date(LAST_YEAR + 1, 1, 1)
    yield {"grain": "all", "period_start": None, "period_end": end}, float(years)
    for year in range(LAST_YEAR - years + 1, LAST_YEAR + 1):
        start = date(year, 1, 1)
        yield {"grain": "year", "period_start": start, "period_end": date(year + 1, 1, 1)}, 1.0
        for month in range(1, 13, 3):
            following = date(year + (month + 2) // 12, (month + 2) % 12 + 1, 1)
            yield (
                {"grain": "quarter", "period_start": start.replace(month=month)}
                | {"period_end": following},
                1 / 4,
            )
        for month in range(1, 13):
            following = date(year + month // 12, month % 12 + 1, 1)
            yield (
                {"grain": "month", "period_start": start.replace(month=month)}
                | {"period_end": following},
                1 / 12,
            )


def _strata(hospitals: int) -> Iterator[tuple[Row, float]]:
    yield _stratum("overall", "all", "All"), float(hospitals)
    for number in range(1, hospitals + 1):
        share = 0.5 + (number * 7 % 11) / 10
        yield _stratum("hospital", f"hosp-{number}", f"Hospital {number} of the Sample"), share
    for band, share in {"18-44": 0.8, "45-64": 1.2, "65-74": 1.0, "75-84": 0.7, "85+": 0.3}.items():
        yield _stratum("age_band", band, band), share * hospitals / 4
    for sex, share in {"female": 2.1, "male": 1.9}.items():
        yield _stratum("sex", sex, sex.capitalize()), share * hospitals / 4


def _stratum(kind: str, value: str, label: str) -> Row:
    return {"stratum_type": kind, "stratum_value": value, "stratum_label": label}


def _figures(scale: float, level: float, stratum: Row) -> Iterator[Row]:
    for measure_id, (numerator, denominator) in PROPORTIONS.items():
        shown = _proportion(round(numerator * scale * level), round(denominator * scale))
        yield {"measure_id": measure_id, "ci_method": "wilson"} | _special(stratum, shown)
    rate = _rate(round(24 * scale * level), round(2000 * scale))
    yield {
        "measure_id": "infection_hospital_acquired",
        "ci_method": "byar",
        **_special(stratum, rate),
    }
    for measure_id, mean in {"alos": 4.6, "alos_episode": 5.1}.items():
        stays = round(420 * scale)
        yield {"measure_id": measure_id, **_mean(round(mean * stays * (0.5 + level / 2)), stays)}


def _special(stratum: Row, shown: Row) -> Row:
    if stratum["stratum_value"] == "hosp-3":
        return {**HIDDEN, "suppressed": True}
    if stratum["stratum_value"] == "hosp-4":
        denominator = shown["denominator"]
        return {**shown, "numerator": 0, "value": 0.0, "ci_low": 0.0, "denominator": denominator}
    return shown


def _proportion(numerator: int, denominator: int) -> Row:
    if 0 < numerator <= 10:
        return {**HIDDEN, "suppressed": True}
    value = numerator / denominator if denominator else None
    low, high = (None, None) if value is None else (value * 0.8, min(1.0, value * 1.25 + 0.001))
    return _shown(numerator, denominator, value, low, high)


def _rate(events: int, days: int) -> Row:
    if 0 < events <= 10:
        return {**HIDDEN, "suppressed": True}
    value = events * 1000 / days
    return _shown(events, days, value, value * 0.75, value * 1.3)


def _mean(total: int, count: int) -> Row:
    return _shown(total, count, total / count if count else None, None, None)


def _shown(
    numerator: int, denominator: int, value: float | None, low: float | None, high: float | None
) -> Row:
    return {
        "numerator": numerator,
        "denominator": denominator,
        "value": value,
        "ci_low": low,
        "ci_high": high,
        "suppressed": False,
    }


def infection_code_rows() -> list[Row]:
    """Return `publish.infection_code`: SNOMED and ICD-10-CM codes, one of them hidden."""
    codes = [
        (SNOMED, "68566005", "Urinary tract infectious disease", "cauti", 62),
        (SNOMED, "233604007", "Pneumonia", "hap", 48),
        (SNOMED, "91302008", "Sepsis", "clabsi", 31),
        (SNOMED, "186431008", "Clostridioides difficile infection", "cdi", 22),
        (SNOMED, "433202001", "Surgical site infection", "ssi", 15),
        (SNOMED, "266096002", "Methicillin resistant Staphylococcus aureus", "mrsa", None),
        (ICD10, "J15.9", "Unspecified bacterial pneumonia", "hap", 12),
    ]
    return [
        {
            "tenant": "default",
            "code_system": system,
            "code": code,
            "display": display,
            "infection_type": kind,
            "events": events,
            "suppressed": events is None,
            "as_of": AS_OF,
            "run_id": RUN,
        }
        for system, code, display, kind, events in codes
    ]


def data_quality_rows() -> list[Row]:
    """Return `publish.data_quality`: a layer's rows, and the rules rows of it tripped."""
    rules = [
        ("bronze", "Encounter", "rows", "info", "records received", 4200),
        ("bronze", "Encounter", "not-json", "reject", "the record is not JSON", 0),
        ("silver", "encounter", "rows", "info", "current resources", 4100),
        ("silver", "encounter", "end-before-start", "warn", "the stay ends before it starts", 41),
        ("silver", "encounter", "no-class", "reject", "the class is missing or unknown", None),
    ]
    return [
        {
            "tenant": "default",
            "layer": layer,
            "table_name": table,
            "rule_id": rule,
            "severity": severity,
            "meaning": meaning,
            "row_count": count,
            "suppressed": count is None,
            "as_of": AS_OF,
            "run_id": RUN,
        }
        for layer, table, rule, severity, meaning, count in rules
    ]


def freshness_rows() -> list[Row]:
    """Return `publish.freshness`: one type up to date, one three days behind, one without."""
    newest = {
        "Encounter": datetime(2024, 12, 31, 4, 59, 59, 123456),  # noqa: DTZ001 - stored as UTC
        "Condition": datetime(2024, 12, 28, 22, 0),  # noqa: DTZ001
        "Location": None,
    }
    return [
        {
            "tenant": "default",
            "resource_type": resource_type,
            "last_updated": last_updated,
            "last_ingested_at": datetime(2025, 1, 1, 2, 3, 4),  # noqa: DTZ001
            "published_at": datetime(2025, 1, 1, 2, 5, 0),  # noqa: DTZ001
            "as_of": AS_OF,
            "run_id": RUN,
        }
        for resource_type, last_updated in newest.items()
    ]


def score_rows() -> list[Row]:
    """Return `publish.data_quality_score`: a table with rows, one that received none."""
    parts = {"completeness": 0.98, "validity": 0.995, "consistency": 1.0, "uniqueness": 1.0}
    table: Row = {"tenant": "default", "layer": "silver", "feed": "", "as_of": AS_OF}
    return [
        {**table, "table_name": "encounter", "rows": 4_000, **parts, "timeliness": 1.0}
        | {"score": 99.2, "suppressed": False, "run_id": RUN},
        {**table, "table_name": "location", "rows": 0, "suppressed": False, "run_id": RUN},
    ]
