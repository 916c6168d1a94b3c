"""What is declared of a FHIR resource type: its shape, its columns, its references.

Nothing here imports Spark: expressions are text, so that a Lambda, the catalog and the documents
can read the same declarations.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from metriccare.sources.fhir.shapes import Shape, shape_of

# Shapes used inside the declared shape of a resource (what `from_json` reads).
SHAPE_CODING = "STRUCT<system:STRING,code:STRING,display:STRING>"
SHAPE_CONCEPT = f"STRUCT<coding:ARRAY<{SHAPE_CODING}>,text:STRING>"
SHAPE_IDENTIFIER = "STRUCT<system:STRING,value:STRING>"
SHAPE_REFERENCE = (
    f"STRUCT<reference:STRING,type:STRING,identifier:{SHAPE_IDENTIFIER},display:STRING>"
)
SHAPE_PERIOD = "STRUCT<start:STRING,end:STRING>"
SHAPE_EXTENSIONS = "ARRAY<STRUCT<url:STRING,valueCode:STRING,valueString:STRING>>"
SHAPE_MONEY = "STRUCT<value:NUMBER,currency:STRING>"

# The identifiers of a type that reads what kind of number each is.
SHAPE_TYPED_IDENTIFIERS = (
    "identifier ARRAY<STRUCT<system:STRING,value:STRING,"
    "type:STRUCT<coding:ARRAY<STRUCT<system:STRING,code:STRING>>>>>"
)
SHAPE_IDENTIFIERS = f"identifier ARRAY<{SHAPE_IDENTIFIER}>"

# What every resource is parsed for besides its own elements and its identifiers.
SHAPE_COMMON = (
    "modifierExtension ARRAY<STRUCT<url:STRING>>,"
    f" extension {SHAPE_EXTENSIONS},"
    " contained ARRAY<STRUCT<resourceType:STRING,id:STRING,"
    f"identifier:ARRAY<{SHAPE_IDENTIFIER}>>>"
)


@dataclass(frozen=True)
class Field:
    """One silver column read from a resource: `sql` is a Spark SQL expression over `r`.

    A field of a later `step` may name columns of earlier steps, so that what several columns
    share is computed once. A `hidden` field is not a column: it is computed before the others, in
    the order declared, for the fields that name it.
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
    are fields declared later: their columns come after all others, so that older rows keep theirs.
    `expected` are the columns whose values count for completeness.
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
    expected: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[Field, ...]:
        """Return the fields that are columns, those added later at the end."""
        return tuple(f for f in (*self.fields, *self.added) if not f.hidden)

    @property
    def hidden(self) -> tuple[Field, ...]:
        """Return what several columns share, in the order it is computed."""
        return tuple(f for f in (*self.fields, *self.added) if f.hidden)


def declared_shape(resource: Resource) -> Shape:
    """Return the shape a resource is parsed by, the elements all types share included."""
    own = () if _has_typed_identifiers(resource) else (SHAPE_IDENTIFIERS,)
    return shape_of(", ".join((resource.shape, *own, SHAPE_COMMON)))


def identifiers_of(resource: Resource) -> str:
    """Return the expression for a resource's identifiers as systems and values."""
    if not _has_typed_identifiers(resource):
        return "r.identifier"
    return "transform(r.identifier, i -> named_struct('system', i.system, 'value', i.value))"


def _has_typed_identifiers(resource: Resource) -> bool:
    return SHAPE_TYPED_IDENTIFIERS in resource.shape
