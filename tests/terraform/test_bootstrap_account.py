"""The script that prepares an account: what it finds out, and what it says when it cannot."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import boto3
import pytest
from moto import mock_aws

from scripts.bootstrap_account import inputs, make_states, parser
from scripts.github_repository import RepositoryNumbers, look_up

NAME = "hospital/metriccare"
FOUND = {"full_name": NAME, "id": 2222, "owner": {"id": 1111}}


@contextmanager
def github(monkeypatch: pytest.MonkeyPatch, status: int, answer: Any) -> Iterator[list[str | None]]:
    """Serve GitHub's API for the block; yield what callers authorised themselves with."""
    tokens: list[str | None] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            tokens.append(self.headers.get("Authorization"))
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(answer).encode())

        def log_message(self, *_: Any) -> None:
            """Stay quiet."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("GITHUB_API_URL", f"http://127.0.0.1:{server.server_port}")
    try:
        yield tokens
    finally:
        server.shutdown()
        server.server_close()


def said(name: str = NAME) -> str:
    with pytest.raises(SystemExit) as stopped:
        look_up(name)
    return str(stopped.value)


def test_the_numbers_of_a_repository_are_looked_up(monkeypatch):
    monkeypatch.setenv("GITHUB_TOKEN", "secret")
    with github(monkeypatch, 200, FOUND) as tokens:
        assert look_up(NAME) == RepositoryNumbers("1111", "2222")
    assert tokens == ["Bearer secret"]


def test_a_repository_that_was_renamed_is_called_by_its_new_name(monkeypatch):
    with github(monkeypatch, 200, {**FOUND, "full_name": "hospital/quality"}):
        assert said() == (
            "hospital/metriccare is called hospital/quality now: use --repository hospital/quality"
        )


def test_a_name_of_other_case_would_never_be_met(monkeypatch):
    with github(monkeypatch, 200, FOUND):
        assert "use --repository hospital/metriccare" in said("Hospital/MetricCare")


@pytest.mark.parametrize(
    ("status", "words"),
    [(404, "GitHub shows no repository hospital/metriccare"), (403, "GitHub answers 403.")],
)
def test_an_unusable_answer_says_how_to_continue(monkeypatch, status, words):
    with github(monkeypatch, status, {}):
        sentence = said()
    assert sentence.startswith(words)
    assert "--owner-id and --repository-id, from gh api repos/hospital/metriccare" in sentence


def test_without_a_network_the_numbers_can_be_given(monkeypatch):
    monkeypatch.setenv("GITHUB_API_URL", "http://127.0.0.1:9")
    assert "GitHub does not answer" in said()


@mock_aws
def test_what_terraform_is_given(monkeypatch):
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    words = ["--repository", NAME, "--owner-id", "1", "--repository-id", "2"]
    assert inputs(parser().parse_args([*words, "--workspaces", "dev"])) == {
        "TF_VAR_github_repository": NAME,
        "TF_VAR_workspaces": '["dev"]',
        "TF_VAR_github_owner_id": "1",
        "TF_VAR_github_repository_id": "2",
    }
    server = inputs(parser().parse_args(["--repository", NAME, "--names-only"]))
    assert not [name for name in server if name.endswith("_id")]
    with pytest.raises(SystemExit, match="together, or neither"):
        inputs(parser().parse_args(words[:4]))


@mock_aws
def test_a_provider_of_another_team_is_used(monkeypatch):
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    arn = boto3.client("iam").create_open_id_connect_provider(
        Url="https://token.actions.githubusercontent.com", ClientIDList=["sts.amazonaws.com"]
    )["OpenIDConnectProviderArn"]
    found = inputs(parser().parse_args(["--repository", NAME, "--names-only"]))
    assert found["TF_VAR_github_oidc_provider_arn"] == arn


@mock_aws
def test_a_state_is_made_once_and_never_overwritten():
    s3 = boto3.client("s3", region_name="us-east-1")
    s3.create_bucket(Bucket="states")
    assert make_states("states", ["dev", "prod"]) == ["dev", "prod"]
    place = {"Bucket": "states", "Key": "metriccare/dev/terraform.tfstate"}
    assert json.loads(s3.get_object(**place)["Body"].read())["resources"] == []
    s3.put_object(**place, Body=b'{"serial": 7}')
    assert make_states("states", ["dev", "prod"]) == []
    assert s3.get_object(**place)["Body"].read() == b'{"serial": 7}'
