"""The rows behind the map: the highest cells of the chosen measure, folded away until wanted."""

from typing import Final

import streamlit as st

from app.widgets import session
from app.widgets import words_of as naming
from app.widgets.map_scene import Scene
from grid_cells.cells import cells_to_hex

_SHOWN: Final = 500
_NAMED: Final[tuple[str, ...]] = ("cell_id", "area_id", "name")


def show(scene: Scene) -> None:
    """The table, built only while it is open."""
    with st.container(key="map_rows"):
        folded = st.expander(session.say("rows_behind"), key="map_rows_open", on_change="rerun")
        if not folded.open:
            return
        with folded:
            _table(scene)


def _table(scene: Scene) -> None:
    measure = scene.choice.measure
    is_figure = measure.ramp != "area"
    order = ["value"] if is_figure else ["area_index", "cell_id"]
    cells = scene.cells.sort_values(order, ascending=not is_figure).head(_SHOWN)
    names = scene.areas.set_index("area_index")
    table = cells.assign(
        cell_id=cells_to_hex(cells["cell_id"].to_numpy()),
        area_id=cells["area_index"].map(names["area_id"]),
        name=cells["area_index"].map(names["name"]),
    )
    unit = "" if measure.unit in ("", "1") else f" ({naming.unit(measure.unit)})"
    words = {name: naming.column(name) for name in _NAMED}
    words["value"] = f"{naming.measure(measure)}{unit}"
    told = _told(len(cells), len(scene.cells), is_figure=is_figure)
    st.caption(session.say(told, n=len(cells), count=len(scene.cells)))
    columns = ["cell_id", "area_id", "name", *(["value"] if is_figure else [])]
    if "rolled_up_to" in table and table["rolled_up_to"].any():
        table["counted"] = [_counted(int(level)) for level in table["rolled_up_to"]]
        columns.append("counted")
        words["counted"] = session.say("rows_counted")
    shown = table[columns].rename(columns=words)
    st.dataframe(shown, hide_index=True, height=320)


def _told(shown: int, count: int, *, is_figure: bool) -> str:
    """The sentence that says which of the cells these are."""
    if shown == count:
        return "rows_all"
    return "rows_shown" if is_figure else "rows_first"


def _counted(rolled_up_to: int) -> str:
    """Whether the figure is the cell's own, or one of more cells because few live in it."""
    if rolled_up_to == 0:
        return session.say("rows_alone")
    return session.say("rows_area" if rolled_up_to < 0 else "rows_neighbours")
