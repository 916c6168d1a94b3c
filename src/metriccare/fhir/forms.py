"""The forms FHIR data takes - codes, dates, references, decimals - as typed columns.

Each function turns one element of a resource into one or more `Field`s: a column name, a Spark
type, a meaning and the Spark SQL expression that reads it from `r`, the resource parsed with the
declared shape. Nothing here imports Spark: the expressions are text, so that a Lambda, the catalog
and the documents can read the same declarations.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

CODING = "struct<system:string,code:string,display:string>"
CODINGS = f"array<{CODING}>"
TIME_ZONE_EXTENSION = "http://hl7.org/fhir/StructureDefinition/timezone"

# Shapes used inside the declared shape of a resource (what `from_json` reads).
SHAPE_CODING = "STRUCT<system:STRING,code:STRING,display:STRING>"
SHAPE_CONCEPT = f"STRUCT<coding:ARRAY<{SHAPE_CODING}>,text:STRING>"
SHAPE_IDENTIFIER = "STRUCT<system:STRING,value:STRING>"
SHAPE_REFERENCE = (
    f"STRUCT<reference:STRING,type:STRING,identifier:{SHAPE_IDENTIFIER},display:STRING>"
)
SHAPE_PERIOD = "STRUCT<start:STRING,end:STRING>"
SHAPE_EXTENSIONS = "ARRAY<STRUCT<url:STRING,valueCode:STRING,valueString:STRING>>"
SHAPE_MONEY = "STRUCT<value:DECIMAL(38,12),currency:STRING>"
# What every resource is parsed for besides its own elements.
SHAPE_COMMON = (
    f"identifier ARRAY<{SHAPE_IDENTIFIER}>, modifierExtension ARRAY<STRUCT<url:STRING>>,"
    f" extension {SHAPE_EXTENSIONS},"
    f" contained ARRAY<STRUCT<id:STRING,identifier:ARRAY<{SHAPE_IDENTIFIER}>>>"
)

_YEAR = r"^[0-9]{4}$"
_MONTH = r"^[0-9]{4}-(0[1-9]|1[0-2])$"
_DAY = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
_INSTANT = (
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-5][0-9]"
    r"(:([0-5][0-9]|60)([.][0-9]+)?)?(Z|[+-](0[0-9]|1[0-4]):[0-5][0-9])$"
)
# The last `Type/id`, searched from the left: it can begin nowhere but at a slash.
_RELATIVE = r"(?:^|/)([A-Z][A-Za-z]+)/([A-Za-z0-9.-]{1,64})(?:/_history/[^/]+)?$"


@dataclass(frozen=True)
class Field:
    """One silver column read from a resource: `sql` is a Spark SQL expression over `r`.

    A field of a later `step` may name columns of earlier steps, so that what several columns
    share is worked out once.
    """

    name: str
    type: str
    sql: str
    meaning: str
    identifying: bool = False
    step: int = 0


@dataclass(frozen=True)
class Reference:
    """One scalar reference: columns `<name>_id` and `<name>_reference`, and where it may point."""

    name: str
    target: str
    required: bool = False


@dataclass(frozen=True)
class ArrayReference:
    """References inside an array of structs: its elements hold `<name>_id`, `<name>_reference`."""

    column: str
    name: str
    target: str


@dataclass(frozen=True)
class Resource:
    """What MetricCare reads of one FHIR resource type.

    `shape` is the Spark struct `from_json` parses; unknown elements stay in bronze only.
    Source: the resource's page in FHIR R4 (and R5 where the element moved).
    """

    type: str
    table: str
    meaning: str
    shape: str
    fields: tuple[Field, ...]
    references: tuple[Reference, ...] = ()
    array_references: tuple[ArrayReference, ...] = ()
    dates: tuple[str, ...] = field(default=())


def text(name: str, sql: str, meaning: str, *, identifying: bool = False) -> tuple[Field, ...]:
    """Return one string column."""
    return (Field(name, "string", sql, meaning, identifying),)


def boolean(name: str, sql: str, meaning: str) -> tuple[Field, ...]:
    """Return one boolean column."""
    return (Field(name, "boolean", f"cast({sql} as boolean)", meaning),)


def coding(name: str, sql: str, meaning: str) -> tuple[Field, ...]:
    """Return `<name>_system`, `<name>_code`, `<name>_display` of one Coding."""
    code = name if name == "code" else f"{name}_code"
    return (
        Field(f"{name}_system", "string", f"({sql}).system", f"{meaning}: code system"),
        Field(code, "string", f"({sql}).code", f"{meaning}: code"),
        Field(f"{name}_display", "string", f"({sql}).display", f"{meaning}: words"),
    )


def concept(name: str, sql: str, meaning: str) -> tuple[Field, ...]:
    """Return the first Coding's three columns and `<name>_codings`, all of a CodeableConcept."""
    return (
        *coding(name, f"get(({sql}).coding, 0)", meaning),
        Field(f"{name}_codings", CODINGS, f"({sql}).coding", f"{meaning}: every coding"),
    )


def concepts(name: str, sql: str, meaning: str) -> tuple[Field, ...]:
    """Return `<name>_codings`, the codings of a list of CodeableConcepts in one array."""
    flat = f"flatten(transform({sql}, c -> coalesce(c.coding, array())))"
    return (Field(f"{name}_codings", CODINGS, f"cast({flat} as {CODINGS})", meaning),)


def _precision(name: str) -> str:
    return (
        f"case when {name} rlike r'{_INSTANT}' then 'instant' when {name} rlike r'{_DAY}' then"
        f" 'day' when {name} rlike r'{_MONTH}' then 'month' when {name} rlike r'{_YEAR}' then"
        " 'year' end"
    )


def _lower(name: str) -> str:
    """Return the earliest instant a FHIR date can mean; null when there is no such date.

    Dates without a time are given as midnight UTC of the nominal day: the facility whose day it
    is becomes known only when a stay is built. A leap second counts as the one before it.
    """
    return (
        f"cast(case {name}_precision"
        f" when 'instant' then if({name} like '%:60%', replace({name}, ':60', ':59'), {name})"
        f" when 'day' then {name} when 'month' then {name} || '-01'"
        f" when 'year' then {name} || '-01-01' end as timestamp)"
    )


def _upper(name: str) -> str:
    """Return the latest instant (to the microsecond) a FHIR date can mean."""
    after = " ".join(
        f"when '{unit}' then {name}_lower + interval 1 {unit} - interval 1 microsecond"
        for unit in ("day", "month", "year")
    )
    return f"case {name}_precision {after} else {name}_lower end"


def date_time(name: str, sql: str, meaning: str, *, identifying: bool = False) -> tuple[Field, ...]:
    """Return a FHIR date as text, `_lower` and `_upper` bounds (UTC) and `_precision`.

    Source: FHIR R4 datatypes, date, dateTime and instant.
    """
    precision = f"{meaning}: year, month, day or instant"
    earliest, latest = f"{meaning}, earliest (UTC)", f"{meaning}, latest (UTC)"
    return (
        Field(name, "string", sql, f"{meaning}, as written", identifying),
        Field(f"{name}_lower", "timestamp", _lower(name), earliest, identifying, step=2),
        Field(f"{name}_upper", "timestamp", _upper(name), latest, identifying, step=3),
        Field(f"{name}_precision", "string", _precision(name), precision, step=1),
    )


def decimal(name: str, sql: str, raw_pattern: str, meaning: str) -> tuple[Field, ...]:
    """Return a decimal as `decimal(38,12)` and `<name>_text`, its digits as sent.

    `raw_pattern` finds the digits in the resource's text: a JSON parser forgets trailing zeros.
    """
    digits = f"nullif(regexp_extract(raw, r'{raw_pattern}', 1), '')"
    return (
        Field(name, "decimal(38,12)", sql, meaning),
        Field(f"{name}_text", "string", f"if({sql} is null, null, {digits})", f"{meaning}, digits"),
    )


def reference_id(sql: str) -> str:
    """Return the id a literal reference (relative, absolute, versioned) names, else null."""
    return f"nullif(regexp_extract(({sql}).reference, r'{_RELATIVE}', 2), '')"


def reference_text(sql: str, target: str) -> str:
    """Return a reference's text in one spelling, whatever form it came in.

    Logical identifiers and contained resources are written as the search
    `Type?identifier=system|value`, the form in which they can be looked up.
    """
    sent = f"({sql}).reference"
    logical = _search(f"({sql}).identifier", target)
    contained = _search(
        f"get(filter(r.contained, c -> '#' || c.id = {sent}), 0).identifier[0]", target
    )
    literal = f"if(contains({sent}, '%7'), regexp_replace({sent}, '%7[cC]', '|'), {sent})"
    return (
        f"case when {sent} like '#%' then coalesce({contained}, {sent})"
        f" when {sent} is not null then {literal} else {logical} end"
    )


def _search(identifier: str, target: str) -> str:
    system = f"coalesce(({identifier}).system || '|', '')"
    return f"'{target}?identifier=' || {system} || ({identifier}).value"


def reference(ref: Reference, sql: str, meaning: str) -> tuple[Field, ...]:
    """Return `<name>_id`, the resolved key, and `<name>_reference`, the text it came as."""
    return (
        Field(f"{ref.name}_id", "string", reference_id(sql), f"{meaning} ({ref.target}.id)"),
        Field(
            f"{ref.name}_reference",
            "string",
            reference_text(sql, ref.target),
            f"{meaning}, the reference as sent",
        ),
    )


def time_zone(sql: str = "r.extension") -> tuple[Field, ...]:
    """Return the IANA zone of the standard `timezone` extension."""
    found = f"get(filter({sql}, e -> e.url = '{TIME_ZONE_EXTENSION}'), 0)"
    zone = f"coalesce({found}.valueCode, {found}.valueString)"
    return text("time_zone", zone, "IANA time zone from the FHIR timezone extension")


def identifiers(sql: str = "r.identifier") -> tuple[Field, ...]:
    """Return `identifiers`, the business identifiers other resources may refer to it by."""
    return (
        Field(
            "identifiers",
            "array<struct<system:string,value:string>>",
            sql,
            "business identifiers",
            identifying=True,
        ),
    )


def fields(*groups: Iterable[Field]) -> tuple[Field, ...]:
    """Return the columns of several elements in the order given."""
    return tuple(one for group in groups for one in group)
