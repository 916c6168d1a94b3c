"""`metriccare serve` as a person starts it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import jwt
import pytest

from tests.api.running import _free_pair

_COMMAND = [sys.executable, "-c", "from metriccare.cli import main; main()", "serve"]


def _ended(lake: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*_COMMAND, "--lake", str(lake), *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        cwd=lake,
        env=_environment(),
    )


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}


@contextmanager
def _serving(lake: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [*_COMMAND, "--lake", str(lake), "--port", str(port)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=lake,
        env=_environment(),
    )
    try:
        _wait(process, port)
        yield process
    finally:
        process.kill()
        process.wait()


def _wait(process: subprocess.Popen[str], port: int) -> None:
    for _ in range(600):
        assert process.poll() is None, process.communicate()
        try:
            if httpx.get(f"http://127.0.0.1:{port}/health/ready").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise TimeoutError


def test_it_starts_with_nothing_published_and_ends_on_sigterm(tmp_path: Path) -> None:
    port = _free_pair()
    with _serving(tmp_path, port) as process:
        ready = httpx.get(f"http://127.0.0.1:{port}/health/ready").json()
        process.send_signal(signal.SIGTERM)
        began = time.monotonic()
        out, err = process.communicate(timeout=30)
        seconds = time.monotonic() - began

    assert ready["failed_checks"] == []
    assert out.startswith(f"MetricCare is served at http://127.0.0.1:{port}\n")
    assert "quality_officer; tenant default" in out
    assert (process.returncode, err) == (0, "")
    # 2 s, and as much again for a busy machine.
    assert seconds < 4


def test_a_taken_port_names_the_next_free_one(tmp_path: Path) -> None:
    port = _free_pair()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        ended = _ended(tmp_path, "--port", str(port))

    assert ended.returncode == 1
    assert f"Port {port} is taken. Free is --port " in ended.stderr


def test_another_host_needs_a_real_sign_in_and_tls(tmp_path: Path) -> None:
    ended = _ended(tmp_path, "--host", "0.0.0.0")

    assert ended.returncode == 2
    assert "[serve.oidc]" in ended.stderr


def test_a_lake_that_is_not_there_is_wrong_use(tmp_path: Path) -> None:
    ended = _ended(tmp_path, "--lake", str(tmp_path / "nowhere"))

    assert ended.returncode == 2
    assert not (tmp_path / "nowhere").exists()


def test_a_token_of_a_role_is_good_for_a_running_server(tmp_path: Path) -> None:
    port = _free_pair()
    with _serving(tmp_path, port):
        token = _ended(tmp_path, "--port", str(port), "--token", "analyst").stdout.strip()
        me = httpx.get(
            f"http://127.0.0.1:{port}/v1/me", headers={"Authorization": f"Bearer {token}"}
        ).json()

    assert me["roles"] == ["analyst"]
    assert me["development"] is True


def test_rotated_keys_sign_with_another_id(tmp_path: Path) -> None:
    first = _ended(tmp_path, "--token", "analyst").stdout.strip()
    second = _ended(tmp_path, "--token", "analyst", "--rotate-keys").stdout.strip()

    kids = [jwt.get_unverified_header(token)["kid"] for token in (first, second)]
    assert kids[0] != kids[1]
    (keys,) = (tmp_path / ".serve").glob("issuer_keys.json")
    assert keys.stat().st_mode & 0o077 == 0


def test_an_unknown_role_lists_the_roles(tmp_path: Path) -> None:
    ended = _ended(tmp_path, "--token", "root")

    assert ended.returncode == 2
    assert "quality_officer" in ended.stderr


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ("[serve]\nprot = 1\n", "unknown key 'prot'"),
        ('[serve.oidc]\nissuer = "https://x"\n', "client_id"),
        ('[[serve.user]]\nsubject = "a"\nname = "A"\nroles = ["root"]\ntenants = ["t"]\n', "root"),
    ],
    ids=["unknown key", "client missing", "unknown role"],
)
def test_settings_that_are_wrong_are_named(tmp_path: Path, settings: str, words: str) -> None:
    (tmp_path / "metriccare.toml").write_text(settings)
    ended = _ended(tmp_path)

    assert ended.returncode == 2
    assert words in ended.stderr
