"""What if a hall, a payment point or a crew base were elsewhere: the list, and one more."""

from collections.abc import Callable, Hashable, Mapping
from typing import Any, Final

import streamlit as st

from app.maps.update import Place, PlaceKind
from app.use_cases import access, what_if
from app.use_cases.plan_life import PlanRow
from app.use_cases.what_if import AssumedPlace
from app.widgets import errors, map_news, plain, session
from grid_cells.errors import UserError
from grid_cells.plan_life import DRAFT
from grid_cells.what_if import DEEDS, KINDS, Deed, Kind

_OPEN: Final = "what_if_open"
_OPEN_NEXT: Final = "what_if_open_next"
_KIND, _DEED, _PLACE, _NAME, _TYPED = (
    f"what_if_{word}" for word in ("kind", "deed", "place", "name", "typed")
)


def show(plan: PlanRow) -> None:
    """What the plan assumes, the newest first, and a way to assume more."""
    held = what_if.list_assumed(session.database(), session.actor(), plan.plan_id)
    if not held and not _may_draw(plan):
        return
    if st.session_state.pop(_OPEN_NEXT, False):
        st.session_state[_OPEN] = True
    with st.expander(  # its label never changes, so that it stays as it was folded
        session.say("what_if_title"), icon=":material/lightbulb:", key=_OPEN, on_change="rerun"
    ):
        st.caption(session.say("what_if_about"))
        if not held:
            st.caption(session.say("what_if_none"))
        for one in reversed(held):
            _one(plan, one)
        if _may_draw(plan):
            _add(plan)


def open_section() -> None:
    """Show the section unfolded in the next run."""
    st.session_state[_OPEN_NEXT] = True  # a widget's key cannot be set once it stands


def signs(plan: PlanRow) -> dict[PlaceKind, list[Place]]:
    """What the map shows: the kind being worked on, and every place that is assumed."""
    db, actor = session.database(), session.actor()
    shown: dict[PlaceKind, list[Place]] = {}
    for one in what_if.list_assumed(db, actor, plan.plan_id):
        lon, lat = (one.place.lon, one.place.lat) if one.was is None else one.was
        if one.place.lon is not None:
            lon, lat = one.place.lon, one.place.lat
        if lon is None or lat is None:
            continue  # closed, and gone from the loaded places meanwhile
        was = one.was if one.place.deed == "moved" else None
        sign = Place(
            one.place.place_id, lon, lat, one.place.name, _note(one), mark=one.place.deed, was=was
        )
        shown.setdefault(one.place.kind, []).append(sign)
    kind: Kind | None = st.session_state.get(_KIND)
    if kind is not None and st.session_state.get(_OPEN):
        real = what_if.list_places(db, actor, plan.plan_id, kind)
        shown.setdefault(kind, []).extend(
            Place(str(row["id"]), float(row["lon"]), float(row["lat"]), _name_of(row),
                  session.say(f"found_{kind}"))
            for row in real.to_dict("records")
        )  # fmt: skip
    return shown


def _name_of(row: Mapping[Hashable, Any]) -> str:
    return str(row["id"] if plain.is_missing(row["name"]) else row["name"])


def _note(one: AssumedPlace) -> str:
    kind = session.say(f"what_if_kind_{one.place.kind}")
    return session.say(f"what_if_is_{one.place.deed}", kind=kind)


def _may_draw(plan: PlanRow) -> bool:
    return plan.stage == DRAFT and access.may(session.actor(), "draw_plans")


def _one(plan: PlanRow, one: AssumedPlace) -> None:
    name, note = plain.escaped(one.place.name), plain.escaped(_note(one))
    key = "_".join(one.key)
    with st.container(key=f"assumed_{key}", gap=None):
        st.html(f'<p class="gc-said"><b>{name}</b><br>{note}</p>')
        if not _may_draw(plan):
            return
        if one.is_real:
            _button(plan, one, "settle", what_if.settle)
        _button(plan, one, "take_back", what_if.take_back)


def _button(plan: PlanRow, one: AssumedPlace, deed: str, act: Callable[..., object]) -> None:
    key = f"{deed}_{'_'.join(one.key)}"
    if st.button(session.say(f"what_if_{deed}"), key=key, type="tertiary"):
        _do(lambda: act(session.database(), session.actor(), plan.plan_id, one.key))


def _do(act: Callable[[], object]) -> None:
    with errors.kindly():
        act()
        map_news.forget_spot()
        session.again()


def _add(plan: PlanRow) -> None:
    clicked = map_news.take_sign(plan.plan_id)
    if clicked is not None:
        st.session_state[_KIND], st.session_state[_PLACE] = clicked
        if st.session_state.get(_DEED) not in ("moved", "closed"):
            st.session_state[_DEED] = "moved"
    kind: Kind | None = st.segmented_control(
        session.say("what_if_kind"), KINDS, key=_KIND,
        format_func=lambda one: session.say(f"what_if_kind_{one}"),
    )  # fmt: skip
    if kind is None:
        return
    deed: Deed | None = st.segmented_control(
        session.say("what_if_deed"), DEEDS, key=_DEED,
        format_func=lambda one: session.say(f"what_if_deed_{one}"),
    )  # fmt: skip
    if deed == "added":
        _new(plan, kind)
    elif deed is not None:
        _change(plan, kind, deed)


def _new(plan: PlanRow, kind: Kind) -> None:
    name = st.text_input(
        session.say("what_if_name"), session.say(f"what_if_name_{kind}"), key=f"{_NAME}_{kind}"
    )
    at = _where(plan)
    if at is not None and st.button(
        session.say("what_if_do_added"), type="primary", key="what_if_do"
    ):
        _do(lambda: what_if.add_place(
            session.database(), session.actor(), plan.plan_id, kind, name=name, at=at))  # fmt: skip


def _change(plan: PlanRow, kind: Kind, deed: Deed) -> None:
    db, actor = session.database(), session.actor()
    real = what_if.list_places(db, actor, plan.plan_id, kind)
    names = {str(row["id"]): _name_of(row) for row in real.to_dict("records")}
    if not names:
        st.caption(session.say("what_if_no_places"))
        return
    if st.session_state.get(_PLACE) not in names:
        st.session_state.pop(_PLACE, None)
    chosen = st.selectbox(
        session.say("what_if_place"), list(names), index=None, key=_PLACE,
        format_func=lambda one: names[one], placeholder=session.say("what_if_place_hint"),
    )  # fmt: skip
    if chosen is None:
        return
    at = _where(plan) if deed == "moved" else None
    if deed == "moved" and at is None:
        return
    if st.button(session.say(f"what_if_do_{deed}"), type="primary", key="what_if_do"):
        key = (kind, chosen)
        if at is not None:
            _do(lambda: what_if.move_place(db, actor, plan.plan_id, key, at))
        else:
            _do(lambda: what_if.close_place(db, actor, plan.plan_id, key))


def _where(plan: PlanRow) -> tuple[float, float] | None:
    """The spot clicked on the map, or longitude and latitude as typed."""
    spot = map_news.spot(plan.plan_id)
    st.caption(
        session.say("what_if_spot_none") if spot is None
        else session.say("what_if_spot", cell=f"{spot.lat:.5f}, {spot.lon:.5f}")
    )  # fmt: skip
    typed = st.text_input(session.say("what_if_spot_typed"), key=_TYPED).replace("，", ",").strip()
    if not typed:
        return None if spot is None else (spot.lon, spot.lat)
    try:
        lon, lat = (float(part) for part in typed.split(","))
    except ValueError:
        errors.show(UserError("point_unreadable", text=typed))
        return None
    return lon, lat
