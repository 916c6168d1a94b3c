"""The raw bucket refuses uploads that no run could read, by its rendered policy."""

from __future__ import annotations

import pytest

from tests.terraform.policies import allows
from tests.terraform.rendered import rendered
from tests.terraform.test_terraform import needs_terraform

BUCKET = "metriccare-raw-123456789012-dev"
OURS = "arn:aws:kms:us-east-1:123456789012:key/ours"
NEEDS = f"""
locals {{
  partition    = "aws"
  bucket_names = {{ raw = "{BUCKET}" }}
  data_key_arn = "{OURS}"
}}
"""
SENDER = {
    "Statement": [
        {"Effect": "Allow", "Action": "s3:PutObject", "Resource": f"arn:aws:s3:::{BUCKET}/north/*"}
    ]
}
ENCRYPTION, KEY = (
    "s3:x-amz-server-side-encryption",
    "s3:x-amz-server-side-encryption-aws-kms-key-id",
)
CUSTOMER = "s3:x-amz-server-side-encryption-customer-algorithm"
CLASS = "s3:x-amz-storage-class"


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory):
    place = tmp_path_factory.mktemp("door")
    return rendered("raw_door.tf", "raw_door", NEEDS, {}, place)


@needs_terraform
@pytest.mark.parametrize(
    ("headers", "is_taken"),
    [
        ({}, True),
        ({ENCRYPTION: "aws:kms", KEY: OURS}, True),
        ({CLASS: "STANDARD"}, True),
        ({ENCRYPTION: "aws:kms", KEY: "arn:aws:kms:us-east-1:999999999999:key/foreign"}, False),
        ({ENCRYPTION: "aws:kms"}, False),
        ({ENCRYPTION: "AES256"}, False),
        ({ENCRYPTION: "aws:kms:dsse", KEY: OURS}, False),
        ({CUSTOMER: "AES256"}, False),
        ({CLASS: "GLACIER"}, False),
        ({CLASS: "DEEP_ARCHIVE"}, False),
    ],
    ids=str,
)
def test_an_upload_is_accepted_by_the_key_it_names(door, headers: dict[str, str], is_taken: bool):
    target = f"arn:aws:s3:::{BUCKET}/north/a.ndjson"
    assert allows([SENDER, door], "s3:PutObject", target, headers) is is_taken
