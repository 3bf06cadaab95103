"""`dispatch plan` on the store: open orders and crews of a moment."""

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from app.cli.moments import moment_of
from app.cli.terminal import Terminal
from app.store.database import Database
from app.use_cases import dispatch_plans
from app.use_cases.actors import Actor
from app.use_cases.dispatch_plans import DispatchRun
from grid_cells.errors import UserError

Command = Callable[[Database, Actor, argparse.Namespace, Terminal, Path], None]
_OF_FILES = ("plan", "replan", "seconds", "explain", "seed")


def _plan(
    db: Database, actor: Actor, arguments: argparse.Namespace, terminal: Terminal, _cwd: Path
) -> None:
    """Plan the moment and tell it; nothing is taken: that is for the board."""
    started = time.perf_counter()
    for name in _OF_FILES:
        if getattr(arguments, name) is not None:
            raise UserError("dispatch_only_with_input", word=f"--{name}")
    run = dispatch_plans.plan(db, actor, at=moment_of(db, arguments.at))
    terminal.result({**keys(run), "seconds": round(time.perf_counter() - started, 3)})


def keys(run: DispatchRun) -> dict[str, Any]:
    """A run as the command's JSON keys; minutes count from the local midnight of the day."""
    routes: dict[str, list[dict[str, Any]]] = {}
    for line in run.lines:
        stop = {name: line[name] for name in ("order", "arrive_min", "leave_min", "action", "code")}
        routes.setdefault(line["crew"], []).append(stop)
    left = [{"order": one["order"], "reason": one["reason"]} for one in run.detail["unserved"]]
    left += [{"order": order, "reason": why} for order, why in run.detail["left_out"].items()]
    return {
        "run": run.run_id, "at": run.planned_for.isoformat(timespec="seconds"),
        "orders": run.orders, "served": run.served, "score": run.score,
        "travel_min": round(run.travel_min),
        "routes": [{"crew": crew, "stops": stops} for crew, stops in routes.items()],
        "unserved": left,
    }  # fmt: skip


COMMANDS: dict[str, Command] = {"dispatch": _plan}
