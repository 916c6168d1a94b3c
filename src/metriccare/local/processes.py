"""Who holds a lake's lease on this machine: the process decides, not the clock."""

from __future__ import annotations

import os
import socket
from pathlib import Path


def owner() -> str:
    """Return this process as a lease owner: host, process id, start time of the process."""
    return f"{socket.gethostname()}:{os.getpid()}:{_start_time(os.getpid())}"


def is_ended(lease_owner: str) -> bool:
    """Return True if a lease's owner has ended: no such process, or another one has its id.

    An owner on another host never counts as ended: this machine cannot know.
    """
    host, _, rest = lease_owner.partition(":")
    pid, _, started = rest.partition(":")
    if host != socket.gethostname() or not pid.isdigit():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return _start_time(int(pid)) != started


def _start_time(pid: int) -> str:
    """Return when a process started, in the kernel's ticks; empty if /proc does not say."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    return stat.rpartition(")")[2].split()[19]
