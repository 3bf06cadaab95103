"""The map of the board: open orders by how they stand, crews, the ways before them."""

from typing import Final

import pandas as pd
import streamlit as st

from app.maps import service_map as maps
from app.maps.crew_update import CrewUpdate, RouteLine
from app.maps.palette import STATUS
from app.maps.routes import basemap_url
from app.maps.update import MapUpdate, Place, Tone
from app.widgets import dispatch_words as wording
from app.widgets import map_view, plain, promise_words, session
from app.widgets.dispatch_scene import MAP, DispatchScene
from grid_cells.dispatch_timeline import SUGGESTED

MOST_SIGNS: Final = 600
_HELD: Final = "#17292a"
_PLANNED: Final = "#6a3d7c"


def show(scene: DispatchScene) -> None:
    """The map; it keeps its view while orders come and crews move."""
    lat, lon, zoom = map_view.start()
    built = maps.build_map(
        (lat, lon), zoom - session.is_phone(), basemap_url=basemap_url(session.basemap_path()),
        fill_window=True, crews=True,
    )  # fmt: skip
    update = MapUpdate(
        places={"order": _orders(scene), "crew": _crews(scene)},
        crews=CrewUpdate(routes=_routes(scene)),
    )
    maps.show_map(built, update, key=MAP)


def _orders(scene: DispatchScene) -> list[Place]:
    placed = scene.board.orders[scene.board.orders["lon"].notna()].head(MOST_SIGNS)
    return [
        Place(
            str(row["order_id"]), float(row["lon"]), float(row["lat"]),
            f"{row['order_id']} · {wording.task(row['task'])}",
            f"{wording.state(row['state'])} · {wording.countdown(row)}",
            promise_words.TONES[str(row["clock"])],
        )
        for row in placed.to_dict("records")
    ]  # fmt: skip


def _crews(scene: DispatchScene) -> list[Place]:
    found = []
    for row in scene.board.crews.to_dict("records"):
        name = (
            row["crew_id"] if plain.is_missing(row["name"]) else f"{row['crew_id']} {row['name']}"
        )
        does = "board_crew_works" if row["is_working"] else "board_crew_free"
        note = session.say(does, n=int(row["open_orders"]))
        tone: Tone | None = None if row["is_on_shift"] else "muted"
        found.append(Place(str(row["crew_id"]), float(row["lon"]), float(row["lat"]), str(name),
                           note, tone))  # fmt: skip
    return found


def _routes(scene: DispatchScene) -> list[RouteLine]:
    """From where a crew is to what it holds, and on, dashed, to what the plan suggests."""
    board = scene.board
    points = board.orders.dropna(subset=["lon"]).set_index("order_id")[["lon", "lat"]]
    starts = board.crews.set_index("crew_id")[["lon", "lat"]]
    found = []
    for crew, rows in board.bars[board.bars["order_id"].isin(points.index)].groupby("crew_id"):
        if crew not in starts.index:
            continue
        last = [_at(starts, crew)]
        for is_plan in (False, True):
            part = rows[(rows["kind"] == SUGGESTED) == is_plan].sort_values("starts_at")
            line = [*last[-1:], *(_at(points, one) for one in part["order_id"])]
            if len(line) > 1:
                colour = _PLANNED if is_plan else _HELD
                found.append(RouteLine(str(crew), line, colour, is_plan))
            last = line
    return found


def _at(points: pd.DataFrame, name: object) -> tuple[float, float]:
    lon, lat = points.loc[[name], ["lon", "lat"]].to_numpy(dtype=float)[0]
    return float(lon), float(lat)


def legend() -> None:
    """What lines and signs mean."""
    marks = "".join(
        f'<li><i style="background:{colour}"></i>{sign} {plain.escaped(session.say(code))}</li>'
        for (colour, sign), code in (
            (STATUS["broken"], "promise_state_broken"), (STATUS["risk"], "promise_state_risk"),
            (("#1d5fa8", ""), "promise_state_running"),
            ((_HELD, "—"), "board_way_held"), ((_PLANNED, "- -"), "board_way_planned"),
        )
    )  # fmt: skip
    st.html(f'<ul class="gc-places-key">{marks}</ul>')
