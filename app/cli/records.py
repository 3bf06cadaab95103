"""Commands about records: the audit log, times of retention, backups put back."""

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from app.cli.terminal import Terminal
from app.store import audit_seal
from app.store.database import Database
from app.use_cases import audit, audit_file, restore, retention
from app.use_cases.actors import Actor
from app.use_cases.audit import AuditQuery, Verdict
from app.use_cases.clock import real_now
from grid_cells.errors import UserError

Command = Callable[[Database, Actor, argparse.Namespace, Terminal, Path], None]


def add_parsers(commands: Any, shared: argparse.ArgumentParser) -> None:
    """The words of these commands."""
    _audit(commands.add_parser("audit", help="verify or export the audit log"), shared)
    _retention(commands.add_parser("retention", help="what is kept for how long"), shared)
    parser = commands.add_parser("restore", parents=[shared], help="put a backup back")
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument("--key", type=Path, metavar="FILE", help="the key of the backup's database")
    parser.add_argument(
        "--replace", action="store_true", help="put the database that is there aside"
    )
    parser.add_argument(
        "--despite-problems", action="store_true", help="also where the audit log is not proved"
    )


def _audit(parser: argparse.ArgumentParser, shared: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True)
    verify = actions.add_parser("verify", parents=[shared], help="prove the log whole")
    verify.add_argument("--head", type=Path, metavar="FILE", help="a head kept elsewhere")
    verify.add_argument("--key", type=Path, metavar="FILE", help="the key of a copied database")
    export = actions.add_parser("export", parents=[shared], help="write the log to a file")
    export.add_argument("file", type=Path, metavar="FILE")
    export.add_argument("--for", dest="purpose", required=True, metavar="TEXT", help="what for")


def _retention(parser: argparse.ArgumentParser, shared: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True)
    actions.add_parser("list", parents=[shared], help="every rule with what is due")
    run = actions.add_parser("run", parents=[shared], help="delete what is kept for too long")
    run.add_argument("--dry-run", action="store_true", help="say what would go, keep everything")
    days = actions.add_parser("set", parents=[shared], help="keep a table for so many days")
    days.add_argument("table", metavar="TABLE")
    days.add_argument("days", type=int, metavar="DAYS")


def works_on_files(arguments: argparse.Namespace, *, has_database: bool) -> bool:
    """Whether the command takes the file as it lies there, without opening it as a database."""
    if arguments.command == "restore":
        return True
    is_verify = arguments.command == "audit" and arguments.action == "verify"
    return is_verify and not has_database


def run_on_files(
    arguments: argparse.Namespace, terminal: Terminal, actor: Actor, cwd: Path
) -> None:
    """Verify a file that nobody serves, or put a backup back."""
    if arguments.command == "restore":
        _restore(arguments, terminal, actor, cwd)
        return
    started = time.perf_counter()
    key_file = cwd / arguments.key if arguments.key else None
    verdict = audit_file.verify_file(arguments.db, key_file=key_file, head=_head(arguments, cwd))
    _say(verdict, time.perf_counter() - started, terminal)


def _restore(arguments: argparse.Namespace, terminal: Terminal, actor: Actor, cwd: Path) -> None:
    from app.cli.remote import living_server

    if living_server(arguments.db) is not None:
        raise UserError("restore_served", path=str(arguments.db))
    wish = restore.Restoring(
        cwd / arguments.file, arguments.db, cwd / arguments.key if arguments.key else None,
        replaces=arguments.replace, despite_problems=arguments.despite_problems,
    )  # fmt: skip
    done = restore.restore(wish, actor)
    aside = None if done.kept_aside is None else str(done.kept_aside)
    terminal.result(
        {"database": str(arguments.db), "audit_rows": done.rows, "problems": done.problems,
         "kept_aside": aside}
    )  # fmt: skip


def _head(arguments: argparse.Namespace, cwd: Path) -> str | None:
    if arguments.head is None:
        return None
    path: Path = cwd / arguments.head
    if not path.exists():
        raise UserError("file_missing", file=str(path))
    return path.read_text(encoding="utf-8", errors="replace")


def _audit_command(
    db: Database, actor: Actor, arguments: argparse.Namespace, terminal: Terminal, cwd: Path
) -> None:
    if arguments.action == "export":
        _export(db, actor, arguments, terminal, cwd)
        return
    started = time.perf_counter()
    verdict = audit.verify(db, actor, head=_head(arguments, cwd))
    _say(verdict, time.perf_counter() - started, terminal)


def _say(verdict: Verdict, seconds: float, terminal: Terminal) -> None:
    problems = [{"event_id": one.event_id, "problem": one.code} for one in verdict.problems]
    terminal.result(
        {"rows": verdict.rows, "verified": verdict.verified, "problems": problems,
         "head_at": verdict.head_at, "head_rows": verdict.head_rows,
         "warnings": list(verdict.warnings), "seconds": round(seconds, 3)}
    )  # fmt: skip
    for code in verdict.warnings:
        terminal.note(f"warning_{code}")
    if problems:
        raise UserError("audit_not_whole", count=len(problems))


def _export(
    db: Database, actor: Actor, arguments: argparse.Namespace, terminal: Terminal, cwd: Path
) -> None:
    path = cwd / arguments.file
    if path.exists():
        raise UserError("backup_exists", file=str(path))
    form = path.suffix.lower().lstrip(".")
    head = audit.head_beside(db.path)
    data, _ = audit.export(db, actor, AuditQuery(), arguments.purpose, form=form)
    path.write_bytes(data)
    if head is not None:
        audit_seal.write_head(audit_seal.head_path(path), head)
    terminal.result({"file": str(path), "bytes": len(data)})


def _retention_command(
    db: Database, actor: Actor, arguments: argparse.Namespace, terminal: Terminal, _cwd: Path
) -> None:
    if arguments.action == "set":
        retention.set_days(db, actor, arguments.table, arguments.days)
        terminal.result({"table": arguments.table, "days": arguments.days})
    elif arguments.action == "run" and not arguments.dry_run:
        terminal.result({"rows": retention.run(db, actor, real_now())})
    else:
        rules = retention.list_rules(db, actor)
        _show_rules(rules.astype(object).where(rules.notna(), None), arguments, terminal)


def _show_rules(rules: Any, arguments: argparse.Namespace, terminal: Terminal) -> None:
    if arguments.action == "run":
        due = {str(row["table"]): int(row["due"]) for row in rules.to_dict("records")}
        terminal.result({"dry_run": True, "rows": {name: n for name, n in due.items() if n}})
    elif terminal.as_json:
        terminal.result({"rules": rules.to_dict("records")})
    else:
        shown = rules.drop(columns=["why", "source", "usual_days"])
        terminal.out.write(shown.to_string(index=False) + "\n")


COMMANDS: dict[str, Command] = {"audit": _audit_command, "retention": _retention_command}
