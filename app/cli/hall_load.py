"""The deed `load` of the command about halls: how busy they were, hour by hour."""

import argparse
import math
import time
from datetime import date, datetime, timedelta
from datetime import time as clock_time
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from app.cli.terminal import Terminal
from app.store.database import Database
from app.use_cases import clock, hall_load, units
from app.use_cases.actors import Actor

_NUMBERS: Final = (
    "visits", "tallies", "load", "load_h", "wait_mean_min", "wait_p90_min", "service_mean_min",
    "abandoned", "staff", "servers", "erlangs", "occupancy", "expected_wait_min", "service_level",
    "needed",
)  # fmt: skip


def add_deed(deeds: Any, shared: argparse.ArgumentParser) -> None:
    """The words of `halls load`."""
    parser = deeds.add_parser("load", parents=[shared], help="how busy halls were, hour by hour")
    parser.add_argument("--from", dest="first", type=date.fromisoformat, help="else today")
    parser.add_argument("--to", dest="last", type=date.fromisoformat, help="included; else today")
    parser.add_argument("--hall", nargs="*", default=None, metavar="ID", help="else all in sight")


def load(
    db: Database, actor: Actor, arguments: argparse.Namespace, terminal: Terminal, _cwd: Path
) -> None:
    """The hours asked for, with what came of them."""
    started = time.perf_counter()
    zone = ZoneInfo(units.timezone(db) or "UTC")
    today = clock.now(db).astimezone(zone).date()
    last = arguments.last or max(today, arguments.first or today)
    first = arguments.first or min(today, last)
    begins, ends = (
        datetime.combine(day, clock_time(0), zone) for day in (first, last + timedelta(days=1))
    )
    table = hall_load.hour_load(db, actor, arguments.hall or None, begins, ends)
    terminal.result(
        {
            "from": first.isoformat(), "to": last.isoformat(), "visits": int(table["visits"].sum()),
            "tallies": int(table["tallies"].sum()), "load": int(table["load"].sum()),
            "hours": [_hour(row, zone) for row in table.to_dict("records")],
            "seconds": round(time.perf_counter() - started, 3),
        }
    )  # fmt: skip


def _hour(row: dict[Any, Any], zone: ZoneInfo) -> dict[str, Any]:
    told = {name: _number(row[name]) for name in _NUMBERS}
    return {
        "hall": row["hall_id"], "hour": row["hour"].astimezone(zone).isoformat(),
        "open": bool(row["is_open"]), "source": row["source"], **told,
        "overloaded": bool(row["is_overloaded"]),
    }  # fmt: skip


def _number(value: Any) -> float | int | None:
    try:
        number = float(value)
    except TypeError:  # pandas' NA
        return None
    if math.isnan(number):
        return None
    return int(number) if number.is_integer() else round(number, 3)
