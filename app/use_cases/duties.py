"""Who holds the duties of service areas by the roster of a day, whatever the hour."""

from datetime import datetime

import pandas as pd

from app.store import places, units
from app.store.database import Connection
from grid_cells.duties import holders


def holders_on(connection: Connection, on: datetime) -> pd.DataFrame:
    """Who was appointed to each duty of each area at that moment: area_id, duty, holder_id.

    At night too: a plan asks whose an area is, not who is at work.
    """
    duties = places.all_duties(connection).assign(hours=None)
    return holders(duties, on, units.timezone(connection) or "UTC")


def managers_on(connection: Connection, on: datetime) -> pd.DataFrame:
    """The manager of each area at that moment: holder_id, name, phone, by area_id."""
    held = holders_on(connection, on)
    people = places.people(connection).drop_duplicates("id").set_index("id")
    found = held[held["duty"] == "manager"].set_index("area_id")
    return found.join(people[["name", "phone"]], on="holder_id")
