"""Commands about work orders: listed, shown, moved on."""

import argparse
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import pandas as pd

from app.cli.terminal import Terminal
from app.store.database import Database
from app.use_cases.actors import Actor
from grid_cells.work_orders import KINDS, STATES

Command = Callable[[Database, Actor, argparse.Namespace, Terminal, Path], None]
_COLUMNS: Final = (
    "order_id", "kind", "task", "state", "priority", "registered_at", "due_at", "left_min", "clock",
    "due_of", "crew_id", "crews", "calls", "outage_id", "area_id", "version",
)  # fmt: skip
_EVENT: Final = (
    "happened_at", "move", "state_after", "crew_id", "reason_code", "detail", "actor", "is_undone",
)  # fmt: skip


def add_parser(commands: Any, shared: argparse.ArgumentParser) -> None:
    """The words of `orders`."""
    group = commands.add_parser("orders", help="work orders")
    deeds = group.add_subparsers(dest="deed", required=True, metavar="DEED")
    listed = deeds.add_parser("list", parents=[shared], help="what is due first on top")
    listed.add_argument("--state", action="append", choices=STATES, default=[], metavar="STATE")
    listed.add_argument("--kind", action="append", choices=KINDS, default=[], metavar="KIND")
    listed.add_argument("--crew", metavar="ID")
    listed.add_argument("--open", action="store_true", help="none that are done")
    shown = deeds.add_parser("show", parents=[shared], help="one order with its timeline")
    shown.add_argument("order", metavar="ORDER")
    moved = deeds.add_parser("move", parents=[shared], help="move an order on")
    moved.add_argument("order", metavar="ORDER")
    moved.add_argument("move", metavar="MOVE")
    moved.add_argument("--crew", metavar="ID")
    moved.add_argument("--reason", metavar="CODE")
    moved.add_argument("--rating", type=int, metavar="N")
    moved.add_argument("--version", type=int, metavar="N", help="the version it was decided on")


def _orders(
    db: Database, actor: Actor, arguments: argparse.Namespace, terminal: Terminal, _cwd: Path
) -> None:
    started = time.perf_counter()
    told = _DEEDS[arguments.deed](db, actor, arguments)
    terminal.result({**told, "seconds": round(time.perf_counter() - started, 3)})


def _list(db: Database, actor: Actor, arguments: argparse.Namespace) -> dict[str, Any]:
    from app.use_cases import work_orders

    wanted = work_orders.OrderFilter(
        states=tuple(arguments.state), kinds=tuple(arguments.kind), crew_id=arguments.crew,
        open_only=arguments.open,
    )  # fmt: skip
    rows = work_orders.listing(db, actor, wanted)
    return {
        "orders": len(rows), **work_orders.counted(db, actor, rows),
        "rows": [_plain_row(row, _COLUMNS) for row in rows.to_dict("records")],
    }  # fmt: skip


def _show(db: Database, actor: Actor, arguments: argparse.Namespace) -> dict[str, Any]:
    from app.use_cases import work_orders

    story = work_orders.story(db, actor, arguments.order)
    return {
        **_plain_row(story.order, _COLUMNS),
        "events": [_plain_row(row, _EVENT) for row in story.events.to_dict("records")],
        "reports": story.reports["report_id"].tolist(),
        "links": story.links.to_dict("records"),
    }


def _move(db: Database, actor: Actor, arguments: argparse.Namespace) -> dict[str, Any]:
    from app.use_cases import work_order_moves

    detail = {} if arguments.rating is None else {"rating": arguments.rating}
    step = work_order_moves.Step(
        arguments.move, version=arguments.version, crew_id=arguments.crew,
        reason_code=arguments.reason, detail=detail,
    )  # fmt: skip
    done = work_order_moves.move(db, actor, arguments.order, step)
    return {"order_id": done.order_id, "state": done.state, "version": done.version}


_DEEDS: Final = {"list": _list, "show": _show, "move": _move}


def _plain_row(row: Any, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: _plain(row[name]) for name in names}


def _plain(value: Any) -> Any:
    if isinstance(value, list | dict):
        return value
    if pd.isna(value):
        return None
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if pd.api.types.is_bool(value):
        return bool(value)
    return round(value, 2) if isinstance(value, float) else value


COMMANDS: Final[dict[str, Command]] = {"orders": _orders}
