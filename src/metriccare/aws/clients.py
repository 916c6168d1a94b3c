"""How every client of the deployed stack is set up."""

from __future__ import annotations

from botocore.config import Config

# Throttling is waited out by the client; everything else is decided by the steps.
RETRIES = Config(retries={"mode": "adaptive", "max_attempts": 8})
