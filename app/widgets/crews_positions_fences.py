"""Fences below the map: what happened at them, which there are, and a form to draw one."""

from datetime import timedelta
from typing import Any, Final

import pandas as pd
import streamlit as st

from app.use_cases import access, crew_fences, service_map
from app.use_cases.crew_fences import KINDS, FenceDeed, FenceWish
from app.widgets import card, crews_positions_scene, empty, errors, plain, session
from app.widgets.crews_positions_scene import SPOT, CrewScene
from grid_cells.fences import (
    LEAST_DWELL_MIN,
    LEAST_RADIUS_M,
    MOST_DWELL_MIN,
    MOST_RADIUS_M,
)

_DEED: Final = "crews_fence_deed"
_LOOK_BACK: Final = timedelta(hours=24)
_MOST: Final = 12
_USUAL_DWELL, _USUAL_RADIUS = 5.0, 150.0


def show(scene: CrewScene) -> None:
    """Folded: events of the last day, the fences, and for who runs crews the form."""
    with (
        st.container(key="crews_fences"),
        st.expander(session.say("fences_title", count=len(scene.fences)), icon=":material/fence:"),
        errors.kindly(),
    ):
        _offer_undo()
        _events(scene)
        _list(scene)
        if access.may(session.actor(), "run_crews"):
            _form(scene)


def _events(scene: CrewScene) -> None:
    found = crew_fences.events(
        session.database(), session.actor(), scene.now - _LOOK_BACK, scene.now
    )
    st.html(f"<h4>{plain.escaped(session.say('fences_events'))}</h4>")
    if found.empty:
        empty.hint(session.say("fences_quiet"))
        return
    card.rows(_event(row) for row in found.head(_MOST).to_dict("records"))


def _event(row: dict[Any, Any]) -> card.Row:
    what = session.say(f"fence_event_{row['event']}", crew=row["crew_id"], fence=row["name"])
    return session.moment(row["at"].to_pydatetime()), card.text(what)


def _list(scene: CrewScene) -> None:
    st.html(f"<h4>{plain.escaped(session.say('fences_list'))}</h4>")
    if scene.fences.empty:
        empty.hint(session.say("fences_none"))
    may_end = access.may(session.actor(), "run_crews")
    for row in scene.fences.to_dict("records"):
        with st.container(
            horizontal=True, vertical_alignment="center", key=f"fence_{row['fence_id']}"
        ):
            st.html(f"<p>{_told(row)}</p>")
            if may_end:
                st.button(
                    session.say("fence_end"), key=f"fence_end_{row['fence_id']}",
                    on_click=_end, args=(int(row["fence_id"]),),
                )  # fmt: skip


def _told(row: dict[Any, Any]) -> str:
    size = "" if pd.isna(row["radius_m"]) else f" · {row['radius_m']:.0f} m"
    dwell = session.say("fence_dwell_told", n=f"{row['dwell_min']:g}")
    kind = session.say(f"fence_kind_{row['kind']}")
    return f"<b>{plain.escaped(row['name'])}</b> {card.quiet(f'{kind}{size} · {dwell}')}"


def _form(scene: CrewScene) -> None:
    st.html(f"<h4>{plain.escaped(session.say('fence_new'))}</h4>")
    kind = st.segmented_control(
        session.say("fence_kind"), KINDS, default=KINDS[0], key="fence_kind", required=True,
        format_func=lambda one: session.say(f"fence_kind_{one}"),
    )  # fmt: skip
    with st.form("fence_form", border=False):
        name = st.text_input(session.say("fence_name_label"), max_chars=60)
        dwell = st.number_input(
            session.say("fence_dwell_label"), LEAST_DWELL_MIN, MOST_DWELL_MIN, _USUAL_DWELL, 1.0
        )
        place = _site(scene) if kind == "site" else _area(scene)
        if st.form_submit_button(session.say("fence_draw"), type="primary"):
            wish = FenceWish(kind or KINDS[0], name, float(dwell), **place)
            _did(crew_fences.add(session.database(), session.actor(), wish))
            st.session_state.pop(SPOT, None)
            session.again()


def _site(scene: CrewScene) -> dict[str, Any]:
    lon, lat = scene.spot or (None, None)
    st.caption(session.say("fence_spot_taken" if scene.spot else "fence_spot_click"))
    left, right, last = st.columns(3)
    with left:
        lon = st.number_input(session.say("fence_lon"), -180.0, 180.0, lon, format="%.6f")
    with right:
        lat = st.number_input(session.say("fence_lat"), -90.0, 90.0, lat, format="%.6f")
    with last:
        radius = st.number_input(
            session.say("fence_radius_label"), LEAST_RADIUS_M, MOST_RADIUS_M, _USUAL_RADIUS, 10.0
        )
    return {"lon": lon, "lat": lat, "radius_m": float(radius)}


def _area(scene: CrewScene) -> dict[str, Any]:
    areas = service_map.areas(session.database(), session.actor(), scene.now)
    names = dict(zip(areas["area_id"], areas["name"], strict=True))
    area = st.selectbox(
        session.say("fence_area"), list(names), index=None,
        format_func=lambda one: str(one if plain.is_missing(names[one]) else names[one]),
    )  # fmt: skip
    return {"area_id": area}


def _end(fence_id: int) -> None:
    with errors.kindly():
        _did(crew_fences.end(session.database(), session.actor(), fence_id))


def _did(deed: FenceDeed) -> None:
    st.session_state[_DEED] = deed


def _offer_undo() -> None:
    deed: FenceDeed | None = st.session_state.get(_DEED)
    if deed is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="fence_done"):
        st.html(f"<p>{plain.escaped(session.say(f'fence_done_{deed.what}'))}</p>")
        if st.button(session.say("crews_undo"), key="fence_undo", icon=":material/undo:"):
            crew_fences.undo(session.database(), session.actor(), deed)
            st.session_state.pop(_DEED)
            crews_positions_scene.open_crew(st.session_state.get(crews_positions_scene.CREW))
            session.again()
