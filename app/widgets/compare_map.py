"""The map of what changes: cells in the colour of their new area, those that stay drawn back."""

from dataclasses import dataclass
from typing import Final

import pandas as pd
import streamlit as st

from app.maps import service_map as maps
from app.maps.legend import LegendRow, legend_html
from app.maps.palette import AREA_HUES, GROUND, UNKNOWN, faint, strong
from app.maps.routes import basemap_url
from app.maps.update import HexLabels, HexUpdate, MapUpdate, Scale
from app.use_cases import plan_diff
from app.use_cases.plan_diff import ComparedCells
from app.widgets import card, compare_figures, map_events, map_view, plain, session
from app.widgets.compare_choice import Pair
from grid_cells.cells import cells_to_hex

KEY: Final = "compare_map"
_CELL: Final = "compare_cell"
_MOST_ROWS: Final = 60


@dataclass(frozen=True)
class CompareScene:
    """Two plans with every cell, the words for each pair of areas, and the cell that is open."""

    chosen: Pair
    compared: ComparedCells
    names: list[str]
    colours: list[str]
    cell: str | None


def gather(chosen: Pair) -> CompareScene:
    """The scene as the choice of plans and the last click leave it."""
    compared = plan_diff.compared_cells(
        session.database(), session.actor(), chosen.plan.plan_id, chosen.other.plan_id
    )
    event = map_events.news(KEY)
    if event is not None and event.part == "hexes":
        st.session_state[_CELL] = event.cell if event.inside else None
    names, colours = [], []
    for row in compared.pairs.to_dict("records"):
        old, new = (
            compare_figures.named(compared.names, row[side]) for side in ("old_area", "new_area")
        )
        names.append(f"{old} → {new}" if row["is_changed"] else new)
        colours.append(_colour(int(row["colour"]), is_changed=bool(row["is_changed"])))
    return CompareScene(chosen, compared, names, colours, st.session_state.get(_CELL))


def _colour(number: int, *, is_changed: bool) -> str:
    """Of the new area; grey where there is none."""
    if number < 0:
        return UNKNOWN
    hue = AREA_HUES[number % len(AREA_HUES)]
    return strong(hue) if is_changed else faint(hue)


def show(scene: CompareScene) -> None:
    """The map; it keeps its view while plans are changed or swapped."""
    lat, lon, zoom = map_view.start()
    built = maps.build_map(
        (lat, lon), zoom - session.is_phone(), basemap_url=basemap_url(session.basemap_path()),
        fill_window=True,
    )  # fmt: skip
    plan, other = (one.plan_id for one in scene.chosen)
    hexes = HexUpdate(
        url=f"/plans/{plan}/compared/{other}/{scene.compared.version}.bin",
        scale=Scale(scene.colours or [GROUND], kind="areas"),
        areas=scene.names,
        labels=HexLabels(
            unit=session.say("counted_customers"), unknown=session.say("unknown"),
            no_area=session.say("no_area"), cells=session.say("tip_cells"),
            language="zh-CN" if session.language() == "zh" else "en", digits=0,
        ),
        rollup="sum",
        selected=scene.cell,
    )  # fmt: skip
    maps.show_map(built, MapUpdate(hexes=hexes), key=KEY)


def card_of(scene: CompareScene) -> None:
    """The open cell: from which area to which, with how many customers."""
    row = _open_row(scene)
    with st.container(key="drawer_shut" if row is None else "drawer_open", gap="small"):
        if row is None:
            return
        if st.button("✕", key="drawer_close", help=session.say("close"), type="tertiary"):
            st.session_state[_CELL] = None
            session.again()
        pair = int(row["pair"])
        is_none = pair == plan_diff.NO_PAIR
        told = None if is_none else scene.compared.pairs.iloc[pair]
        old, new = (
            compare_figures.named(scene.compared.names, None if told is None else told[side])
            for side in ("old_area", "new_area")
        )
        is_changed = told is not None and bool(told["is_changed"])
        word = session.say("compare_changed" if is_changed else "compare_unchanged")
        card.title(session.say("card_cell", cell=scene.cell), word)
        card.rows(
            [
                (session.say("hand_over_old_area"), card.text(old)),
                (session.say("hand_over_new_area"), card.text(new, strong=True)),
                (session.say("card_customers"), card.text(int(row["customers"]), strong=True)),
            ]
        )


def _open_row(scene: CompareScene) -> "pd.Series[float] | None":
    if scene.cell is None:
        return None
    cells = scene.compared.cells
    at = cells_to_hex(cells["cell_id"].to_numpy(dtype="int64")) == scene.cell
    return cells[at].iloc[0] if at.any() else None


def legend(scene: CompareScene) -> None:
    """What the colours mean: cells that stay, then each new area with the cells it gains."""
    pairs = scene.compared.pairs
    stay = int(pairs.loc[~pairs["is_changed"], "cells"].sum())
    rows = [LegendRow(faint(AREA_HUES[0]), session.say("compare_unchanged"), stay)]
    changed = pairs[pairs["is_changed"]]
    gained = changed.groupby("new_area", dropna=False)["cells"].sum().sort_values(ascending=False)
    colours = dict(zip(changed["new_area"], changed["colour"], strict=True))
    for area, cells in gained.head(_MOST_ROWS).items():
        number = -1 if plain.is_missing(area) else int(colours[area])
        label = f"→ {compare_figures.named(scene.compared.names, area)}"
        rows.append(LegendRow(_colour(number, is_changed=True), label, int(cells)))
    heading = plain.escaped(session.say("compare_legend"))
    counted = plain.escaped(session.say("legend_cells"))
    st.html(
        f'<div class="gc-legend-head"><h4>{heading}</h4><small>{counted}</small></div>'
        f'<div class="gc-legend">{legend_html(rows)}</div>'
    )
    st.caption(session.say("compare_legend_how"))
