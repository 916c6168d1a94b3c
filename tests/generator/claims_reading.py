"""Claims, answers and postings read from the files, FHIR or CSV, into one shape.

Written from the specification of claims without looking at the simulator.
"""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PAYERS = {"1": "medicare", "2": "medicaid", "5": "commercial", "32": "other", "81": "self_pay"}
PATIENT_CLASS, PRIOR_PAYER, CONTRACT = ("1", "2", "3"), "23", "45"


def cents(text: Any) -> int:
    return round(float(text) * 100) if text not in (None, "") else 0


@dataclass
class Decided:
    """What is decided about a line; several events add up."""

    charge: int = 0
    allowed: int = 0
    paid: int = 0
    adjustments: list[tuple[str, str, int]] = field(default_factory=list)

    def of(self, *reasons: str) -> int:
        return sum(amount for _, reason, amount in self.adjustments if reason in reasons)

    @property
    def contractual(self) -> int:
        return self.of(CONTRACT)

    @property
    def denials(self) -> list[tuple[str, str, int]]:
        known = (*PATIENT_CLASS, PRIOR_PAYER, CONTRACT)
        return [row for row in self.adjustments if row[1] not in known and row[2]]

    @property
    def denied(self) -> int:
        return sum(amount for _, _, amount in self.denials)

    @property
    def share(self) -> int:
        return self.of(*PATIENT_CLASS) + sum(a for g, _, a in self.denials if g == "PR")

    @property
    def is_denied(self) -> bool:
        return self.charge > 0 and self.paid == 0 and self.allowed == 0 and self.denied > 0

    def plus(self, other: Decided) -> Decided:
        sums: dict[tuple[str, str], int] = defaultdict(int)
        for group, reason, amount in (*self.adjustments, *other.adjustments):
            sums[group, reason] += amount
        return Decided(
            self.charge + other.charge,
            self.allowed + other.allowed,
            self.paid + other.paid,
            [(*key, amount) for key, amount in sums.items()],
        )


@dataclass
class Remit:
    """One answer; ``statement`` replaces earlier ones, an event adds to them."""

    id: str
    day: str
    word: str
    statement: bool
    lines: dict[int, Decided] = field(default_factory=dict)
    cash: list[tuple[str, int]] = field(default_factory=list)
    reversal: bool = False


@dataclass
class Submission:
    id: str
    number: str
    person: str
    type: str
    level: int
    frequency: int
    names: list[str]
    sent: str
    first: str
    last: str
    encounters: frozenset[str]
    lines: dict[int, int]
    payer: str
    provider: str
    remits: list[Remit] = field(default_factory=list)

    @property
    def charge(self) -> int:
        return sum(self.lines.values())


KEYS = {"claim_lines": 2, "remits": 3, "remit_adjustments": 4, "members": 3}


def _folders(folder: Path) -> list[Path]:
    """Return the history and the daily folders after it."""
    return [folder, *sorted((folder / "days").glob("*"))]


def rows(folder: Path, feed: str) -> list[dict[str, str]]:
    """Return the rows of a feed that are left when all days have arrived."""
    found: dict[tuple[str, ...], dict[str, str]] = {}
    for place in _folders(folder):
        path = place / "feeds" / f"{feed}.csv"
        if not path.exists():
            continue
        with path.open(newline="") as file:
            for row in csv.DictReader(file):
                key = tuple(row.values())[: KEYS.get(feed, 1)]
                found.pop(key, None)
                if row["op"] == "upsert":
                    found[key] = row
    return list(found.values())


def from_feeds(folder: Path) -> dict[str, Submission]:
    """Return the claims of CSV files."""
    words = {row["payer_id"]: row["payer_group"] for row in rows(folder, "payers")}
    claims = {row["claim_id"]: _feed_claim(row, words) for row in rows(folder, "claims")}
    for row in rows(folder, "claim_lines"):
        claims[row["claim_id"]].lines[int(row["line_number"])] = cents(row["charge"])
    adjustments: dict[tuple[str, str], list[tuple[str, str, int]]] = defaultdict(list)
    for row in rows(folder, "remit_adjustments"):
        entry = row["group_code"], row["carc"], cents(row["amount"])
        adjustments[row["remit_id"], row["line_number"]].append(entry)
    remits: dict[tuple[str, str], Remit] = {}
    for row in rows(folder, "remits"):
        claim = claims[row["claim_id"]]
        key = claim.id, row["remit_date"]  # rows of one claim and day are one answer
        if key not in remits:
            remits[key] = Remit(row["remit_id"], row["remit_date"], row["answer"], False)
            claim.remits.append(remits[key])
        remit = remits[key]
        if row["answer"] != "adjudicated":
            continue
        if not row["line_number"]:
            (entry,) = adjustments[row["remit_id"], ""]
            remit.lines = _as_a_whole(claim, entry)
            assert cents(row["charge"]) == claim.charge == entry[2]
            continue
        line = int(row["line_number"])
        decided = Decided(
            cents(row["charge"]),
            cents(row["allowed"]),
            cents(row["paid"]),
            adjustments[row["remit_id"], row["line_number"]],
        )
        remit.lines[line] = remit.lines.get(line, Decided()).plus(decided)
        remit.cash.append((row["payment_date"] or row["remit_date"], decided.paid))
        remit.reversal = remit.reversal or row["claim_status_code"] == "22"
    return claims


def _as_a_whole(claim: Submission, entry: tuple[str, str, int]) -> dict[int, Decided]:
    """Return a denial of the claim given to its lines."""
    group, reason, _ = entry
    return {
        n: Decided(charge, 0, 0, [(group, reason, charge)]) for n, charge in claim.lines.items()
    }


def _feed_claim(row: dict[str, str], words: dict[str, str]) -> Submission:
    return Submission(
        row["claim_id"],
        row["account_number"],
        row["member_id"],
        row["claim_type"],
        {"P": 1, "S": 2}[row["payer_sequence"]],
        int(row["frequency_code"]),
        [row["original_claim_id"]] if row["original_claim_id"] else [],
        row["submitted_date"],
        row["service_from"],
        row["service_to"],
        frozenset([row["encounter_id"]]),
        {},
        words[row["payer_id"]],
        row["attending_provider_id"] or row["rendering_provider_id"],
    )


def _resources(folder: Path, kind: str) -> Iterator[dict[str, Any]]:
    """Yield the newest version of each resource of a type, without deleted ones."""
    newest: dict[str, dict[str, Any]] = {}
    gone: dict[str, str] = {}
    for place in _folders(folder):
        for file in sorted((place / "json").glob(f"*/{kind}.*.ndjson")):
            for resource in map(json.loads, file.read_text().splitlines()):
                old = newest.get(resource["id"], resource)
                newest[resource["id"]] = max(old, resource, key=lambda r: r["meta"]["lastUpdated"])
        for file in sorted((place / "json").glob("deleted/*.ndjson")):
            for bundle in map(json.loads, file.read_text().splitlines()):
                urls = [entry["request"]["url"] for entry in bundle["entry"]]
                gone |= dict.fromkeys(urls, bundle["timestamp"])
    for id_, resource in newest.items():
        if gone.get(f"{kind}/{id_}", "") < resource["meta"]["lastUpdated"]:
            yield resource


def _id(reference: dict[str, Any]) -> str:
    return str(reference["reference"].split("/")[1])


def from_fhir(folder: Path) -> dict[str, Submission]:
    """Return the claims of FHIR files."""
    covers = {c["id"]: c for c in _resources(folder, "Coverage")}
    claims = {c["id"]: _fhir_claim(c, covers) for c in _resources(folder, "Claim")}
    for answer in _resources(folder, "ClaimResponse"):
        words = {"error": "rejected", "queued": "pending", "complete": "adjudicated"}
        word = words[answer["outcome"]]
        remit = Remit(answer["id"], answer["created"], word, True)
        for item in answer.get("item", []):
            remit.lines[item["itemSequence"]] = _decided(item["adjudication"])
        if "adjudication" in answer and "item" not in answer:
            whole = _decided(answer["adjudication"])
            remit.lines = _as_a_whole(claims[_id(answer["request"])], whole.denials[0])
        if "payment" in answer:
            paid = sum(line.paid for line in remit.lines.values())
            remit.cash.append((answer["payment"]["date"], paid))
        claims[_id(answer["request"])].remits.append(remit)
    return claims


def _decided(entries: list[dict[str, Any]]) -> Decided:
    amounts, adjustments = {}, []
    reasons = {
        "discount": ("CO", "45"), "deductible": ("PR", "1"), "coinsurance": ("PR", "2"),
        "copay": ("PR", "3"), "priorpayerpaid": ("OA", "23"),
    }  # fmt: skip
    for entry in entries:
        code = entry["category"]["coding"][0]["code"]
        amounts[code] = cents(entry["amount"]["value"])
        if code == "noncovered":
            codes = {c["system"]: c["code"] for c in entry["reason"]["coding"]}
            group = codes["https://x12.org/codes/claim-adjustment-group-codes"]
            reason = codes["https://x12.org/codes/claim-adjustment-reason-codes"]
            adjustments.append((group, reason, amounts[code]))
        elif code in reasons and amounts[code]:
            adjustments.append((*reasons[code], amounts[code]))
    allowed = amounts.get("eligible", 0)
    return Decided(amounts["submitted"], allowed, amounts.get("benefit", 0), adjustments)


def _fhir_claim(claim: dict[str, Any], covers: dict[str, Any]) -> Submission:
    focal = next(i for i in claim["insurance"] if i["focal"])
    cover = covers[_id(focal["coverage"])]
    related = [_id(r["claim"]) for r in claim.get("related", [])]
    bill = [
        i["code"]["coding"][0]["code"]
        for i in claim.get("supportingInfo", [])
        if i["category"]["coding"][0]["code"] == "typeofbill"
    ]
    served = [
        (item["servicedDate"],) * 2
        if "servicedDate" in item
        else (item["servicedPeriod"]["start"], item["servicedPeriod"]["end"])
        for item in claim["item"]
    ]
    return Submission(
        claim["id"],
        claim["identifier"][0]["value"],
        _id(claim["patient"]),
        claim["type"]["coding"][0]["code"],
        cover["order"],
        int(bill[0][-1]) if bill else 7 if related else 1,
        related,
        claim["created"],
        min(first for first, _ in served),
        max(last for _, last in served),
        frozenset(_id(e) for item in claim["item"] for e in item["encounter"]),
        {item["sequence"]: cents(item["net"]["value"]) for item in claim["item"]},
        PAYERS[cover["type"]["coding"][0]["code"]],
        _id(claim["careTeam"][0]["provider"]),
    )
