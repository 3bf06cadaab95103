"""The scale of a measure and the legend that explains it: colours, classes, counts of cells."""

from dataclasses import dataclass

import pandas as pd
import streamlit as st

from app import language as words
from app.maps import palette
from app.maps.legend import LegendRow, area_rows, class_rows, legend_html
from app.maps.update import Scale
from app.use_cases.measures import Measure
from app.widgets import plain, session
from app.widgets import words_of as naming
from grid_cells.classes import class_breaks

_WHOLE_FROM = 10


@dataclass(frozen=True)
class Legend:
    """How values become colours, and one row a class."""

    scale: Scale
    rows: tuple[LegendRow, ...]


def of(measure: Measure, cells: pd.DataFrame, areas: pd.DataFrame) -> Legend:
    """The legend of a measure over the cells shown."""
    if measure.ramp == "area":
        return _of_areas(cells, areas)
    values = cells["value"].to_numpy()
    edges = (
        class_breaks(values, "fixed", measure.breaks) if measure.breaks else class_breaks(values)
    )
    breaks = [float(edge) for edge in edges[1:-1]]
    ramp = palette.diverging if measure.ramp == "diverging" else palette.sequential
    scale = Scale(ramp(len(breaks) + 1), breaks)
    rows = class_rows(
        values,
        breaks,
        scale.colours,
        unknown=session.say("legend_unknown"),
        wording=figure,
    )
    return Legend(scale, tuple(rows))


def show(measure: Measure, legend: Legend) -> None:
    """The rows, under the measure's unit, over its source and age."""
    unit = "" if measure.unit in ("", "1") else f" ({naming.unit(measure.unit)})"
    heading = plain.escaped(f"{session.say('legend')}{unit}")
    counted = plain.escaped(session.say("legend_cells"))
    st.html(
        f'<div class="gc-legend-head"><h4>{heading}</h4><small>{counted}</small></div>'
        f'<div class="gc-legend">{legend_html(legend.rows)}</div>'
    )
    if measure.note is not None:
        st.caption(plain.in_markdown(session.say(measure.note)))
    if measure.as_of is not None:
        when = session.moment(measure.as_of)
        st.caption(session.say("legend_as_of", time=when, source=plain.in_markdown(measure.source)))


def _of_areas(cells: pd.DataFrame, areas: pd.DataFrame) -> Legend:
    ordered = areas.sort_values("area_index")
    colours = palette.area_colours([int(one) for one in ordered["colour_index"]])
    named = zip(ordered["area_id"], ordered["name"], strict=True)
    names = [str(code if plain.is_missing(name) else name) for code, name in named]
    rows = area_rows(cells["area_index"].to_numpy(), names, colours, unknown=session.say("no_area"))
    return Legend(Scale(colours, kind="areas"), tuple(row for row in rows if row.count))


def figure(value: float) -> str:
    """A bound of a class in words."""
    return words.number(value, 0 if abs(value) >= _WHOLE_FROM else None)
