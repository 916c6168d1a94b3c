"""Raw files as tasks read them: whole, uncompressed and seekable."""

from __future__ import annotations

import gzip
import shutil
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, cast

from metriccare.errors import UnreadableFile
from metriccare.object_store import RawFiles
from metriccare.sources.fhir.exchange import GZIP_MARK


@contextmanager
def open_raw(raw_files: RawFiles, location: str) -> Iterator[BinaryIO]:
    """Open a raw file; compressed content is unpacked to a temporary file first.

    Unpacking it whole means that a damaged file is known before its first row is used.
    Raises UnreadableFile if it is gone or damaged.
    """
    with raw_files.open(location) as sent:
        compressed = sent.read(2) == GZIP_MARK
        sent.seek(0)
        if not compressed:
            yield sent
            return
        with tempfile.TemporaryFile() as plain:
            _unpack(sent, cast("BinaryIO", plain))
            yield cast("BinaryIO", plain)


def _unpack(sent: BinaryIO, plain: BinaryIO) -> None:
    try:
        with gzip.GzipFile(fileobj=sent) as packed:
            shutil.copyfileobj(packed, plain, 2**20)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise UnreadableFile(f"the compressed data is damaged ({error})") from error
    plain.flush()
    plain.seek(0)
