"""The words a command takes."""

import argparse
from datetime import date
from pathlib import Path

from app.cli import (
    crews,
    dispatch,
    halls,
    orders,
    outages,
    people,
    plans,
    promises,
    province,
    readings,
    records,
    reliability,
    rollup,
    theft,
)
from app.cli.shared_words import shared_words
from grid_cells.vocabulary import KINDS


def parse(argv: list[str]) -> argparse.Namespace:
    """The parsed command; wrong usage ends the process with code 2."""
    return build_parser().parse_args(argv)


def build_parser() -> argparse.ArgumentParser:
    """Every command with its options."""
    shared = shared_words()
    parser = argparse.ArgumentParser(prog="gridcells", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    _serve(commands.add_parser("serve", parents=[shared], help="serve the pages"))
    _sample(commands.add_parser("sample", parents=[shared], help="build the sample city"))
    _load(commands.add_parser("load", parents=[shared], help="load files of one kind"))
    _whose(commands.add_parser("whose", parents=[shared], help="who serves a place"))
    _undo(commands.add_parser("undo", parents=[shared], help="take a load back"))
    commands.add_parser("batches", parents=[shared], help="list past loads")
    _export(commands.add_parser("export", parents=[shared], help="write a layer to a file"))
    _basemap(commands.add_parser("basemap", parents=[shared], help="build the streets' basemap"))
    commands.add_parser("doctor", parents=[shared], help="check the set-up")
    people.add_parsers(commands.add_parser("users", help="who may sign in"), shared)
    plans.add_parsers(commands.add_parser("plan", help="service plans"), shared)
    _backup(commands.add_parser("backup", parents=[shared], help="copy the database to a file"))
    records.add_parsers(commands, shared)
    province.add_parser(commands, shared)
    reliability.add_parser(commands, shared)
    outages.add_parser(commands, shared)
    promises.add_parser(commands, shared)
    dispatch.add_parser(commands, shared)
    orders.add_parser(commands, shared)
    crews.add_parser(commands, shared)
    halls.add_parser(commands, shared)
    theft.add_parser(commands, shared)
    readings.add_parser(commands, shared)
    rollup.add_parser(commands, shared)
    return parser


def _serve(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8501)
    parser.add_argument(
        "--sample", action="store_true", help="build the sample city first where nothing is loaded"
    )


def _sample(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--customers", type=int, metavar="N")
    parser.add_argument("--seed", type=int, metavar="S")
    parser.add_argument("--end", type=date.fromisoformat, metavar="DATE")
    parser.add_argument(
        "--storm",
        type=int,
        metavar="N",
        help="a season of N outages more, a mass shut-off among them",
    )
    parser.add_argument("--keep", type=Path, metavar="DIR", help="keep the generated files here")


def _load(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "kind", choices=sorted(KINDS), metavar="KIND", help=", ".join(sorted(KINDS))
    )
    parser.add_argument("files", nargs="+", metavar="FILE")
    parser.add_argument("--datum", metavar="D", help="wgs84, cgcs2000, gcj02, bd09 or EPSG:n")
    parser.add_argument("--map", type=Path, metavar="FILE", help="column mapping (TOML)")
    parser.add_argument("--encoding", metavar="E")
    parser.add_argument(
        "--dry-run", action="store_true", help="say what would happen, keep nothing"
    )
    parser.add_argument("--rejects", type=Path, metavar="OUT.csv", help="write rejected rows here")


def _whose(parser: argparse.ArgumentParser) -> None:
    asked = parser.add_mutually_exclusive_group(required=True)
    asked.add_argument("--at", metavar="LON,LAT")
    asked.add_argument("--customer", metavar="NO")
    asked.add_argument("--address", metavar="TEXT")
    parser.add_argument("--datum", default="wgs84", metavar="D")
    parser.add_argument("--on", metavar="TIME", help="date or time in ISO form")


def _undo(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("batch", type=int, metavar="BATCH")


def _export(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "layer", metavar="LAYER", help="areas, halls, banks, crews, a figure of cells, or lake"
    )
    parser.add_argument("file", type=Path, metavar="FILE", help="with lake: the folder")
    parser.add_argument("--for", dest="purpose", metavar="TEXT", help="what it is taken along for")
    parser.add_argument(
        "--personal", action="store_true", help="leave personal columns in the clear, if allowed"
    )


def _basemap(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", choices=["build"])


def _backup(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE")
