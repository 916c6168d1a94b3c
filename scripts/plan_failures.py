"""The meaning of a failed Terraform command and what to do, in one sentence."""

from __future__ import annotations

import re

from scripts.deployments import Deployment

# The first that fits: from the particular to the general.
_MEANINGS = (
    (
        r"AWS account ID not allowed: (?P<other>\d+)",
        "These credentials belong to account {other}, but {workspace} is deployed in account"
        " {account}: take the role of {workspace}.",
    ),
    (
        r"[Ww]orkspace \"[^\"]+\" (doesn't|does not) exist",
        "{workspace} has no state in {state_bucket}: run make bootstrap-account again, which adds"
        " what is missing and leaves existing states alone.",
    ),
    (
        r"S3 bucket \"[^\"]+\" does not exist|NoSuchBucket",
        "There is no bucket {state_bucket}: run make bootstrap-account, and copy the DEPLOYMENTS"
        " it prints.",
    ),
    (
        r"BucketRegionError|PermanentRedirect|requested bucket from",
        "{state_bucket} is not in {region}: copy again the DEPLOYMENTS that make bootstrap-account"
        " prints.",
    ),
    (
        r"Error acquiring the state lock.*Lock Info",
        "Somebody else plans or applies {workspace} now: wait and run this again; the lock of a run"
        " that was killed is removed by terraform force-unlock.",
    ),
    (
        r"[Ss]aved plan is stale",
        "{workspace} was changed after this plan was made: make the plan again, review it and apply"
        " it.",
    ),
    (
        r"with data\.aws_iam_policy\.boundary,",
        "The account has no boundary for the roles of {workspace}: run make bootstrap-account again"
        " with {workspace} among its workspaces.",
    ),
    (
        r"No valid credential sources|ExpiredToken|InvalidClientTokenId|security token included",
        "There are no valid AWS credentials: export AWS_PROFILE, or check the job's role.",
    ),
    (
        r"AccessDenied|UnauthorizedOperation|not authorized|StatusCode: 403|Forbidden",
        "These credentials may not do this in {workspace}: plans need the plan role, applies the"
        " apply role of {workspace}; run make bootstrap-account again when the roles are older than"
        " this code.",
    ),
)


def unboxed(output: str) -> str:
    """Return Terraform's message as one line, without colours and boxes."""
    plain = re.sub(r"\x1b\[[0-9;]*m", "", output)
    return re.sub(r"\s*\n[│╷╵\s]*", " ", plain)


def meaning(output: str, deployment: Deployment) -> str | None:
    """Return what to do about a failure, or None if Terraform explains itself."""
    text = unboxed(output)
    for pattern, sentence in _MEANINGS:
        match = re.search(pattern, text)
        if match:
            return sentence.format(**{**vars(deployment), **match.groupdict()})
    return None
