"""Feed files as they are read: unpacked, seekable, and in UTF-8 where they were in UTF-16."""

from __future__ import annotations

import codecs
import shutil
import tempfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import BinaryIO, cast

from metriccare.errors import UnreadableFile
from metriccare.object_store import RawFiles
from metriccare.sources.feeds.contracts import UTF_16
from metriccare.sources.feeds.detection import HEAD_BYTES
from metriccare.sources.fhir.exchange import GZIP_MARK
from metriccare.sources.fhir.raw_files import open_raw

_BLOCK = 2**20
# What zlib calls the format of gzip files.
_GZIP = 31


def head_of(raw_files: RawFiles, location: str) -> bytes:
    """Return the beginning of a raw file, unpacked; UnreadableFile if it is gone or damaged."""
    (head,) = heads_of(raw_files, [location])
    if isinstance(head, UnreadableFile):
        raise head
    return head


def heads_of(raw_files: RawFiles, locations: Sequence[str]) -> list[bytes | UnreadableFile]:
    """Return the beginnings of raw files, unpacked, or why one cannot be read."""
    return [_unpacked(head) for head in raw_files.heads(locations, HEAD_BYTES)]


def _unpacked(head: bytes | UnreadableFile) -> bytes | UnreadableFile:
    if isinstance(head, UnreadableFile) or not head.startswith(GZIP_MARK):
        return head
    unpacker = zlib.decompressobj(_GZIP)
    try:
        plain = unpacker.decompress(head, HEAD_BYTES)
    except zlib.error as error:
        return UnreadableFile(f"the compressed data is damaged ({error})")
    is_whole_file = len(head) < HEAD_BYTES
    if is_whole_file and not unpacker.eof and not unpacker.unconsumed_tail:
        return UnreadableFile("the compressed data is damaged (it breaks off)")
    return plain


@contextmanager
def open_feed(raw_files: RawFiles, location: str, encoding: str) -> Iterator[BinaryIO]:
    """Open a raw file for the splitter, which reads one byte for each line end and delimiter."""
    with open_raw(raw_files, location) as stream:
        if encoding != UTF_16:
            yield stream
            return
        with tempfile.TemporaryFile() as plain:
            to_utf_8(stream, cast("BinaryIO", plain))
            plain.seek(0)
            yield cast("BinaryIO", plain)


def to_utf_8(source: BinaryIO, target: BinaryIO) -> None:
    """Write UTF-16 text as UTF-8; UnreadableFile if it is none."""
    reader = codecs.getreader("utf-16")(source)
    try:
        shutil.copyfileobj(reader, codecs.getwriter("utf-8")(target), _BLOCK)
    except UnicodeError as error:
        raise UnreadableFile(f"the text is not UTF-16 ({error.__class__.__name__})") from error
    target.flush()
