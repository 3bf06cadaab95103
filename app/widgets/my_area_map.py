"""The map of a crew's area: its cells by customers, its border, the stops of the round."""

from typing import Any, Final

import numpy as np

from app.maps import service_map as maps
from app.maps.palette import sequential
from app.maps.routes import basemap_url
from app.maps.update import CellFilter, HexLabels, HexUpdate, MapUpdate, Place, Scale, Tone
from app.use_cases import service_map
from app.widgets import map_view, my_area_day, session
from app.widgets.my_area_day import Day
from grid_cells.cells import centres, hex_to_cells

KEY: Final = "my_area_map"
BREAKS: Final = (50, 200, 500, 1000)
HEIGHT: Final = 520
_ZOOM: Final = 13.0
_TONES: Final[dict[str, Tone]] = {"kept": "kept", "risk": "risk", "broken": "broken"}


def show(day: Day) -> None:
    """The map; it keeps its view while the day goes on."""
    lat, lon, zoom = _start(day)
    built = maps.build_map(
        (lat, lon), zoom - session.is_phone(), basemap_url=basemap_url(session.basemap_path())
    )
    update = MapUpdate(hexes=_hexes(day), places={"order": _stops(day)})
    maps.show_map(built, update, key=KEY, height=HEIGHT)


def _start(day: Day) -> tuple[float, float, float]:
    cells = day["area"]["cells"]
    if not cells or not day["area"]["is_of_crew"]:
        return map_view.start()
    lon, lat = centres(hex_to_cells(cells))
    return round(float(np.median(lat)), 4), round(float(np.median(lon)), 4), _ZOOM


def _hexes(day: Day) -> HexUpdate:
    areas = tuple(one["area_id"] for one in day["area"]["borders"])
    version = service_map.facts_version(session.database())
    scope = service_map.scope_key(None, areas if day["area"]["is_of_crew"] else ())
    every = service_map.areas(session.database(), session.actor(), session.now())
    mine = every[every["area_id"].isin(areas)]["area_index"]
    return HexUpdate(
        url=f"/cells/{version}/{scope}/customers.bin",
        scale=Scale(sequential(len(BREAKS) + 1), BREAKS),
        rollup="sum",
        filter=CellFilter(areas=[int(one) for one in mine]),
        areas=[str(one) for one in every.sort_values("area_index")["name"]],
        labels=HexLabels(
            unit=session.say("counted_customers"), unknown=session.say("unknown"),
            no_area=session.say("no_area"), cells=session.say("tip_cells"),
            language="zh-CN" if session.language() == "zh" else "en-GB", digits=0,
        ),
    )  # fmt: skip


def _stops(day: Day) -> list[Place]:
    """Orders and chores with their number in the round."""
    number = {(stop["what"], stop["id"]): n for n, stop in enumerate(day["visit"], start=1)}
    found = []
    for one in day["orders"]:
        n = number.get(("order", one["order_id"]))
        if n is not None:
            note = session.say(f"crew_state_{one['state']}")
            name = f"{n} · {one['order_id']}"
            found.append(_place(one["order_id"], one, name, note, _TONES.get(one["clock"])))
    for one in day["chores"]:
        n = number.get(("chore", one["chore_id"]))
        if n is not None:
            words = my_area_day.chore_words(one)
            found.append(_place(one["chore_id"], one, f"{n} · {words}", "", "muted"))
    return found


def _place(
    identity: str, one: dict[str, Any], name: str, note: str, tone: Tone | None
) -> Place:  # fmt: skip
    return Place(identity, float(one["lon"]), float(one["lat"]), name, note, tone)
