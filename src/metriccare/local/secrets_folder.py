"""Secrets that a server of a lake on this machine makes for itself, which only its owner reads."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

FOLDER = ".serve"
_BYTES = 32


def secret_of(lake: Path, name: str) -> bytes:
    """Return a secret by its name; it is made when it is first asked for."""
    path = lake / FOLDER / f"{name}.key"
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(_BYTES))
        try:
            # Of two servers that start at once, the first one's secret stays.
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_bytes()
