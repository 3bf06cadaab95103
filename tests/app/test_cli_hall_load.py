"""halls load, as typed: the hours of the days asked for, one JSON object."""

import argparse
import io
import json

from app.cli import hall_load
from app.cli.terminal import Terminal
from app.use_cases import clock
from app.use_cases.actors import command_line_actor
from tests.app.hall_town import at, fill


def told(db, folder, *words):
    """What the deed prints for these words."""
    parser = argparse.ArgumentParser()
    deeds = parser.add_subparsers(dest="deed", required=True)
    hall_load.add_deed(deeds, argparse.ArgumentParser(add_help=False))
    out = io.StringIO()
    terminal = Terminal(out, io.StringIO(), as_json=True)
    hall_load.load(
        db, command_line_actor("me"), parser.parse_args(["load", *words]), terminal, folder
    )
    return json.loads(out.getvalue())


def test_hours_of_days_and_halls(town_database, town, tmp_path):
    fill(town_database, tmp_path, town.frames()["halls"])
    town_database.write(lambda c: clock.start_clock(c, at=at("16 20:00"), running=False))
    today = told(town_database, tmp_path)
    assert (today["from"], today["to"]) == ("2026-07-16", "2026-07-16")
    assert (today["visits"], today["tallies"], today["load"]) == (7 + 6, 3, 16)
    month = told(town_database, tmp_path, "--from", "2026-07-01", "--hall", "H0")
    assert (month["visits"], month["tallies"]) == (8, 3)
    nine = next(one for one in month["hours"] if one["hour"] == "2026-07-16T09:00:00+08:00")
    assert (nine["hall"], nine["visits"], nine["tallies"], nine["source"]) == (
        "H0",
        4,
        2,
        "tickets",
    )
    assert nine["staff"] == 2
    unknown = next(one for one in today["hours"] if one["hall"] == "H1")
    assert (unknown["open"], unknown["visits"], unknown["load_h"]) == (True, None, None)
