"""Commands about crews."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from app.cli import coverage
from app.cli.terminal import Terminal
from app.store.database import Database
from app.use_cases.actors import Actor

Command = Callable[[Database, Actor, argparse.Namespace, Terminal, Path], None]


def add_parser(commands: Any, shared: argparse.ArgumentParser) -> None:
    """The words of `crews`."""
    group = commands.add_parser("crews", help="field crews")
    deeds = group.add_subparsers(dest="deed", required=True, metavar="DEED")
    coverage.add_parser(deeds, shared)


def _crews(
    db: Database, actor: Actor, arguments: argparse.Namespace, terminal: Terminal, cwd: Path
) -> None:
    _DEEDS[arguments.deed](db, actor, arguments, terminal, cwd)


_DEEDS: Final[dict[str, Command]] = {"coverage": coverage.run_coverage}
COMMANDS: Final[dict[str, Command]] = {"crews": _crews}
