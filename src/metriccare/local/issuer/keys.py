"""RS256 keys of the development issuer, in a file that only its owner reads."""

from __future__ import annotations

import json
import os
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from metriccare.local.secrets_folder import FOLDER

_FILE = "issuer_keys.json"
_BITS, _EXPONENT = 2048, 65537
# The key before the newest one: tokens signed with it stay valid until they expire.
_KEPT = 2


@dataclass(frozen=True)
class SigningKey:
    """A private key and the id that tokens name it by."""

    kid: str
    private: rsa.RSAPrivateKey

    def public_jwk(self) -> dict[str, Any]:
        """Return the public part as JWKS has it."""
        jwk: dict[str, Any] = jwt.algorithms.RSAAlgorithm.to_jwk(
            self.private.public_key(), as_dict=True
        )
        return {**jwk, "kid": self.kid, "use": "sig", "alg": "RS256"}


class KeyFile:
    """The keys of a lake's issuer, the newest first; made at the first start."""

    def __init__(self, lake: Path) -> None:
        self._path = lake / FOLDER / _FILE
        self.keys = self._read() or self._written([_new_key()])

    def rotate(self) -> None:
        """Sign with a new key from now on."""
        self.keys = self._written([_new_key(), *self.keys][:_KEPT])

    def sign(self, claims: Mapping[str, Any], kind: str) -> str:
        """Return a token of a type (`typ`), signed with the newest key."""
        key = self.keys[0]
        headers = {"kid": key.kid, "typ": kind}
        return jwt.encode(dict(claims), key.private, algorithm="RS256", headers=headers)

    def jwks(self) -> dict[str, Any]:
        """Return the public keys."""
        return {"keys": [key.public_jwk() for key in self.keys]}

    def _read(self) -> list[SigningKey]:
        if not self._path.is_file():
            return []
        stored = json.loads(self._path.read_text("utf-8"))
        return [SigningKey(one["kid"], _private(one["pem"])) for one in stored["keys"]]

    def _written(self, keys: list[SigningKey]) -> list[SigningKey]:
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        stored = {"keys": [{"kid": key.kid, "pem": _pem(key.private)} for key in keys]}
        draft = self._path.with_suffix(".new")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(stored, file)
        draft.replace(self._path)
        return keys


def _new_key() -> SigningKey:
    kid = f"{int(time.time())}-{secrets.token_hex(4)}"
    return SigningKey(kid, rsa.generate_private_key(_EXPONENT, _BITS))


def _pem(private: rsa.RSAPrivateKey) -> str:
    return private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def _private(pem: str) -> rsa.RSAPrivateKey:
    # Checking that both factors are prime takes a tenth of a second; the key is one of ours.
    key = load_pem_private_key(pem.encode(), password=None, unsafe_skip_rsa_key_validation=True)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise TypeError("issuer keys are RSA keys")
    return key
