"""Files that only the owner may read: whatever holds the store's rows, and what is made beside it."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

OWNER_ONLY: Final = 0o600
_OWNERS_FOLDER: Final = 0o700
_NOBODY_ELSE: Final = 0o077
_BESIDE: Final = ("", ".wal", ".key", ".audit.head")


class _Mask:
    """The process's file mask, narrowed as long as anybody needs it: it is one for all threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._users, self._usual = 0, 0

    def narrow(self) -> None:
        """One more needs it."""
        with self._lock:
            if self._users == 0:
                self._usual = os.umask(_NOBODY_ELSE)
            self._users += 1

    def widen(self) -> None:
        """One fewer needs it."""
        with self._lock:
            self._users -= 1
            if self._users == 0:
                os.umask(self._usual)


_mask = _Mask()


@contextmanager
def owner_only() -> Iterator[None]:
    """While it lasts, files that the process makes are the owner's alone."""
    _mask.narrow()
    try:
        yield
    finally:
        _mask.widen()


def spill_of(db_path: Path) -> Path:
    """The folder for what does not fit into memory; whoever opens it makes it the owner's alone."""
    return db_path.with_name(f".{db_path.name}.spill")


def tighten(db_path: Path) -> None:
    """Take everybody else's rights from a database and what lies beside it, where they are ours."""
    for ending in _BESIDE:
        with suppress(OSError):
            db_path.with_name(f"{db_path.name}{ending}").chmod(OWNER_ONLY)
    with suppress(OSError):
        spill_of(db_path).chmod(_OWNERS_FOLDER)
