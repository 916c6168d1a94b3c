"""Coded elements (Coding, CodeableConcept) as typed columns."""

from __future__ import annotations

from metriccare.sources.fhir.declarations import Field
from metriccare.sources.fhir.elements import first_where, shared

CODING = "struct<system:string,code:string,display:string>"
CODINGS = f"array<{CODING}>"
_ON_ADMISSION = "'Y', 'N', 'U', 'W', '1', 'E'"


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


def concepts(name: str, sql: str, meaning: str) -> tuple[Field, ...]:
    """Return `<name>_codings`, the codings of a list of CodeableConcepts in one array."""
    return (Field(f"{name}_codings", CODINGS, f"cast({codings_of(sql)} as {CODINGS})", meaning),)


def codings_of(concepts: str) -> str:
    """Return the codings of a list of CodeableConcepts in one array."""
    return f"flatten(transform({concepts}, c -> coalesce(c.coding, array())))"
