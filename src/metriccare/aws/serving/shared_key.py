"""One secret that all instances of the functions share, and that nobody configures.

The first instance asks KMS for a data key and keeps it in the table as KMS encrypted it; the
others decrypt it. It is in no environment, no log and no Terraform state. Keys for single uses are
derived from it.
"""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

from metriccare.aws.serving.table import ServingTable

if TYPE_CHECKING:
    from mypy_boto3_kms import KMSClient

_KIND, _ID = "key", "shared"
# Bound to the ciphertext: it cannot be passed off as another one's.
_CONTEXT = {"application": "metriccare", "use": "serving"}


class SharedKey:
    """A secret of 32 bytes, and keys made from it."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def of(self, use: str) -> bytes:
        """Return the key (32 bytes) of one use."""
        return hmac.digest(self._secret, use.encode(), "sha256")


def shared_key(kms: KMSClient, key_arn: str, table: ServingTable) -> SharedKey:
    """Return the shared secret; the first caller of all makes it."""
    kept = table.get(_KIND, _ID)
    while kept is None:
        made = kms.generate_data_key(KeyId=key_arn, KeySpec="AES_256", EncryptionContext=_CONTEXT)
        own = {"kind": _KIND, "id": _ID, "content": made["CiphertextBlob"]}
        if table.put_if(own, "attribute_not_exists(kind)", {}):
            return SharedKey(made["Plaintext"])
        # Another instance was first.
        kept = table.get(_KIND, _ID)
    found = kms.decrypt(CiphertextBlob=bytes(kept["content"]), EncryptionContext=_CONTEXT)
    return SharedKey(found["Plaintext"])
