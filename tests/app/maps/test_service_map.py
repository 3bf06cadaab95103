"""The map as pages see it: one constant script, events once, views from the address."""

import json
from collections.abc import Callable

import pytest
import streamlit
from streamlit.testing.v1 import AppTest
from streamlit_folium import generate_leaflet_string

from app.maps import service_map
from app.maps.service_map import MapEvent, build_map, parse_view, read_event
from app.maps.update import View

FACT = {
    "part": "hexes",
    "seq": 1,
    "view": "30.50000,114.30000,11",
    "bounds": "114.1,30.3,114.5,30.7",
    "cell": "8940a6976cbffff",
    "lat": 30.46,
    "lng": 114.33,
    "inside": True,
}


def page() -> None:
    import streamlit as st  # noqa: PLC0415 the page runs on its own

    from app.maps.service_map import build_map, show_map  # noqa: PLC0415
    from app.maps.update import HexUpdate, MapUpdate, Place, Scale  # noqa: PLC0415

    low = st.slider("low", 0, 9)
    hexes = HexUpdate(url=f"/cells/1/city/m{low}.bin", scale=Scale(["#ffffcc"]))
    places = {"hall": [Place("H1", 114.3, 30.5, "<img src=x onerror=alert(1)>")]}
    show_map(build_map((30.5, 114.3), 11), MapUpdate(hexes=hexes, places=places), key="map")


def arguments(test: AppTest) -> dict[str, object]:
    return json.loads(test.get("component_instance")[0].proto.json_args)


@pytest.fixture
def test() -> AppTest:
    return AppTest.from_function(page).run(timeout=20)


def test_a_change_travels_in_the_message_and_leaves_the_map_mounted(test: AppTest) -> None:
    before = arguments(test)
    key = test.get("component_instance")[0].proto.id
    test.slider[0].set_value(7).run(timeout=20)
    after = arguments(test)
    assert not test.exception
    assert after["script"] == before["script"]
    assert test.get("component_instance")[0].proto.id == key
    assert "m0.bin" in before["feature_group"]
    assert "m7.bin" in after["feature_group"]


def test_the_map_asks_for_nothing_back_by_itself(test: AppTest) -> None:
    assert arguments(test)["returned_objects"] == []


def test_a_name_never_becomes_markup(test: AppTest) -> None:
    script = str(arguments(test)["feature_group"])
    assert "<img" not in script
    assert "\\u003cimg src=x onerror=alert(1)\\u003e" in script


def test_every_map_in_a_script_of_the_same_city_is_the_same() -> None:
    one, two = (generate_leaflet_string(build_map((30.5, 114.3), 11)) for _ in range(2))
    assert one == two


def test_an_event_is_read() -> None:
    assert read_event(FACT) == MapEvent(
        part="hexes",
        view=View(30.5, 114.3, 11),
        bounds=(114.1, 30.3, 114.5, 30.7),
        lat=30.46,
        lon=114.33,
        cell="8940a6976cbffff",
        inside=True,
        number=1,
    )


def test_an_event_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    state: dict[str, object] = {}
    monkeypatch.setattr(streamlit, "session_state", state)
    tell: Callable[[dict[str, object]], object] = lambda fact: service_map._new_event(  # noqa: E731
        {"event": fact}, "map"
    )
    assert tell(FACT) is not None
    assert tell(FACT) is None
    assert tell({**FACT, "seq": 2}) is not None
    assert service_map._new_event({}, "map") is None


@pytest.mark.parametrize(
    ("words", "view"),
    [
        ("30.5,114.3,11", View(30.5, 114.3, 11)),
        ("-30.05,-51.2,12.5", View(-30.05, -51.2, 12.5)),
        ("", None),
        (None, None),
        ("30.5,114.3", None),
        ("a,b,c", None),
        ("91,0,3", None),
        ("0,181,3", None),
        ("0,0,99", None),
        ("nan,0,3", None),
    ],
)
def test_views_in_the_address(words: str | None, view: View | None) -> None:
    assert parse_view(words) == view
