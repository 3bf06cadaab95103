"""Commands that balance and score what is held in the store."""

import argparse
import time
from pathlib import Path
from typing import Any, Final

import pandas as pd

from app.cli.terminal import Terminal
from app.store.database import Database
from app.use_cases.actors import Actor

_OF_FEEDERS: Final = (
    "feeder_id", "day", "loss_kwh", "loss_rate", "is_known", "supply_kwh", "reverse_kwh",
    "forward_kwh", "returned_kwh", "measured", "meters", "dedicated", "is_head_metered",
)  # fmt: skip


def add_balance(deeds: Any, shared: argparse.ArgumentParser) -> None:
    """The words of `theft balance`."""
    parser = deeds.add_parser(
        "balance", parents=[shared], help="energy lost by transformer and day, and who loses most"
    )
    parser.add_argument(
        "--out", type=Path, metavar="CSV",
        help="write transformer_id,score here; of feeders one row a feeder and day",
    )  # fmt: skip
    parser.add_argument(
        "--level", choices=("transformer", "feeder"), default="transformer",
        help="whose balance; dedicated transformers are in that of feeders alone",
    )  # fmt: skip


def add_score(parser: argparse.ArgumentParser) -> None:
    """The words of `theft score` about scores without any label."""
    parser.add_argument(
        "--unlabelled", action="store_true", help="from readings and balances alone"
    )


def run_balance(
    db: Database, actor: Actor, arguments: argparse.Namespace, terminal: Terminal, cwd: Path
) -> None:
    """Balance every transformer; the scores of transformers are kept as a run and written."""
    if arguments.level == "feeder":
        _feeders(db, actor, arguments, terminal, cwd)
        return
    from app.use_cases import theft_balance

    started = time.perf_counter()
    found = theft_balance.balance(db, actor, lambda d: terminal.progress("theft", d))
    if arguments.out is not None:
        found.scores[["transformer_id", "score"]].to_csv(cwd / arguments.out, index=False)
    terminal.result(
        {
            "transformers": len(found.scores), "days_known": found.days_known,
            "seconds": round(time.perf_counter() - started, 3),
        }
    )  # fmt: skip


def _feeders(
    db: Database, actor: Actor, arguments: argparse.Namespace, terminal: Terminal, cwd: Path
) -> None:
    """Tell the loss of each feeder; days that are not known have no loss."""
    from app.use_cases import feeder_losses

    started = time.perf_counter()
    found = feeder_losses.balance(db, actor, lambda d: terminal.progress("theft", d))
    if arguments.out is not None:
        days = found.days.assign(day=found.days["day"].dt.date)
        days[list(_OF_FEEDERS)].to_csv(cwd / arguments.out, index=False)
    rows = [
        {str(name): None if pd.isna(value) else value for name, value in row.items()}
        for row in found.feeders.to_dict("records")
    ]
    terminal.result(
        {
            "feeders": rows, "days_known": int(found.feeders["days_known"].sum()),
            "seconds": round(time.perf_counter() - started, 3),
        }
    )  # fmt: skip


def run_score(
    db: Database, actor: Actor, arguments: argparse.Namespace, terminal: Terminal, cwd: Path
) -> None:
    """Score every customer; the scores are kept as a run and written."""
    from app.use_cases import theft_scores

    started = time.perf_counter()
    scores = theft_scores.score(db, actor, lambda d: terminal.progress("theft", d))
    if arguments.out is not None:
        columns = ["customer_no", "score", "cause"]
        scores[columns].to_csv(cwd / arguments.out, index=False)
    terminal.result({"rows": len(scores), "seconds": round(time.perf_counter() - started, 3)})
