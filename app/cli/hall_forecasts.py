"""The deed `forecast` of the command about halls: what is expected of the coming hours."""

import argparse
import time
from pathlib import Path
from typing import Any

from app.cli.terminal import Terminal
from app.store.database import Database
from app.use_cases import hall_forecasts
from app.use_cases.actors import Actor


def add_deed(deeds: Any, shared: argparse.ArgumentParser) -> None:
    """The words of `halls forecast`."""
    parser = deeds.add_parser("forecast", parents=[shared], help="the coming two weeks by hour")
    parser.add_argument("--measure", choices=hall_forecasts.MEASURES, default="visits")
    parser.add_argument("--hall", nargs="*", default=None, metavar="ID", help="else all in sight")
    parser.add_argument("--kept", action="store_true", help="tell the last one, make none anew")


def forecast(
    db: Database, actor: Actor, arguments: argparse.Namespace, terminal: Terminal, _cwd: Path
) -> None:
    """The forecast of the measure with how well such forecasts held; null where there is none."""
    started = time.perf_counter()
    if not arguments.kept:
        hall_forecasts.make(db, actor, lambda done: terminal.progress("halls", done))
    found = hall_forecasts.latest(db, actor, arguments.measure, arguments.hall or None)
    told = None if found is None else _run(found.run)
    hours = [] if found is None else [_hour(row) for row in found.hours.to_dict("records")]
    terminal.result(
        {
            "measure": arguments.measure, "run": told, "hours": hours,
            "seconds": round(time.perf_counter() - started, 3),
        }
    )  # fmt: skip


def _run(run: dict[str, Any]) -> dict[str, Any]:
    names = ("error", "error_last_week", "error_usual", "covered")
    figures = {name: None if run[name] is None else round(run[name], 3) for name in names}
    return {
        "run": run["run_id"], "made_at": run["made_at"].isoformat(timespec="minutes"),
        "hours_judged": run["hours_judged"], **figures,
    }  # fmt: skip


def _hour(row: dict[Any, Any]) -> dict[str, Any]:
    figures = {name: round(float(row[name]), 2) for name in ("expected", "low", "high")}
    return {"hall": row["hall_id"], "hour": f"{row['local']:%Y-%m-%dT%H:%M}", **figures}
