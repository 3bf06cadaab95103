"""Commands about service plans: list, draw, compare, check, publish, roll back, in and out."""

import argparse
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from app.cli import plan_inbox, what_if
from app.cli.moments import moment_of
from app.cli.terminal import Terminal, language
from app.store.database import Database
from app.use_cases.actors import Actor
from grid_cells.errors import UserError
from grid_cells.plan_life import Term
from loaders.contract import ColumnMap
from loaders.mapping import read_mapping

Act = Callable[[Database, Actor, argparse.Namespace, Terminal, Path], dict[str, Any]]


def add_parsers(parser: argparse.ArgumentParser, shared: argparse.ArgumentParser) -> None:
    """The words of `plan`."""
    actions = parser.add_subparsers(dest="action", required=True)

    def action(name: str, said: str, *words: str) -> argparse.ArgumentParser:
        added = actions.add_parser(name, parents=[shared], help=said)
        for word in words:
            added.add_argument(word.lower(), type=int, metavar=word)
        return added

    action("list", "every plan with its stage")
    _drawing(action)
    what_if.add_parser(action)
    _life(action)
    plan_inbox.add_parsers(actions, shared)
    action("check", "what speaks against a draft", "PLAN")
    compared = action("diff", "how a plan differs from another, or the one in force", "PLAN")
    compared.add_argument("other", type=int, nargs="?", metavar="OTHER")
    taken = action("export", "write a plan to a file", "PLAN")
    taken.add_argument("file", type=Path, metavar="FILE")
    taken.add_argument("--for", dest="purpose", metavar="TEXT", help="what it is taken along for")
    printed = action("print", "draw a plan on A3: a map with its table of areas", "PLAN")
    printed.add_argument("--out", type=Path, required=True, metavar="FILE", help=".pdf or .png")
    printed.add_argument("--for", dest="purpose", metavar="TEXT", help="what it is printed for")


def _drawing(action: Callable[..., argparse.ArgumentParser]) -> None:
    new = action("new", "begin a draft of the plan in force")
    new.add_argument("name", metavar="NAME")
    new.add_argument("--of", type=int, metavar="PLAN", help="of this plan instead")
    new.add_argument("--unit", choices=["transformer", "cell"], help="what is given to areas")
    drawn = action("propose", "balanced areas, as a draft")
    count = drawn.add_mutually_exclusive_group(required=True)
    count.add_argument("--areas", type=int, default=0, metavar="K", help="how many")
    count.add_argument(
        "--target-weight", type=float, metavar="N", help="as many as come to this weight each"
    )
    drawn.add_argument("--tolerance", type=float, default=0.05, metavar="T", help="0.05 is 5 %%")
    drawn.add_argument("--seed", type=int, default=0, metavar="S")
    drawn.add_argument("--unit", choices=["transformer", "cell"], help="what is given to areas")
    weight = drawn.add_mutually_exclusive_group()
    weight.add_argument("--weight", default="customers", metavar="W", help="customers, hours, …")
    weight.add_argument(
        "--mix", metavar="W=S,…", help="several by their shares: customers=0.5,travel=0.5"
    )
    drawn.add_argument("--seats", choices=["halls", "crews"], help="an area of its own for each")
    drawn.add_argument("--within", metavar="L", help="no area crosses a station, county, …")
    drawn.add_argument("--name", default="", metavar="NAME")
    mended = action("repair", "mend a draft with the fewest customers moved", "PLAN")
    mended.add_argument("--tolerance", type=float, metavar="T", help="else that of the draft")
    mended.add_argument("--weight", metavar="W", help="else that of the draft")
    mended.add_argument(
        "--keep-edits", action=argparse.BooleanOptionalAction, default=True,
        help="leave what was drawn by hand (the default)",
    )  # fmt: skip
    mended.add_argument("--partly", action="store_true", help="draw what can be, if not all can")
    mended.add_argument("--dry-run", action="store_true", help="say what would be, draw nothing")
    divided = action("divide", "divide cells of a draft into seven", "PLAN")
    _chosen(divided).add_argument("--over", type=int, metavar="N", help="more customers than N")
    merged = action("merge", "merge cells of a draft into their parents", "PLAN")
    _chosen(merged).add_argument("--empty", action="store_true", help="where nobody lives")
    brought = action("import", "make a draft from a file of areas")
    brought.add_argument("file", type=Path, metavar="FILE")
    brought.add_argument("--name", default="", metavar="NAME")
    brought.add_argument("--datum", metavar="D", help="wgs84, cgcs2000, gcj02, bd09 or EPSG:n")
    brought.add_argument("--map", type=Path, metavar="FILE", help="column mapping (TOML)")
    brought.add_argument("--encoding", metavar="E")


def _chosen(parser: argparse.ArgumentParser) -> Any:
    """Cells by name, or by what else is added to the group returned."""
    chosen = parser.add_mutually_exclusive_group(required=True)
    chosen.add_argument("--cells", nargs="+", metavar="CELL", help="these cells")
    return chosen


def _life(action: Callable[..., argparse.ArgumentParser]) -> None:
    for name, said in (
        ("submit", "hand a draft to a reviewer"), ("approve", "approve a plan that others drew"),
        ("send-back", "give a plan back, with the reason"), ("withdraw", "put a plan aside"),
        ("reopen", "take a plan up again"),
    ):  # fmt: skip
        action(name, said, "PLAN").add_argument("--note", default="", metavar="TEXT")
    published = action("publish", "put a plan into force", "PLAN")
    published.add_argument("--from", dest="begins", metavar="TIME", help="from then on, else now")
    published.add_argument("--until", dest="ends", metavar="TIME", help="then the former returns")
    published.add_argument("--note", default="", metavar="TEXT")
    back = action("rollback", "put an earlier plan back into force", "PLAN")
    back.add_argument("--note", default="", metavar="TEXT")


def run_plan(
    db: Database, actor: Actor, arguments: argparse.Namespace, terminal: Terminal, cwd: Path
) -> None:
    """Do what the words of `plan` ask for."""
    started = time.perf_counter()
    answer = _ACTS[arguments.action](db, actor, arguments, terminal, cwd)
    terminal.result(answer | {"seconds": round(time.perf_counter() - started, 3)})
    if arguments.action == "repair" and not answer["is_within"]:
        code = "repair_partly" if answer["is_drawn"] else "repair_cannot"
        raise UserError(code, plan=arguments.plan)


def _list(
    db: Database, actor: Actor, _arguments: argparse.Namespace, _terminal: Terminal, _cwd: Path
) -> dict[str, Any]:
    from app.use_cases import plan_life

    return {"plans": [_row(one) for one in plan_life.list_plans(db, actor)]}


def _row(one: Any) -> dict[str, Any]:
    told = {
        name: getattr(one, name) for name in ("name", "basis", "stage", "strokes", "is_what_if")
    }
    return {"plan": one.plan_id, **told, "begins": _iso(one.begins), "ends": _iso(one.ends)}


def _new(
    db: Database, actor: Actor, arguments: argparse.Namespace, _terminal: Terminal, _cwd: Path
) -> dict[str, Any]:
    from app.use_cases import drafts

    plan = drafts.begin(db, actor, arguments.name, based_on=arguments.of, basis=arguments.unit)
    return _standing(db, actor, plan)


def _what_if(
    db: Database, actor: Actor, arguments: argparse.Namespace, terminal: Terminal, _cwd: Path
) -> dict[str, Any]:
    done = what_if.run_what_if(db, actor, arguments, language())
    standing = _standing(db, actor, done["plan"])
    if terminal.as_json:
        return standing | done
    return standing | {"assumed": len(done["assumed"])}


def _propose(
    db: Database, actor: Actor, arguments: argparse.Namespace, terminal: Terminal, _cwd: Path
) -> dict[str, Any]:
    from app.use_cases.plan_wishes import ProposalWish
    from app.use_cases.proposals import propose

    wish = ProposalWish(
        arguments.areas, arguments.tolerance, (arguments.seed,), arguments.unit,
        arguments.weight if arguments.mix is None else arguments.mix, arguments.name,
        arguments.target_weight, arguments.seats, arguments.within,
    )  # fmt: skip
    (made,) = propose(db, actor, wish, progress=lambda done: terminal.progress("propose", done))
    names = ("areas", "largest_deviation", "stray_pieces", "cut_edges", "moved_customers", "seed")
    told = {name: getattr(made, name) for name in names}
    return {
        "plan": made.plan_id, "status": "draft", **told, "is_within": made.is_within,
        "too_heavy": len(made.too_heavy), "too_heavy_units": _units(made.too_heavy),
    }  # fmt: skip


def _repair(
    db: Database, actor: Actor, arguments: argparse.Namespace, terminal: Terminal, _cwd: Path
) -> dict[str, Any]:
    from app.use_cases import repairs
    from app.use_cases.strokes import Stroke

    plan = arguments.plan
    wish = repairs.RepairWish(arguments.tolerance, arguments.weight, arguments.keep_edits)
    found = repairs.suggest(
        db, actor, plan, wish, progress=lambda done: terminal.progress("repair", done)
    )
    is_drawn = not arguments.dry_run and (found.is_within or arguments.partly)
    if is_drawn:
        repairs.take(db, actor, Stroke(plan, uuid.uuid4().hex), found)
    names = (
        "is_within", "moved_customers", "moved_units", "deviation_before", "deviation_after",
        "stray_before", "stray_after", "free_before", "free_after", "kept",
    )  # fmt: skip
    told = {"plan": plan, "is_drawn": is_drawn} | {name: getattr(found, name) for name in names}
    if terminal.as_json:
        why = [vars(one) for one in found.why]
        return {**told, "areas": _records(found.areas), "reasons": why}
    for one in found.why:
        terminal.note(one.code, **vars(one))
    return {**told, "areas": len(found.areas), "reasons": len(found.why)}


def _units(ids: list[Any]) -> list[str]:
    """Cells as people write them, transformers as they are."""
    from grid_cells.cells import cells_to_hex

    is_cells = bool(ids) and not isinstance(ids[0], str)
    return [str(one) for one in (cells_to_hex(ids) if is_cells else ids)]


def _parted(
    db: Database, actor: Actor, arguments: argparse.Namespace, _terminal: Terminal, _cwd: Path
) -> dict[str, Any]:
    from app.use_cases import cell_strokes
    from app.use_cases.strokes import Stroke

    plan, is_merge = arguments.plan, arguments.action == "merge"
    if arguments.cells:
        cells = cell_strokes.named(arguments.cells)
    elif is_merge:
        cells = cell_strokes.empty(db, actor, plan).cells
    else:
        cells = cell_strokes.over(db, actor, plan, arguments.over).cells
    act = cell_strokes.merge if is_merge else cell_strokes.divide
    answer = act(db, actor, Stroke(plan, uuid.uuid4().hex, cells))
    left = {one.code: _units(one.cells) for one in answer.refused}
    return _standing(db, actor, plan) | {
        "asked": len(cells), "cells": sum(len(some) for _, some in answer.changes),
        "mixed": sum(len(one.cells) for one in answer.notes), "refused": left,
    }  # fmt: skip


def _moved(
    db: Database, actor: Actor, arguments: argparse.Namespace, _terminal: Terminal, _cwd: Path
) -> dict[str, Any]:
    from app.use_cases import plan_life

    plan, note = arguments.plan, arguments.note
    if arguments.action == "reopen":
        plan_life.reopen(db, actor, plan)
    else:
        deed = {"submit": plan_life.submit, "approve": plan_life.approve,
                "send-back": plan_life.send_back, "withdraw": plan_life.withdraw}  # fmt: skip
        deed[arguments.action](db, actor, plan, note)
    return _standing(db, actor, plan)


def _publish(
    db: Database, actor: Actor, arguments: argparse.Namespace, _terminal: Terminal, _cwd: Path
) -> dict[str, Any]:
    from app.use_cases import plan_life

    begins, ends = (moment_of(db, text) for text in (arguments.begins, arguments.ends))
    plan_life.publish(db, actor, Term(arguments.plan, begins, ends), arguments.note)
    return _standing(db, actor, arguments.plan)


def _roll_back(
    db: Database, actor: Actor, arguments: argparse.Namespace, _terminal: Terminal, _cwd: Path
) -> dict[str, Any]:
    from app.use_cases import plan_life

    back = plan_life.roll_back(db, actor, arguments.plan, note=arguments.note)
    return _standing(db, actor, back)


def _standing(db: Database, actor: Actor, plan: int) -> dict[str, Any]:
    """The plan as the list has it."""
    from app.use_cases import plan_life

    found = next(one for one in plan_life.list_plans(db, actor) if one.plan_id == plan)
    row = _row(found)
    return {"plan": plan, "status": row.pop("stage"), **row}


def _diff(
    db: Database, actor: Actor, arguments: argparse.Namespace, _terminal: Terminal, _cwd: Path
) -> dict[str, Any]:
    from app.use_cases import plan_diff
    from grid_cells.cells import cells_to_hex

    found = plan_diff.compare(db, actor, arguments.plan, arguments.other)
    cells = found.cells.assign(cell=cells_to_hex(found.cells["cell_id"].to_numpy()))
    return {
        "plan": found.after, "against": found.before, "moved_customers": found.moved_customers,
        "changed_cells": len(cells), "moved_by_use": _records(found.use_types),
        "areas_gone": found.gone, "areas_new": found.new,
        "deviation": [found.old.largest_deviation, found.new_areas.largest_deviation],
        "hours": [found.old.hours, found.new_areas.hours], "moves": _records(found.moves),
        "cells": _records(cells[["cell", "old_area", "new_area"]]),
    }  # fmt: skip


def _check(
    db: Database, actor: Actor, arguments: argparse.Namespace, terminal: Terminal, _cwd: Path
) -> dict[str, Any]:
    from app.use_cases import plan_checks
    from grid_cells.cells import cells_to_hex

    found = plan_checks.findings(db, actor, arguments.plan)
    told = [
        {
            "rule": one.problem.code, "level": one.problem.level, "area": one.area_id or None,
            "units": one.problem.units, "customers": one.problem.customers,
            "cells": [str(cell) for cell in cells_to_hex(list(one.problem.cells))],
            "is_excused": one.is_excused,
        }
        for one in found
    ]  # fmt: skip
    standing = _standing(db, actor, arguments.plan)
    if not terminal.as_json:
        for one in found:
            terminal.note(f"plan_{one.problem.code}", **_values(one))
        return {**standing, "problems": len(told)}
    return {**standing, "problems": told}


def _values(one: Any) -> dict[str, Any]:
    """What fills the finding's sentence."""
    problem = one.problem
    return {"customers": problem.customers, "count": problem.units, **vars(problem)["values"]}


def _import(
    db: Database, actor: Actor, arguments: argparse.Namespace, _terminal: Terminal, cwd: Path
) -> dict[str, Any]:
    from app.use_cases import plan_files
    from app.use_cases.load import LoadChoice

    mapping = read_mapping(cwd / arguments.map) if arguments.map else ColumnMap()
    choice = LoadChoice(arguments.datum, mapping, arguments.encoding)
    made = plan_files.bring_in(
        db, actor, cwd / arguments.file, choice, name=arguments.name or arguments.file.stem
    )
    rejected = made.report.rejected.astype(object).where(made.report.rejected.notna(), None)
    return {
        "plan": made.plan_id, "status": "draft", "basis": made.basis, "units": made.units,
        "areas": made.areas, "claimed_twice": made.claimed_twice,
        "rejected": rejected.to_dict("records"),
    }  # fmt: skip


def _export(
    db: Database, actor: Actor, arguments: argparse.Namespace, _terminal: Terminal, cwd: Path
) -> dict[str, Any]:
    from app.use_cases import export, plan_files

    path = cwd / arguments.file
    purpose = arguments.purpose or export.COMMAND_LINE
    rows = plan_files.take_along(db, actor, arguments.plan, path, purpose=purpose)
    return {"plan": arguments.plan, "file": str(path), "rows": rows}


def _print(
    db: Database, actor: Actor, arguments: argparse.Namespace, terminal: Terminal, cwd: Path
) -> dict[str, Any]:
    from app.maps import plan_sheet, plan_table
    from app.use_cases import export, plan_print

    path, purpose = cwd / arguments.out, arguments.purpose or export.COMMAND_LINE
    form = plan_print.form_of(path.name)
    sheet = plan_print.sheet_of(db, actor, arguments.plan, purpose)
    data = plan_sheet.drawn(
        sheet, form, language(), progress=lambda done: terminal.progress("print", done)
    )
    plan_print.note_print(db, actor, sheet, form, purpose)
    path.write_bytes(data)
    pages = len(plan_table.paged(len(sheet.areas.areas))) if form == "pdf" else 1
    return {
        "plan": arguments.plan, "file": str(path), "areas": len(sheet.areas.areas),
        "pages": pages, "bytes": len(data),
    }  # fmt: skip


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    plain = frame.astype(object).where(frame.notna(), None)
    return [{str(k): v for k, v in row.items()} for row in plain.to_dict("records")]


def _iso(moment: Any) -> str | None:
    return None if moment is None else pd.Timestamp(moment).isoformat()


_ACTS: dict[str, Act] = {
    "list": _list, "new": _new, "what-if": _what_if, "propose": _propose, "repair": _repair,
    "submit": _moved, "approve": _moved, "send-back": _moved, "withdraw": _moved, "reopen": _moved,
    "publish": _publish, "rollback": _roll_back, "check": _check, "diff": _diff,
    "divide": _parted, "merge": _parted, "import": _import, "export": _export, "print": _print,
    "inbox": plan_inbox.inbox, "override": plan_inbox.override,
}  # fmt: skip
