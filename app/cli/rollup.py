"""The command that makes facts of a lake; it needs neither the store nor a server."""

import argparse
import sys
from collections.abc import Iterable
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from app.cli.shared_words import shared_words
from app.cli.terminal import Terminal
from grid_cells.errors import UserError

FINEST = 15


def add_parser(commands: Any, shared: argparse.ArgumentParser) -> None:
    """The words of `rollup`."""
    parser = commands.add_parser(
        "rollup",
        parents=[shared],
        help="facts by cell, area and transformer for each day of a lake",
    )
    parser.add_argument("--engine", choices=["duckdb", "spark"], default="duckdb")
    parser.add_argument("--input", type=Path, required=True, metavar="LAKE")
    parser.add_argument("--output", type=Path, required=True, metavar="FACTS")
    parser.add_argument(
        "--resolution", type=_resolution, default=9, metavar="0-15", help="of the cells"
    )
    parser.add_argument(
        "--timezone", type=_zone, default="UTC", metavar="ZONE", help="whose days times fall on"
    )
    parser.add_argument(
        "--days", type=_days, default=(date.min, date.max), metavar="FIRST:LAST", help="only these"
    )
    parser.add_argument("--again", action="store_true", help="make days anew that stand")
    parser.add_argument(
        "--features", type=_positive, metavar="DAYS", help="theft features of the last days too"
    )
    parser.add_argument("--memory", default="2GB", metavar="SIZE", help="that DuckDB may take")
    parser.add_argument("--threads", type=_positive, metavar="N", help="of DuckDB, else every core")
    parser.add_argument("--master", default="local[*]", metavar="M", help="of the Spark cluster")
    parser.add_argument(
        "--settings", type=Path, metavar="FILE", help="Spark's, as in spark-defaults.conf"
    )


def is_on_files(argv: list[str]) -> bool:
    """Whether the words ask for facts of a lake."""
    return argv[:1] == ["rollup"]


def run_on_files(argv: list[str]) -> int:
    """Exit code of `rollup`; wrong usage ends the process with code 2."""
    parser = argparse.ArgumentParser(prog="gridcells")
    add_parser(parser.add_subparsers(dest="command", required=True), shared_words())
    arguments = parser.parse_args(argv)
    terminal = Terminal(sys.stdout, sys.stderr, as_json=arguments.json)
    try:
        terminal.result(_made(arguments, terminal))
    except UserError as error:
        terminal.fail(error)
        return 1
    except OSError as error:
        terminal.note("rollup_no_room", facts=str(arguments.output), reason=str(error))
        return 1
    except KeyboardInterrupt:
        terminal.note("rollup_stopped")
        return 1
    return 0


def _made(arguments: argparse.Namespace, terminal: Terminal) -> dict[str, Any]:
    from app.use_cases import rollup

    first, last = arguments.days
    wish = rollup.Wish(
        arguments.input, arguments.output, arguments.engine, arguments.resolution,
        arguments.timezone,
        again=arguments.again, first=first, last=last, feature_days=arguments.features,
        room=rollup.Room(arguments.memory, arguments.threads),
        cluster=rollup.cluster(arguments.master, arguments.settings),
    )  # fmt: skip
    made = rollup.rollup(wish, lambda done: terminal.progress("rollup", done))
    if made.days_of_earlier_links:
        terminal.note("rollup_earlier_links", days=made.days_of_earlier_links)
    return {name: _rounded(value) for name, value in asdict(made).items()}


def _rounded(value: Any) -> Any:
    return round(value, 3) if isinstance(value, float) else value


def _positive(told: str) -> int:
    value = int(told)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{told} is not above 0")
    return value


def _resolution(told: str) -> int:
    value = int(told)
    if not 0 <= value <= FINEST:
        raise argparse.ArgumentTypeError(f"{told} is not between 0 and {FINEST}")
    return value


def _zone(told: str) -> str:
    try:
        return ZoneInfo(told).key
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise argparse.ArgumentTypeError(f"{told} is no IANA time zone") from error


def _days(told: str) -> tuple[date, date]:
    first, sign, last = told.partition(":")
    ends = (first, last if sign else first)
    begins, ends_on = _pair(date.fromisoformat(day) if day else None for day in ends)
    if begins > ends_on:
        raise argparse.ArgumentTypeError(f"{told} ends before it begins")
    return begins, ends_on


def _pair(days: Iterable[date | None]) -> tuple[date, date]:
    first, last = days
    return first or date.min, last or date.max
