"""What the service map shows, kept in the session and told in the address."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import pandas as pd
import streamlit as st

from app.maps.service_map import MapEvent
from app.use_cases.measures import Measure
from app.use_cases.search import Found
from app.widgets import session
from grid_cells.cells import cells_to_hex, points_to_cells

PAGE: Final = "service_map"
LAYERS: Final = ("areas", "hall", "bank", "crew", "outage")
START_LAYERS: Final = ("areas", "hall", "crew", "outage")

MEASURE, UNIT, AREAS, SHOWN, CELL = "measure", "unit", "areas", "layers", "cell"
_KEYS: Final = {name: f"map_{name}" for name in (MEASURE, UNIT, AREAS, SHOWN, CELL)}
_NO_LAYER: Final = "none"
_CUSTOMER: Final = "map_customer"


@dataclass(frozen=True)
class MapChoice:
    """The measure, its unit and areas, the layers on top, the open cell, the customer found."""

    measure: Measure
    unit_id: str | None
    area_ids: tuple[str, ...]
    layers: tuple[str, ...]
    cell: str | None
    is_first_measure: bool
    customer_ref: str | None = None


def key(name: str) -> str:
    """The session key behind one part of the choice, for the control that sets it."""
    return _KEYS[name]


def begin(measures: Sequence[Measure], units: pd.DataFrame, areas: pd.DataFrame) -> MapChoice:
    """The choice of this session, taken from the address where the session has none yet."""
    if session.is_fresh(PAGE) and _address() != session.last_query(PAGE):
        for name in _KEYS.values():  # a link or the way back: the address is what is wanted
            st.session_state.pop(name, None)
    codes = [measure.code for measure in measures]
    code = _take(MEASURE, st.query_params.get(MEASURE), codes, codes[0])
    shown = _take_all(SHOWN, _layers_asked(), LAYERS, START_LAYERS)
    return MapChoice(
        measure=measures[codes.index(code)],
        unit_id=_take(UNIT, st.query_params.get(UNIT), list(units["unit_id"]), None),
        area_ids=tuple(
            _take_all(AREAS, st.query_params.get_all(AREAS), list(areas["area_id"]), ())
        ),
        layers=tuple(layer for layer in LAYERS if layer in shown),
        cell=st.session_state.setdefault(_KEYS[CELL], st.query_params.get(CELL)),
        is_first_measure=code == codes[0],
    )


def after(
    event: MapEvent | None, found: Found | None, choice: MapChoice, cells: pd.DataFrame
) -> MapChoice:
    """The choice after a click on the map or a pick in the search opened a cell."""
    if found is not None or event is not None:
        st.session_state[_CUSTOMER] = None
    if found is not None:
        if found.kind == "customer":
            st.session_state[_CUSTOMER] = found.id
        open_cell(_hex(found.cell_id) if found.cell_id else None)
    elif event is not None and event.cell is not None:
        open_cell(event.cell if event.inside else None)
    elif event is not None and event.lon is not None and event.lat is not None and len(cells):
        resolution = int(cells["cell_id"].iloc[0]) >> 52 & 0xF
        around = points_to_cells(np.array([event.lon]), np.array([event.lat]), resolution)
        open_cell(_hex(int(around[0])))
    customer = st.session_state.get(_CUSTOMER)
    return replace(choice, cell=st.session_state[_KEYS[CELL]], customer_ref=customer)


def tell_address(choice: MapChoice) -> None:
    """Write the choice into the address; what is as it starts stays out of it."""
    _write(MEASURE, [] if choice.is_first_measure else [choice.measure.code])
    _write(UNIT, [choice.unit_id] if choice.unit_id else [])
    _write(AREAS, list(choice.area_ids))
    shown = ",".join(choice.layers) or _NO_LAYER
    _write(SHOWN, [] if choice.layers == START_LAYERS else [shown])
    _write(CELL, [choice.cell] if choice.cell else [])
    session.remember_query(PAGE, _address())


def aim(link: Mapping[str, Any]) -> None:
    """Take over what a link to the map asks for, from the callback of a button on it."""
    for name in (MEASURE, UNIT, CELL):
        if name in link:
            st.session_state[_KEYS[name]] = link[name]


def open_cell(cell: str | None) -> None:
    """Open a cell's card, or close it with None."""
    st.session_state[_KEYS[CELL]] = cell


def _address() -> dict[str, list[str]]:
    return {name: values for name in _KEYS if (values := st.query_params.get_all(name))}


def _hex(cell_id: int) -> str:
    return str(cells_to_hex(np.array([cell_id], dtype="int64"))[0])


def _take(name: str, asked: str | None, allowed: Sequence[Any], start: Any) -> Any:
    wish = st.session_state.get(_KEYS[name], asked)
    kept = st.session_state[_KEYS[name]] = wish if wish in allowed else start
    return kept


def _take_all(
    name: str, asked: Sequence[str] | None, allowed: Sequence[str], start: Sequence[str]
) -> list[str]:
    wish = st.session_state.get(_KEYS[name], asked)
    kept = [one for one in (start if wish is None else wish) if one in allowed]
    st.session_state[_KEYS[name]] = kept
    return kept


def _layers_asked() -> list[str] | None:
    asked = st.query_params.get(SHOWN)
    return asked.split(",") if asked else None


def _write(name: str, values: list[str]) -> None:
    if st.query_params.get_all(name) == values:
        return
    if values:
        st.query_params[name] = values
    else:
        del st.query_params[name]
