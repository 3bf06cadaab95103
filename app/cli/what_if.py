"""Commands about what a plan assumes: places added, moved, closed, taken back, settled."""

import argparse
import math
from collections.abc import Callable
from typing import Any

from app.cli.points import wgs84_of
from app.language import say
from app.store.database import Database
from app.use_cases.actors import Actor
from grid_cells.errors import UserError
from grid_cells.what_if import KINDS

DEEDS = ("list", "copy", "add", "move", "close", "take-back", "settle")
_CHANGES = ("add", "move", "close")
_NEEDS = {
    "add": ("kind", "at"), "move": ("kind", "place", "at"), "close": ("kind", "place"),
    "settle": ("kind", "place"),
}  # fmt: skip


def add_parser(action: Callable[..., argparse.ArgumentParser]) -> None:
    """The words of `plan what-if`."""
    asked = action("what-if", "what if a hall, payment point or crew base were elsewhere", "PLAN")
    asked.add_argument("deed", choices=DEEDS, metavar="DEED", help=", ".join(DEEDS))
    asked.add_argument("kind", nargs="?", choices=KINDS, metavar="KIND", help=", ".join(KINDS))
    asked.add_argument("place", nargs="?", metavar="ID", help="its id, but to add one")
    asked.add_argument("--at", metavar="LON,LAT", help="where it would be")
    asked.add_argument("--datum", default="wgs84", metavar="D")
    asked.add_argument("--name", default="", metavar="NAME", help="of a copy, or of a new place")


def run_what_if(
    db: Database, actor: Actor, arguments: argparse.Namespace, language: str
) -> dict[str, Any]:
    """Do it, to a copy where the plan is no draft; tell what the plan then assumes, and does."""
    plan, deed = arguments.plan, arguments.deed
    _check_usage(arguments)
    if deed == "copy" or (deed in _CHANGES and not _is_draft(db, actor, plan)):
        plan = _copied(db, actor, arguments, language)
    if deed not in ("copy", "list"):
        _do(db, actor, arguments, plan)
    return {"plan": plan, **_told(db, actor, plan)}


def _check_usage(arguments: argparse.Namespace) -> None:
    """Raise UserError `what_if_usage` where a word is missing."""
    deed = arguments.deed
    if any(not getattr(arguments, name) for name in _NEEDS.get(deed, ())):
        raise UserError("what_if_usage", deed=deed)
    if (deed == "add" and arguments.place) or (
        deed == "take-back" and bool(arguments.kind) != bool(arguments.place)
    ):
        raise UserError("what_if_usage", deed=deed)


def _is_draft(db: Database, actor: Actor, plan: int) -> bool:
    from app.use_cases import plan_life

    return any(o.plan_id == plan and o.stage == "draft" for o in plan_life.list_plans(db, actor))


def _copied(db: Database, actor: Actor, arguments: argparse.Namespace, language: str) -> int:
    from app.use_cases import drafts, plan_life

    every = {one.plan_id: one.name for one in plan_life.list_plans(db, actor)}
    if arguments.plan not in every:
        raise UserError("plan_unknown", plan=arguments.plan)
    given = arguments.name if arguments.deed == "copy" else ""
    name = given or say("what_if_copy_name", language, plan=every[arguments.plan])
    return drafts.begin(db, actor, name, based_on=arguments.plan)


def _do(db: Database, actor: Actor, arguments: argparse.Namespace, plan: int) -> None:
    from app.use_cases import what_if

    at = None if arguments.at is None else wgs84_of(arguments.at, arguments.datum)
    key = (arguments.kind, arguments.place) if arguments.place else None
    if arguments.deed == "take-back":
        what_if.take_back(db, actor, plan, key)
    elif arguments.deed == "add" and at is not None:
        what_if.add_place(db, actor, plan, arguments.kind, name=arguments.name, at=at)
    elif arguments.deed == "move" and key is not None and at is not None:
        what_if.move_place(db, actor, plan, key, at)
    elif arguments.deed == "close" and key is not None:
        what_if.close_place(db, actor, plan, key)
    elif key is not None:
        what_if.settle(db, actor, plan, key)


def _told(db: Database, actor: Actor, plan: int) -> dict[str, Any]:
    from app.use_cases import what_if, what_if_reach

    assumed = [
        vars(one.place) | {"is_real": one.is_real}
        for one in what_if.list_assumed(db, actor, plan)
    ]  # fmt: skip
    reach = [
        {"kind": one.kind, **_plain(one.plan.to_dict()),
         "areas": {area: _plain(row) for area, row in one.areas.to_dict("index").items()}}
        for one in what_if_reach.reach_changes(db, actor, plan)
    ]  # fmt: skip
    return {"assumed": assumed, "reach": reach}


def _plain(row: dict[Any, Any]) -> dict[str, float | None]:
    """Minutes to a tenth and counts; null where nobody is reached."""
    return {str(k): None if math.isnan(v) else round(float(v), 1) for k, v in row.items()}
