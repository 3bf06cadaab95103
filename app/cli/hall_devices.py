"""The command that tells how the devices of halls stand, or how available they were."""

import argparse
import time
from pathlib import Path
from typing import Any, Final

import pandas as pd

from app.cli.terminal import Terminal
from app.store.database import Database
from app.use_cases import hall_devices
from app.use_cases.actors import Actor

_TOLD: Final = ("device_id", "hall_id", "kind", "maker", "model", "status", "state", "fault",
                "seen_at", "content_version", "content", "standing_min")  # fmt: skip


def add_devices(deeds: Any, shared: argparse.ArgumentParser) -> None:
    """The words of `halls devices`."""
    parser = deeds.add_parser(
        "devices", parents=[shared], help="devices of halls: how they stand, how available they are"
    )
    parser.add_argument("--by", choices=tuple(hall_devices.BY), help="availability by this")
    parser.add_argument("--days", type=int, default=hall_devices.USUAL_DAYS, metavar="N")


def run_devices(
    db: Database, actor: Actor, arguments: argparse.Namespace, terminal: Terminal, _cwd: Path
) -> None:
    """Print every device, or with `--by` the availability of the last days."""
    started = time.perf_counter()
    if arguments.by is None:
        told = {"devices": _rows(hall_devices.devices(db, actor)[list(_TOLD)])}
    else:
        table = hall_devices.availability(db, actor, arguments.by, days=arguments.days)
        told = {"by": arguments.by, "days": arguments.days, "availability": _rows(table)}
    terminal.result({**told, "seconds": round(time.perf_counter() - started, 3)})


def _rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [
        {str(name): _plain(value) for name, value in row.items()}
        for row in table.to_dict("records")
    ]


def _plain(value: Any) -> Any:
    """A value as JSON holds it: unknown is null."""
    if pd.isna(value):
        return None
    if isinstance(value, pd.Timestamp):
        return value.isoformat()
    return round(value, 4) if isinstance(value, float) else value
