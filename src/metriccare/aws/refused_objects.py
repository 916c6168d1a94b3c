"""Why S3 refuses to hand out an upload: what is wrong with that one object, or with all of them.

An odd upload is one unreadable file. A role without its rights is no file's fault: then every file
would count as unreadable, so such an error is passed on and stops the run.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from metriccare.errors import UnreadableFile

_ARCHIVED = "it is in an archive class of S3; restore it, or send it again in the class STANDARD"
_OWN_KEY = "it is encrypted with a key of its sender (SSE-C); send it again without"
_OTHER_KEY = (
    "it is encrypted with another KMS key than its bucket; send it again without naming a key"
)
# S3's error codes for a request that reads the object.
_REASONS = {"InvalidObjectState": _ARCHIVED, "InvalidRequest": _OWN_KEY}
_DENIED = frozenset({"403", "AccessDenied"})
# A HEAD request returns only a status code; 400 can also mean that credentials expired.
_WITHOUT_REASON = "400"


def explained(client: Any, error: Any, named: Mapping[str, str]) -> Exception:
    """Return UnreadableFile with the reason where it is the object's, else the error as it is.

    `named` has the object's Bucket, Key and, where it has versions, VersionId.
    """
    code = error.response["Error"]["Code"]
    if code == _WITHOUT_REASON:
        code = _code_of_reading(client, named)
    reason = _REASONS.get(code)
    if code in _DENIED and _is_under_other_key(client, named):
        reason = _OTHER_KEY
    return UnreadableFile(f"the raw object cannot be read: {reason}") if reason else error


def _code_of_reading(client: Any, named: Mapping[str, str]) -> str:
    """Return S3's word for why the first byte cannot be read; empty when it can be."""
    try:
        client.get_object(**named, Range="bytes=0-0")
    except client.exceptions.ClientError as error:
        return str(error.response["Error"]["Code"])
    return ""


def _is_under_other_key(client: Any, named: Mapping[str, str]) -> bool:
    """Return True if the object has a KMS key, and not the one its bucket gives by default."""
    try:
        key = client.head_object(**named).get("SSEKMSKeyId")
        default = client.get_bucket_encryption(Bucket=named["Bucket"])
    except client.exceptions.ClientError:
        # Then nothing says that it is this object's fault.
        return False
    rules = default["ServerSideEncryptionConfiguration"]["Rules"]
    defaults = [rule.get("ApplyServerSideEncryptionByDefault", {}) for rule in rules]
    own = {_key_id(each["KMSMasterKeyID"]) for each in defaults if each.get("KMSMasterKeyID")}
    return key is not None and _key_id(key) not in own


def _key_id(name: str) -> str:
    return name.rpartition("/")[2]
