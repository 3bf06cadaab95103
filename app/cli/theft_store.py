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
_PLAIN: Final = ("customer_no", "score", "cause")
_DETAIL: Final = (
    "transformer_id", "scored_by", "rule_score", "model_score", "link", "quality",
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
        "--unlabelled",
        action="store_true",
        help="from readings and balances alone, whatever model is live",
    )
    parser.add_argument(
        "--detail", action="store_true", help="--out tells how each score came about too"
    )


def run_balance(
    db: Database, actor: Actor, arguments: argparse.Namespace, terminal: Terminal, cwd: Path
) -> None:
    """Balance every transformer; the scores of transformers are kept as a run and written."""
    if arguments.level == "feeder":
        _feeders(db, actor, arguments, terminal, cwd)
        return
    from app.use_cases import theft_balance, theft_exports

    started = time.perf_counter()
    if arguments.out is not None:
        theft_exports.check_may(db, actor)
    found = theft_balance.balance(db, actor, lambda d: terminal.progress("theft", d))
    if arguments.out is not None:
        scores, target = found.scores[["transformer_id", "score"]], cwd / arguments.out
        theft_exports.write(db, actor, scores, target, "transformer_scores")
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
    from app.use_cases import feeder_losses, theft_exports

    started = time.perf_counter()
    if arguments.out is not None:
        theft_exports.check_may(db, actor)
    found = feeder_losses.balance(db, actor, lambda d: terminal.progress("theft", d))
    if arguments.out is not None:
        days = found.days.assign(day=found.days["day"].dt.date)
        theft_exports.note(db, actor, "feeder_days", len(days))
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
    from app.use_cases import theft_exports, theft_scores

    if arguments.model is not None:
        _score_table(db, actor, arguments, terminal, cwd)
        return
    started = time.perf_counter()
    if arguments.out is not None:
        theft_exports.check_may(db, actor)
    scores = theft_scores.score(
        db, actor, lambda d: terminal.progress("theft", d), by_model=not arguments.unlabelled
    )
    if arguments.out is not None:
        columns = [*_PLAIN, *(_DETAIL if arguments.detail else ())]
        theft_exports.write(db, actor, scores[columns], cwd / arguments.out, "customer_scores")
    terminal.result(
        {
            "rows": len(scores), "by_model": int((scores["scored_by"] == "model").sum()),
            "seconds": round(time.perf_counter() - started, 3),
        }
    )  # fmt: skip


def _score_table(
    db: Database, actor: Actor, arguments: argparse.Namespace, terminal: Terminal, cwd: Path
) -> None:
    """Score a table by a model's file as a user of the store: their right counts, on record."""
    from app.cli import theft_models
    from app.use_cases import theft_exports

    theft_exports.check_may(db, actor)
    told = theft_models.scored_table(arguments, terminal, cwd)
    if arguments.out is not None:
        theft_exports.note(db, actor, "table_scores", int(told["rows"]))
    terminal.result(told)
