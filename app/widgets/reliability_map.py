"""The map of reliability: cells in their place's colour, hatched where few are served."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import streamlit as st

from app.maps import service_map as maps
from app.maps.legend import LegendRow
from app.maps.palette import BORDER
from app.maps.routes import basemap_url
from app.maps.update import HexLabels, HexUpdate, MapUpdate
from app.use_cases import reliability, reliability_places
from app.use_cases.measures import Measure
from app.use_cases.reliability import Reliability
from app.use_cases.reliability_places import ReliabilityCells
from app.widgets import legend as legends
from app.widgets import map_events, map_view, plain, session
from app.widgets.legend import Legend
from app.widgets.reliability_wish import ReliabilityChoice
from grid_cells.cells import cells_to_hex, hex_to_cells

KEY: Final = "reliability_map"
DIGITS: Final = {"saidi": 1, "saifi": 3, "caidi": 1, "maifi": 3, "cemi": 1, "frequent": 0}
_UNITS: Final = {"saidi": "min", "caidi": "min", "cemi": "%"}
_CELL: Final = "reliability_cell"
_PLACE: Final = "reliability_place"


@dataclass(frozen=True)
class ReliabilityScene:
    """The choice with its figures and cells, names by place, the open place and its cell."""

    choice: ReliabilityChoice
    found: Reliability
    cells: ReliabilityCells
    names: dict[str, str]
    legend: Legend
    cell: str | None
    place: Any | None


def gather(choice: ReliabilityChoice) -> ReliabilityScene:
    """The scene as the choice and the last click leave it."""
    db, actor, wish = session.database(), session.actor(), choice.wish
    found = reliability.figures(db, actor, wish)
    cells = reliability_places.cells(db, actor, wish, choice.index)
    event = map_events.news(KEY)
    if event is not None and event.part == "hexes":
        open_place(None, event.cell if event.inside else None)
    cell = st.session_state.get(_CELL)
    place = _open(choice, found, cell)
    names = reliability.names(db, actor, wish.by)
    return ReliabilityScene(choice, found, cells, names, _legend(choice, cells), cell, place)


def open_place(place: tuple[str, Any] | None, cell: str | None = None) -> None:
    """Open a place of a kind, or the place of a cell, or with neither close what is open."""
    st.session_state[_PLACE], st.session_state[_CELL] = place, cell


def _open(choice: ReliabilityChoice, found: Reliability, cell: str | None) -> Any | None:
    if cell is not None:
        cell_id = int(hex_to_cells([cell])[0])
        return reliability_places.place_at(
            session.database(), session.actor(), choice.wish, cell_id
        )
    kind, place = st.session_state.get(_PLACE) or (None, None)
    return place if kind == choice.wish.by and place in found.table.index else None


def _legend(choice: ReliabilityChoice, held: ReliabilityCells) -> Legend:
    """Classes of the index over the cells, then how many are hatched because few are served."""
    measure = Measure(choice.index, _UNITS.get(choice.index, "1"), "mean")
    made = legends.of(measure, held.cells, held.cells)
    few = int((held.cells["place_index"].isin(held.few) & held.cells["value"].notna()).sum())
    if not few:
        return made
    row = LegendRow(BORDER, session.say("reliability_few"), few, is_hatched=True)
    return Legend(made.scale, (*made.rows, row))


def named(scene: ReliabilityScene, place: Any) -> str:
    """What a place is called, with its id."""
    if scene.choice.wish.by == "cell":
        return str(cells_to_hex(np.array([place], dtype="int64"))[0])
    return f"{place} {scene.names.get(str(place), '')}".strip()


def show(scene: ReliabilityScene) -> None:
    """The map; it keeps its view while the choice changes."""
    lat, lon, zoom = map_view.start()
    built = maps.build_map(
        (lat, lon), zoom - session.is_phone(), basemap_url=basemap_url(session.basemap_path()),
        fill_window=True,
    )  # fmt: skip
    word = reliability_places.wish_word(scene.choice.wish)
    hexes = HexUpdate(
        url=f"/reliability/cells/{scene.cells.version}/{word}/{scene.choice.index}.bin",
        scale=scene.legend.scale,
        rollup="mean",
        areas=_names(scene),
        labels=_labels(scene),
        selected=scene.cell,
        borders=scene.choice.wish.by != "cell",
        warned=scene.cells.few,
    )
    maps.show_map(built, MapUpdate(hexes=hexes), key=KEY)


def _names(scene: ReliabilityScene) -> list[str]:
    few = f"△ {session.say('reliability_few')}"
    if scene.choice.wish.by == "cell":
        return ["", few]
    warned = set(scene.cells.few)
    told = [named(scene, one) for one in scene.cells.places]
    return [f"{one} · {few}" if n in warned else one for n, one in enumerate(told)]


def _labels(scene: ReliabilityScene) -> HexLabels:
    """Words of the hover box: the figure never stands without what it was made by."""
    rule, index = scene.found.rule, scene.choice.index
    unit = session.say("reliability_tip_customers") if index == "frequent" else _UNITS.get(index)
    basis = session.say(f"reliability_short_{rule.basis}")
    made = f"{rule.standard}-{rule.edition} · {basis} · > {rule.sustained_min:g} min"
    code = index.upper() if index != "cemi" else f"CEMI-{scene.choice.wish.n}"
    what = session.say("reliability_on_frequent") if index == "frequent" else code
    return HexLabels(
        unit=" · ".join(one for one in (f"{unit or ''} {what}".strip(), made) if one),
        unknown=session.say("reliability_unknown"),
        no_area=session.say("reliability_no_place"),
        cells=session.say("reliability_tip_cells"),
        language="zh-CN" if session.language() == "zh" else "en",
        digits=DIGITS[index],
    )


def legend(scene: ReliabilityScene) -> None:
    """What the colours and the hatching mean."""
    measure = Measure(scene.choice.index, _UNITS.get(scene.choice.index, "1"), "mean")
    legends.show(measure, scene.legend)
    rule = scene.found.rule
    if any(row.is_hatched and row.colour == BORDER for row in scene.legend.rows):
        st.caption(plain.in_markdown(session.say("reliability_few_why", few=rule.few_served)))
