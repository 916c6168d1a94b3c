"""The audit on this machine: chained rows, and every way to change them is noticed."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from metriccare.access.audit import AuditEntry, AuditFailed
from metriccare.commands.audit import app
from metriccare.local.audit_files import AuditFiles, verify


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


def entry(number: int, clock: Clock) -> AuditEntry:
    return AuditEntry(
        event_id=f"e{number}",
        at=clock.now.isoformat(),
        principal="anna",
        session=None,
        role="analyst",
        tenant="a",
        action="api",
        object="measure_results",
        outcome="ok",
        source="api",
        request_id=f"e{number}",
    )


def written(lake: Path, count: int = 5) -> list[Path]:
    clock = Clock()
    log = AuditFiles(lake, "api", clock)
    for number in range(count):
        log.write(entry(number, clock))
        clock()
    log.close()
    return sorted((lake / "audit").glob("api-*.ndjson"))


def test_an_untouched_audit_is_whole(tmp_path: Path) -> None:
    written(tmp_path)

    faults, heads, count = verify(tmp_path)

    assert (faults, count, heads["api"].seq) == ([], 5, 5)


def test_a_chain_goes_on_after_a_restart_and_over_midnight(tmp_path: Path) -> None:
    written(tmp_path)
    clock = Clock()
    clock.now += timedelta(days=1)
    log = AuditFiles(tmp_path, "api", clock)
    log.write(entry(5, clock))
    log.close()

    faults, heads, count = verify(tmp_path)

    assert (faults, count, heads["api"].seq) == ([], 6, 6)
    assert len(list((tmp_path / "audit").glob("api-*.ndjson"))) == 2


def _edited(lines: list[bytes]) -> list[bytes]:
    row: dict[str, Any] = json.loads(lines[2])
    row["principal"] = "somebody else"
    return [*lines[:2], json.dumps(row, sort_keys=True, separators=(",", ":")).encode(), *lines[3:]]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (_edited, "row 3 of chain api was edited"),
        (lambda lines: [*lines[:2], *lines[3:]], "goes from row 2 to row 4"),
        (lambda lines: [*lines[:3], lines[2], *lines[3:]], "goes from row 3 to row 3"),
        (lambda lines: lines[:3], "ends before row 5"),
        (lambda lines: [lines[1], lines[0], *lines[2:]], "goes from row 0 to row 2"),
        (lambda lines: [*lines[:4], lines[4][:40]], "was cut or edited"),
    ],
    ids=["edited", "removed", "doubled", "cut off", "swapped", "cut in a line"],
)
def test_every_change_is_noticed(
    tmp_path: Path, change: Callable[[list[bytes]], list[bytes]], words: str
) -> None:
    (path,) = written(tmp_path)
    lines = path.read_bytes().splitlines()
    path.write_bytes(b"\n".join(change(lines)) + b"\n")

    faults, _, _ = verify(tmp_path)

    assert any(words in fault for fault in faults), faults


def test_a_row_added_by_hand_is_noticed(tmp_path: Path) -> None:
    (path,) = written(tmp_path)
    last = json.loads(path.read_bytes().splitlines()[-1])
    forged = {**last, "seq": 6, "prev_hash": last["hash"], "hash": "0" * 64}
    path.write_bytes(path.read_bytes() + json.dumps(forged).encode() + b"\n")

    faults, _, _ = verify(tmp_path)

    assert any("row 6 of chain api was edited" in fault for fault in faults)


def test_two_servers_of_one_lake_write_two_chains(tmp_path: Path) -> None:
    clock = Clock()
    first, second = (AuditFiles(tmp_path, "api", clock) for _ in range(2))
    for number, log in enumerate((first, second, first)):
        log.write(entry(number, clock))
    first.close()
    second.close()

    faults, heads, _ = verify(tmp_path)

    assert faults == []
    assert {chain: head.seq for chain, head in heads.items()} == {"api": 2, "api-2": 1}


def test_a_row_that_cannot_be_written_is_an_error_and_breaks_no_chain(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    log = AuditFiles(tmp_path, "api", clock)
    log.write(entry(0, clock))
    with monkeypatch.context() as full:
        full.setattr("os.write", _no_space)
        with pytest.raises(AuditFailed):
            log.write(entry(1, clock))
    log.write(entry(2, clock))
    log.close()

    assert verify(tmp_path)[0] == []


def _no_space(*_arguments: object) -> int:
    raise OSError(28, "No space left on device")


def test_the_command_ends_with_1_and_names_chain_and_row(tmp_path: Path) -> None:
    (path,) = written(tmp_path)
    path.write_bytes(path.read_bytes().replace(b'"anna"', b'"otto"', 1))

    result = CliRunner().invoke(app, ["verify", "--lake", str(tmp_path)])

    assert "row 1 of chain api was edited" in result.output
    assert result.exit_code == 1


def test_files_of_the_audit_are_the_owners_only(tmp_path: Path) -> None:
    (path,) = written(tmp_path)

    assert path.stat().st_mode & 0o077 == 0
    assert path.parent.stat().st_mode & 0o077 == 0
