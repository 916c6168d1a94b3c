"""Streams and slow readers: however many there are, everybody else is served."""

from __future__ import annotations

import http.client
import socket
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from urllib.parse import urlsplit

import pytest

from metriccare.api.streams import MOST_OF_ALL, MOST_OF_ONE
from tests.api.running import Browser, Running

_STREAM = "/v1/events/stream"
_ROWS = "/v1/datasets/measure_results/rows?limit=1000"


@pytest.fixture(autouse=True)
def _no_stream_left_over(large: Running) -> Iterator[None]:
    yield
    deadline = time.monotonic() + 30
    while large.served.services.streams._open and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not large.served.services.streams._open


@contextmanager
def _connections(
    large: Running, path: str, readers: Iterable[Browser]
) -> Iterator[list[socket.socket]]:
    """Send a request on a connection of its own for each reader, and read nothing."""
    host = urlsplit(large.base)
    with ExitStack() as stack:
        opened = []
        for reader in readers:
            connection = socket.socket()
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            stack.enter_context(connection)
            connection.settimeout(60)
            connection.connect((host.hostname, host.port))
            connection.sendall(
                f"GET {path} HTTP/1.1\r\nHost: {host.netloc}\r\n"
                f"Authorization: {reader.headers['authorization']}\r\n\r\n".encode()
            )
            opened.append(connection)
        yield opened


def _status(connection: socket.socket) -> int:
    answer = http.client.HTTPResponse(connection)
    answer.begin()
    return answer.status


def _is_served(large: Running) -> bool:
    began = time.monotonic()
    answer = large.program("quality_officer").get("/v1/publication")
    return answer.status_code == 200 and time.monotonic() - began < 5


def test_streams_that_are_asked_for_at_once_are_no_more_than_one_after_another(
    large: Running,
) -> None:
    with _connections(large, _STREAM, [large.reader(0)] * 30) as connections:
        statuses = Counter(map(_status, connections))

    assert statuses == {200: MOST_OF_ONE, 429: 30 - MOST_OF_ONE}


def test_of_a_thousand_streams_200_are_open_and_everybody_else_is_served(large: Running) -> None:
    readers = [large.reader(number) for number in range(250)]
    with _connections(large, _STREAM, readers * 4) as connections:
        statuses = Counter(map(_status, connections))
        is_served = _is_served(large)

    assert statuses == {200: MOST_OF_ALL, 429: 1000 - MOST_OF_ALL}
    assert is_served


def test_readers_that_take_nothing_hold_nobody_up(large: Running) -> None:
    readers = [large.reader(0)] * 3
    with (
        _connections(large, _ROWS, readers * 10),
        _connections(large, _STREAM, readers),
    ):
        assert _is_served(large)
