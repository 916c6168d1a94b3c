"""Who a provider is: the NPI where it is valid, else the source's own id.

Source: claims specification, 1.4.1.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

FHIR, FEED = "fhir", "feed"
PERSON, ORGANIZATION = 1, 2
# Put before an NPI its check digit is that of a card number of the health industry.
_PREFIX = "80840"
_NPI_LENGTH = 10
_NONE = "0000000000"
_PERSONS = frozenset({"Practitioner", "PractitionerRole"})


class ProviderRef(NamedTuple):
    """A provider as a claim names it; `type` is the FHIR type, empty in feeds."""

    source: str
    id: str
    type: str = ""

    @property
    def own_key(self) -> str:
        """Return the key of a provider without a valid NPI."""
        return f"{self.source}/{self.id}"


@dataclass(frozen=True, slots=True)
class ProviderFacts:
    """What a source says of a provider: its references, NPI, kind and primary taxonomy code."""

    refs: tuple[ProviderRef, ...]
    npi: str | None = None
    entity_type: int | None = None
    specialty: str | None = None


class Provider(NamedTuple):
    """A resolved provider."""

    provider_id: str
    is_person: bool
    specialty: str | None = None
    npi_invalid: bool = False


def is_npi(text: str | None) -> bool:
    """Return True for a National Provider Identifier whose check digit is right."""
    if text is None or len(text) != _NPI_LENGTH or not text.isdecimal() or not text.isascii():
        return False
    return text != _NONE and _luhn(_PREFIX + text)


def _luhn(digits: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


@dataclass(frozen=True)
class Providers:
    """All providers of a tenant, looked up by how claims name them."""

    by_ref: Mapping[ProviderRef, Provider] = field(default_factory=dict)

    def of(self, ref: ProviderRef | None) -> Provider | None:
        """Return the provider named; one that no source describes keeps its own key."""
        if ref is None:
            return None
        return self.by_ref.get(ref) or Provider(ref.own_key, ref.type in _PERSONS)


def providers(facts: Iterable[ProviderFacts]) -> Providers:
    """Return the lookup; resources and rows with one NPI are one provider."""
    by_key: dict[str, list[ProviderFacts]] = {}
    for each in sorted(facts, key=lambda f: f.refs):
        key = f"npi:{each.npi}" if is_npi(each.npi) else each.refs[0].own_key
        by_key.setdefault(key, []).append(each)
    found: dict[ProviderRef, Provider] = {}
    for key, same in by_key.items():
        provider = Provider(
            key,
            is_person=any(_is_person(each) for each in same),
            specialty=next((each.specialty for each in same if each.specialty), None),
            npi_invalid=any(each.npi and not is_npi(each.npi) for each in same),
        )
        found.update((ref, provider) for each in same for ref in each.refs)
    return Providers(found)


def _is_person(facts: ProviderFacts) -> bool:
    if facts.entity_type:
        return facts.entity_type == PERSON
    return any(ref.type in _PERSONS for ref in facts.refs)
