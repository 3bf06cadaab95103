"""Commands about what came up since a plan was published, and about exceptions from it."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.cli.moments import moment_of
from app.cli.terminal import Terminal
from app.language import say
from app.store.database import Database
from app.use_cases.actors import Actor

if TYPE_CHECKING:
    from app.use_cases.overrides import Thing

_ALL = "all"


def add_parsers(actions: Any, shared: argparse.ArgumentParser) -> None:
    """The words `inbox` and `override` of `plan`."""
    box = actions.add_parser("inbox", parents=[shared], help="what came up since it was published")
    box.add_argument("--take", nargs="+", metavar="KEY", help="put these, or all, into a draft")
    override = actions.add_parser("override", help="exceptions from the plan in force")
    deeds = override.add_subparsers(dest="deed", required=True)
    deeds.add_parser("list", parents=[shared], help="every exception")
    added = deeds.add_parser("add", parents=[shared], help="let another area serve something")
    _thing(added)
    added.add_argument("--area", required=True, metavar="AREA")
    added.add_argument("--reason", required=True, metavar="TEXT")
    added.add_argument("--from", dest="begins", metavar="TIME", help="from then on, else now")
    added.add_argument("--until", dest="ends", metavar="TIME", help="then the plan holds again")
    ended = deeds.add_parser("end", parents=[shared], help="end an exception now")
    _thing(ended)
    ended.add_argument("--from", dest="begins", metavar="TIME", help="the one that begins then")


def _thing(parser: argparse.ArgumentParser) -> None:
    of = parser.add_mutually_exclusive_group(required=True)
    of.add_argument("--transformer", metavar="ID")
    of.add_argument("--customer", metavar="NO")


def inbox(
    db: Database, actor: Actor, arguments: argparse.Namespace, terminal: Terminal, _cwd: Path
) -> dict[str, Any]:
    """List the inbox, or take entries of it into a draft."""
    from app.use_cases import plan_inbox
    from app.use_cases.clock import now
    from app.use_cases.inbox_entries import KINDS

    box = plan_inbox.inbox(db, actor)
    if arguments.take:
        keys = [one.key for one in box.entries if one.may_be_drawn]
        wanted = keys if arguments.take == [_ALL] else arguments.take
        name = say("inbox_draft_name", "en", day=now(db).date().isoformat())
        done = vars(plan_inbox.take(db, actor, wanted, name))
        return {"plan": done.pop("plan_id"), "status": "draft", **done}
    counts = {kind: len(box.of_kind(kind)) for kind in KINDS}
    if not terminal.as_json:
        _tell(box, terminal)
        return {"plan": box.plan_id, **counts}
    told = [_entry(one) for one in box.entries]
    return {"plan": box.plan_id, "basis": box.basis, "counts": counts, "entries": told}


def _tell(box: Any, terminal: Terminal) -> None:
    from app.use_cases import inbox_told

    for one in box.entries:
        code, values = inbox_told.what(box, one)
        terminal.note(code, **values)
        if one.offer is not None:
            code, values = inbox_told.act(box, one, one.offer)
            terminal.note(code, **values)
        for code, values in inbox_told.reasons(box, one):
            terminal.note(code, **values)


def _entry(one: Any) -> dict[str, Any]:
    from grid_cells.cells import cells_to_hex

    told: dict[str, Any] = {name: getattr(one, name) for name in ("kind", "key", "customers")}
    told |= {"units": list(one.units), "areas": list(one.areas), "draft": one.draft}
    told |= {"duty": one.duty or None, "why_not": one.why_not or None}
    told["cell"] = str(cells_to_hex([one.cell])[0]) or None
    told |= {name: _iso(getattr(one, name)) for name in ("since", "begins")}
    told["offer"] = None
    if one.offer is not None:
        held = {k: None if v != v else v for k, v in one.offer.values.items()}  # noqa: PLR0124
        told["offer"] = {
            "way": one.offer.way, "to": one.offer.to, "because": one.offer.because, **held,
        }  # fmt: skip
    return told


def override(
    db: Database, actor: Actor, arguments: argparse.Namespace, _terminal: Terminal, _cwd: Path
) -> dict[str, Any]:
    """List, make or end exceptions."""
    from app.use_cases import overrides
    from app.use_cases.overrides import OverrideWish

    if arguments.deed == "add":
        begins, ends = (moment_of(db, text) for text in (arguments.begins, arguments.ends))
        thing = _thing_of(arguments)
        wish = OverrideWish(thing, arguments.area, arguments.reason, begins, ends)
        overrides.add(db, actor, wish)
    elif arguments.deed == "end":
        overrides.end(db, actor, _thing_of(arguments), moment_of(db, arguments.begins))
    found = overrides.list_overrides(db, actor)
    return {"overrides": [_row(one) for one in found]}


def _thing_of(arguments: argparse.Namespace) -> "Thing":
    from app.use_cases.overrides import Thing

    if arguments.transformer is not None:
        return Thing("transformer", arguments.transformer)
    return Thing("customer", arguments.customer)


def _row(one: Any) -> dict[str, Any]:
    return {
        one.kind: one.shown, "area": one.area_id, "reason": one.reason,
        "begins": _iso(one.begins), "ends": _iso(one.ends), "stage": one.stage,
    }  # fmt: skip


def _iso(moment: Any) -> str | None:
    return None if moment is None else str(moment.isoformat())
