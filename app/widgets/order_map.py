"""The map of orders: each order a sign at its place, coloured by how its limit stands."""

from typing import Any, Final

import streamlit as st

from app.maps import service_map as maps
from app.maps.legend import LegendRow, legend_html
from app.maps.palette import STATUS
from app.maps.routes import basemap_url
from app.maps.update import MapUpdate, Place
from app.widgets import map_view, order_words, plain, session
from app.widgets.order_scene import MAP, OrdersScene
from grid_cells.work_orders import OPEN

MOST_SIGNS: Final = 600
_SHOWN: Final = ("broken", "risk", "running", "stopped", "kept", "unknown")


def show(scene: OrdersScene) -> None:
    """The map; it keeps its view while orders come and go."""
    lat, lon, zoom = map_view.start()
    built = maps.build_map(
        (lat, lon), zoom - session.is_phone(), basemap_url=basemap_url(session.basemap_path()),
        fill_window=True,
    )  # fmt: skip
    maps.show_map(built, MapUpdate(places={"order": _signs(scene)}), key=MAP)


def _signs(scene: OrdersScene) -> list[Place]:
    placed = scene.orders[scene.orders["lon"].notna()]
    if not scene.wanted.states:  # what is done only crowds the map, unless somebody asks for it
        placed = placed[placed["state"].isin(OPEN)]
    placed = placed.head(MOST_SIGNS)
    return [
        Place(
            str(row["order_id"]), float(row["lon"]), float(row["lat"]),
            f"{order_words.task(row)} · {row['order_id']}",
            _note(row),
            order_words.TONES[row["clock"]],
        )
        for row in placed.to_dict("records")
    ]  # fmt: skip


def _note(row: dict[Any, Any]) -> str:
    left = order_words.signed(row["left_min"], row["clock"])
    return f"{order_words.state(row['state'])} · {left}"


def legend(scene: OrdersScene) -> None:
    """What the colours mean, each with its sign and how many orders have it."""
    counts = scene.orders["clock"].value_counts()
    rows = [
        LegendRow(_colour(one), order_words.clock(one), int(counts[one]))
        for one in _SHOWN
        if one in counts
    ]
    heading = plain.escaped(session.say("wo_legend"))
    st.html(
        f'<div class="gc-legend-head"><h4>{heading}</h4></div>'
        f'<div class="gc-legend">{legend_html(rows)}</div>'
    )
    bare = int(scene.orders["lon"].isna().sum())
    st.caption(session.say("wo_unplaced", count=bare) if bare else session.say("wo_legend_how"))


def _colour(clock: str) -> str:
    tone = order_words.TONES[clock]
    return STATUS[tone or "kept"][0]
