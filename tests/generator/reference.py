"""A second implementation of the measure rules, which reads only the FHIR files.

Plain Python over NDJSON, written from the measure specification without looking at the
simulator: where it and truth.json differ, one of the two is wrong.
"""

from __future__ import annotations

import calendar
import json
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

DEFAULT_ZONE = "America/New_York"
TIMEZONE = "http://hl7.org/fhir/StructureDefinition/timezone"
SKILLED_NURSING = "314000000X"
TYPES_BY_CODE = {
    "736152001": "clabsi",
    "700372006": "cauti",
    "433202001": "ssi",
    "429271009": "vap",
    "425464007": "hap",
    "186431008": "cdi",
    "266096002": "mrsa",
}
ACUTE_DIAGNOSES = ("I21", "I50", "J18", "A41", "N17", "K80.0", "N39.0", "I63")
ALWAYS_PLANNED = ("Z51.11", "Z51.12", "Z51.89", "Z50", "Z38", "O80", "O81", "O82")
PAYERS = {"1": "medicare", "2": "medicaid", "5": "commercial", "81": "self_pay"}
BANDS = ((18, "0-17"), (45, "18-44"), (65, "45-64"), (75, "65-74"), (85, "75-84"))


@dataclass
class Stay:
    encounters: list[dict[str, Any]]
    person: str
    hospital: str
    zone: ZoneInfo
    acute: bool
    admit: date
    arrival: date
    discharge: date | None
    principal: str | None
    wards: list[tuple[str, date, date | None]]
    disposition: str | None
    strata: list[tuple[str, str]] = field(default_factory=list)
    ages: tuple[int, int] | None = None
    reasons: dict[str, list[str]] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return min(e["id"] for e in self.encounters)

    @property
    def is_open(self) -> bool:
        return self.discharge is None

    @property
    def department(self) -> str:
        return self.wards[-1][0] if self.wards else "unknown"

    @property
    def is_adult(self) -> bool:
        return self.ages is not None and self.ages[0] >= 18

    def hospital_day(self, day: date) -> int:
        """Return the hospital day of a date; day 1 is the arrival on a ward."""
        return (day - self.arrival).days + 1


class Lake:
    """The newest version of every resource in some folders, without deleted ones."""

    def __init__(self, *roots: Path) -> None:
        self.by_type: dict[str, dict[str, dict[str, Any]]] = defaultdict(dict)
        gone: dict[tuple[str, str], str] = {}
        for file in (f for root in roots for f in sorted(root.glob("*/*.ndjson"))):
            for line in file.read_text().splitlines():
                resource = json.loads(line)
                if resource["resourceType"] == "Bundle":
                    for entry in resource["entry"]:
                        kind, id_ = entry["request"]["url"].split("/")
                        gone[kind, id_] = resource["timestamp"]
                else:
                    self._keep_newer(resource)
        for (kind, id_), moment in gone.items():
            found = self.by_type[kind].get(id_)
            if found and found["meta"]["lastUpdated"] < moment:
                del self.by_type[kind][id_]
        self._index()

    def _keep_newer(self, resource: dict[str, Any]) -> None:
        known = self.by_type[resource["resourceType"]]
        old = known.get(resource["id"])
        if old is None or old["meta"]["lastUpdated"] <= resource["meta"]["lastUpdated"]:
            known[resource["id"]] = resource

    def _index(self) -> None:
        self.survivor = {
            patient["id"]: link["other"]["reference"].split("/")[1]
            for patient in self.by_type["Patient"].values()
            for link in patient.get("link", [])
            if link["type"] == "replaced-by"
        }

        self.coverages: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for coverage in self.by_type["Coverage"].values():
            self.coverages[self.person(coverage["beneficiary"]["reference"])].append(coverage)

    def person(self, reference: str) -> str:
        found = reference.split("/")[1]
        while found in self.survivor:
            found = self.survivor[found]
        return found


def _zone_of(lake: Lake, organization: str) -> ZoneInfo:
    places = [
        location
        for location in lake.by_type["Location"].values()
        if location["managingOrganization"]["reference"].endswith("/" + organization)
    ]
    for found in (*places, lake.by_type["Organization"][organization]):
        for extension in found.get("extension", []):
            if extension["url"] == TIMEZONE:
                return ZoneInfo(extension["valueCode"])
    return ZoneInfo(DEFAULT_ZONE)


def _day(text: str, zone: ZoneInfo) -> date:
    if len(text) == 10:
        return date.fromisoformat(text)
    return datetime.fromisoformat(text).astimezone(zone).date()


def _icd(condition: dict[str, Any]) -> str | None:
    return next((c["code"] for c in condition["code"]["coding"] if "icd-10" in c["system"]), None)


def _disposition(encounter: dict[str, Any]) -> str | None:
    found = encounter.get("hospitalization", {}).get("dischargeDisposition")
    if not found:
        return None
    coding = found["coding"][0]
    if "nubc" in coding["system"]:
        return str(coding["code"]).strip().zfill(2)
    return {"exp": "20", "aadvice": "07"}.get(coding["code"], "hl7-" + coding["code"])


def _principal(lake: Lake, encounter: dict[str, Any]) -> str | None:
    for entry in encounter.get("diagnosis", []):
        uses = [c["code"] for c in entry["use"]["coding"]]
        if "billing" in uses and entry.get("rank") == 1:
            id_ = entry["condition"]["reference"].split("/")[1]
            return _icd(lake.by_type["Condition"][id_])
    return None


def read_stays(lake: Lake) -> list[Stay]:
    inpatient = {
        e["id"]: e
        for e in lake.by_type["Encounter"].values()
        if e["class"]["code"] in ("IMP", "ACUTE", "NONAC") and e["status"] != "entered-in-error"
        if not _is_visit(e)
    }
    families: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for encounter in inpatient.values():
        parent = encounter.get("partOf", {}).get("reference", "").partition("/")[2]
        families[parent or encounter["id"]].append(encounter)
    stays = [_stay(lake, family) for family in families.values()]
    stays = _merge_feeds(stays)
    return _merge_returns(stays)


def _is_visit(encounter: dict[str, Any]) -> bool:
    """Return True for an emergency or observation visit by its type, with any class."""
    types = {c["code"] for kind in encounter.get("type", []) for c in kind["coding"]}
    return bool(types & {"4525004", "448951000124107"})


def _stay(lake: Lake, family: list[dict[str, Any]]) -> Stay:
    main = max(family, key=lambda e: (e["period"].get("end") or "9999", "partOf" not in e))
    hospital = main.get("serviceProvider", {"reference": "/unknown"})["reference"].split("/")[1]
    known = hospital != "unknown"
    zone = _zone_of(lake, hospital) if known else ZoneInfo(DEFAULT_ZONE)
    kinds = lake.by_type["Organization"][hospital]["type"] if known else []
    nursing = any(c["code"] == SKILLED_NURSING for t in kinds for c in t["coding"])
    ends = [e["period"].get("end") for e in family]
    return Stay(
        family,
        lake.person(main["subject"]["reference"]),
        hospital,
        zone,
        main["class"]["code"] != "NONAC" and not nursing,
        min(_day(e["period"]["start"], zone) for e in family),
        _arrival(lake, family, zone),
        None if None in ends else max(_day(e, zone) for e in ends if e),
        _principal(lake, main),
        _wards(main, zone),
        _disposition(main),
    )


def _arrival(lake: Lake, family: list[dict[str, Any]], zone: ZoneInfo) -> date:
    ward_stays = [ward_stay for e in family for ward_stay in e.get("location", [])]
    beds = [ward_stay for ward_stay in ward_stays if not _is_emergency(lake, ward_stay)]
    starts = [ward_stay["period"]["start"] for ward_stay in beds] or [
        e["period"]["start"] for e in family
    ]
    return min(_day(start, zone) for start in starts)


def _is_emergency(lake: Lake, ward_stay: dict[str, Any]) -> bool:
    place = lake.by_type["Location"][ward_stay["location"]["reference"].split("/")[1]]
    return any(c["code"] == "ER" for kind in place["type"] for c in kind["coding"])


def _wards(main: dict[str, Any], zone: ZoneInfo) -> list[tuple[str, date, date | None]]:
    return [
        (
            ward_stay["location"]["reference"].split("/")[1],
            _day(ward_stay["period"]["start"], zone),
            _day(ward_stay["period"]["end"], zone) if "end" in ward_stay["period"] else None,
        )
        for ward_stay in main.get("location", [])
    ]


def _merge_feeds(stays: list[Stay]) -> list[Stay]:
    kept: list[Stay] = []
    for stay in sorted(stays, key=lambda s: (s.person, s.hospital, s.admit, not s.wards, s.id)):
        twin = next(
            (
                k
                for k in kept
                if (k.person, k.hospital) == (stay.person, stay.hospital)
                and _instants_overlap(k, stay)
            ),
            None,
        )
        if twin:
            twin.encounters += stay.encounters
        else:
            kept.append(stay)
    return kept


def _instants_overlap(a: Stay, b: Stay) -> bool:
    def span(stay: Stay) -> tuple[datetime, datetime]:
        starts = [datetime.fromisoformat(e["period"]["start"]) for e in stay.encounters]
        ends = [
            datetime.fromisoformat(e["period"].get("end", "2999-01-01T00:00:00Z"))
            for e in stay.encounters
        ]
        return min(starts), max(ends)

    if a.is_open and (b.admit - a.admit).days > 30:
        return False  # nobody closed it, and the person was admitted again

    (first, second), (third, fourth) = span(a), span(b)
    return first < fourth and third < second


def _merge_returns(stays: list[Stay]) -> list[Stay]:
    kept: list[Stay] = []
    order = lambda s: (s.person, s.hospital, s.admit, s.encounters[0]["period"]["start"])  # noqa: E731
    for stay in sorted(stays, key=order):
        before = kept[-1] if kept else None
        same = before is not None and (before.person, before.hospital, before.discharge) == (
            stay.person,
            stay.hospital,
            stay.admit,
        )
        if before is not None and same and before.principal == stay.principal and stay.acute:
            before.encounters += stay.encounters
            before.discharge, before.disposition = stay.discharge, stay.disposition
            before.wards += stay.wards
        else:
            kept.append(stay)
    return kept


@dataclass
class Death:
    first: date | None
    last: date | None
    unknown: bool = False


def _birth(text: str) -> tuple[date, date]:
    """Return the first and last day that a year, a month or a date allows."""
    year, month, day = (int(p) if p else None for p in (text[:4], text[5:7], text[8:]))
    assert year is not None
    first = date(year, month or 1, day or 1)
    latest = month or 12
    return first, date(year, latest, day or calendar.monthrange(year, latest)[1])


def _years(born: date, day: date) -> int:
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


class Measures:
    """Counts per (measure, grain, period start, stratum)."""

    def __init__(self, as_of: date, *roots: Path) -> None:
        self.lake, self.as_of = Lake(*roots), as_of
        self.counts: dict[tuple[str, str, str | None, str, str], list[int]] = defaultdict(
            lambda: [0, 0]
        )
        self.stays = read_stays(self.lake)
        self.by_person: dict[str, list[Stay]] = defaultdict(list)
        for stay in self.stays:
            self._describe(stay)
            self.by_person[stay.person].append(stay)
        self._events = self._infection_events()
        for person, stays in sorted(self.by_person.items()):
            self._measure_person(person, [s for s in stays if s.acute])
        self._measure_infections()

    def _describe(self, stay: Stay) -> None:
        patient = self.lake.by_type["Patient"][stay.person]
        first, last = _birth(patient["birthDate"])
        ages = (max(0, _years(last, stay.admit)), _years(first, stay.admit))
        stay.ages = ages if ages[0] <= 130 else None
        bands = {next((n for bound, n in BANDS if a < bound), "85+") for a in stay.ages or ()}
        band = bands.pop() if len(bands) == 1 else "unknown"
        stay.strata = [
            ("overall", "all"),
            ("hospital", stay.hospital),
            ("department", stay.department),
            ("age_band", band),
            ("sex", patient["gender"]),
            ("payer", self._payer(stay)),
        ]

    def _payer(self, stay: Stay) -> str:
        day = stay.admit.isoformat()
        for coverage in self.lake.coverages[stay.person]:
            period = coverage["period"]
            if period["start"] <= day <= period.get("end", "9999"):
                code = coverage["type"]["coding"][0]["code"]
                return PAYERS.get(code, "other")
        return "unknown"

    def _add(
        self, measure: str, day: date, strata: list[tuple[str, str]], numerator: int, total: int
    ) -> None:
        for kind, value in strata:
            for grain, start in (
                ("all", None),
                ("year", f"{day.year}-01-01"),
                ("quarter", f"{day.year}-{day.month - (day.month - 1) % 3:02d}-01"),
                ("month", f"{day.year}-{day.month:02d}-01"),
            ):
                count = self.counts[measure, grain, start, kind, value]
                count[0] += numerator
                count[1] += total

    def _death(self, person: str, stays: list[Stay], zone: ZoneInfo) -> Death:
        patient = self.lake.by_type["Patient"][person]
        text = patient.get("deceasedDateTime")
        if text is None:
            died = [s.discharge for s in stays if s.disposition == "20" and s.discharge]
            if died:
                return Death(died[0], died[0])
            return Death(None, None, unknown=bool(patient.get("deceasedBoolean")))
        if len(text) == 7:
            year, month = int(text[:4]), int(text[5:])
            first = date(year, month, 1)
            alive = [s.discharge for s in stays if s.discharge and s.disposition != "20"]
            first = max([first, *alive])
            return Death(first, date(year, month, calendar.monthrange(year, month)[1]))
        day = _day(text, zone)
        return Death(day, day)

    def _died_inside(self, stay: Stay) -> bool:
        if stay.disposition is not None:
            return stay.disposition == "20"
        text = self.lake.by_type["Patient"][stay.person].get("deceasedDateTime", "")
        if len(text) <= 10:
            return False
        died = datetime.fromisoformat(text)
        periods = [e["period"] for e in stay.encounters]
        return any(
            datetime.fromisoformat(p["start"]) <= died <= datetime.fromisoformat(p["end"])
            for p in periods
        )

    def _episodes(self, stays: list[Stay]) -> list[list[Stay]]:
        chains: list[list[Stay]] = []
        key = lambda s: datetime.fromisoformat(s.encounters[0]["period"]["start"])  # noqa: E731
        for stay in sorted(stays, key=key):
            last = chains[-1][-1] if chains else None
            moved = (
                last is not None
                and last.discharge is not None
                and (last.hospital != stay.hospital or last.hospital == "unknown")
                and 0 <= (stay.admit - last.discharge).days <= 1
            )
            if moved:
                chains[-1].append(stay)
            else:
                chains.append([stay])
        return chains

    def _measure_person(self, person: str, stays: list[Stay]) -> None:
        episodes = self._episodes(stays)
        sampled: dict[int, tuple[str, Stay, int]] = {}
        for number, episode in enumerate(episodes):
            for place, stay in enumerate(episode):
                if stay.discharge is not None:
                    los = max(1, (stay.discharge - stay.admit).days)
                    self._add("alos", stay.discharge, stay.strata, los, 1)
                    self._in_hospital(stay, moved=place < len(episode) - 1)
            last = episode[-1]
            if last.discharge is not None:
                days = max(1, (last.discharge - episode[0].admit).days)
                self._add("alos_episode", last.discharge, last.strata, days, 1)
                self._readmission(episodes, number)
            self._thirty_days(person, stays, episode[0], sampled)
        for _, stay, outcome in sampled.values():
            self._add("mortality_30d", stay.admit, stay.strata, outcome, 1)

    def _in_hospital(self, stay: Stay, moved: bool) -> None:
        died = self._died_inside(stay)
        known = died or stay.disposition is not None
        source = stay.encounters[0].get("hospitalization", {}).get("admitSource", {})
        hospice = any(c["code"] == "F" for c in source.get("coding", []))
        away = moved or stay.disposition in ("02", "82")
        if stay.is_adult and known and not away and not hospice and stay.discharge:
            self._add("mortality_in_hospital", stay.discharge, stay.strata, int(died), 1)

    def _readmission(self, episodes: list[list[Stay]], number: int) -> None:
        stay = episodes[number][-1]
        code = stay.principal or ""
        excluded = (
            not stay.is_adult
            or self._died_inside(stay)
            or stay.disposition in ("07", "02", "82")
            or code.startswith(("F", "Z50", "Z51", "C"))
        )
        assert stay.discharge is not None
        if excluded or stay.discharge + timedelta(days=30) > self.as_of:
            return
        outcome = 0
        if number + 1 < len(episodes):
            following = episodes[number + 1][0]
            near = (following.admit - stay.discharge).days <= 30
            outcome = int(near and not self._planned(following))
        self._add("readmission_30d", stay.discharge, stay.strata, outcome, 1)

    def _planned(self, stay: Stay) -> bool:
        code = stay.principal or ""
        if code.startswith(ALWAYS_PLANNED):
            return True
        priority = stay.encounters[0]["priority"]["coding"][0]["code"]
        return priority == "EL" and not code.startswith(ACUTE_DIAGNOSES)

    def _thirty_days(
        self, person: str, stays: list[Stay], stay: Stay, sampled: dict[int, tuple[str, Stay, int]]
    ) -> None:
        if not stay.is_adult or stay.is_open or stay.disposition == "07":
            return
        death = self._death(person, stays, stay.zone)
        if death.unknown:
            return
        if death.first is None or death.last is None:
            if stay.admit + timedelta(days=30) > self.as_of:
                return
            outcomes = {0}
        else:
            outcomes = {int(0 <= (d - stay.admit).days <= 30) for d in (death.first, death.last)}
        if len(outcomes) > 1:
            return
        key = sha256(stay.id.encode()).hexdigest()
        rival = sampled.get(stay.admit.year)
        if rival is None or key < rival[0]:
            sampled[stay.admit.year] = (key, stay, outcomes.pop())

    def _indicators(self) -> dict[str, str]:
        letters = {}
        for encounter in self.lake.by_type["Encounter"].values():
            for entry in encounter.get("diagnosis", []):
                for extension in entry.get("extension", []):
                    letter = extension["valueCodeableConcept"]["coding"][0]["code"]
                    condition = entry["condition"]["reference"].split("/")[1]
                    letters[condition] = letter.upper()
        return letters

    def _claim_letters(self) -> dict[tuple[str, str], str]:
        letters = {}
        for claim in self.lake.by_type["Claim"].values():
            for entry in claim["diagnosis"]:
                if not any("onAdmission" in e for e in claim["diagnosis"]):
                    continue
                code = entry["diagnosisCodeableConcept"]["coding"][0]["code"]
                encounter = claim["item"][0]["encounter"][0]["reference"].split("/")[1]
                letter = "N"
                if "onAdmission" in entry:
                    letter = entry["onAdmission"]["coding"][0]["code"].upper()
                if entry["sequence"] > 1:
                    letters[encounter, code.replace(".", "")] = letter
        return letters

    def _infection_events(self) -> list[tuple[Stay, str, date]]:
        of_encounter = {e["id"]: stay for stay in self.stays for e in stay.encounters}
        named = {
            entry["condition"]["reference"].split("/")[1]: encounter["id"]
            for encounter in self.lake.by_type["Encounter"].values()
            for entry in encounter.get("diagnosis", [])
        }
        indicators, claimed = self._indicators(), self._claim_letters()
        mentions: dict[tuple[str, str], list[tuple[date, int, Stay]]] = defaultdict(list)
        for condition in self.lake.by_type["Condition"].values():
            codes = [c["code"] for c in condition["code"]["coding"]]
            kind = next((TYPES_BY_CODE[c] for c in codes if c in TYPES_BY_CODE), None)
            encounter = condition.get("encounter", {}).get("reference", "").partition("/")[2]
            confirmed = condition["verificationStatus"]["coding"][0]["code"] == "confirmed"
            stay = of_encounter.get(encounter or named.get(condition["id"], ""))
            if kind is None or stay is None or not stay.acute or not confirmed:
                continue
            onset = condition.get("onsetDateTime", "")
            letter = indicators.get(condition["id"])
            icd = (_icd(condition) or "").replace(".", "")
            letter = letter or claimed.get((encounter, icd))
            if len(onset) < 10 and letter is None:
                continue
            day = _day(onset, stay.zone)
            last = stay.discharge + timedelta(days=1) if stay.discharge else self.as_of
            acquired = stay.hospital_day(day) >= 3 and day <= last
            if letter is not None:
                acquired = letter in ("N", "U")
            mentions[stay.person, kind].append((day, 0 if acquired else 1, stay))
        for (encounter, code), letter in sorted(claimed.items()):
            stay, kind = of_encounter.get(encounter), _kind_of_icd(code)
            if stay is None or not stay.acute or kind is None or letter not in ("N", "U"):
                continue
            if all(mention[2] is not stay for mention in mentions[stay.person, kind]):
                assert stay.discharge is not None
                mentions[stay.person, kind].append((stay.discharge, 0, stay))
        return [e for (_, kind), found in mentions.items() for e in _distinct(kind, found)]

    def _labid_events(self) -> list[tuple[Stay, str, date]]:
        of_encounter = {e["id"]: stay for stay in self.stays for e in stay.encounters}
        mentions: dict[tuple[str, str], list[tuple[date, int, Stay]]] = defaultdict(list)
        for test in self.lake.by_type["Observation"].values():
            measure = _labid_measure(test)
            stay = of_encounter.get(test.get("encounter", {}).get("reference", "/").split("/")[1])
            if measure is None or stay is None or not stay.acute:
                continue
            collected = test["effectiveDateTime"]
            if "specimen" in test:
                id_ = test["specimen"]["reference"].split("/")[1]
                specimen = self.lake.by_type["Specimen"][id_]
                collected = specimen["collection"]["collectedDateTime"]
            day = _day(collected, stay.zone)
            early = 0 if stay.hospital_day(day) >= 4 else 1
            mentions[stay.person, measure].append((day, early, stay))
        return [e for (_, kind), found in mentions.items() for e in _distinct(kind, found)]

    def _measure_infections(self) -> None:
        types = sorted(set(TYPES_BY_CODE.values()))
        every_type = [("infection_type", kind) for kind in types]
        tests = self._labid_events()
        for stay in (s for s in self.stays if s.acute):
            for day, ward in self._patient_days_once(stay):
                strata = [s for s in stay.strata if s[0] != "department"]
                strata += [("department", ward), *every_type]
                self._add("infection_hospital_acquired", day, strata, 0, 1)
                for measure in ("infection_cdiff_labid", "infection_mrsa_labid"):
                    self._add(measure, day, strata[: -len(every_type)], 0, 1)
            events = [e for e in self._events if e[0] is stay]
            for _, kind, day in events:
                strata = [*stay.strata, ("infection_type", kind)]
                self._add("infection_hospital_acquired", day, strata, 1, 0)
            for _, measure, day in (e for e in tests if e[0] is stay):
                self._add(measure, day, stay.strata, 1, 0)
            if stay.discharge is not None:
                strata = [*stay.strata, *every_type]
                had = [("infection_type", k) for k in sorted({e[1] for e in events})]
                self._add("infection_stay_share", stay.discharge, strata, 0, 1)
                overall = stay.strata if events else []
                self._add("infection_stay_share", stay.discharge, [*overall, *had], 1, 0)

    def _patient_days_once(self, stay: Stay) -> list[tuple[date, str]]:
        """Return the patient days, for an open stay without those of later stays there."""
        if self._is_forgotten(stay):
            return []
        later = {
            day
            for other in self.by_person[stay.person]
            if other.acute and other.hospital == stay.hospital and other.admit > stay.admit
            if stay.is_open
            for day, _ in self._patient_days(other)
        }
        return [(day, ward) for day, ward in self._patient_days(stay) if day not in later]

    def _is_forgotten(self, stay: Stay) -> bool:
        return stay.is_open and (self.as_of - stay.admit).days > 365

    def _patient_days(self, stay: Stay) -> list[tuple[date, str]]:
        last = stay.discharge or self.as_of + timedelta(days=1)
        days = []
        day = stay.admit
        while day < last:
            lying = [w for w in stay.wards if w[1] <= day and (w[2] is None or w[2] > day)]
            days.append((day, lying[-1][0] if lying else stay.department))
            day += timedelta(days=1)
        return days or [(stay.admit, stay.department)]


def _kind_of_icd(code: str) -> str | None:
    prefixes = {
        "T80211A": "clabsi",
        "T83511A": "cauti",
        "T814": "ssi",
        "J95851": "vap",
        "A0471": "cdi",
        "A0472": "cdi",
        "A4102": "mrsa",
        "J15212": "mrsa",
        "A4902": "mrsa",
    }
    return next((kind for prefix, kind in prefixes.items() if code.startswith(prefix)), None)


def _labid_measure(test: dict[str, Any]) -> str | None:
    loinc = test["code"]["coding"][0]["code"]
    result = test.get("valueCodeableConcept", {}).get("coding", [{}])[0].get("code")
    if loinc == "54067-4" and result in ("10828004", "260373001"):
        return "infection_cdiff_labid"
    if loinc == "600-7" and result == "115329001":
        return "infection_mrsa_labid"
    return None


def _distinct(kind: str, found: list[tuple[date, int, Stay]]) -> list[tuple[Stay, str, date]]:
    """Keep one event of a type within 14 days of the first."""
    events: list[tuple[Stay, str, date]] = []
    first: date | None = None
    for day, community, stay in sorted(found, key=lambda m: (m[0], m[1])):
        if first is None or (day - first).days >= 14:
            first = day
            if not community:
                events.append((stay, kind, day))
    return events
