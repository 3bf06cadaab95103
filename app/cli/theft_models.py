"""Commands about models of suspicion: train, evaluate and score on tables in files."""

import argparse
from datetime import date
from pathlib import Path
from typing import Any

from app.cli.terminal import Terminal
from grid_cells.errors import UserError


def add_deeds(deeds: Any, shared: argparse.ArgumentParser) -> None:
    """The words of `theft train` and `theft evaluate`."""
    train = deeds.add_parser("train", parents=[shared], help="a model from a table with outcomes")
    _add_table(train)
    train.add_argument("--model", type=Path, required=True, metavar="OUT", help="the model's file")
    evaluate = deeds.add_parser(
        "evaluate", parents=[shared], help="how well a model does on rows it has not seen"
    )
    _add_table(evaluate)
    evaluate.add_argument(
        "--split-at", type=date.fromisoformat, metavar="DATE",
        help="train on visits before this day, judge on those from it on",
    )  # fmt: skip
    evaluate.add_argument("--folds", type=int, default=5, help="without --split-at: so many folds")
    evaluate.add_argument("--draws", type=int, default=500, help="of the bootstrap")


def _add_table(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--input", type=Path, required=True, metavar="FILE")
    parser.add_argument("--map", type=Path, required=True, metavar="MAP.toml")
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
    return deed in ("train", "evaluate") or (deed == "score" and arguments.model is not None)


def run_on_files(arguments: argparse.Namespace, terminal: Terminal, cwd: Path) -> None:
    """Train, judge or score, and tell the figures."""
    if arguments.input is None:
        raise UserError("theft_input_needed")
    {"train": _train, "evaluate": _evaluate, "score": _score}[arguments.deed](
        arguments, terminal, cwd
    )


def _train(arguments: argparse.Namespace, terminal: Terminal, cwd: Path) -> None:
    from app.use_cases import clock, theft_files

    terminal.result(
        theft_files.train_file(
            theft_files.TableFile(cwd / arguments.input, cwd / arguments.map),
            cwd / arguments.model,
            at=clock.real_now(),
            seed=arguments.seed,
            tell=lambda done: terminal.progress("theft", done),
        )
    )


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
    from app.use_cases import theft_files

    given = theft_files.TableFile(
        cwd / arguments.input, cwd / arguments.map if arguments.map else None
    )
    target = cwd / arguments.out if arguments.out else None
    terminal.result(
        theft_files.score_file(
            cwd / arguments.model, given, target, lambda d: terminal.progress("theft", d)
        )
    )
