"""Gold: stays, episodes, the evidence of every measure, and the unsuppressed results."""

from metriccare import naming
from metriccare.tables import strata
from metriccare.tables.declaration import AS_OF, RUN_ID, TENANT, Column, Table, hudi_table

_PERSON = Column("person_id", "string", "the person, merged patient records followed")
_HOSPITAL, _DEPARTMENT = strata.HOSPITAL.column, strata.DEPARTMENT.column
_STAY = Column("stay_id", "string", "lowest of the encounter ids folded into the stay")
_MEASURE = Column("measure_id", "string", "the measure")
# What a stay counts under besides its hospital and department, kept beside its evidence: results
# need no join.
_STRATA = (strata.AGE_BAND.column, strata.SEX.column, strata.PAYER.column)

STAY = hudi_table(
    Table(
        layer=naming.GOLD,
        name="stay",
        meaning="one row per continuous inpatient presence at one hospital",
        key=("tenant", "stay_id"),
        columns=(
            TENANT,
            _STAY,
            Column("episode_id", "string", "the episode it belongs to: its first stay's id"),
            _PERSON,
            _HOSPITAL,
            Column("hospital_name", "string", "the organisation's name"),
            _DEPARTMENT,
            Column("encounter_ids", "array<string>", "every encounter folded in, sorted"),
            Column("class", "string", "class of the encounter that ended last (v3-ActCode)"),
            Column("admit_at", "timestamp", "admission (UTC)"),
            Column("discharge_at", "timestamp", "discharge (UTC); null while open"),
            Column("admit_date", "date", "admission, in the facility's zone"),
            Column("discharge_date", "date", "discharge, in the facility's zone"),
            Column("los_midnights", "int", "discharge date - admit date"),
            Column("los_days", "int", "the same, at least 1"),
            Column("age_at_admission", "int", "whole years; null when unknown"),
            *_STRATA,
            Column("principal_diagnosis_system", "string", "principal diagnosis: code system"),
            Column("principal_diagnosis_code", "string", "principal diagnosis: code"),
            Column("principal_diagnosis_display", "string", "principal diagnosis: words"),
            Column("disposition", "string", "where the person went, normalised"),
            Column("died_in_hospital", "boolean", "the stay ended by death"),
            Column("planned", "boolean", "a planned admission"),
            Column("planned_method", "string", "pra, proxy or none"),
            Column("is_open", "boolean", "the person is still there"),
            Column("dq_flags", "array<string>", "data quality flags"),
            Column("source_file", "string", "the file of the encounter that gives the id"),
            Column("source_line", "bigint", "its line or entry number"),
            RUN_ID,
            Column("facility_type", "string", "acute, or the kind that rules the stay out"),
            Column("time_zone", "string", "the facility's IANA zone"),
        ),
    )
)

EPISODE = hudi_table(
    Table(
        layer=naming.GOLD,
        name="episode",
        meaning="one row per chain of stays joined by transfers",
        key=("tenant", "episode_id"),
        columns=(
            TENANT,
            Column("episode_id", "string", "its first stay's id"),
            _PERSON,
            Column("stay_ids", "array<string>", "the stays, first to last"),
            Column("first_stay_id", "string", "the stay that opens it"),
            Column("last_stay_id", "string", "the stay that closes it"),
            Column("hospital_ids", "array<string>", "the hospitals, first to last"),
            Column("admit_date", "date", "admission of the first stay"),
            Column("discharge_date", "date", "discharge of the last stay"),
            Column("los_midnights", "int", "discharge date - admit date"),
            Column("los_days", "int", "the same, at least 1"),
            RUN_ID,
        ),
    )
)

MEASURE_STAY = hudi_table(
    Table(
        layer=naming.GOLD,
        name="measure_stay",
        meaning="the evidence: one row per measure and candidate stay",
        key=("tenant", "measure_id", "stay_id"),
        columns=(
            TENANT,
            _MEASURE,
            _STAY,
            _PERSON,
            _HOSPITAL,
            Column("period_date", "date", "the date that places it in a period"),
            Column("in_denominator", "boolean", "the stay counts"),
            Column("numerator", "int", "0/1, days, or events; null when it does not count"),
            Column("exclusion_reasons", "array<string>", "why it does not count, sorted"),
            Column("outcome_stay_id", "string", "the stay that is the outcome"),
            Column("outcome_date", "date", "the date of the outcome"),
            RUN_ID,
            AS_OF,
            _DEPARTMENT,
            *_STRATA,
            Column("method", "string", "how the outcome was decided: pra, proxy or none"),
        ),
    )
)

INFECTION_EVENT = hudi_table(
    Table(
        layer=naming.GOLD,
        name="infection_event",
        meaning="one row per infection event, whatever its origin",
        key=("tenant", "event_id"),
        columns=(
            TENANT,
            Column("event_id", "string", "stable key of the event"),
            _PERSON,
            _STAY,
            _HOSPITAL,
            Column("infection_type", "string", "clabsi, cauti, ssi, vap, hap, cdi, mrsa, other"),
            Column("code_system", "string", "code system"),
            Column("code", "string", "code"),
            Column("display", "string", "words"),
            Column("event_date", "date", "day 1 of the event; null for claim-only events"),
            Column("hospital_day", "int", "day of the stay, admission is day 1"),
            Column(
                "origin",
                "string",
                "hospital_acquired, community, present_on_admission or unknown",
            ),
            Column("method", "string", "condition, claim or labid"),
            Column("condition_ids", "array<string>", "the conditions that are this event"),
            RUN_ID,
            Column("measure_ids", "array<string>", "the measures that count it, sorted"),
            Column("period_date", "date", "the date that places it in a period"),
            Column("discharge_date", "date", "discharge of its stay; null while open"),
            _DEPARTMENT,
            *_STRATA,
        ),
    )
)

PATIENT_DAY = hudi_table(
    Table(
        layer=naming.GOLD,
        name="patient_day",
        meaning="patient days by hospital, department and month, counted by census",
        key=("tenant", "hospital_id", "department", "month"),
        columns=(
            TENANT,
            _HOSPITAL,
            _DEPARTMENT,
            Column("month", "date", "first day of the month"),
            Column("patient_days", "bigint", "patient days"),
            RUN_ID,
        ),
    )
)

STAY_DAY = hudi_table(
    Table(
        layer=naming.GOLD,
        name="stay_day",
        meaning="the evidence of patient days: one row per stay, department and month",
        key=("tenant", "stay_id", "department", "month"),
        columns=(
            TENANT,
            _STAY,
            _PERSON,
            _HOSPITAL,
            _DEPARTMENT,
            Column("month", "date", "first day of the month"),
            Column("patient_days", "int", "patient days"),
            RUN_ID,
            AS_OF,
            *_STRATA,
        ),
    )
)

# The columns that name a result; tables of results and published measures share them.
RESULT_KEY = (
    TENANT,
    _MEASURE,
    Column("grain", "string", "all, year, quarter or month"),
    Column("period_start", "date", "first day; null for grain all"),
    Column("period_end", "date", "the day after the last"),
    Column(
        "stratum_type",
        "string",
        f"{', '.join(strata.STRATUM_TYPES[:-1])} or {strata.STRATUM_TYPES[-1]}",
    ),
    Column("stratum_value", "string", "id or code; `all` for overall"),
)

MEASURE_RESULT = hudi_table(
    Table(
        layer=naming.GOLD,
        name="measure_result",
        meaning="results before suppression; no BI role may read it",
        key=("tenant", "measure_id", "grain", "period_start", "stratum_type", "stratum_value"),
        columns=(
            *RESULT_KEY[:2],
            Column("measure_version", "string", "version of the definition"),
            *RESULT_KEY[2:],
            Column("numerator", "bigint", "numerator"),
            Column("denominator", "bigint", "denominator"),
            Column("excluded", "bigint", "candidate stays left out"),
            Column("value", "double", "the rate or mean; null when the denominator is 0"),
            Column("ci_low", "double", "95 % interval, low end"),
            Column("ci_high", "double", "95 % interval, high end"),
            Column("ci_method", "string", "wilson, poisson_exact, byar ..."),
            AS_OF,
            RUN_ID,
            Column("median", "double", "median, for measures that are means"),
            Column("percentile_90", "double", "90th percentile, for measures that are means"),
            Column("geometric_mean", "double", "geometric mean, for measures that are means"),
            Column("method", "string", "how it was decided, such as the planned-admission method"),
            Column("predicted", "double", "predicted events, where a file of predictions has them"),
            Column("sir", "double", "events / predicted; null where fewer than 1 is predicted"),
        ),
    )
)

PERSON_NOT_COMPUTED = hudi_table(
    Table(
        layer=naming.GOLD,
        name="person_not_computed",
        meaning="persons the rules failed on: their rows stay as they were, every run tries again",
        key=("tenant", "person_id"),
        columns=(
            TENANT,
            _PERSON,
            Column("error", "string", "class of the error"),
            Column("place", "string", "the file and line of MetricCare it came through"),
            Column("since_run_id", "string", "the first run that failed on the person"),
            Column(
                "outcome_run_id",
                "string",
                "the first run since which a death or an infection is undecided; null without one",
            ),
            RUN_ID,
        ),
    )
)

TABLES = (
    STAY,
    EPISODE,
    MEASURE_STAY,
    INFECTION_EVENT,
    PATIENT_DAY,
    STAY_DAY,
    MEASURE_RESULT,
    PERSON_NOT_COMPUTED,
)
