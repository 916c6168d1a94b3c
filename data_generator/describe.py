"""The calibration report: the figures of a run beside their targets.

Targets are all-payer US figures; a tolerance says how far a large run may be from its target.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from data_generator.care import simulate_care
from data_generator.charts import GAUGE_WIDTH, bars, gauge
from data_generator.clock import day_number
from data_generator.config import GeneratorConfig
from data_generator.people import simulate_person
from data_generator.revenue.account import Account, Outcome
from data_generator.story import Story
from data_generator.truth.events import acquired
from data_generator.truth.rules import judge_readmission, readmission_of
from data_generator.truth.view import StayView, StoryView
from data_generator.world import build_world


@dataclass(frozen=True, slots=True)
class Target:
    """The target of a figure; ``tolerance`` is absolute, in the same unit."""

    name: str
    unit: str
    value: float
    tolerance: float


TARGETS = (
    Target("Stays per 1,000 people and year", "", 116, 9),
    Target("Mean length of stay", "days", 4.5, 0.25),
    Target("Median length of stay", "days", 3, 0),
    Target("Left by day 3", "%", 58, 2.5),
    Target("90th percentile of length of stay", "days", 10, 1),
    Target("Died in hospital", "%", 1.9, 0.35),
    Target("Died in hospital, age 45-54", "%", 1.4, 0.7),
    Target("Died in hospital, age 55-64", "%", 2.1, 0.8),
    Target("Died in hospital, age 65-74", "%", 2.8, 0.9),
    Target("30-day readmission", "%", 14, 1.2),
    Target("Readmissions by day 7", "%", 33, 5),
    Target("Hospital-acquired infections per 100 stays", "", 1.0, 0.3),
    Target("Initial claims denied", "%", 12, 1),
    Target("Appeals overturned", "%", 50, 5),
    Target("Clean claims", "%", 95, 1),
)


@dataclass(slots=True)
class Census:
    """Counts over all stories of a run."""

    person_years: float = 0.0
    stays: int = 0
    nights: Counter[int] = field(default_factory=Counter)
    stays_by_decade: Counter[int] = field(default_factory=Counter)
    deaths_by_decade: Counter[int] = field(default_factory=Counter)
    index_stays: int = 0
    readmissions: Counter[int] = field(default_factory=Counter)
    infections: Counter[str] = field(default_factory=Counter)
    claims: Counter[str] = field(default_factory=Counter)

    def add(self, story: Story, start_day: int, as_of: int) -> None:
        """Add the counts of one story."""
        view = StoryView(story, as_of)
        last = view.death.day if view.death else as_of
        self.person_years += (last - start_day + 1) / 365.25
        for number, episode in enumerate(view.episodes):
            for index, stay in enumerate(episode):
                self._add_stay(stay)
                if judge_readmission(view, number, index).counts:
                    self._add_index_stay(view, number, index)
        for account in _accounts(view):
            self._add_account(account)

    def _add_stay(self, stay: StayView) -> None:
        self.stays += 1
        self.infections.update(event.kind.word for event in acquired(stay))
        if not stay.is_open:
            self.nights[stay.los_days] += 1
            # Decades begin at 5, as in the targets: 4 is the age 45-54.
            decade = (stay.age - 5) // 10
            self.stays_by_decade[decade] += 1
            self.deaths_by_decade[decade] += stay.died

    def _add_index_stay(self, view: StoryView, number: int, index: int) -> None:
        self.index_stays += 1
        following = readmission_of(view, number)
        if judge_readmission(view, number, index).numerator and following is not None:
            self.readmissions[following.admit_day - view.episodes[number][-1].discharge_day] += 1

    def _add_account(self, account: Account) -> None:
        answers = [
            answer for claim in account.claims if claim.level == 1 for answer in claim.answers
        ]
        if not answers:
            return  # people who pay themselves, and the few claims voided before an answer
        clean = answers[0].outcome is not Outcome.REJECTED
        judged = answers if clean else answers[1:]
        self.claims["all"] += 1
        self.claims["clean"] += clean
        if not judged:
            return  # voided after it was corrected
        self.claims["denied"] += judged[0].denies
        if judged[0].denies and len(judged) > 1:
            self.claims["appealed"] += 1
            self.claims["overturned"] += not judged[1].denies


def _accounts(view: StoryView) -> Iterator[Account]:
    accounts = view.story.accounts or {}
    for stay in (s for episode in view.episodes for s in episode):
        if not stay.is_open:
            yield from accounts[stay.stay.number]
    for visit in view.story.visits:
        yield from accounts[visit.number]


def take_census(config: GeneratorConfig) -> Census:
    """Return the counts of a run, without writing anything."""
    config = replace(config, claims_detail=True)  # claims are counted from the accounts
    world, as_of, census = build_world(config), day_number(config.end), Census()
    for number in range(config.patients):
        census.add(
            simulate_care(world, simulate_person(world, number), as_of), world.start_day, as_of
        )
    return census


def achieved(census: Census) -> list[float]:
    """Return the figures in the order of TARGETS."""
    total = sum(census.nights.values())
    mean = sum(days * count for days, count in census.nights.items()) / max(total, 1)
    returns = sum(census.readmissions.values())
    early = sum(count for gap, count in census.readmissions.items() if gap <= 7)
    claims = census.claims
    return [
        1000 * census.stays / max(census.person_years, 1),
        mean,
        _quantile(census.nights, 0.5),
        _percent(sum(count for days, count in census.nights.items() if days <= 3), total),
        _quantile(census.nights, 0.9),
        _percent(sum(census.deaths_by_decade.values()), total),
        *(_percent(census.deaths_by_decade[d], census.stays_by_decade[d]) for d in (4, 5, 6)),
        _percent(returns, census.index_stays),
        _percent(early, returns),
        _percent(sum(census.infections.values()), census.stays),
        _percent(claims["denied"], claims["all"]),
        _percent(claims["overturned"], claims["appealed"]),
        _percent(claims["clean"], claims["all"]),
    ]


def _percent(part: float, whole: float) -> float:
    return 100 * part / whole if whole else 0.0


def _quantile(counts: Counter[int], share: float) -> int:
    passed, total = 0, sum(counts.values())
    for value in sorted(counts):
        passed += counts[value]
        if passed >= share * total:
            return value
    return 0


def report(config: GeneratorConfig) -> Iterator[str]:
    """Yield the lines of the report: figures beside targets, then two charts."""
    census = take_census(config)
    yield f"{config.patients:,} people, seed {config.seed}, {census.stays:,} stays"
    yield f"{'figure':45} {'target':>7} {'achieved':>9}  {'tolerance':^{GAUGE_WIDTH}}"
    for target, value in zip(TARGETS, achieved(census), strict=True):
        chart = gauge(value - target.value, target.tolerance)
        line = f"{target.name:45} {target.value:7g} {value:9.2f}  {chart} {target.unit}"
        yield line.rstrip()
    yield "Stays by length, days"
    nights = [(f"{n}", census.nights[n]) for n in range(1, 15)]
    longer = sum(count for days, count in census.nights.items() if days > 14)
    yield from bars([*nights, ("15+", longer)])
    yield "Hospital-acquired infections by type"
    yield from bars(census.infections.most_common())
