"""The audit log of a database file that nobody serves: proved without changing a byte of it."""

from pathlib import Path

from app.store import audit_file
from app.store.keys import Keys, key_path, read_or_make
from app.use_cases.audit import (
    Claim,
    Verdict,
    anchored,
    check,
    given,
    head_beside,
    head_inside,
)
from grid_cells.audit_chain import Problem
from grid_cells.errors import UserError


def verify_file(path: Path, *, key_file: Path | None = None, head: str | None = None) -> Verdict:
    """Whether the log in the file is whole and ends where its heads say.

    The key is the one beside the database unless another file is named; without a key every row
    is a row of an unknown key. A head file belongs beside every database and every backup, and the
    head inside a backup does not stand in for it: both can be older than the log was. A copy
    named with its key (`key_file`) may come without one where `head` is given.
    """
    keys = keys_for(path, key_file)
    try:
        return _verdict(path, keys, head, is_copy=key_file is not None)
    except UserError as error:
        if error.code != "store_unreadable":
            raise
        return Verdict(0, 0, (Problem(None, "file_damaged"),))


def _verdict(path: Path, keys: Keys | None, head: str | None, *, is_copy: bool) -> Verdict:
    with audit_file.open_to_read(path) as connection:
        if not audit_file.is_sealed(connection):
            return Verdict(0, 0, (Problem(None, "log_unsealed"),))
        own, inside = head_beside(path), head_inside(connection)
        beside = [] if own is None and is_copy and head is not None else [Claim(own)]
        anchors = [] if is_copy else anchored(path, keys)
        return check(connection, keys, [*beside, *given(head), *given(inside), *anchors])


def keys_for(path: Path, key_file: Path | None) -> Keys | None:
    """The keys of a database file, None where no key lies where it should."""
    if key_file is not None and not key_file.exists():
        raise UserError("file_missing", file=str(key_file))
    place = key_file or key_path(path)
    return read_or_make(place) if place.exists() else None
