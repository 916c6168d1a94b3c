"""Elements of resources as typed columns: text, booleans, decimals, names, identifiers.

Each function turns one element of a resource into one or more `Field`s: a column name, a Spark
type, a meaning and the Spark SQL expression that reads it from `r`, the resource parsed with the
declared shape.
"""

from __future__ import annotations

from collections.abc import Iterable

from metriccare.sources.fhir.declarations import Field
from metriccare.sources.fhir.shapes import NUMBER_TYPE, number

NPI_SYSTEM = "http://hl7.org/fhir/sid/us-npi"
EIN_SYSTEM = "urn:oid:2.16.840.1.113883.4.4"
TIME_ZONE_EXTENSION = "http://hl7.org/fhir/StructureDefinition/timezone"


def shared(name: str, sql: str) -> Field:
    """Return an expression that several fields share; it is no column."""
    return Field(name, "", sql, "", hidden=True)


def text(name: str, sql: str, meaning: str, *, identifying: bool = False) -> tuple[Field, ...]:
    """Return one string column."""
    return (Field(name, "string", sql, meaning, identifying),)


def boolean(name: str, sql: str, meaning: str) -> tuple[Field, ...]:
    """Return one boolean column."""
    return (Field(name, "boolean", f"cast({sql} as boolean)", meaning),)


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


def whole(sql: str) -> str:
    """Return an integer element as int; a row rule rejects what is not a whole number."""
    return f"cast({sql} as int)"


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


def amount(name: str, sql: str, meaning: str) -> tuple[Field, ...]:
    """Return a number as decimal and `<name>_text`, its digits as sent.

    Its element is declared as NUMBER.
    """
    return (
        Field(name, NUMBER_TYPE, number(sql), meaning),
        Field(f"{name}_text", "string", sql, f"{meaning}, digits"),
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


def npi() -> tuple[Field, ...]:
    """Return the National Provider Identifier, the first of several."""
    is_npi = f"i.system = '{NPI_SYSTEM}' and i.value is not null"
    sql = f"{first_where('r.identifier', 'i', is_npi)}.value"
    return text("npi", sql, "National Provider Identifier, the first of several")


def tax_id() -> tuple[Field, ...]:
    """Return the tax number: an identifier of type TAX, or of the system of employers' numbers."""
    is_typed = "exists(coalesce(i.type.coding, array()), c -> c.code = 'TAX')"
    is_tax_id = f"(i.system = '{EIN_SYSTEM}' or {is_typed}) and i.value is not null"
    sql = f"{first_where('r.identifier', 'i', is_tax_id)}.value"
    return text("tax_id", sql, "tax number, the first of several", identifying=True)


def fields(*groups: Iterable[Field]) -> tuple[Field, ...]:
    """Return the columns of several elements in the order given."""
    return tuple(column for group in groups for column in group)
