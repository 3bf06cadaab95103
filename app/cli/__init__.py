"""The `gridcells` command."""

import os
import sys
from pathlib import Path

__all__ = ["main"]


def main(argv: list[str] | None = None) -> int:
    """Exit code of one command: 0 done, 1 a user's error, said on stderr, 2 wrong usage."""
    given = sys.argv[1:] if argv is None else argv
    from app.cli import dispatch, rollup

    if dispatch.is_on_files(given):
        return dispatch.run_on_files(given)
    if rollup.is_on_files(given):
        return rollup.run_on_files(given)
    return _run(given)


def _run(given: list[str]) -> int:
    from app.cli import remote, theft_models
    from app.cli.arguments import parse
    from app.cli.commands import run
    from app.cli.terminal import Terminal

    arguments = parse(given)
    terminal = Terminal(sys.stdout, sys.stderr, as_json=arguments.json)
    on_files = theft_models.works_on_files(arguments)
    note = None if on_files else remote.living_server(arguments.db)
    if note is not None and arguments.command not in ("serve", "restore"):
        return remote.send(note, given, Path.cwd(), terminal, user=os.environ.get("USER"))
    return run(arguments, terminal, cwd=Path.cwd())
