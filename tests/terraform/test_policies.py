"""The evaluator itself: what it calls allowed must be what IAM calls allowed."""

from __future__ import annotations

from tests.terraform.policies import allows

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
