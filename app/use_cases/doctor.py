"""Whether the set-up is sound, and a copy of it."""

import platform
import shutil
import sys
from pathlib import Path
from typing import Any

from app.store import audit, audit_seal, meta
from app.store import backup as backup_store
from app.store.database import Connection, Database, can_load_spatial
from app.use_cases.access import needs
from app.use_cases.actors import Actor
from app.use_cases.clock import real_now
from grid_cells.errors import UserError

_OWNER_ONLY = 0o600
VENDOR = Path(__file__).parents[1] / "static" / "vendor"


@needs("manage_store", whole=True)
def examine(db: Database, actor: Actor) -> dict[str, Any]:  # noqa: ARG001
    """What an administrator looks at first: versions, files, rows held, room on the disk."""
    return {
        "python": platform.python_version(),
        "platform": sys.platform,
        "database": str(db.path),
        "origin": meta.read_value(db.read(), "origin"),
        "migrations": backup_store.migrations_applied(db),
        "spatial_extension": can_load_spatial(db),
        "browser_assets": VENDOR.is_dir() and any(VENDOR.iterdir()),
        "basemap": db.path.with_suffix(".pmtiles").is_file(),
        "rows": backup_store.row_counts(db),
        "disk_free_gb": round(shutil.disk_usage(db.path.parent).free / 1e9, 1),
    }


@needs("manage_store", whole=True)
def back_up(db: Database, actor: Actor, path: Path) -> int:
    """Size in bytes of a whole copy of the database at `path`, which must be a new file.

    The head of the audit log lies in the copy and in a file beside it; the key never does.
    """
    if path.exists():
        raise UserError("backup_exists", file=str(path))
    head = backup_store.copy_to(db, path)
    path.chmod(_OWNER_ONLY)
    audit_seal.write_head(audit_seal.head_path(path), head)

    def note(connection: Connection) -> None:
        backup_store.keep_head(connection, head)
        audit.record(connection, actor.id, "database_backed_up", at=real_now(), subject="database")

    db.write(note)
    return path.stat().st_size
