"""The commands about dispatch.

A day from a file needs neither the store nor a server, nor what they load: `is_on_files` is asked
before anything else of the program is imported.
"""

import argparse
import sys
import time
from pathlib import Path
from typing import Any

from app.cli.shared_words import shared_words
from app.cli.terminal import Terminal
from grid_cells.errors import UserError


def add_parser(commands: Any, shared: argparse.ArgumentParser) -> None:
    """The words of `dispatch`."""
    parser = commands.add_parser("dispatch", help="which crew does which order, and when")
    actions = parser.add_subparsers(dest="action", required=True)
    plan = actions.add_parser(
        "plan", parents=[shared], help="plan a day of crews and orders", allow_abbrev=False
    )
    plan.add_argument("--input", type=Path, metavar="DAY.json", help="else the store")
    plan.add_argument("--at", metavar="TIME", help="moment of the store that is planned, else now")
    plan.add_argument(
        "--plan", type=Path, metavar="PLAN.json", help="a plan printed before, instead of a new one"
    )
    plan.add_argument(
        "--replan", type=Path, metavar="EMERGENCIES.json", help="what happened: change the plan"
    )
    plan.add_argument(
        "--explain", nargs="*", metavar="ORDER", help="why its crew and no other; all if none named"
    )
    plan.add_argument("--seconds", type=_positive, metavar="S", help="time for the whole command")
    plan.add_argument("--seed", type=int, metavar="N", help="of the search; else 0")


def is_on_files(argv: list[str]) -> bool:
    """Whether the words plan a day from a file."""
    named = any(word == "--input" or word.startswith("--input=") for word in argv)
    return argv[:2] == ["dispatch", "plan"] and named


def run_on_files(argv: list[str]) -> int:
    """Exit code of `dispatch plan --input`; wrong usage ends the process with code 2."""
    started = time.perf_counter()
    parser = argparse.ArgumentParser(prog="gridcells")
    add_parser(parser.add_subparsers(dest="command", required=True), shared_words())
    arguments = parser.parse_args(argv)
    terminal = Terminal(sys.stdout, sys.stderr, as_json=arguments.json)
    try:
        from app.cli.dispatch_file import plan_file

        plan_file(arguments, terminal, started)
    except UserError as error:
        terminal.fail(error)
        return 1
    return 0


def _positive(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds < 24 * 3600:
        raise argparse.ArgumentTypeError(text)
    return seconds
