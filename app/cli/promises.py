"""The command about service promises."""

import argparse
import math
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import pandas as pd

from app.cli.moments import known_moment_of
from app.cli.terminal import Terminal
from app.store.database import Database
from app.use_cases import promises
from app.use_cases.actors import Actor
from grid_cells.cells import cells_to_hex

Command = Callable[[Database, Actor, argparse.Namespace, Terminal, Path], None]
_COLUMNS: Final = (
    "report_id", "state", "state_left_min", "promise_class", "registered_at", "arrive_min",
    "elapsed_min", "stopped_min", "counted_min", "left_min", "arrive_state", "restore_min",
    "restore_counted_min", "restore_left_min", "restore_state", "is_stopped", "stop_reason",
    "area_id", "unit_id", "crew_id", "outage_id", "crew_min",
)  # fmt: skip


def add_parser(commands: Any, shared: argparse.ArgumentParser) -> None:
    """The words of `promises`."""
    group = commands.add_parser("promises", help="orders against the service promise")
    deeds = group.add_subparsers(dest="deed", required=True, metavar="DEED")
    listed = deeds.add_parser(
        "list", parents=[shared], help="open orders, what breaks first on top"
    )
    listed.add_argument("--at", metavar="TIME", help="moment, else now")


def _promises(
    db: Database, actor: Actor, arguments: argparse.Namespace, terminal: Terminal, _cwd: Path
) -> None:
    started = time.perf_counter()
    at = known_moment_of(db, arguments.at)
    rows = promises.open_orders(db, actor, at)
    counts = rows["state"].value_counts()
    terminal.result(
        {
            "at": (at or promises.moment(db)).isoformat(timespec="seconds"), "orders": len(rows),
            "risk": int(counts.get("risk", 0)), "broken": int(counts.get("broken", 0)),
            "rows": [_row(row) for row in rows.to_dict("records")],
            "seconds": round(time.perf_counter() - started, 3),
        }
    )  # fmt: skip


def _row(row: dict[Any, Any]) -> dict[str, Any]:
    """An order as JSON tells it: minutes to a hundredth, the cell as 15-character hex."""
    told: dict[str, Any] = {name: _plain(row[name]) for name in _COLUMNS}
    cell = row["cell_id"]
    return told | {"cell": None if pd.isna(cell) else str(cells_to_hex([int(cell)])[0])}


def _plain(value: Any) -> Any:
    if pd.api.types.is_scalar(value) and pd.isna(value):
        return None
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, float):
        return None if math.isinf(value) else round(value, 2)
    return bool(value) if pd.api.types.is_bool(value) else value


COMMANDS: Final[dict[str, Command]] = {"promises": _promises}
