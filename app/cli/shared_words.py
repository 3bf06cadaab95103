"""The words that every command takes."""

import argparse
import os
from pathlib import Path

DEFAULT_DB = Path(__file__).parents[2] / "data" / "local" / "gridcells.duckdb"


def shared_words() -> argparse.ArgumentParser:
    """A parser of `--db`, `--json` and `--as`, to be another's parent."""
    shared = argparse.ArgumentParser(add_help=False)
    default = Path(os.environ.get("GRIDCELLS_DB", DEFAULT_DB))
    shared.add_argument("--db", type=Path, default=default, metavar="PATH", help="database file")
    shared.add_argument("--json", action="store_true", help="one JSON object on stdout")
    shared.add_argument(
        "--as", dest="user", metavar="USER", help="act as this user, with their rights"
    )
    return shared
