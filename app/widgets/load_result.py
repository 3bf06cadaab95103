"""What a load did or would do: counts, warnings, rejected rows, the first rows on a map."""

from typing import Any, Final

import folium
import pandas as pd
import shapely
import streamlit as st
from branca.element import MacroElement

from app.maps import service_map as maps
from app.maps.routes import basemap_url
from app.maps.update import MapUpdate
from app.use_cases import file_privacy
from app.use_cases.load import Outcome
from app.widgets import errors, figures, plain, session
from app.widgets import words_of as naming
from grid_cells.vocabulary import COLUMNS
from loaders.rejects import rejects_csv

_COUNTS: Final = ("rows", "loaded", "corrected", "rejected", "unchanged")
_ROWS_SHOWN: Final = 200
_HIDDEN: Final = ("geometry", "row_no", "cell_id", "given_x", "given_y", "given_datum")
_COLOUR: Final = "#1d6a8a"


def show(outcome: Outcome, *, is_dry: bool) -> None:
    """The outcome with everything that wants attention, its rows masked by role."""
    outcome = file_privacy.shown_outcome(session.actor(), outcome)
    figures.plain_strip(
        [(_label(name, is_dry=is_dry), getattr(outcome, name)) for name in _COUNTS], key="outcome"
    )
    for code, values in outcome.warnings:
        st.warning(plain.in_markdown(errors.sentence(code, **values)), icon=":material/warning:")
    _consequences(outcome, is_dry=is_dry)
    _rejects(outcome)
    if is_dry:
        _head(outcome.head)


def _label(name: str, *, is_dry: bool) -> str:
    return session.say("data_would_load" if is_dry and name == "loaded" else f"data_{name}")


def _consequences(outcome: Outcome, *, is_dry: bool) -> None:
    if outcome.would_change_cell is not None or outcome.would_change_area is not None:
        sentence = session.say(
            "data_would_change",
            cells=outcome.would_change_cell or 0,
            areas=outcome.would_change_area or 0,
        )
        st.info(plain.in_markdown(sentence), icon=":material/swap_horiz:")
    elif not is_dry and not outcome.loaded and outcome.unchanged:
        st.info(session.say("data_all_known"), icon=":material/check:")


def _rejects(outcome: Outcome) -> None:
    if outcome.rejects.empty:
        return
    st.html(f"<h4>{plain.escaped(session.say('data_rejected_rows', count=outcome.rejected))}</h4>")
    st.dataframe(reject_table(outcome.rejects.head(_ROWS_SHOWN)), hide_index=True)
    st.download_button(
        session.say("data_rejects_save"),
        rejects_csv(outcome.reports),
        file_name=f"{outcome.kind}-rejects.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
        key="data_rejects_save",
    )


def reject_table(rejects: pd.DataFrame) -> pd.DataFrame:
    """Rejected rows with their reason in words, columns named in the session's language."""
    reasons = [_reason(row) for row in rejects.to_dict("records")]
    table = rejects[["file", "row", "column", "value", "expected"]].astype("str")
    table = table.assign(
        column=[naming.column(str(name)) for name in rejects["column"].fillna("")],
        expected=[_expected(str(one)) for one in rejects["expected"].fillna("")],
        reason=reasons,
    )
    order = ["file", "row", "column", "value", "reason", "expected"]
    return table[order].rename(columns={name: session.say(f"reject_{name}") for name in order})


def _expected(told: str) -> str:
    return naming.column(told) if told in COLUMNS else told


def _reason(row: dict[Any, Any]) -> str:
    values = {str(name): value for name, value in row.items() if name != "code"}
    values["column"] = naming.column(str(values.get("column") or ""))
    return errors.sentence(str(row["code"]), **values)


def _head(head: pd.DataFrame) -> None:
    if head.empty:
        return
    st.html(f"<h4>{plain.escaped(session.say('data_first_rows', n=len(head)))}</h4>")
    marks = _marks(head)
    if marks:
        _map(marks)
    shown = head.drop(columns=[name for name in _HIDDEN if name in head]).head(_ROWS_SHOWN)
    shown = shown.dropna(axis="columns", how="all")
    for name in shown.columns:
        if name in COLUMNS and COLUMNS[name].type == "day":
            shown[name] = pd.to_datetime(shown[name]).dt.date
    st.dataframe(shown.rename(columns=naming.column), hide_index=True, height=260)


def _marks(head: pd.DataFrame) -> list[MacroElement]:
    if "geometry" in head and head["geometry"].notna().any():
        return [_shape(one) for one in shapely.from_wkb(head["geometry"].dropna().to_numpy())]
    if "lon" not in head:
        return []
    placed = head[["lat", "lon"]].astype("float64").dropna()
    return [
        folium.CircleMarker(place, radius=4, color=_COLOUR, weight=1, fill=True, fill_opacity=0.7)
        for place in placed.itertuples(index=False, name=None)
    ]


def _shape(shape: shapely.Geometry) -> MacroElement:
    style = {"color": _COLOUR, "weight": 2, "fillOpacity": 0.2}
    return folium.GeoJson(shapely.geometry.mapping(shape), style_function=lambda _: style)


def _map(marks: list[MacroElement]) -> None:
    group = folium.FeatureGroup(name="rows")
    for mark in marks:
        mark.add_to(group)
    bounds: Any = group.get_bounds()
    (south, west), (north, east) = bounds
    centre = ((south + north) / 2, (west + east) / 2)
    built = maps.build_map(
        centre, 11, basemap_url=basemap_url(session.basemap_path()), view_param="rows"
    )
    group.add_to(built)
    built.fit_bounds([[south, west], [north, east]])
    maps.show_map(built, MapUpdate(), key="data_rows", height=360)
