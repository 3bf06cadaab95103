"""A command in a session of its own: its output, seconds, and the peak of memory with children.

Memory is read five times a second: what each process of the family holds for itself (resident less
what is mapped from files or shared), summed, and the largest shared part once. The kernel's own
record of the largest single process, which no sample can miss, is the least that is told.
"""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

EVERY_S = 0.2
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Ended:
    """How a command ended: exit code (negative: a signal), text, seconds, peak in MB."""

    code: int
    out: str
    words: str
    seconds: float
    peak_mb: float
    is_too_slow: bool


def watch(
    command: Sequence[str],
    folder: Path,
    *,
    limit_s: float,
    tell: Callable[[float, float], None] = lambda _s, _mb: None,
) -> Ended:
    """Runs it until it ends or its time is over; `folder` takes what it prints."""
    out, err = folder / "out.tmp", folder / "err.tmp"
    started = time.perf_counter()
    with out.open("wb") as first, err.open("wb") as second:
        process = _begun(command, first, second)
        try:
            code, peak_mb, is_too_slow = _followed(process.pid, limit_s, tell)
        except BaseException:
            end(process.pid)
            raise
        finally:
            _end_left_over(process.pid)
    process.returncode = code
    seconds = time.perf_counter() - started
    texts = (file.read_text(encoding="utf-8", errors="replace") for file in (out, err))
    return Ended(code, *texts, seconds, peak_mb, is_too_slow)


def _begun(command: Sequence[str], out: IO[bytes], err: IO[bytes]) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=out, stderr=err, start_new_session=True
    )


def _followed(
    pid: int, limit_s: float, tell: Callable[[float, float], None]
) -> tuple[int, float, bool]:
    started, peak, is_too_slow = time.monotonic(), 0.0, False
    while True:
        done, status, usage = os.wait4(pid, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status), max(peak, usage.ru_maxrss / 1e3), is_too_slow
        peak = max(peak, memory_mb(family(pid)))
        spent = time.monotonic() - started
        tell(spent, peak)
        if spent > limit_s and not is_too_slow:
            is_too_slow = True
            end(pid)
        time.sleep(EVERY_S)


def end(pid: int) -> None:
    """Ends a process and its children, those that moved to a session of their own included."""
    for one in family(pid):
        with suppress(ProcessLookupError):
            os.kill(one, signal.SIGKILL)


def _end_left_over(session: int) -> None:
    """Ends what a command that died left running."""
    with suppress(ProcessLookupError):
        os.killpg(session, signal.SIGKILL)


def family(pid: int) -> list[int]:
    """The process and all its descendants that live, itself first."""
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            parent = _parent(folder)
            if parent is not None:
                children.setdefault(parent, []).append(int(folder.name))
    found = [pid]
    for one in found:
        found += children.get(one, [])
    return found


def _parent(folder: Path) -> int | None:
    try:
        return int((folder / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()[1])
    except (OSError, IndexError):
        return None


def memory_mb(pids: Sequence[int]) -> float:
    """MB that these processes hold: each one's own, and the largest shared part once."""
    own, shared = 0, 0
    for pid in pids:
        try:
            pages = Path(f"/proc/{pid}/statm").read_text(encoding="utf-8").split()
        except OSError:
            continue
        own += int(pages[1]) - int(pages[2])
        shared = max(shared, int(pages[2]))
    return (own + shared) * _PAGE / 1e6
