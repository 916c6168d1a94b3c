"""Where each workspace is deployed: the JSON that the bootstrap prints and the workflows read.

It is the repository variable DEPLOYMENTS, and on a laptop the environment variable of that name:
`export DEPLOYMENTS="$(terraform -chdir=terraform/bootstrap output -json deployments)"`.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

VARIABLE = "DEPLOYMENTS"
_FORMS = {
    "account": r"[0-9]{12}",
    "region": r"[a-z]{2}(-[a-z]+)+-[0-9]",
    "state_bucket": r"[a-z0-9.-]{3,63}",
}


@dataclass(frozen=True)
class Deployment:
    """The account, region and state bucket of a workspace."""

    workspace: str
    account: str
    region: str
    state_bucket: str

    def environment(self, given: Mapping[str, str]) -> dict[str, str]:
        """Return the environment for Terraform; stop if another region is set already."""
        region = given.get("AWS_REGION") or given.get("AWS_DEFAULT_REGION") or self.region
        if region != self.region:
            raise SystemExit(
                f"AWS_REGION is {region}, but {self.workspace} is deployed in {self.region}:"
                f" export AWS_REGION={self.region}"
            )
        accounts = json.dumps({self.workspace: self.account})
        return {"AWS_REGION": region, "TF_VAR_account_ids": accounts}


def read_deployment(workspace: str, text: str | None = None) -> Deployment:
    """Return where a workspace is deployed; stop with a message if that is not known."""
    known = _parsed(os.environ.get(VARIABLE, "") if text is None else text)
    if workspace not in known:
        names = ", ".join(sorted(known)) or "none"
        raise SystemExit(
            f"{VARIABLE} names no workspace {workspace} (only: {names}). Run make"
            " bootstrap-account in its account and add what it prints (docs/deploy.md)."
        )
    facts = known[workspace]
    for name, form in _FORMS.items():
        if not re.fullmatch(form, str(facts.get(name, ""))):
            raise SystemExit(
                f"{VARIABLE}: {workspace} has no valid {name} ({facts.get(name, 'missing')!r})."
                " Copy again what make bootstrap-account prints."
            )
    return Deployment(workspace, **{name: facts[name] for name in _FORMS})


def _parsed(text: str) -> dict[str, Any]:
    """Return the deployments by workspace."""
    try:
        known = json.loads(text or "{}")
    except json.JSONDecodeError as error:
        raise SystemExit(f"{VARIABLE} is not JSON ({error}). See docs/deploy.md.") from error
    if not isinstance(known, dict) or not all(isinstance(one, dict) for one in known.values()):
        raise SystemExit(f"{VARIABLE} must be an object by workspace. See docs/deploy.md.")
    return known
