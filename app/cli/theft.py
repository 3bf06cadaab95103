"""Commands about energy that disappears."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from app.cli import theft_hotspots, theft_models, theft_store
from app.cli.terminal import Terminal
from app.store.database import Database
from app.use_cases.actors import Actor

Command = Callable[[Database, Actor, argparse.Namespace, Terminal, Path], None]


def add_parser(commands: Any, shared: argparse.ArgumentParser) -> None:
    """The words of `theft`."""
    group = commands.add_parser("theft", help="energy that disappears: balances and suspects")
    deeds = group.add_subparsers(dest="deed", required=True, metavar="DEED")
    theft_store.add_balance(deeds, shared)
    theft_hotspots.add_hotspots(deeds, shared)
    score = deeds.add_parser("score", parents=[shared], help="who is worth a visit")
    score.add_argument("--out", type=Path, metavar="CSV", help="write the scores here too")
    theft_store.add_score(score)
    theft_models.add_score(score)
    theft_models.add_deeds(deeds, shared)
    theft_models.add_store_deeds(deeds, shared)


def _theft(
    db: Database, actor: Actor, arguments: argparse.Namespace, terminal: Terminal, cwd: Path
) -> None:
    _DEEDS[arguments.deed](db, actor, arguments, terminal, cwd)


_DEEDS: Final[dict[str, Command]] = {
    "balance": theft_store.run_balance,
    "score": theft_store.run_score,
    "train": theft_models.run_train,
    "models": theft_models.run_models,
    "approve": theft_models.run_approve,
    "retire": theft_models.run_retire,
    "hotspots": theft_hotspots.run_hotspots,
}
COMMANDS: Final[dict[str, Command]] = {"theft": _theft}
