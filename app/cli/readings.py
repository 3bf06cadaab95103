"""The commands about daily readings: checking them, and how far they are to be believed."""

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pandas as pd

from app.cli.terminal import Terminal
from app.store.database import Database
from app.use_cases.actors import Actor

Command = Callable[[Database, Actor, argparse.Namespace, Terminal, Path], None]
_SHARES: Final = 5
_KWH: Final = 2


def add_parser(commands: Any, shared: argparse.ArgumentParser) -> None:
    """The words of `readings`."""
    group = commands.add_parser("readings", help="daily readings: missing, frozen, in doubt")
    deeds = group.add_subparsers(dest="deed", required=True, metavar="DEED")
    deeds.add_parser(
        "check", parents=[shared], help="check every reading and fill the review queue"
    )
    parser = deeds.add_parser(
        "quality", parents=[shared], help="how far readings are to be believed, the worst first"
    )
    parser.add_argument(
        "--by", choices=("maker", "terminal", "transformer", "feeder", "cell"), default="terminal"
    )
    parser.add_argument("--maker", metavar="NAME", help="meters of this maker alone")
    parser.add_argument("--out", type=Path, metavar="CSV", help="write all rows here")
    parser.add_argument("--top", type=int, default=20, metavar="N", help="rows that are told")


def _readings(
    db: Database, actor: Actor, arguments: argparse.Namespace, terminal: Terminal, cwd: Path
) -> None:
    _DEEDS[arguments.deed](db, actor, arguments, terminal, cwd)


def _check(
    db: Database, actor: Actor, _arguments: argparse.Namespace, terminal: Terminal, _cwd: Path
) -> None:
    from app.use_cases import reading_checks

    started = time.perf_counter()
    made = reading_checks.check(db, actor, lambda d: terminal.progress("readings", d))
    terminal.result(
        {
            "check": made.check_id, "meters": made.meters, "due": made.due,
            "findings": made.findings, "entered": made.entered,
            "first_day": str(made.first_day), "last_day": str(made.last_day),
            "seconds": round(time.perf_counter() - started, 3),
        }
    )  # fmt: skip


def _quality(
    db: Database, actor: Actor, arguments: argparse.Namespace, terminal: Terminal, cwd: Path
) -> None:
    """Tell the figures of the newest check; readings nobody checked yet are checked first."""
    from app.use_cases import reading_checks, reading_exports, reading_figures

    started = time.perf_counter()
    made = reading_checks.latest(db, actor)
    if made is None:
        made = reading_checks.check(db, actor, lambda d: terminal.progress("readings", d))
    found = reading_figures.figures(db, actor, arguments.by, maker=arguments.maker)
    told = found.assign(
        quality=found["quality"].round(_SHARES), excess_days=found["excess_days"].round(_KWH)
    )
    if arguments.out is not None:
        reading_exports.write(db, actor, told, cwd / arguments.out, arguments.by)
    rows = [
        {str(name): None if pd.isna(value) else value for name, value in row.items()}
        for row in told.head(arguments.top).to_dict("records")
    ]
    terminal.result(
        {
            "by": arguments.by, "check": made.check_id, "first_day": str(made.first_day),
            "last_day": str(made.last_day), "is_stale": made.is_stale, "rows": len(told),
            "quality": rows, "seconds": round(time.perf_counter() - started, 3),
        }
    )  # fmt: skip


_DEEDS: Final[dict[str, Command]] = {"check": _check, "quality": _quality}
COMMANDS: Final[dict[str, Command]] = {"readings": _readings}
