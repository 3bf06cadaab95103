"""The command that tells hotspots of suspicion or of lost energy."""

import argparse
import time
from pathlib import Path
from typing import Any

import pandas as pd

from app.cli.terminal import Terminal
from app.store.database import Database
from app.use_cases.actors import Actor


def add_hotspots(deeds: Any, shared: argparse.ArgumentParser) -> None:
    """The words of `theft hotspots`."""
    parser = deeds.add_parser(
        "hotspots", parents=[shared], help="where suspicions or lost energy lie together"
    )
    parser.add_argument(
        "--figure", choices=("score_sum", "score_mean", "lost_kwh"), default="score_sum"
    )
    parser.add_argument("--resolution", type=int, metavar="R", help="H3 resolution of the cells")
    parser.add_argument("--least", type=float, default=0.5, metavar="S", help="lowest score")


def run_hotspots(
    db: Database, actor: Actor, arguments: argparse.Namespace, terminal: Terminal, _cwd: Path
) -> None:
    """Tell the hotspots of the latest run."""
    from app.use_cases import theft_hotspots

    started = time.perf_counter()
    wish = theft_hotspots.HotspotWish(arguments.figure, arguments.resolution, arguments.least)
    found = theft_hotspots.found(db, actor, wish)
    rows = [
        {str(name): None if pd.isna(value) else value for name, value in row.items()}
        for row in found.spots.to_dict("records")
    ]
    terminal.result(
        {
            "run": int(found.run["run_id"]), "resolution": found.resolution,
            "cells": len(found.cells), "hotspots": rows,
            "seconds": round(time.perf_counter() - started, 3),
        }
    )  # fmt: skip
