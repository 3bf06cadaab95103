"""Where gaps of coverage lie, as people call it."""

import pandas as pd

from app.use_cases import service_map
from app.widgets import plain, session


def places(rows: pd.DataFrame) -> list[str]:
    """The service area (area_id) of each row, with its name."""
    areas = service_map.areas(session.database(), session.actor(), session.now())
    names = areas.set_index("area_id")["name"]
    found = []
    for one in rows["area_id"]:
        name = names.get(one)
        told = session.say("no_area") if plain.is_missing(one) else str(one)
        found.append(told if plain.is_missing(name) else f"{one} {name}")
    return found
