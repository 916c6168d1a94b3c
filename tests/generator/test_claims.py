"""Claims without detail: lines add up, and the truth's revenue cycle equals that of the files."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

Resource = dict[str, Any]
AGES = ((30, "0-30"), (60, "31-60"), (90, "61-90"), (120, "91-120"))


def _newest(kind: str, *folders: Path) -> dict[str, Resource]:
    """Return the newest version of each resource of a type, without deleted ones."""
    found: dict[str, Resource] = {}
    gone: dict[str, str] = {}
    for line in (
        line
        for folder in folders
        for file in sorted((folder / "json").glob("*/*.ndjson"))
        for line in file.read_text().splitlines()
    ):
        resource = json.loads(line)
        if resource["resourceType"] == "Bundle":
            urls = [entry["request"]["url"] for entry in resource["entry"]]
            gone |= dict.fromkeys(urls, resource["timestamp"])
        elif resource["resourceType"] == kind:
            old = found.get(resource["id"], resource)
            found[resource["id"]] = max(old, resource, key=lambda r: r["meta"]["lastUpdated"])
    return {
        id_: r
        for id_, r in found.items()
        if gone.get(f"{kind}/{id_}", "") < r["meta"]["lastUpdated"]
    }


def _cents(money: Resource) -> int:
    return round(money["value"] * 100)


def _amounts(entries: list[Resource]) -> Counter[str]:
    sums: Counter[str] = Counter()
    for entry in entries:
        if "amount" in entry:
            sums[entry["category"]["coding"][0]["code"]] += _cents(entry["amount"])
    return sums


def _reasons(entries: list[Resource]) -> list[str]:
    return [entry["reason"]["coding"][0]["code"] for entry in entries if "reason" in entry]


@pytest.mark.parametrize("kind", ["ClaimResponse", "ExplanationOfBenefit"])
def test_the_lines_of_an_answer_add_up_to_its_totals(plain_run: Path, kind: str) -> None:
    answers = [r for r in _newest(kind, plain_run).values() if "item" in r]
    for answer in answers:
        lines = [_amounts(item["adjudication"]) for item in answer["item"]]
        total = _amounts(answer["total"])
        assert +sum(lines, Counter()) == +total
        for part in (*lines, total):
            assert part["submitted"] == part["eligible"] + part["discount"] + part["noncovered"]
            assert part["eligible"] == part["copay"] + part["benefit"]
            assert min(part.values()) >= 0
        if "payment" in answer:
            assert _cents(answer["payment"]["amount"]) == total["benefit"]
    assert len(answers) > 1000


def test_the_lines_answered_are_the_lines_billed(plain_run: Path) -> None:
    claims = _newest("Claim", plain_run)
    for answer in _newest("ClaimResponse", plain_run).values():
        claim = claims[answer["request"]["reference"].split("/")[1]]
        billed = {item["sequence"]: _cents(item["net"]) for item in claim["item"]}
        assert sum(billed.values()) == _cents(claim["total"])
        if "item" in answer:
            submitted = {
                item["itemSequence"]: _amounts(item["adjudication"])["submitted"]
                for item in answer["item"]
            }
            assert submitted == billed
    for benefit in _newest("ExplanationOfBenefit", plain_run).values():
        claim = claims[benefit["claim"]["reference"].split("/")[1]]
        without = [{k: v for k, v in i.items() if k != "adjudication"} for i in benefit["item"]]
        assert without == claim["item"]


def test_a_denial_has_its_reason_on_every_line_and_a_paid_claim_may_lose_one(
    plain_run: Path,
) -> None:
    partial = 0
    for answer in _newest("ClaimResponse", plain_run).values():
        lines = [_reasons(item["adjudication"]) for item in answer.get("item", [])]
        header = _reasons(answer.get("adjudication", []))
        if header:
            assert all(line == header for line in lines)
        elif any(lines):
            assert sum(map(len, lines)) == 1 < len(lines)
            partial += 1
    assert partial > 0


def test_procedures_are_coded_in_both_systems_and_on_the_claim(plain_run: Path) -> None:
    pcs = "http://www.cms.gov/Medicare/Coding/ICD10"
    done: dict[str, list[str]] = defaultdict(list)
    for procedure in _newest("Procedure", plain_run).values():
        codes = {c["system"]: c["code"] for c in procedure["code"]["coding"]}
        assert codes.keys() == {"http://snomed.info/sct", pcs}
        assert len(codes[pcs]) == 7
        done[procedure["encounter"]["reference"]].append(codes[pcs])
    billed = {
        claim["item"][0]["encounter"][0]["reference"]: [
            p["procedureCodeableConcept"]["coding"][0]["code"] for p in claim["procedure"]
        ]
        for claim in _newest("Claim", plain_run).values()
        if "procedure" in claim
    }
    assert billed
    assert all(sorted(codes) == sorted(done[encounter]) for encounter, codes in billed.items())


def _accounts(*folders: Path) -> Iterator[tuple[list[Resource], dict[str, Resource], str]]:
    """The claims of one stay or visit in the order sent, their answers, and the payer."""
    answers = {
        r["request"]["reference"].split("/")[1]: r
        for r in _newest("ClaimResponse", *folders).values()
    }
    payers = {"1": "medicare", "2": "medicaid", "5": "commercial", "32": "other", "81": "self_pay"}
    coverages = _newest("Coverage", *folders)
    by_account: dict[str, list[Resource]] = defaultdict(list)
    for claim in _newest("Claim", *folders).values():
        by_account[claim["item"][0]["encounter"][0]["reference"]].append(claim)
    for claims in by_account.values():
        claims.sort(key=lambda c: c["created"])
        cover = coverages[claims[0]["insurance"][0]["coverage"]["reference"].split("/")[1]]
        yield claims, answers, payers[cover["type"]["coding"][0]["code"]]


def _second_reading(as_of: str, *folders: Path) -> dict[str, Counter[str]]:
    """Return the revenue cycle by payer, from the files alone."""
    sums: dict[str, Counter[str]] = defaultdict(Counter)
    for claims, answers, payer in _accounts(*folders):
        answered = [answers[c["id"]] for c in claims if c["id"] in answers]
        found = Counter(billed=1, claims=len(claims), charged=_cents(claims[0]["total"]))
        judged = [a for a in answered if a["outcome"] == "complete"]
        denied = ["adjudication" in a for a in judged]
        if answered:
            clean = answered[0]["outcome"] == "complete"
            found.update(answered_first=1, clean_first=int(clean))
            amounts = _amounts(answered[-1].get("total", []))
            found.update(
                allowed=amounts["eligible"],
                not_covered=amounts["noncovered"],
                patient_share=amounts["copay"],
            )
        if judged:
            found.update(adjudicated_first=1, denied_first=int(denied[0]))
        if len(judged) > 1:
            found.update(appeals_answered=1, appeals_overturned=int(not denied[1]))
        newest = answers.get(claims[-1]["id"])
        if newest and "adjudication" in newest:
            found["denied"] = 1
        elif newest and "payment" in newest:
            found.update(paid=1, payments=_cents(newest["payment"]["amount"]))
        else:
            days = (date.fromisoformat(as_of) - date.fromisoformat(claims[0]["created"])).days
            age = next((name for last, name in AGES if days <= last), "121+")
            found.update({"open": 1, "open_charges": _cents(claims[0]["total"]), age: 1})
        sums["all"] += found
        sums[payer] += found
    return sums


@pytest.mark.parametrize("days", [0, 4])
def test_the_revenue_cycle_is_what_the_files_say(plain_run: Path, days: int) -> None:
    folders = [plain_run, *sorted((plain_run / "days").iterdir())][: days + 1]
    truth = json.loads((folders[-1] / "truth.json").read_text())
    read = _second_reading(truth["as_of"], *folders)
    reported = {}
    for row in truth["revenue_cycle"]:
        flat = {**row, **row["open_by_age_days"]}
        del flat["payer"], flat["open_by_age_days"], flat["unbilled"]
        reported[row["payer"]] = +Counter(flat)
    assert reported == {payer: +sums for payer, sums in read.items()}
    assert reported["all"]["appeals_overturned"] > 0
    assert reported["all"]["31-60"] > 0
