"""What each command does: parse, one use case, say."""

import argparse
import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd

from app.cli import (
    crews,
    dispatch_store,
    halls,
    orders,
    outages,
    people,
    plans,
    promises,
    province,
    readings,
    records,
    reliability,
    theft,
    theft_models,
)
from app.cli.moments import moment_of
from app.cli.points import point_of
from app.cli.terminal import Terminal, language
from app.language import say
from app.store.database import Database
from app.use_cases import batches, doctor, load
from app.use_cases.actors import Actor, command_line_actor
from app.use_cases.whose import Person, Reach, Whose, whose
from grid_cells.errors import UserError
from loaders.contract import ColumnMap
from loaders.mapping import read_mapping
from loaders.rejects import write_rejects

Command = Callable[[Database, Actor, argparse.Namespace, Terminal, Path], None]


def run(
    arguments: argparse.Namespace,
    terminal: Terminal,
    *,
    cwd: Path,
    db: Database | None = None,
    os_user: str | None = None,
) -> int:
    """Exit code of a parsed command, on `db` where the process already holds one.

    `os_user` is who sits at the machine, where that is not this process's own user.
    """
    machine = command_line_actor(os_user)
    try:
        if arguments.command == "serve":
            _serve(arguments, terminal, machine)
        elif records.works_on_files(arguments, has_database=db is not None):
            records.run_on_files(arguments, terminal, machine, cwd)
        elif theft_models.works_on_files(arguments):
            theft_models.run_on_files(arguments, terminal, cwd)
        elif db is not None:
            _run_on(db, machine, arguments, terminal, cwd)
        else:
            with Database(arguments.db) as opened:
                _run_on(opened, machine, arguments, terminal, cwd)
    except UserError as error:
        terminal.fail(error)
        return 1
    return 0


def _run_on(
    db: Database, machine: Actor, arguments: argparse.Namespace, terminal: Terminal, cwd: Path
) -> None:
    actor = people.acting(db, machine, arguments)
    _COMMANDS[arguments.command](db, actor, arguments, terminal, cwd)


def _serve(arguments: argparse.Namespace, terminal: Terminal, machine: Actor) -> None:
    from app import server  # Streamlit costs a second that other commands save
    from app.use_cases import sample
    from app.widgets import session

    with Database(arguments.db) as db:
        if arguments.sample and sample.needs_sample(db):
            actor = people.acting(db, machine, arguments)
            _build_sample(db, actor, arguments, terminal)
        session.use_database(db)
        server.serve(arguments.db, arguments.host, arguments.port)


def _build_sample(
    db: Database, actor: Actor, arguments: argparse.Namespace, terminal: Terminal
) -> dict[str, Any]:
    from app.maps.basemap import build_basemap
    from app.use_cases import sample

    wish = {
        name: getattr(arguments, name)
        for name in ("customers", "seed", "end", "storm", "keep")
        if getattr(arguments, name, None) is not None
    }
    answer = sample.build_sample(
        db, actor, progress=lambda done: terminal.progress("sample city", done), **wish
    )
    build_basemap(db.read(), db.path.with_suffix(".pmtiles"))
    return answer


def _sample(
    db: Database, actor: Actor, arguments: argparse.Namespace, terminal: Terminal, cwd: Path
) -> None:
    if arguments.keep is not None:
        arguments.keep = cwd / arguments.keep
    terminal.result(_build_sample(db, actor, arguments, terminal))


def _load(
    db: Database, actor: Actor, arguments: argparse.Namespace, terminal: Terminal, cwd: Path
) -> None:
    files = [Path(f) if f.startswith("place:") else cwd / f for f in arguments.files]
    mapping = read_mapping(cwd / arguments.map) if arguments.map else ColumnMap()
    choice = load.LoadChoice(arguments.datum, mapping, arguments.encoding)
    act = load.preview if arguments.dry_run else load.load

    def progress(done: float) -> None:
        terminal.progress(arguments.kind, done)

    outcome = act(db, actor, arguments.kind, files, choice, progress=progress)
    progress(1.0)
    for code, values in outcome.warnings:
        terminal.note(code, **values)
    if arguments.rejects is not None:
        write_rejects(outcome.reports, cwd / arguments.rejects)
    if outcome.rejected and not terminal.as_json:
        _show_rejects(outcome, terminal)
    terminal.result(_outcome_keys(outcome, dry_run=arguments.dry_run))


def _show_rejects(outcome: load.Outcome, terminal: Terminal) -> None:
    for row in outcome.rejects.head(10).to_dict("records"):
        why = say(str(row.pop("code")), language())
        terminal.note("row_rejected", why=why, **{str(k): v for k, v in row.items()})


def _outcome_keys(outcome: load.Outcome, *, dry_run: bool) -> dict[str, Any]:
    names = (
        "kind",
        "rows",
        "loaded",
        "corrected",
        "rejected",
        "unchanged",
        "batch_id",
        "new",
        "changed",
    )
    answer = {name: getattr(outcome, name) for name in names}
    if dry_run:
        answer |= {
            "dry_run": True, "would_change_cell": outcome.would_change_cell,
            "would_change_area": outcome.would_change_area,
        }  # fmt: skip
    answer["warnings"] = [{"code": code, **values} for code, values in outcome.warnings]
    return answer | {"seconds": round(outcome.seconds, 3)}


def _whose(
    db: Database, actor: Actor, arguments: argparse.Namespace, terminal: Terminal, _cwd: Path
) -> None:
    answer = whose(
        db, actor, at=arguments.at and point_of(arguments.at), customer=arguments.customer,
        address=arguments.address, datum=arguments.datum, on=moment_of(db, arguments.on),
    )  # fmt: skip
    terminal.result(whose_keys(answer))


def whose_keys(answer: Whose) -> dict[str, Any]:
    """The answer as the command's JSON keys: ids, with names beside them."""
    keys: dict[str, Any] = {
        "cell": answer.cell, "area": answer.area, "area_name": answer.area_name,
        **_person("manager", answer.manager), **_person("backup", answer.backup),
        **_person("crew", answer.crew), "unit": answer.unit, "unit_name": answer.unit_name,
        **_reach("hall", answer.hall), **_reach("bank", answer.bank),
        "crew_min": _rounded(answer.crew_reach.minutes), "promise_class": answer.promise_class,
        "promise_min": answer.promise_min, "rule": answer.rule, "reason": answer.reason,
        "valid_from": _iso(answer.valid_from), "valid_to": _iso(answer.valid_to),
        "on": _iso(answer.on), "lon": answer.lon, "lat": answer.lat,
        "customer": answer.customer, "transformer": answer.transformer,
    }  # fmt: skip
    if answer.rule == "conflict":
        keys["areas"] = list(answer.areas)
    return keys


def _person(name: str, person: Person | None) -> dict[str, Any]:
    return {
        name: None if person is None else person.id,
        f"{name}_name": None if person is None else person.name,
    }


def _reach(name: str, reach: Reach) -> dict[str, Any]:
    return {
        name: reach.id, f"{name}_name": reach.name, f"{name}_min": _rounded(reach.minutes),
        f"{name}_method": reach.method,
    }  # fmt: skip


def _rounded(minutes: float | None) -> float | None:
    return None if minutes is None else round(minutes, 2)


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else pd.Timestamp(moment).isoformat()


def _undo(
    db: Database, actor: Actor, arguments: argparse.Namespace, terminal: Terminal, _cwd: Path
) -> None:
    done = batches.undo(db, actor, arguments.batch)
    terminal.result({"batch_id": done.batch_id, "removed": done.removed, "restored": done.restored})


def _batches(
    db: Database, actor: Actor, _arguments: argparse.Namespace, terminal: Terminal, _cwd: Path
) -> None:
    rows = batches.list_batches(db, actor)
    if terminal.as_json:
        terminal.result(
            {"batches": rows.astype(object).where(rows.notna(), None).to_dict("records")}
        )
    else:
        terminal.out.write(rows.to_string(index=False) + "\n")


def _export(
    db: Database, actor: Actor, arguments: argparse.Namespace, terminal: Terminal, cwd: Path
) -> None:
    from app.use_cases import export

    path = cwd / arguments.file
    if arguments.layer == "lake":
        _export_lake(db, actor, path, arguments.purpose or export.COMMAND_LINE, terminal)
        return
    rows = export.export_layer(
        db, actor, arguments.layer, path,
        purpose=arguments.purpose or export.COMMAND_LINE, personal=arguments.personal,
    )  # fmt: skip
    terminal.result({"layer": arguments.layer, "file": str(path), "rows": rows})


def _export_lake(
    db: Database, actor: Actor, folder: Path, purpose: str, terminal: Terminal
) -> None:
    from app.use_cases import lake_export

    started = time.perf_counter()
    files = lake_export.export_lake(
        db, actor, folder, lambda done: terminal.progress("lake", done), purpose=purpose
    )
    seconds = round(time.perf_counter() - started, 3)
    terminal.result({"layer": "lake", "folder": str(folder), **files, "seconds": seconds})


def _basemap(
    db: Database, _actor: Actor, _arguments: argparse.Namespace, terminal: Terminal, _cwd: Path
) -> None:
    from app.maps.basemap import build_basemap

    path = db.path.with_suffix(".pmtiles")
    built = build_basemap(db.read(), path)
    terminal.result({"file": str(path), **asdict(built)})


def _doctor(
    db: Database, actor: Actor, _arguments: argparse.Namespace, terminal: Terminal, _cwd: Path
) -> None:
    terminal.result(doctor.examine(db, actor))


def _backup(
    db: Database, actor: Actor, arguments: argparse.Namespace, terminal: Terminal, cwd: Path
) -> None:
    path = cwd / arguments.file
    terminal.result({"file": str(path), "bytes": doctor.back_up(db, actor, path)})


_COMMANDS: dict[str, Command] = {
    "sample": _sample,
    "load": _load,
    "whose": _whose,
    "undo": _undo,
    "batches": _batches,
    "export": _export,
    "basemap": _basemap,
    "doctor": _doctor,
    "backup": _backup,
    "users": people.run_users,
    "plan": plans.run_plan,
    **records.COMMANDS,
    **province.COMMANDS,
    **reliability.COMMANDS,
    **outages.COMMANDS,
    **promises.COMMANDS,
    **orders.COMMANDS,
    **crews.COMMANDS,
    **halls.COMMANDS,
    **dispatch_store.COMMANDS,
    **theft.COMMANDS,
    **readings.COMMANDS,
}
