"""Where the fault is: a customer or transformer found by search, a point, or an address as told."""

from dataclasses import dataclass
from typing import Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.use_cases import privacy
from app.use_cases.fault_wishes import ReportWish
from app.use_cases.search import Found
from app.widgets import fault_map, plain, search_box, session

_PLACE: Final = "fault_place"
_ADDRESS: Final = "fault_address"
_USABLE: Final = ("customer", "transformer", "place")


@dataclass(frozen=True)
class Place:
    """What the call is about; a customer by the reference, never by the number."""

    kind: str
    id: str
    title: str
    detail: str
    lon: float | None = None
    lat: float | None = None

    def wish(self) -> ReportWish:
        """The place as a report states it."""
        if self.kind == "customer":
            number = privacy.customer_no_of(session.database(), self.id)
            return ReportWish(customer_no=number)
        if self.kind == "transformer":
            return ReportWish(transformer_id=self.id)
        if self.kind == "address":
            return ReportWish(address=self.title)
        return ReportWish(lon=self.lon, lat=self.lat, datum="wgs84")


def parts() -> tuple[DeltaGenerator, DeltaGenerator, DeltaGenerator]:
    """Where place, card and form stand: on a phone what to say comes before what to ask."""
    if session.is_phone():
        return st.container(), st.container(), st.container()
    left, right = st.columns([5, 4], gap="large")
    return left.container(), right.container(), left.container()


def ask() -> Place | None:
    """The place chosen; the search while there is none."""
    _take(search_box.picked())
    _take_point(fault_map.clicked())
    place: Place | None = st.session_state.get(_PLACE)
    with st.container(key="fault_place_head"):  # one piece, so that the map below keeps its place
        if place is None:
            search_box.show()
            with st.popover(session.say("fault_by_address"), icon=":material/edit_location:"):
                _address()
            st.caption(session.say("fault_place_hint", clues=search_box.by_what()))
        else:
            _shown(place)
    if place is None:
        fault_map.show(None)
    elif place.kind == "place" and place.lon is not None and place.lat is not None:
        fault_map.show((place.lon, place.lat), place.title)  # another click moves it
    return place


def _address() -> None:
    with st.form("fault_address_form", border=False):
        st.text_input(session.say("fault_address"), key=_ADDRESS, max_chars=200)
        st.form_submit_button(
            session.say("fault_address_take"), type="primary", on_click=_take_address
        )


def forget() -> None:
    """No place: the next call begins."""
    st.session_state.pop(_PLACE, None)


def _take(found: Found | None) -> None:
    if found is None:
        return
    if found.kind not in _USABLE:
        st.info(session.say("fault_place_kind"), icon=":material/info:")
        return
    st.session_state[_PLACE] = Place(
        found.kind, found.id, found.title, found.detail, found.lon, found.lat
    )


def _take_point(point: tuple[float, float] | None) -> None:
    """A click on the map is the place, as exactly as people can click."""
    if point is not None:
        lon, lat = (round(one, 5) for one in point)
        title = session.say("fault_point_title", lon=f"{lon:.5f}", lat=f"{lat:.5f}")
        st.session_state[_PLACE] = Place("place", "", title, "", lon, lat)


def _take_address() -> None:
    text = (st.session_state.get(_ADDRESS) or "").strip()
    if text:
        st.session_state[_PLACE] = Place("address", text, text, "")
        st.session_state[_ADDRESS] = ""


def _shown(place: Place) -> None:
    with st.container(key="fault_place_shown", horizontal=True, vertical_alignment="center"):
        kind = (
            session.say("fault_address")
            if place.kind == "address"
            else session.say(f"found_{place.kind}")
        )
        under = " · ".join(part for part in (kind, place.detail) if part)
        st.markdown(f"**{plain.in_markdown(place.title)}**  \n{plain.in_markdown(under)}")
        st.button(
            session.say("fault_other_place"), icon=":material/undo:", key="fault_other_place",
            on_click=forget,
        )  # fmt: skip
