"""Commands about models of suspicion: on tables in files, and those that the store keeps."""

import argparse
import time
from datetime import date
from pathlib import Path
from typing import Any

from app.cli.terminal import Terminal
from app.store.database import Database
from app.use_cases.actors import Actor, command_line_actor
from grid_cells.errors import UserError


def add_deeds(deeds: Any, shared: argparse.ArgumentParser) -> None:
    """The words of `theft train` and `theft evaluate`."""
    train = deeds.add_parser("train", parents=[shared], help="a model from a table with outcomes")
    _add_table(train, is_needed=False)
    train.add_argument("--model", type=Path, metavar="OUT", help="the model's file")
    train.add_argument(
        "--store", action="store_true", help="from the store's own inspections, kept there"
    )
    evaluate = deeds.add_parser(
        "evaluate", parents=[shared], help="how well a model does on rows it has not seen"
    )
    _add_table(evaluate, is_needed=True)
    evaluate.add_argument(
        "--split-at", type=date.fromisoformat, metavar="DATE",
        help="train on visits before this day, judge on those from it on",
    )  # fmt: skip
    evaluate.add_argument("--folds", type=int, default=5, help="without --split-at: so many folds")
    evaluate.add_argument("--draws", type=int, default=500, help="of the bootstrap")


def _add_table(parser: argparse.ArgumentParser, *, is_needed: bool) -> None:
    parser.add_argument("--input", type=Path, required=is_needed, metavar="FILE")
    parser.add_argument("--map", type=Path, required=is_needed, metavar="MAP.toml")
    parser.add_argument("--seed", type=int, default=0)


def add_score(parser: argparse.ArgumentParser) -> None:
    """The words of `theft score` about a model's file."""
    parser.add_argument("--model", type=Path, metavar="FILE", help="a model that `train` has made")
    parser.add_argument("--input", type=Path, metavar="FILE", help="the table to score")
    parser.add_argument("--map", type=Path, metavar="MAP.toml", help="else as it was trained with")


def works_on_files(arguments: argparse.Namespace) -> bool:
    """Whether the command reads and writes files alone, no database."""
    if arguments.command != "theft":
        return False
    deed = arguments.deed
    if deed == "score":  # whoever is named by --as needs the right, which the store knows
        return arguments.model is not None and arguments.user is None
    return deed == "evaluate" or (deed == "train" and not arguments.store)


def run_on_files(arguments: argparse.Namespace, terminal: Terminal, cwd: Path) -> None:
    """Train, judge or score, and tell the figures."""
    if arguments.input is None:
        raise UserError("theft_input_needed")
    {"train": _train, "evaluate": _evaluate, "score": _score}[arguments.deed](
        arguments, terminal, cwd
    )


def _train(arguments: argparse.Namespace, terminal: Terminal, cwd: Path) -> None:
    from app.use_cases import clock, theft_files

    if arguments.map is None:
        raise UserError("theft_map_needed")
    if arguments.model is None:
        raise UserError("theft_model_needed")
    training = theft_files.Training(
        clock.real_now(), command_line_actor().id, arguments.seed,
        lambda done: terminal.progress("theft", done),
    )  # fmt: skip
    given = theft_files.TableFile(cwd / arguments.input, cwd / arguments.map)
    terminal.result(theft_files.train_file(given, cwd / arguments.model, training))


def _evaluate(arguments: argparse.Namespace, terminal: Terminal, cwd: Path) -> None:
    from app.use_cases import theft_files
    from grid_cells.theft_evaluation import Protocol

    if arguments.folds < 2 or arguments.draws < 1:  # noqa: PLR2004 - one part teaches, one is judged
        raise UserError("theft_folds_few")
    protocol = Protocol(
        split_at=arguments.split_at,
        folds=arguments.folds,
        draws=arguments.draws,
        seed=arguments.seed,
    )
    given = theft_files.TableFile(cwd / arguments.input, cwd / arguments.map)
    terminal.result(
        theft_files.evaluate_file(given, protocol, lambda d: terminal.progress("theft", d))
    )


def _score(arguments: argparse.Namespace, terminal: Terminal, cwd: Path) -> None:
    terminal.result(scored_table(arguments, terminal, cwd))


def scored_table(arguments: argparse.Namespace, terminal: Terminal, cwd: Path) -> dict[str, Any]:
    """Score a table by a model's file; the figures, the scores written where that is asked for.

    Raises UserError `theft_input_needed`, and as `theft_files.score_file`.
    """
    from app.use_cases import theft_files

    if arguments.input is None:
        raise UserError("theft_input_needed")
    given = theft_files.TableFile(
        cwd / arguments.input, cwd / arguments.map if arguments.map else None
    )
    target = cwd / arguments.out if arguments.out else None
    return theft_files.score_file(
        cwd / arguments.model, given, target, lambda d: terminal.progress("theft", d)
    )


def run_train(
    db: Database, actor: Actor, arguments: argparse.Namespace, terminal: Terminal, _cwd: Path
) -> None:
    """Train on the store's own inspections; the model waits there for a person's approval."""
    from app.use_cases import theft_learning

    started = time.perf_counter()
    made = theft_learning.train(
        db, actor, lambda done: terminal.progress("theft", done), arguments.seed
    )
    card = made.card
    terminal.result(
        {
            "number": made.number, "state": "waiting", "rows": card["data"]["rows"],
            "without_readings": card["data"]["without_readings"],
            "base_rate": card["data"]["base_rate"], **card["figures"],
            "intervals": card["intervals"], "protocol": card["protocol"],
            "seconds": round(time.perf_counter() - started, 3),
        }
    )  # fmt: skip


def add_store_deeds(deeds: Any, shared: argparse.ArgumentParser) -> None:
    """The words of `theft models`, `theft approve` and `theft retire`."""
    models = deeds.add_parser("models", parents=[shared], help="the models that the store keeps")
    models.add_argument("--keep", type=Path, metavar="FILE", help="keep this model, not yet live")
    approve = deeds.add_parser("approve", parents=[shared], help="put a kept model live")
    approve.add_argument("number", type=int)
    retire = deeds.add_parser("retire", parents=[shared], help="take a model out of use")
    retire.add_argument("number", type=int)
    retire.add_argument("--reason", required=True, help="a code, such as drift or rejected")


def run_models(
    db: Database, actor: Actor, arguments: argparse.Namespace, terminal: Terminal, cwd: Path
) -> None:
    """Keep a model where one is given; list all of them."""
    from app.use_cases import theft_models

    kept = None
    if arguments.keep is not None:
        kept = theft_models.keep(db, actor, cwd / arguments.keep)
    models = [
        {
            "number": one.model_id, "name": one.name, "state": one.state,
            "trained_at": one.card.get("made_at"), "trained_by": one.card.get("trained_by"),
            "kept_at": one.row.trained_at, "kept_by": one.row.trained_by,
            "approved_by": one.row.approved_by, "rows": one.card.get("data", {}).get("rows"),
            **one.card.get("figures", {}),
        }
        for one in theft_models.list_models(db, actor)
    ]  # fmt: skip
    terminal.result({"kept": kept, "models": models})


def run_approve(
    db: Database, actor: Actor, arguments: argparse.Namespace, terminal: Terminal, _cwd: Path
) -> None:
    """Put a model live."""
    from app.use_cases import theft_models

    theft_models.approve(db, actor, arguments.number)
    terminal.result({"number": arguments.number, "state": "live"})


def run_retire(
    db: Database, actor: Actor, arguments: argparse.Namespace, terminal: Terminal, _cwd: Path
) -> None:
    """Take a model out of use."""
    from app.use_cases import theft_models

    theft_models.retire(db, actor, arguments.number, arguments.reason)
    terminal.result({"number": arguments.number, "state": "retired"})
