"""The ids of a GitHub repository, which the tokens of its workflows contain with its name."""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.request
from dataclasses import dataclass

_SECONDS = 15


@dataclass(frozen=True)
class RepositoryNumbers:
    """The ids of a repository, which stay the same when it is renamed."""

    owner_id: str
    repository_id: str


def look_up(name: str) -> RepositoryNumbers:
    """Return a repository's ids; stop with a message if GitHub cannot be asked."""
    api = os.environ.get("GITHUB_API_URL", "https://api.github.com")
    token = os.environ.get("GITHUB_TOKEN") or os.environ.get("GH_TOKEN")
    headers = {"Accept": "application/vnd.github+json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    request = urllib.request.Request(f"{api}/repos/{name}", headers=headers)  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=_SECONDS) as answer:  # noqa: S310
            found = json.load(answer)
    except urllib.error.HTTPError as error:
        raise SystemExit(_refused(name, error.code)) from error
    except (OSError, ValueError) as error:
        raise SystemExit(f"GitHub does not answer ({error}). {_by_hand(name)}") from error
    # GitHub forwards old names; trust in an old name would never be met.
    if found["full_name"] != name:
        raise SystemExit(
            f"{name} is called {found['full_name']} now: use --repository {found['full_name']}"
        )
    return RepositoryNumbers(str(found["owner"]["id"]), str(found["id"]))


def _refused(name: str, status: int) -> str:
    if status == 404:
        return (
            f"GitHub shows no repository {name}: check the name; for a private one export"
            f" GITHUB_TOKEN. {_by_hand(name)}"
        )
    return f"GitHub answers {status}. {_by_hand(name)}"


def _by_hand(name: str) -> str:
    return (
        "Or give the numbers: --owner-id and --repository-id, from"
        f" gh api repos/{name} --jq '.owner.id, .id'"
    )
