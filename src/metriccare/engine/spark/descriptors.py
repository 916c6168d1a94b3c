"""What a process and the processes it starts say, sent elsewhere for a while."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO


@contextmanager
def redirected(target: BinaryIO, *descriptors: int) -> Iterator[None]:
    """Let descriptors (1 stdout, 2 stderr) lead to another file.

    A process started meanwhile inherits them, and keeps them.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    kept = [(descriptor, os.dup(descriptor)) for descriptor in descriptors]
    for descriptor in descriptors:
        os.dup2(target.fileno(), descriptor)
    try:
        yield
    finally:
        for descriptor, before in kept:
            os.dup2(before, descriptor)
            os.close(before)
