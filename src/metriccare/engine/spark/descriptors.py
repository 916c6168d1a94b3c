"""Standard output and errors of this process and its children, redirected for a while."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO


@contextmanager
def redirected(target: BinaryIO, *descriptors: int) -> Iterator[None]:
    """Redirect descriptors (1 stdout, 2 stderr) to another file.

    A process that is started within the block inherits them, and keeps them.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    saved = [(descriptor, os.dup(descriptor)) for descriptor in descriptors]
    for descriptor in descriptors:
        os.dup2(target.fileno(), descriptor)
    try:
        yield
    finally:
        for descriptor, before in saved:
            os.dup2(before, descriptor)
            os.close(before)
