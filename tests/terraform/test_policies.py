"""The evaluator itself: what it calls allowed must be what IAM calls allowed."""

from __future__ import annotations

from tests.terraform.policies import admits, allows, denies

READ = {
    "Effect": "Allow",
    "Action": ["s3:GetObject"],
    "Resource": ["arn:aws:s3:::lake/publish/*"],
}


def policy(*found: dict[str, object]) -> list[dict[str, object]]:
    return [{"Version": "2012-10-17", "Statement": list(found)}]


def test_what_is_named_is_allowed_and_nothing_else():
    assert allows(policy(READ), "s3:GetObject", "arn:aws:s3:::lake/publish/measure/a.parquet")
    assert not allows(policy(READ), "s3:GetObject", "arn:aws:s3:::lake/gold/stay/a.parquet")
    assert not allows(policy(READ), "s3:PutObject", "arn:aws:s3:::lake/publish/a")


def test_a_deny_wins():
    deny = {"Effect": "Deny", "Action": "s3:*", "Resource": "*"}
    assert not allows(policy(READ, deny), "s3:GetObject", "arn:aws:s3:::lake/publish/a")


def test_a_condition_must_be_met():
    listing = {
        "Effect": "Allow",
        "Action": "s3:ListBucket",
        "Resource": "arn:aws:s3:::lake",
        "Condition": {"StringLike": {"s3:prefix": ["publish", "publish/*"]}},
    }
    assert allows(policy(listing), "s3:ListBucket", "arn:aws:s3:::lake", {"s3:prefix": "publish/m"})
    assert not allows(policy(listing), "s3:ListBucket", "arn:aws:s3:::lake", {"s3:prefix": "gold/"})
    assert not allows(policy(listing), "s3:ListBucket", "arn:aws:s3:::lake")


def test_a_folder_marker_of_glue_is_a_name_and_no_pattern():
    marker = {**READ, "Resource": "arn:aws:s3:::lake/bronze_$folder$"}
    assert allows(policy(marker), "s3:GetObject", "arn:aws:s3:::lake/bronze_$folder$")


def test_not_equal_holds_for_a_key_that_is_missing_unless_null_asks_for_it():
    other_key = {"Effect": "Deny", "Action": "s3:PutObject", "Resource": "*"}
    header = "s3:x-amz-server-side-encryption"
    differs = {"StringNotEquals": {header: "aws:kms"}}
    alone, with_null = (
        policy({**other_key, "Condition": condition})
        for condition in (differs, {**differs, "Null": {header: "false"}})
    )
    state = "arn:aws:s3:::state/dev"
    assert denies(alone, "s3:PutObject", state)
    assert not denies(with_null, "s3:PutObject", state)
    assert denies(with_null, "s3:PutObject", state, {header: "AES256"})
    assert not denies(with_null, "s3:PutObject", state, {header: "aws:kms"})


def test_a_missing_key_passes_every_test_with_if_exists():
    deny = {
        "Effect": "Deny",
        "Action": "s3:PutObject",
        "Resource": "*",
        "Condition": {"StringNotEqualsIfExists": {"s3:x-amz-storage-class": "STANDARD"}},
    }
    assert denies(policy(deny), "s3:PutObject", "arn:aws:s3:::raw/a")
    allow = {**READ, "Condition": {"StringEqualsIfExists": {"aws:SourceAccount": "1"}}}
    file = "arn:aws:s3:::lake/publish/a"
    assert allows(policy(allow), "s3:GetObject", file)
    assert not allows(policy(allow), "s3:GetObject", file, {"aws:SourceAccount": "2"})


def test_a_web_identity_must_meet_every_condition_of_the_trust():
    claim = "token.actions.githubusercontent.com"
    trust = {
        "Statement": {
            "Effect": "Allow",
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {"StringEquals": {f"{claim}:aud": "sts", f"{claim}:sub": ["a", "b"]}},
        }
    }
    assert admits(trust, {f"{claim}:aud": "sts", f"{claim}:sub": "b"})
    assert not admits(trust, {f"{claim}:aud": "sts", f"{claim}:sub": "c"})
    assert not admits(trust, {f"{claim}:sub": "b"})
