"""The command about coverage: whom crews reach in time, the gaps, the best sites for one more."""

import argparse
import math
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import pandas as pd

from app.cli.moments import moment_of
from app.cli.terminal import Terminal
from app.store.database import Database
from app.use_cases import coverage, post_sites
from app.use_cases.actors import Actor
from app.use_cases.coverage import Figures
from app.use_cases.coverage_wishes import LIMITS, MOST_POSTS, NOW, OPEN, USUAL_LIMIT, CoverageWish
from app.use_cases.post_places import WHERES
from app.use_cases.post_sites import SiteWish
from grid_cells.cells import cells_to_hex
from grid_cells.post_sites import GOALS

_WHOLE_BELOW: Final = 1e15


def add_parser(deeds: Any, shared: argparse.ArgumentParser) -> None:
    """The words of `crews coverage`."""
    parser = deeds.add_parser(
        "coverage", parents=[shared], help="customers whom crews on duty reach in time, and gaps"
    )
    parser.add_argument("--at", metavar="TIME", help="moment, else now")
    parser.add_argument("--limit", choices=LIMITS, default=USUAL_LIMIT)
    parser.add_argument("--skill", default="", help="only crews that can do this")
    parser.add_argument("--free", action="store_true", help="only crews without an order")
    parser.add_argument("--open", action="store_true", help="as if no street were closed")
    parser.add_argument("--best", type=int, choices=range(1, MOST_POSTS + 1), metavar="K")
    parser.add_argument("--goal", choices=GOALS, default=GOALS[0])
    parser.add_argument("--where", choices=WHERES, default=WHERES[0])


def run_coverage(
    db: Database, actor: Actor, arguments: argparse.Namespace, terminal: Terminal, _cwd: Path
) -> None:
    """Say whom crews reach, the gaps, and with `--best` where one more would help."""
    started = time.perf_counter()
    at = moment_of(db, arguments.at)
    wish = CoverageWish(
        NOW if at is None else at.isoformat(), arguments.skill, arguments.limit,
        free_only=arguments.free, as_open=arguments.open,
        against="" if arguments.open else OPEN,
    )  # fmt: skip
    found = coverage.coverage(db, actor, wish)
    told: dict[str, Any] = {"at": found.at.isoformat(timespec="minutes"), "limit": wish.limit}
    told |= _figures(found.figures) | {"unplaced": found.unplaced}
    told["without_closures"] = found.before and _figures(found.before)
    told["gaps"] = [_gap(row) for row in found.gaps.to_dict("records")]
    if arguments.best:
        told |= _best(db, actor, wish, arguments)
    terminal.result({**told, "seconds": round(time.perf_counter() - started, 3)})


def _figures(found: Figures) -> dict[str, Any]:
    told = {**asdict(found), "reached": {f"{k:g}": int(v) for k, v in found.reached.items()}}
    return {name: _plain(value) for name, value in told.items()}


def _gap(row: dict[Any, Any]) -> dict[str, Any]:
    names = ("cells", "customers", "minutes", "before_min", "new", "cause")
    cell = str(cells_to_hex([int(row["cell_id"])])[0])
    return {name: _plain(row[name]) for name in names} | {"cell": cell}


def _best(
    db: Database, actor: Actor, wish: CoverageWish, arguments: argparse.Namespace
) -> dict[str, Any]:
    asked = SiteWish(arguments.best, arguments.goal, arguments.where)
    found = post_sites.propose(db, actor, wish, asked)
    names = ("site_id", "name", "lon", "lat", "won", "mean_min")
    return {
        "sites": [{n: _plain(row[n]) for n in names} for row in found.chosen.to_dict("records")],
        "with_sites": _figures(found.after),
        "is_proven": found.is_proven,
    }


def _plain(value: Any) -> Any:
    if pd.api.types.is_scalar(value) and pd.isna(value):
        return None
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < _WHOLE_BELOW else _short(value)
    return value


def _short(value: float) -> float | None:
    return None if math.isinf(value) else round(value, 6)
