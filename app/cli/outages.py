"""The commands about outages: list, story, notices, public messages, and what may be done."""

import argparse
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import pandas as pd

from app.cli.moments import known_moment_of, moment_of
from app.cli.terminal import Terminal
from app.store.database import Database
from app.use_cases import outage_closing, outage_deeds, outage_messages, outage_notices
from app.use_cases import outage_story as stories
from app.use_cases import outages as use_case
from app.use_cases.actors import Actor
from app.use_cases.outage_deeds import StepWish
from app.use_cases.outages import VIEWS, OutageWish
from grid_cells.cells import cells_to_hex

Command = Callable[[Database, Actor, argparse.Namespace, Terminal, Path], None]


def add_parser(commands: Any, shared: argparse.ArgumentParser) -> None:
    """The words of `outages`."""
    actions = commands.add_parser("outages", help="outages").add_subparsers(
        dest="action", required=True
    )
    listed = actions.add_parser("list", parents=[shared], help="open, planned or closed")
    listed.add_argument("--view", choices=VIEWS, default="open")
    listed.add_argument("--kind", nargs="*", default=[])
    listed.add_argument("--unit", metavar="ID")
    listed.add_argument("--least", type=int, default=0, metavar="N", help="customers affected")
    listed.add_argument("--important", action="store_true")
    listed.add_argument("--text", default="")
    listed.add_argument("--sort", choices=use_case.SORTS, default="started_at")
    listed.add_argument("--first", type=int, default=0, metavar="N")
    listed.add_argument("--most", type=int, default=50, metavar="N")
    told = _of(actions, shared, "story", "everything known of one outage")
    notices = _of(actions, shared, "notices", "who must be told of it")
    notices.add_argument("--out", type=Path, metavar="FILE", help="the list, .csv or .xlsx")
    notices.add_argument("--purpose", default="command_line")
    sent = actions.add_parser("messages", parents=[shared], help="messages for a public map")
    sent.add_argument("--out", type=Path, metavar="FILE")
    sent.add_argument("--purpose", default="command_line")
    for parser in (listed, told, sent):
        parser.add_argument("--at", metavar="TIME", help="as known then, by default now")
    _add_deeds(actions, shared)


def _add_deeds(actions: Any, shared: argparse.ArgumentParser) -> None:
    estimate = _of(actions, shared, "estimate", "tell a new estimate")
    estimate.add_argument("until", metavar="TIME", help="or none")
    estimate.add_argument("--reason", required=True, choices=outage_deeds.codes("estimate"))
    step = _of(actions, shared, "step", "record what went out or came back")
    step.add_argument("change", choices=["out", "restored"])
    step.add_argument("scope", help="transformer:ID;feeder:ID;customer:NO")
    step.add_argument("--at", metavar="TIME")
    news = _of(actions, shared, "news", "note what is heard")
    news.add_argument("code", choices=outage_deeds.codes("news"))
    _of(actions, shared, "cause", "set the cause").add_argument("cause")
    _of(actions, shared, "move", "move the status").add_argument("to")
    nest = _of(actions, shared, "nest", "put under a wider outage")
    nest.add_argument("parent", metavar="ID", help="or none")
    close = _of(actions, shared, "close", "end it, or say what speaks against it")
    close.add_argument("--at", metavar="TIME", help="when supply was back")
    close.add_argument("--reason", default="", choices=["", *outage_deeds.codes("close")])


def _of(actions: Any, shared: argparse.ArgumentParser, word: str, text: str) -> Any:
    parser = actions.add_parser(word, parents=[shared], help=text)
    parser.add_argument("outage", metavar="ID")
    return parser


def _run(
    db: Database, actor: Actor, arguments: argparse.Namespace, terminal: Terminal, cwd: Path
) -> None:
    terminal.result(_ACTIONS[arguments.action](db, actor, arguments, cwd))


def _list(db: Database, actor: Actor, arguments: argparse.Namespace, _cwd: Path) -> dict[str, Any]:
    wish = OutageWish(
        arguments.view, known_moment_of(db, arguments.at), kinds=tuple(arguments.kind),
        unit_id=arguments.unit, least=arguments.least, is_important=arguments.important,
        text=arguments.text, sort=arguments.sort, first=arguments.first, most=arguments.most,
    )  # fmt: skip
    found = use_case.list_outages(db, actor, wish)
    return {
        "at": found.at, "count": found.count, "customers_out": found.customers,
        "outages": _rows(found.rows),
    }  # fmt: skip


def _rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows for JSON: moments as text, cells in hexadecimal, None where nothing is known."""
    held = frame
    if "cell_id" in frame:
        held = frame.assign(cell_id=cells_to_hex(frame["cell_id"].to_numpy(dtype="int64")))
    return [{str(k): _plain(v) for k, v in row.items()} for row in held.to_dict("records")]


def _plain(value: Any) -> Any:
    if isinstance(value, dict | list):
        return value
    if value is None or pd.isna(value):
        return None
    return value.isoformat() if isinstance(value, datetime) else value


def _story(db: Database, actor: Actor, arguments: argparse.Namespace, _cwd: Path) -> dict[str, Any]:
    found = stories.story(db, actor, arguments.outage, known_moment_of(db, arguments.at))
    facts = {name: _plain(value) for name, value in found.facts.items()}
    facts["cell_id"] = str(cells_to_hex([found.facts["cell_id"]])[0]) or None
    counts = ("customers_out", "customers_peak", "customers_ever", "important", "life_support",
              "calls_count", "calls_open", "nested_out", "is_open", "is_silent",
              "is_overdue")  # fmt: skip
    frames = ("by_cell", "people", "calls", "steps", "estimates", "nested")
    return {
        **facts, **{name: getattr(found, name) for name in counts},
        "peak_at": _plain(found.peak_at), "news_at": _plain(found.news_at),
        **{name: _rows(getattr(found, name)) for name in frames},
        "timeline": [_entry(one) for one in found.timeline],
    }  # fmt: skip


def _entry(one: stories.Entry) -> dict[str, Any]:
    told = {name: _plain(value) for name, value in one.told.items()}
    return {"at": one.at.isoformat(), "what": one.code, **told}


def _notices(
    db: Database, actor: Actor, arguments: argparse.Namespace, cwd: Path
) -> dict[str, Any]:
    found = outage_notices.notices(db, actor, arguments.outage)
    told = {name: _plain(getattr(found, name)) for name in (
        "outage_id", "kind", "started_at", "due_at", "told_at", "is_late", "customers",
        "confirmed", "visits")}  # fmt: skip
    told["channels"] = _rows(found.channels)
    if arguments.out is not None:
        path = cwd / arguments.out
        form: Any = path.suffix.lower().lstrip(".")
        data, _ = outage_notices.export_list(
            db, actor, arguments.outage, form=form, purpose=arguments.purpose
        )
        path.write_bytes(data)
        told["file"] = str(path)
    return told


def _messages(
    db: Database, actor: Actor, arguments: argparse.Namespace, cwd: Path
) -> dict[str, Any]:
    at = known_moment_of(db, arguments.at)
    if arguments.out is None:
        return outage_messages.messages(db, actor, at)
    data, _ = outage_messages.export_messages(db, actor, at=at, purpose=arguments.purpose)
    path = cwd / arguments.out
    path.write_bytes(data)
    return {"file": str(path), "bytes": len(data)}


def _deed(db: Database, actor: Actor, arguments: argparse.Namespace, _cwd: Path) -> dict[str, Any]:
    name = arguments.outage
    if arguments.action == "estimate":
        until = None if arguments.until == "none" else moment_of(db, arguments.until)
        outage_deeds.estimate(db, actor, name, until, arguments.reason)
    elif arguments.action == "step":
        wish = StepWish(arguments.change, arguments.scope, moment_of(db, arguments.at))
        outage_deeds.step(db, actor, name, wish)
    elif arguments.action == "news":
        outage_deeds.news(db, actor, name, arguments.code)
    elif arguments.action == "cause":
        outage_deeds.set_cause(db, actor, name, arguments.cause)
    elif arguments.action == "move":
        outage_deeds.move(db, actor, name, arguments.to)
    else:
        parent = None if arguments.parent == "none" else arguments.parent
        outage_deeds.nest(db, actor, name, parent)
    found = stories.story(db, actor, name)
    return {"outage_id": name, "status": found.facts["status"],
            "customers_out": found.customers_out}  # fmt: skip


def _close(db: Database, actor: Actor, arguments: argparse.Namespace, _cwd: Path) -> dict[str, Any]:
    at = moment_of(db, arguments.at)
    found = outage_closing.close(
        db, actor, arguments.outage, restored_at=at, reason=arguments.reason
    )
    return {"outage_id": arguments.outage, "status": "ended", "asked": found.asked,
            "doubts": found.doubts.codes(), "nested_open": list(found.doubts.nested)}  # fmt: skip


_DEEDS: Final = ("estimate", "step", "news", "cause", "move", "nest")
_ACTIONS: Final[dict[str, Callable[..., dict[str, Any]]]] = {
    "list": _list, "story": _story, "notices": _notices, "messages": _messages, "close": _close,
    **dict.fromkeys(_DEEDS, _deed),
}  # fmt: skip
COMMANDS: Final[dict[str, Command]] = {"outages": _run}
