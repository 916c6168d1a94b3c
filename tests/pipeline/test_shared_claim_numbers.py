"""Claims of two persons with one number: both are flagged and kept apart, run after run."""

from __future__ import annotations

from pathlib import Path

from tests.pipeline.feed_lake import FeedLake, claim, claims
from tests.pipeline.resources import ndjson, patient


def resource(id_: str, person: str) -> dict:
    return {
        "resourceType": "Claim",
        "id": id_,
        "meta": {"lastUpdated": "2024-01-09T00:00:00Z"},
        "status": "active",
        "use": "claim",
        "patient": {"reference": f"Patient/{person}"},
        "created": "2024-01-08",
        "billablePeriod": {"start": "2024-01-05", "end": "2024-01-05"},
        "item": [{"sequence": 1, "net": {"value": 100, "currency": "USD"}}],
    }


def flagged(lake: FeedLake) -> dict[str, bool]:
    """Whether each claim is flagged."""
    rows = lake.rows("SELECT claim_id, dq_flags FROM gold.claim")
    return {claim_id: "duplicate_claim_number" in flags for claim_id, flags in rows}


def test_a_stored_claim_is_flagged_as_long_as_another_persons_has_its_number(tmp_path: Path):
    lake = FeedLake(tmp_path)
    # M9 is known as somebody else; an unknown member would be the patient of the claim it repeats.
    other = patient("p2", identifier=[{"system": "urn:members", "value": "M9"}])
    sent = [patient(), other, resource("C1", "p1"), resource("C2", "p1")]
    lake.receive("p.ndjson", ndjson(sent))
    lake.run()
    assert flagged(lake) == {"C1": False, "C2": False}
    lake.receive("claims.csv", claims(claim("C1", "M9", updated_at="2024-01-10T00:00:00Z")))
    lake.run()
    assert flagged(lake) == {"C1": True, "C2": False, "feed/C1": True}
    gone = claim("C1", "M9", updated_at="2024-01-11T00:00:00Z", op="delete")
    lake.receive("again/claims.csv", claims(gone))
    lake.run()
    assert flagged(lake) == {"C1": False, "C2": False}
