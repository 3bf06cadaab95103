"""The secret of one database, kept in a file beside it and never inside it."""

import hashlib
import hmac
import json
import os
import secrets
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from grid_cells.errors import UserError

KEY_BYTES = 32


@dataclass(frozen=True)
class Keys:
    """One secret from which every purpose gets a key of its own."""

    secret: bytes

    def derive(self, purpose: str) -> bytes:
        """The 32-byte key of one purpose (HMAC-SHA256 of the purpose under the secret)."""
        return hmac.new(self.secret, purpose.encode(), hashlib.sha256).digest()

    def key_id(self, purpose: str) -> str:
        """A short name of the purpose's key, which tells keys apart and tells nothing else."""
        return hashlib.sha256(self.derive(purpose)).hexdigest()[:12]


def key_path(db_path: Path) -> Path:
    """Where the secret lies: `$GRIDCELLS_KEY_FILE`, else beside the database."""
    named = os.environ.get("GRIDCELLS_KEY_FILE")
    return Path(named) if named else db_path.with_name(f"{db_path.name}.key")


def read_or_make(path: Path) -> Keys:
    """The secret in that file, made (mode 0600) where there is none yet."""
    with suppress(FileNotFoundError):
        return _read(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError):
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump({"secret": secrets.token_hex(KEY_BYTES)}, file)
    return _read(path)


def _read(path: Path) -> Keys:
    text = path.read_text(encoding="utf-8")
    try:
        secret = bytes.fromhex(json.loads(text)["secret"])
    except (ValueError, KeyError, TypeError) as error:
        raise UserError("store_key_unreadable", path=str(path)) from error
    if len(secret) < KEY_BYTES:
        raise UserError("store_key_unreadable", path=str(path))
    return Keys(secret)
