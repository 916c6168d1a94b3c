"""What a server keeps: the same cases for the memory or files of a laptop and the table on AWS."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import boto3
import pytest
from moto import mock_aws

from metriccare.access.person import Person
from metriccare.access.roles import known_roles
from metriccare.api.acknowledgements import Acknowledgement, Acknowledgements
from metriccare.api.limits import EVIDENCE, READS, Limiter, MemoryLimiter
from metriccare.api.saved_views import SavedView, SavedViews
from metriccare.api.sessions import MemorySessions, Session, Sessions
from metriccare.aws.serving.acknowledgements import TableAcknowledgements
from metriccare.aws.serving.limiter import TableLimiter
from metriccare.aws.serving.saved_views import TableViews
from metriccare.aws.serving.sessions import TableSessions
from metriccare.aws.serving.table import ServingTable
from metriccare.local.acknowledgements import AcknowledgementFile
from metriccare.local.saved_views import SavedViewFile
from tests.api.served_on_aws import TABLE
from tests.aws.tracking_table import create_keyed_table

ANNA = Person(
    "anna",
    "Anna",
    ("north",),
    known_roles(["analyst", "finance"]),
    facilities=("h1",),
    client="web",
)
NEVER = 9e9
VIEW = SavedView(
    "v1", "north", "anna", "Mine", "measures", "grain=month", None, False, "2024-01-01"
)


@pytest.fixture(params=["laptop", "aws"])
def place(request: pytest.FixtureRequest) -> Iterator[str]:
    if request.param == "laptop":
        yield "laptop"
        return
    with mock_aws(), pytest.MonkeyPatch.context() as environment:
        environment.setenv("AWS_DEFAULT_REGION", "us-east-1")
        create_keyed_table(boto3.client("dynamodb"), TABLE)
        yield "aws"


def _table() -> ServingTable:
    return ServingTable(boto3.client("dynamodb"), TABLE)


@pytest.fixture
def sessions(place: str) -> Sessions:
    return MemorySessions() if place == "laptop" else TableSessions(_table())


@pytest.fixture
def views(place: str, tmp_path: Path) -> SavedViews:
    return SavedViewFile(tmp_path / "views.db") if place == "laptop" else TableViews(_table())


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1_700_000_000.25

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def limiters(place: str, clock: Clock) -> Callable[[], Limiter]:
    """Return what makes the limiter of one more instance of the server."""
    if place == "laptop":
        only = MemoryLimiter(clock)
        return lambda: only
    return lambda: TableLimiter(_table(), clock)


def session(key: str = "k1", **changes: object) -> Session:
    began = Session(
        key, ANNA, "csrf", 1000.5, 1000.5, 1000.5, NEVER, "203.0.113.0/24", "sid-1", b"\x00sealed"
    )
    return replace(began, **changes)  # type: ignore[arg-type]


def test_a_session_comes_back_as_it_was(sessions: Sessions) -> None:
    bare = Person("bare", "bare", (), ())
    for kept in (session(), session("k2", person=bare, issuer_session=None, refresh_token=None)):
        sessions.add(kept)
        assert sessions.get(kept.key) == kept
    assert sessions.get("unknown") is None


def test_a_changed_session_is_kept_and_an_ended_one_stays_ended(sessions: Sessions) -> None:
    sessions.add(session())
    used = session(seen=2000.25)
    sessions.update(used)
    assert sessions.get("k1") == used

    sessions.end("k1")
    sessions.update(used)
    assert sessions.get("k1") is None


def test_sessions_end_by_the_issuers_session_or_else_by_subject(sessions: Sessions) -> None:
    sessions.add(session("k1", issuer_session="sid-1"))
    sessions.add(session("k2", issuer_session="sid-2"))
    sessions.add(session("k3", issuer_session=None, person=replace(ANNA, subject="ben")))

    assert sessions.end_of("anna", "sid-1") == 1
    assert [sessions.get(key) is None for key in ("k1", "k2", "k3")] == [True, False, False]
    assert sessions.end_of("anna", None) == 1
    assert sessions.end_of("anna", None) == 0
    assert sessions.get("k3") is not None


def test_a_slow_request_does_not_give_removed_roles_back() -> None:
    with mock_aws(), pytest.MonkeyPatch.context() as environment:
        environment.setenv("AWS_DEFAULT_REGION", "us-east-1")
        create_keyed_table(boto3.client("dynamodb"), TABLE)
        sessions = TableSessions(_table())
        sessions.add(session())
        without = replace(ANNA, roles=known_roles(["analyst"]))
        sessions.update(session(person=without, roles_read=1700.0))
        # Another instance read the session before and only notes that it was used.
        sessions.update(session(seen=1701.0))
        found = sessions.get("k1")
    assert found is not None
    assert found.person == without


def test_a_view_is_its_owners_unless_it_is_shared(views: SavedViews) -> None:
    shared = replace(VIEW, id="v2", owner="ben", name="Ours", is_shared=True, publication="p1")
    for view in (VIEW, shared, replace(VIEW, id="v3", owner="ben", name="Bens"),
                 replace(VIEW, id="v4", tenant="south")):  # fmt: skip
        views.put(view)

    assert views.of("north", "anna") == [VIEW, shared]
    assert views.get("north", "anna", "v2") == shared
    assert views.get("north", "anna", "v3") is None
    assert views.get("south", "ben", "v4") is None
    assert views.get("north", "anna", "v4") is None


def test_a_view_changes_and_goes(views: SavedViews) -> None:
    views.put(VIEW)
    changed = replace(VIEW, name="Other", is_shared=True)
    views.put(changed)
    assert views.of("north", "ben") == [changed]
    views.remove(changed)
    assert views.of("north", "anna") == []


def test_acknowledgements_are_those_of_their_tenant_in_order(place: str, tmp_path: Path) -> None:
    kept: Acknowledgements = (
        AcknowledgementFile(tmp_path / "a.db")
        if place == "laptop"
        else TableAcknowledgements(_table())
    )
    first, second, same = (
        Acknowledgement("north", "a1", "anna", "Anna", note, at)
        for note, at in (("seen", "2024-01-01"), ("again", "2024-01-02"), ("both", "2024-01-02"))
    )
    for each in (first, second, same, replace(first, tenant="south")):
        kept.add(each)
    assert kept.of("north")[0] == first
    assert {each.note for each in kept.of("north")} == {"seen", "again", "both"}
    assert len(kept.of("south")) == 1
    assert kept.of("east") == []


def test_a_limit_holds_for_all_instances_and_ends_with_its_window(
    limiters: Callable[[], Limiter], clock: Clock
) -> None:
    first, second = limiters(), limiters()
    verdicts = [(first, second)[n % 2].take(EVIDENCE, "anna") for n in range(32)]

    assert [v.is_allowed for v in verdicts] == [True] * 30 + [False] * 2
    assert [v.is_first_refusal for v in verdicts] == [False] * 30 + [True, False]
    assert [v.remaining for v in verdicts[:2]] == [29, 28]
    assert second.take(EVIDENCE, "ben").is_allowed
    assert not first.look(EVIDENCE, "anna").is_allowed
    clock.now += 59
    assert second.take(EVIDENCE, "anna").headers["Retry-After"] == "1"
    clock.now += 1
    assert first.look(EVIDENCE, "anna").is_allowed
    assert first.take(EVIDENCE, "anna").remaining == 29


def test_looking_counts_nothing(limiters: Callable[[], Limiter]) -> None:
    limiter = limiters()
    for _ in range(40):
        assert limiter.look(EVIDENCE, "anna").is_allowed
    assert limiter.take(EVIDENCE, "anna").remaining == 29
    assert limiter.take(READS, "anna").remaining == 299
    assert limiter.look(READS, "anna").is_allowed
