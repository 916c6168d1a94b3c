"""Who is one person: patient records followed to the one that survives a merge.

Source: measure specification, section 2; FHIR R4 Patient.link (`replaced-by`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

REPLACED_BY = "replaced-by"


def survivors(replaced: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the surviving record of every replaced one, from (record, replaced by) pairs.

    Links are followed transitively. Records that replace each other in a circle are one person
    under the lowest id of the circle; of several replacements of one record the lowest is taken.
    """
    following = dict(sorted(replaced, reverse=True))
    return {record: _last(record, following) for record in following}


def _last(record: str, following: Mapping[str, str]) -> str:
    seen = [record]
    while (after := following.get(seen[-1])) is not None:
        if after in seen:
            return min(seen[seen.index(after) :])
        seen.append(after)
    return seen[-1]
