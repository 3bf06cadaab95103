"""The command about reliability of supply."""

import argparse
import math
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, Final

import pandas as pd

from app.cli.terminal import Terminal
from app.store.database import Database
from app.use_cases import reliability
from app.use_cases.actors import Actor
from app.use_cases.reliability import PLACES, Reliability, ReliabilityWish
from app.use_cases.reliability_rules import STANDARDS
from grid_cells.cells import cells_to_hex

Command = Callable[[Database, Actor, argparse.Namespace, Terminal, Path], None]


def add_parser(commands: Any, shared: argparse.ArgumentParser) -> None:
    """The words of `reliability`."""
    parser = commands.add_parser(
        "reliability", parents=[shared], help="how often and how long people had no power"
    )
    parser.add_argument("--from", dest="first", type=date.fromisoformat, required=True)
    parser.add_argument("--to", dest="last", type=date.fromisoformat, required=True)
    parser.add_argument("--by", choices=PLACES, default="company")
    parser.add_argument("--standard", choices=STANDARDS, default="ieee_1366")
    parser.add_argument(
        "--without", nargs="*", choices=["planned", "major"], default=[],
        help="leave out announced work, major event days",
    )  # fmt: skip
    parser.add_argument("--out", type=Path, metavar="FILE", help="write the places to a file too")
    parser.add_argument("--for", dest="purpose", metavar="TEXT", help="what it is taken along for")


def _reliability(
    db: Database, actor: Actor, arguments: argparse.Namespace, terminal: Terminal, cwd: Path
) -> None:
    started = time.perf_counter()
    wish = ReliabilityWish(
        arguments.first, arguments.last, arguments.by, arguments.standard,
        has_planned="planned" not in arguments.without, has_major="major" not in arguments.without,
    )  # fmt: skip
    found = reliability.figures(db, actor, wish)
    if arguments.out is not None:
        from app.use_cases import export, reliability_export

        purpose = arguments.purpose or export.COMMAND_LINE
        reliability_export.save(db, actor, wish, cwd / arguments.out, purpose=purpose)
    terminal.result({**_told(found, wish), "seconds": round(time.perf_counter() - started, 3)})


def _told(found: Reliability, wish: ReliabilityWish) -> dict[str, Any]:
    rule, limit = found.rule, found.threshold
    return {
        "standard": rule.standard, "edition": rule.edition, "basis": rule.basis,
        "sustained_min": rule.sustained_min,
        "kinds": "all" if rule.kinds is None else sorted(rule.kinds),
        "days": found.days, "company": _row(found.company), "frequent": found.frequent,
        "major_event_threshold_min": limit.minutes, "major_event_standing": limit.standing,
        "history_days": limit.days, "major_event_days": [str(day) for day in found.major_days],
        "elsewhere_min": found.elsewhere, "hidden": found.hidden,
        "places": _places(found.table, wish),
    }  # fmt: skip


def _places(table: pd.DataFrame, wish: ReliabilityWish) -> list[dict[str, Any]]:
    if wish.by == "company":
        return []
    held = table.reset_index()
    if wish.by == "cell":
        held["place"] = cells_to_hex(held["place"].to_numpy(dtype="int64"))
    return [{"place": str(row["place"]), **_row(row)} for _, row in held.iterrows()]


def _row(row: "pd.Series[Any]") -> dict[str, float | None]:
    """The figures of a place; None where there is none to tell."""
    named = {name: float(row[name]) for name in row.index if name not in ("place", "is_few")}
    return {name: None if math.isnan(value) else value for name, value in named.items()}


COMMANDS: Final[dict[str, Command]] = {"reliability": _reliability}
