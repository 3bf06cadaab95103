"""Model files on disk: written whole or not at all, read only where they are ours."""

from contextlib import suppress
from hashlib import sha256
from pathlib import Path

import pandas as pd

from grid_cells.errors import FileRejected
from grid_cells.theft_model_file import pack, unpack
from grid_cells.theft_models import TheftModel


def read_model(source: Path) -> TheftModel:
    """The model in a file; raises FileRejected `file_missing`, UserError `theft_model_invalid`."""
    try:
        content = source.read_bytes()
    except OSError as error:
        raise FileRejected("file_missing", file=source.name) from error
    return unpack(content, source.name)


def write_model(model: TheftModel, target: Path) -> None:
    """Write the model; what lies there stays as it is until the new file is complete.

    Raises FileRejected `theft_file_not_written`.
    """
    _write(pack(model), target)


def write_scores(scores: pd.DataFrame, target: Path) -> None:
    """Write scores as CSV, whole or not at all; raises FileRejected `theft_file_not_written`."""
    _write(scores.to_csv(index=False).encode(), target)


def _write(content: bytes, target: Path) -> None:
    draft = target.with_name(f".{target.name}.part")
    try:
        draft.write_bytes(content)
        draft.replace(target)
    except OSError as error:
        raise FileRejected(
            "theft_file_not_written", file=str(target), why=error.strerror or ""
        ) from error
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)


def sha256_of(source: Path) -> str:
    """The SHA-256 of a file, in hex."""
    with source.open("rb") as stream:
        found = sha256()
        while block := stream.read(1 << 20):
            found.update(block)
    return found.hexdigest()
