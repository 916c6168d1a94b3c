"""The forms FHIR data takes - codes, dates, references, decimals - as typed columns.

Each function turns one element of a resource into one or more `Field`s: a column name, a Spark
type, a meaning and the Spark SQL expression that reads it from `r`, the resource parsed with the
declared shape. Nothing here imports Spark: the expressions are text, so that a Lambda, the catalog
and the documents can read the same declarations.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from metriccare.fhir.shapes import Shape, shape_of

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
    " contained ARRAY<STRUCT<resourceType:STRING,id:STRING,"
    f"identifier:ARRAY<{SHAPE_IDENTIFIER}>>>"
)

_ON_ADMISSION = "'Y', 'N', 'U', 'W', '1', 'E'"
# FHIR knows no year 0.
# Without a look-ahead, which DuckDB's regular expressions (RE2) do not have.
_SOME_YEAR = "(?:[1-9][0-9]{3}|0[1-9][0-9]{2}|00[1-9][0-9]|000[1-9])"
_YEAR = rf"^{_SOME_YEAR}$"
_MONTH = rf"^{_SOME_YEAR}-(0[1-9]|1[0-2])$"
_DAY = rf"^{_SOME_YEAR}-[0-9]{{2}}-[0-9]{{2}}$"
_INSTANT = (
    rf"^{_SOME_YEAR}-[0-9]{{2}}-[0-9]{{2}}T([01][0-9]|2[0-3]):[0-5][0-9]"
    r"(:([0-5][0-9]|60)([.][0-9]+)?)?(Z|[+-](0[0-9]|1[0-4]):[0-5][0-9])$"
)
# The ends of the years that every reader of the tables knows, Python among them.
_FIRST_AND_LAST_DAY = "'0001-01-01T', '9999-12-31T'"
# The last `Type/id` of a reference, searched from the left: it can begin nowhere but at a slash.
_ID = "([A-Za-z0-9.-]{1,64})(?:/_history/[^/]+)?$"
_TYPE_AND_ID = rf"(?:^|/)([A-Z][A-Za-z]+)/{_ID}"
_TYPE_OF_SEARCH = r"^([A-Z][A-Za-z]+)[?]"


@dataclass(frozen=True)
class Field:
    """One silver column read from a resource: `sql` is a Spark SQL expression over `r`.

    A field of a later `step` may name columns of earlier steps, so that what several columns
    share is worked out once. A `hidden` one is no column: it is worked out before the others, in
    the order declared, for those that name it.
    """

    name: str
    type: str
    sql: str
    meaning: str
    identifying: bool = False
    step: int = 0
    hidden: bool = False


@dataclass(frozen=True)
class Reference:
    """One scalar reference: columns `<name>_id` and `<name>_reference`, and where it may point.

    The id names a resource of the type `target` and of no other; `also` are the types that FHIR
    R4 or R5 allows besides, which give no id and are no fault.
    """

    name: str
    target: str
    required: bool = False
    also: tuple[str, ...] = ()

    @property
    def allowed(self) -> tuple[str, ...]:
        """Return every type the standard allows there."""
        return (self.target, *self.also)


@dataclass(frozen=True)
class ArrayReference:
    """References inside an array of structs: its elements hold `<name>_id`, `<name>_reference`."""

    column: str
    name: str
    target: str
    also: tuple[str, ...] = ()

    @property
    def allowed(self) -> tuple[str, ...]:
        """Return every type the standard allows there."""
        return (self.target, *self.also)


@dataclass(frozen=True)
class Resource:
    """What MetricCare reads of one FHIR resource type.

    `shape` is the Spark struct `from_json` parses; unknown elements stay in bronze only. `added`
    are fields that came later: their columns stand behind all others, so that older rows keep
    theirs.
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
    added: tuple[Field, ...] = ()

    @property
    def columns(self) -> tuple[Field, ...]:
        """Return the fields that are columns, those added later at the end."""
        return tuple(one for one in (*self.fields, *self.added) if not one.hidden)

    @property
    def hidden(self) -> tuple[Field, ...]:
        """Return what several columns share, in the order it is worked out."""
        return tuple(one for one in (*self.fields, *self.added) if one.hidden)


def declared_shape(resource: Resource) -> Shape:
    """Return the shape a resource is parsed by, the elements all types share included."""
    return shape_of(f"{resource.shape}, {SHAPE_COMMON}")


def shared(name: str, sql: str) -> Field:
    """Return an expression that several fields share; it is no column."""
    return Field(name, "", sql, "", hidden=True)


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


def concept(name: str, sql: str, meaning: str, *, system: str | None = None) -> tuple[Field, ...]:
    """Return one Coding's three columns and `<name>_codings`, all of a CodeableConcept.

    The one Coding is that of `system` where one is given and sent, else the first with a code.
    """
    return (
        shared(f"{name}_coding", one_coding(f"({sql}).coding", system)),
        *coding(name, f"{name}_coding", meaning),
        Field(f"{name}_codings", CODINGS, f"({sql}).coding", f"{meaning}: every coding"),
    )


def one_coding(codings: str, system: str | None = None) -> str:
    """Return the Coding of a system, else the first that has a code, else the first."""
    of_system = f"c.system = '{system}' and c.code is not null"
    chosen = [first_where(codings, "c", of_system)] if system else []
    chosen += [first_where(codings, "c", "c.code is not null"), f"get({codings}, 0)"]
    # Most concepts have one Coding only: there is nothing to choose.
    return f"if(size({codings}) = 1, get({codings}, 0), coalesce({', '.join(chosen)}))"


def on_admission(codings: str) -> str:
    """Return the present-on-admission indicator among codings, whatever local codes come before it.

    Without one it is the first code there is. Source: the indicator's codes of CMS and NUBC.
    """
    indicator = first_where(codings, "c", f"upper(c.code) in ({_ON_ADMISSION})")
    return f"coalesce({indicator}, {first_where(codings, 'c', 'c.code is not null')}).code"


def first_where(items: str, name: str, condition: str) -> str:
    """Return the first element of a list that meets a condition, null when none does."""
    return f"get(filter({items}, {name} -> {condition}), 0)"


def in_use(items: str, first: tuple[str, ...], last: tuple[str, ...]) -> str:
    """Return one of several names or addresses: by its `use` the first of `first` that is there.

    Without them it is the first whose use is not among `last`, else the first of all.
    """
    chosen = [first_where(items, "n", f"n.use = '{use}'") for use in first]
    out = ", ".join(f"'{use}'" for use in last)
    chosen.append(first_where(items, "n", f"coalesce(n.use not in ({out}), true)"))
    return f"if(size({items}) = 1, get({items}, 0), coalesce({', '.join(chosen)}, get({items}, 0)))"


def concepts(name: str, sql: str, meaning: str) -> tuple[Field, ...]:
    """Return `<name>_codings`, the codings of a list of CodeableConcepts in one array."""
    return (Field(f"{name}_codings", CODINGS, f"cast({codings_of(sql)} as {CODINGS})", meaning),)


def codings_of(concepts: str) -> str:
    """Return the codings of a list of CodeableConcepts in one array."""
    return f"flatten(transform({concepts}, c -> coalesce(c.coding, array())))"


def whole(sql: str) -> str:
    """Return an integer element as int; its shape says INT, and the row rules see to the rest."""
    return f"cast({sql} as int)"


def _precision(name: str) -> str:
    return (
        f"case when {name} rlike r'{_INSTANT}' then 'instant' when {name} rlike r'{_DAY}' then"
        f" 'day' when {name} rlike r'{_MONTH}' then 'month' when {name} rlike r'{_YEAR}' then"
        " 'year' end"
    )


def _lower(name: str) -> str:
    """Return the earliest instant a FHIR date can mean; null when there is no such date.

    Dates without a time are given as midnight UTC of the nominal day: the facility whose day it
    is becomes known only when a stay is built. A leap second counts as the one before it. On the
    first and the last day of the years 1 to 9999 the offset is passed over: it could lead out of
    them.
    """
    instant = f"if({name} like '%:60%', replace({name}, ':60', ':59'), {name})"
    without_offset = f"regexp_replace({instant}, '[+-][0-9:]+$', 'Z')"
    return (
        f"cast(case {name}_precision"
        f" when 'instant' then if(left({name}, 11) in ({_FIRST_AND_LAST_DAY}), {without_offset},"
        f" {instant})"
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
    Another element may look the same, so only digits that mean the number are taken.
    """
    first = f"regexp_extract(raw, r'{raw_pattern}', 1)"
    every = f"regexp_extract_all(raw, r'{raw_pattern}', 1)"
    means = "try_cast({} as decimal(38,12)) = {}"
    # The first is looked at by itself, and once: most often it is the one.
    digits = ", ".join(
        first_where(texts, "d", means.format("d", sql)) for texts in (f"array({first})", every)
    )
    return (
        Field(name, "decimal(38,12)", sql, meaning),
        Field(
            f"{name}_text",
            "string",
            f"if({sql} is null, null, coalesce({digits}))",
            f"{meaning}, digits",
        ),
    )


def literal_id(text: str, target: str) -> str:
    """Return the id a reference's text names literally (relative, absolute, versioned).

    Null when it names none, or a resource of another type than `target`.
    """
    return f"nullif(regexp_extract({text}, r'(?:^|/){target}/{_ID}', 1), '')"


def named_type(text: str) -> str:
    """Return the type a reference's text names: as `Type/id`, or as a search; null for others."""
    literal = f"nullif(regexp_extract({text}, r'{_TYPE_AND_ID}', 1), '')"
    search = f"nullif(regexp_extract({text}, r'{_TYPE_OF_SEARCH}', 1), '')"
    return f"coalesce({search}, {literal})"


def reference_id(sql: str, target: str) -> str:
    """Return the id of the `target` a literal reference names, else null."""
    return literal_id(f"({sql}).reference", target)


def _contained() -> Field:
    """Return contained resources as `#id` and the search they are looked up by.

    Of the identifiers the first with a system is taken, else the first: a number without a system
    may be anybody's.
    """
    with_system = first_where(
        "c.identifier", "i", f"{_filled('i.system')} and {_filled('i.value')}"
    )
    with_value = first_where("c.identifier", "i", _filled("i.value"))
    search = _search(f"coalesce({with_system}, {with_value})", "c.resourceType")
    entry = f"named_struct('name', '#' || c.id, 'search', {search})"
    return shared("contained", f"transform(r.contained, c -> {entry})")


def reference_text(sql: str, target: str) -> str:
    """Return a reference's text in one spelling, whatever form it came in.

    Logical identifiers and contained resources are written as the search
    `Type?identifier=system|value`, the form in which they can be looked up; the type is the one
    they say, else `target`.
    """
    sent = f"({sql}).reference"
    said = f"nullif(regexp_extract(({sql}).type, '([A-Za-z]+)$', 1), '')"
    logical = _search(f"({sql}).identifier", f"coalesce({said}, '{target}')")
    contained = first_where(CONTAINED.name, "c", f"c.name = {sent}") + ".search"
    literal = f"if(contains({sent}, '%7'), regexp_replace({sent}, '%7[cC]', '|'), {sent})"
    return (
        f"case when {sent} like '#%' then coalesce({contained}, {sent})"
        f" when {_filled(sent)} then {literal} else {logical} end"
    )


def _filled(sql: str) -> str:
    return f"trim({sql}) <> ''"


def _search(identifier: str, target: str) -> str:
    system, value = f"({identifier}).system", f"({identifier}).value"
    written = f"if({_filled(system)}, {system} || '|', '') || {value}"
    return f"if({_filled(value)}, {target} || '?identifier=' || {written}, null)"


def reference(ref: Reference, sql: str, meaning: str) -> tuple[Field, ...]:
    """Return `<name>_id`, the resolved key, and `<name>_reference`, the text it came as."""
    key = Field(
        f"{ref.name}_id", "string", reference_id(sql, ref.target), f"{meaning} ({ref.target}.id)"
    )
    sent = reference_text(sql, ref.target)
    return (
        key,
        Field(f"{ref.name}_reference", "string", sent, f"{meaning}, the reference as sent"),
    )


def time_zone(sql: str = "r.extension") -> tuple[Field, ...]:
    """Return the IANA zone of the standard `timezone` extension."""
    # The extension comes at most once.
    found = first_where(sql, "e", f"e.url = '{TIME_ZONE_EXTENSION}'")
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


CONTAINED = _contained()


def fields(*groups: Iterable[Field]) -> tuple[Field, ...]:
    """Return the columns of several elements in the order given."""
    return tuple(one for group in groups for one in group)
