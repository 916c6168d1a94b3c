"""The cause of any error in one sentence a person can act on, without the content of a record.

Only the content of records is secret. Errors of other packages quote it in their messages, so a
message is shown only for errors that never see a record: of the operating system, SQLite, AWS.
For all others the sentence has the class and the line of our code.
"""

from __future__ import annotations

import errno
import os
import re
import sqlite3
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from metriccare.errors import MetricCareError

_PACKAGE = Path(__file__).parent
_NEXT_STEPS = {
    errno.ENOSPC: "Make room, then run it again.",
    errno.EDQUOT: "The quota is used up: make room, then run it again.",
    errno.EROFS: "Make it writable, or name another --lake.",
    errno.EACCES: "Give this user the right to it, or name another.",
    errno.EPERM: "Give this user the right to it, or name another.",
    errno.EEXIST: "A file is where a folder is wanted: move it away, or name another.",
    errno.ENOTDIR: "A file is where a folder is wanted: move it away, or name another.",
    errno.ENAMETOOLONG: "Give it a shorter name.",
    errno.EMFILE: "Raise the limit of open files (`ulimit -n 4096`), then run it again.",
}
# By SQLite's names of its errors, without the detail after the second underscore.
_SQLITE = {
    "SQLITE_BUSY": "is in use by another process. Wait until that has ended, then run it again.",
    "SQLITE_LOCKED": "is in use by another process. Wait until that has ended, then run it again.",
    "SQLITE_READONLY": "cannot be written. Make the lake's folder writable, or name another.",
    "SQLITE_CANTOPEN": "cannot be opened. Check the rights to the lake's folder.",
    "SQLITE_PERM": "cannot be opened. Check the rights to the lake's folder.",
    "SQLITE_FULL": "cannot grow: the disk is full. Make room, then run it again.",
    "SQLITE_IOERR": "cannot be read or written: the disk reports an error.",
    "SQLITE_CORRUPT": "is damaged. Bring it back from a backup of the lake.",
    "SQLITE_NOTADB": "is damaged. Bring it back from a backup of the lake.",
}
# Names of uploaded files stay out of the logs of functions and jobs.
_OBJECT = re.compile(r"(arn:aws[\w-]*:s3:::[^/\s\"]+)/[^\s\"]*")
_PYTHON_START = "Traceback (most recent call last):"
_FRAME = re.compile(r'^\s+File "[^"]*metriccare/((?:\w+/)*\w+\.py)", line (\d+)')
_CLASS = re.compile(r"^([A-Za-z_][A-Za-z0-9_.]*)(?::|$)")
_JAVA_CLASS = re.compile(
    r"\b(?:javax?|scala|py4j|org\.apache|com\.amazonaws|software\.amazon)"
    r"(?:\.[a-z][A-Za-z0-9_]*)*\.([A-Z][A-Za-z0-9]*(?:Exception|Error))\b"
)
# The operating system's words, which Java passes on.
_JAVA_CAUSES = {
    "No space left on device": "the disk is full; make room, then run it again",
    "Java heap space": "Java's memory ran out; see docs/performance.md",
    "GC overhead limit exceeded": "Java's memory ran out; see docs/performance.md",
    "Too many open files": "too many files are open; raise the limit (`ulimit -n 4096`)",
    "Read-only file system": "the lake is read-only; make it writable",
}
_NOTE = re.compile(r"^metriccare: tenant ([A-Za-z0-9][\w-]{0,62}), file ([0-9a-f]{16})$", re.M)


def cause_of(error: BaseException) -> str:
    """Return what went wrong as one sentence; see the module for what it never shows."""
    if isinstance(error, MetricCareError):
        return str(error)
    for matches, sentence in _KINDS:
        if matches(error):
            return sentence(error)
    return _of_unknown(error)


@contextmanager
def naming_file(tenant: str, file_id: str) -> Iterator[None]:
    """Add to errors raised inside which file was being read; `cause_of` reports it."""
    try:
        yield
    except Exception as error:
        error.add_note(f"metriccare: tenant {tenant}, file {file_id}")
        raise


def _is_from_system(error: BaseException) -> bool:
    # Subclasses of other packages put addresses and secrets where a path is expected.
    return (
        isinstance(error, OSError)
        and type(error).__module__ == "builtins"
        and error.errno is not None
    )


def _of_system(error: BaseException) -> str:
    assert isinstance(error, OSError)  # noqa: S101 - asked before
    number = error.errno or 0
    places = [
        os.fsdecode(p) for p in (error.filename, error.filename2) if isinstance(p, str | bytes)
    ]
    where = f": {' -> '.join(printable(place) for place in places)}" if places else ""
    file_id, _ = _file_noted(error)
    step = f" {_NEXT_STEPS[number]}" if number in _NEXT_STEPS else _set_aside(file_id)
    return f"{os.strerror(number)}{where}.{step}"


def _of_sqlite(error: BaseException) -> str:
    name = "_".join(getattr(error, "sqlite_errorname", "").split("_")[:2])
    said = _SQLITE.get(name, f"cannot be used ({name or type(error).__name__}: {error}).")
    return f"The lake's tracking database, tracking.db, {said}"


def _is_of_aws(error: BaseException) -> bool:
    return any(base.__module__.startswith(("botocore.", "boto3.")) for base in type(error).__mro__)


def _of_aws(error: BaseException) -> str:
    name = type(error).__name__
    if "Credentials" in name or name in {"ProfileNotFound", "TokenRetrievalError"}:
        return (
            f"AWS credentials are missing or unusable ({name}). Set AWS_PROFILE, or"
            " AWS_ACCESS_KEY_ID and its secret; `aws sts get-caller-identity` tests them."
        )
    said = _OBJECT.sub(r"\1/...", printable(str(error)))
    return f"AWS refused or could not be reached: {said.rstrip('.')}."


def _of_text(error: BaseException) -> str:
    return f"A text is not UTF-8 ({type(error).__name__}{_own_place(error)})."


def _of_memory(_error: BaseException) -> str:
    return "This machine's memory ran out. Close other programs, or see docs/performance.md."


def _is_of_spark(error: BaseException) -> bool:
    return any(base.__module__.startswith(("pyspark.", "py4j.")) for base in type(error).__mro__)


def _of_spark(error: BaseException) -> str:
    """Say what stopped a task: the Python error and our line, else the Java errors' classes."""
    text = _spark_text(error)
    _, start, trace = text.partition(_PYTHON_START)
    if start:
        file_id, where = _file_of_task(text)
        return f"{_python_cause(trace)}{where} stopped a task of Spark.{_set_aside(file_id)}"
    if _is_java_gone(error, text):
        return (
            "Java ended before its work was done: most often the machine's memory ran out."
            " Close other programs, then run it again."
        )
    for words, meaning in _JAVA_CAUSES.items():
        if words in text:
            return f"Spark failed: {meaning}."
    classes = dict.fromkeys(_JAVA_CLASS.findall(text))
    condition = _condition(error)
    named = [*([condition] if condition else []), *classes][:4]
    named = named or [type(error).__name__]
    return f"Spark failed ({', '.join(named)}{_own_place(error)})."


def _is_java_gone(error: BaseException, text: str) -> bool:
    """Return whether the gateway got no answer; an error that Java reports has another class."""
    name = type(error).__name__
    return name == "Py4JNetworkError" or (name == "Py4JError" and "while calling" in text)


def _spark_text(error: BaseException) -> str:
    """Return the whole text of a Spark error; reading it asks the JVM, which may be gone."""
    with suppress(Exception):
        return f"{error}\n{getattr(error, 'stackTrace', '')}"
    return ""


def _condition(error: BaseException) -> str | None:
    """Return Spark's name for what went wrong, such as UNRESOLVED_COLUMN."""
    with suppress(Exception):
        asked = getattr(error, "getErrorClass", None)
        found = asked() if asked else None
        return found if found and re.fullmatch(r"[A-Z][A-Z0-9_.]*", found) else None
    return None


def _python_cause(trace: str) -> str:
    """Return class and line of the first traceback of a text: its root, before any message.

    The class is the first line that is not indented. What follows it may be content.
    """
    place = ""
    for line in trace.splitlines()[1:]:
        frame = _FRAME.match(line)
        if frame and (_PACKAGE / frame[1]).is_file():
            place = f" at metriccare/{frame[1]}:{frame[2]}"
        elif not line.startswith(" "):
            named = _CLASS.match(line)
            return f"{named[1] if named else 'An error'}{place}"
    return f"An error{place}"


def _file_of_task(text: str) -> tuple[str | None, str]:
    """Return the id of the file that was being read, and tenant and file in words."""
    notes = _NOTE.findall(text)
    if not notes:
        return None, ""
    # A message before the note could hold text that looks like one.
    tenant, file_id = notes[-1]
    return file_id, f" (tenant {tenant}, file {file_id})"


def _set_aside(file_id: str | None) -> str:
    if file_id is None:
        return ""
    return f" `metriccare quarantine file {file_id} --reason TEXT` sets the file aside."


def _of_unknown(error: BaseException) -> str:
    file_id, where = _file_noted(error)
    said = f"{type(error).__name__}{_own_place(error)}{where} stopped the command."
    return f"{said}{_set_aside(file_id)}"


def _file_noted(error: BaseException) -> tuple[str | None, str]:
    """Return the id of the file that `naming_file` noted, and tenant and file in words."""
    return _file_of_task("\n".join(getattr(error, "__notes__", ())))


def _own_place(error: BaseException) -> str:
    """Return the last line of ours an error came through."""
    own = [
        (Path(frame.filename), frame.lineno)
        for frame in traceback.extract_tb(error.__traceback__)
        if Path(frame.filename).is_relative_to(_PACKAGE)
    ]
    if not own:
        return ""
    path, line = own[-1]
    return f" at metriccare/{path.relative_to(_PACKAGE)}:{line}"


def printable(text: str) -> str:
    """Return a name of the outside world as it can be stored, sent and printed anywhere.

    Bytes that are no text and control characters are written as escapes: `M\\xfcller`, `a\\x1bb`.
    """
    return "".join(_escaped(character) for character in text)


def _escaped(character: str) -> str:
    if "\udc80" <= character <= "\udcff":
        return f"\\x{ord(character) - 0xDC00:02x}"
    return character if character.isprintable() else character.encode("unicode_escape").decode()


_KINDS: Iterable[tuple[Callable[[BaseException], bool], Callable[[BaseException], str]]] = (
    (_is_from_system, _of_system),
    (lambda error: isinstance(error, sqlite3.Error), _of_sqlite),
    (_is_of_aws, _of_aws),
    (lambda error: isinstance(error, UnicodeError), _of_text),
    (lambda error: isinstance(error, MemoryError), _of_memory),
    (_is_of_spark, _of_spark),
)
