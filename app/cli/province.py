"""The command about cell facts of a province: what `rollup` made comes into the store."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from app.cli.terminal import Terminal
from app.store.database import Database
from app.use_cases.actors import Actor

Command = Callable[[Database, Actor, argparse.Namespace, Terminal, Path], None]


def add_parser(commands: Any, shared: argparse.ArgumentParser) -> None:
    """The words of `province`."""
    group = commands.add_parser("province", help="cell facts by day, for the map of a province")
    deeds = group.add_subparsers(dest="deed", required=True, metavar="DEED")
    parser = deeds.add_parser(
        "load", parents=[shared], help="load the days of a folder that `gridcells rollup` wrote"
    )
    parser.add_argument(
        "--skip-unsound", action="store_true",
        help="leave out days with values that cannot be and tell them, instead of loading nothing",
    )  # fmt: skip
    parser.add_argument("facts", type=Path, metavar="FACTS", help="the folder with cell_day/ in it")


def _province(
    db: Database, actor: Actor, arguments: argparse.Namespace, terminal: Terminal, cwd: Path
) -> None:
    from app.use_cases import province_load

    done = province_load.load(
        db, actor, cwd / arguments.facts, skip_unsound=arguments.skip_unsound,
        progress=lambda d: terminal.progress("province", d),
    )  # fmt: skip
    for _, error in done.skipped:
        terminal.note(error.code, **error.values)
    terminal.result(
        {
            "days": done.days, "unchanged": done.unchanged, "cells": done.cells, "rows": done.rows,
            "batches": list(done.batches), "skipped": [str(day) for day, _ in done.skipped],
            "seconds": round(done.seconds, 3),
        }
    )  # fmt: skip


COMMANDS: Final[dict[str, Command]] = {"province": _province}
