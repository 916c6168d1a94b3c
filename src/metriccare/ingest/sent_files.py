"""What a person asks to take in: files of FHIR and of feeds, those left out, and faults.

The ending of a name says which files are input. A file without an ending, as bulk servers send
them, is opened: it is FHIR if it begins as JSON or gzip does.
"""

from __future__ import annotations

import os
import stat
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from metriccare.causes import cause_of, printable
from metriccare.errors import UsageError
from metriccare.ingest.file_kinds import (
    ENDINGS,
    PEEK_BYTES,
    TABLE_ENDINGS,
    begins_as_fhir,
    has_fhir_ending,
    has_no_ending,
    has_table_ending,
    kind_of,
)

# The generator's answer key lies beside its output and is no input.
_NOT_INPUT = frozenset({"truth.json", "truth.schema.json", "truth_accounts.ndjson"})
# Names in a sentence: more would hide its end.
_NAMED = 5
# Where a process finds what is piped into it.
_STREAM_FOLDERS = ("/dev/fd/", "/proc/self/fd/")
_STDIN = "/dev/stdin"
_KINDS = {
    stat.S_IFIFO: "named pipe",
    stat.S_IFSOCK: "socket",
    stat.S_IFCHR: "device",
    stat.S_IFBLK: "device",
}


@dataclass(frozen=True)
class Found:
    """A file to take in: where it is, its name as the sender gave it, what identifies it."""

    path: Path
    name: str
    identity: str
    size: int


@dataclass(frozen=True)
class LeftOut:
    """A file that is no input: its name, and its ending or its kind."""

    name: str
    kind: str


@dataclass(frozen=True)
class Fault:
    """A file that was wanted and could not be read, and the cause in a sentence."""

    name: str
    cause: str


@dataclass(frozen=True)
class Sent:
    """What was found under the paths a person named, in the order of names."""

    files: tuple[Found, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    faults: tuple[Fault, ...] = ()

    def __add__(self, other: Sent) -> Sent:
        """Return both together."""
        return Sent(
            self.files + other.files,
            self.left_out + other.left_out,
            self.faults + other.faults,
        )

    @property
    def size(self) -> int:
        """Return the bytes of all files to take in."""
        return sum(file.size for file in self.files)


def sent_of(items: Iterable[Found | LeftOut | Fault]) -> Sent:
    """Return found files, files left out and faults, sorted by which they are."""
    kept = list(items)
    return Sent(
        tuple(item for item in kept if isinstance(item, Found)),
        tuple(item for item in kept if isinstance(item, LeftOut)),
        tuple(item for item in kept if isinstance(item, Fault)),
    )


def find_files(paths: Iterable[Path]) -> Sent:
    """Return what is below the paths; a file that is named itself is taken whatever its ending.

    Raises UsageError for a path that does not exist, a device, or a folder without input.
    """
    sent = Sent()
    for path in paths:
        sent += _below(path)
    return sent


def is_stream(path: str) -> bool:
    """Return True if a path is a pipe, or standard input: it can be read once."""
    is_piped = path == _STDIN or path.startswith(_STREAM_FOLDERS)
    try:
        mode = os.stat(path).st_mode
    except OSError:
        return False
    return stat.S_ISFIFO(mode) or (is_piped and not stat.S_ISREG(mode) and not stat.S_ISDIR(mode))


def stream_name(path: str) -> str:
    """Return what a stream is called: `stdin`, `pipe` for `<(...)`, a named pipe by its name."""
    if path == _STDIN:
        return "stdin"
    return "pipe" if path.startswith(_STREAM_FOLDERS) else printable(Path(path).name)


def require_any(sent: Sent, place: str) -> Sent:
    """Return what was found; UsageError if no file in it is input or could not be read."""
    if sent.files or sent.faults:
        return sent
    more = f" It holds {left_out_text(sent.left_out)}." if sent.left_out else ""
    raise UsageError(
        f"{printable(place)} holds no FHIR file ({', '.join(ENDINGS[:4])}, or JSON without an"
        f" ending) and no feed ({', '.join(TABLE_ENDINGS)}).{more}"
    )


def left_out_text(left_out: Sequence[LeftOut]) -> str:
    """Return files left out in words: how many of each kind, and the first names."""
    kinds = Counter(file.kind for file in left_out)
    counts = ", ".join(f"{count:,} {kind}" for kind, count in kinds.most_common())
    names = ", ".join(file.name for file in left_out[:_NAMED])
    more = ", ..." if len(left_out) > _NAMED else ""
    files = "1 other file" if len(left_out) == 1 else f"{len(left_out):,} other files"
    return f"{files} ({counts}): {names}{more}"


def _below(path: Path) -> Sent:
    try:
        mode = path.stat().st_mode
    except OSError as error:
        if isinstance(error, FileNotFoundError) and not path.is_symlink():
            raise UsageError(f"There is no file or folder {printable(str(path))}.") from error
        return Sent(faults=(Fault(printable(path.name), cause_of(error)),))
    if stat.S_ISREG(mode):
        size = path.stat().st_size
        return Sent((Found(path, printable(path.name), str(path.resolve()), size),))
    if not stat.S_ISDIR(mode):
        what = _KINDS.get(stat.S_IFMT(mode), "special file")
        raise UsageError(f"{printable(str(path))} is a {what}; wanted a file, a folder or a pipe.")
    folder = path.resolve()
    sent = sent_of(item for place in _folders(folder) for item in _in_folder(folder, place))
    return require_any(sent, str(path))


@dataclass(frozen=True)
class _Place:
    """A folder to search, and the names in it; `fault` says why it cannot be read."""

    path: Path
    names: tuple[str, ...] = ()
    fault: str | None = None


def _folders(root: Path) -> Iterator[_Place]:
    """Give a folder and those below it, each once; linked folders come last."""
    seen: set[tuple[int, int]] = set()
    waiting = [root]
    while waiting:
        links: list[Path] = []
        for start in waiting:
            yield from _tree(start, seen, links)
        waiting = links


def _tree(start: Path, seen: set[tuple[int, int]], links: list[Path]) -> Iterator[_Place]:
    """Give a folder and its real subfolders in the order of names; note the linked ones."""
    try:
        found = start.stat()
        if (found.st_dev, found.st_ino) in seen:
            return
        seen.add((found.st_dev, found.st_ino))
        entries = sorted(os.scandir(start), key=lambda entry: entry.name)
        folders = [entry for entry in entries if _is_shown(entry) and entry.is_dir()]
    except OSError as error:
        yield _Place(start, fault=cause_of(error))
        return
    inside = {entry.name for entry in folders}
    names = [e.name for e in entries if _is_shown(e) and e.name not in inside]
    yield _Place(start, tuple(names))
    links.extend(Path(entry.path) for entry in folders if entry.is_symlink())
    for entry in folders:
        if not entry.is_symlink():
            yield from _tree(Path(entry.path), seen, links)


def _is_shown(entry: os.DirEntry[str]) -> bool:
    return not entry.name.startswith(".")


def _in_folder(root: Path, place: _Place) -> Iterator[Found | LeftOut | Fault]:
    if place.fault is not None:
        yield Fault(_name_of(root, place.path), place.fault)
    for name in place.names:
        if name not in _NOT_INPUT:
            yield _judged(place.path / name, _name_of(root, place.path / name))


def _name_of(root: Path, path: Path) -> str:
    return printable((PurePosixPath(root.name) / path.relative_to(root).as_posix()).as_posix())


def _judged(path: Path, name: str) -> Found | LeftOut | Fault:
    is_named = has_fhir_ending(path.name) or has_table_ending(name)
    if not (is_named or has_no_ending(path.name)):
        return LeftOut(name, kind_of(path.name))
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            return LeftOut(name, _KINDS.get(stat.S_IFMT(found.st_mode), "special file"))
        if is_named or _is_fhir(path):
            return Found(path, name, str(path), found.st_size)
    except OSError as error:
        return Fault(name, cause_of(error))
    return LeftOut(name, kind_of(path.name))


def _is_fhir(path: Path) -> bool:
    with path.open("rb") as stream:
        return begins_as_fhir(stream.read(PEEK_BYTES))
