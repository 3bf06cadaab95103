"""The note beside a database that tells commands which server owns it, and their secret."""

import json
import os
from pathlib import Path
from typing import Any, Final

SECRET_HEADER: Final = "X-Gridcells-Secret"  # noqa: S105 - a header's name


def note_path(db_path: Path) -> Path:
    """The note's file."""
    return db_path.with_name(f"{db_path.name}.server.json")


def write_note(db_path: Path, *, url: str, secret: str) -> None:
    """Leave the note of this process, for its owner alone to read."""
    path = note_path(db_path)
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump({"url": url, "pid": os.getpid(), "secret": secret}, file)


def read_note(db_path: Path) -> dict[str, Any] | None:
    """The note of a process that still runs, else None."""
    try:
        note: dict[str, Any] = json.loads(note_path(db_path).read_text(encoding="utf-8"))
        os.kill(int(note["pid"]), 0)
    except (OSError, ValueError, KeyError):
        return None
    return note
