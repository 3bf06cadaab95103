"""Commands about halls: which is best for a place, with what is to be brought."""

import argparse
import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from app.cli import hall_forecasts, hall_load
from app.cli.hall_devices import add_devices, run_devices
from app.cli.moments import moment_of
from app.cli.points import point_of
from app.cli.terminal import Terminal
from app.store.database import Database
from app.use_cases import hall_choice
from app.use_cases.actors import Actor
from app.use_cases.asked_places import Question
from app.use_cases.hall_choice import HallWish
from app.use_cases.reach_wishes import MODES
from grid_cells.hall_choice import HORIZON_MIN

Command = Callable[[Database, Actor, argparse.Namespace, Terminal, Path], None]
_MINUTES: Final = ("travel_min", "door_min", "wait_min", "total_min")


def add_parser(commands: Any, shared: argparse.ArgumentParser) -> None:
    """The words of `halls`."""
    group = commands.add_parser("halls", help="business halls")
    deeds = group.add_subparsers(dest="deed", required=True, metavar="DEED")
    nearest = deeds.add_parser(
        "nearest", parents=[shared], help="the best halls for a place, a customer or an address"
    )
    where = nearest.add_mutually_exclusive_group(required=True)
    where.add_argument("--at", metavar="LON,LAT")
    where.add_argument("--customer", metavar="NO")
    where.add_argument("--address", metavar="TEXT")
    nearest.add_argument("--datum", default="wgs84", help="of --at")
    nearest.add_argument("--matter", default="", metavar="CODE", help="what one comes for")
    nearest.add_argument("--at-time", metavar="TIME", help="when one sets out, else now")
    nearest.add_argument("--mode", choices=MODES, default=MODES[0])
    nearest.add_argument(
        "--horizon", type=float, default=HORIZON_MIN, metavar="MIN",
        help="so long one waits before a shut door",
    )  # fmt: skip
    nearest.add_argument("--count", type=int, choices=range(1, 21), default=3, metavar="K")
    hall_load.add_deed(deeds, shared)
    hall_forecasts.add_deed(deeds, shared)
    add_devices(deeds, shared)


def _nearest(
    db: Database, actor: Actor, arguments: argparse.Namespace, terminal: Terminal, _cwd: Path
) -> None:
    started = time.perf_counter()
    question = Question(
        arguments.at and point_of(arguments.at), arguments.customer, arguments.address,
        arguments.datum,
    )  # fmt: skip
    at = moment_of(db, arguments.at_time)
    wish = HallWish(arguments.matter, at, arguments.mode, arguments.horizon)
    found = hall_choice.nearest(db, actor, question, wish, count=arguments.count)
    terminal.result(
        {
            "at": found.at.isoformat(timespec="minutes"), "matter": found.matter or None,
            "halls": [_hall(row) for row in found.halls.to_dict("records")],
            "papers": list(found.papers), "online": found.is_online,
            "seconds": round(time.perf_counter() - started, 3),
        }
    )  # fmt: skip


def _hall(row: dict[Any, Any]) -> dict[str, Any]:
    told = {name: _rounded(row[name]) for name in _MINUTES}
    return {
        "hall": str(row["point_id"]).partition(":")[2], "kind": row["kind"], "name": row["name"],
        **told, "wait_source": row["wait_source"], "open": row["is_open"], "rank": row["rank"],
    }  # fmt: skip


def _rounded(minutes: float) -> float | None:
    return None if math.isnan(minutes) else round(float(minutes), 2)


def _halls(
    db: Database, actor: Actor, arguments: argparse.Namespace, terminal: Terminal, cwd: Path
) -> None:
    _DEEDS[arguments.deed](db, actor, arguments, terminal, cwd)


_DEEDS: Final[dict[str, Command]] = {
    "nearest": _nearest, "load": hall_load.load, "forecast": hall_forecasts.forecast,
    "devices": run_devices,
}  # fmt: skip
COMMANDS: Final[dict[str, Command]] = {"halls": _halls}
