"""The message to the map: complete, and unable to become script or markup."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit_folium import _get_feature_group_string

from app.maps.service_map import build_map
from app.maps.update import (
    CellFilter,
    HexLabels,
    HexUpdate,
    MapUpdate,
    Place,
    Scale,
    View,
    script_json,
)

TRAP = "</script><img src=x onerror=alert(1)>\u2028{{ 'x' }}{% raw %}"


def test_traps_stay_text_and_cannot_end_the_script() -> None:
    words = script_json({"name": TRAP})
    for sign in ("<", ">", "\u2028", "\u2029", "{{", "{%"):
        assert sign not in words
    assert json.loads(words) == {"name": TRAP}


@given(st.text())
def test_any_text_comes_back_as_it_was(text: str) -> None:
    words = script_json([text])
    assert json.loads(words) == [text]
    assert "</" not in words
    assert "{{" not in words


def test_figures_that_json_cannot_say_are_refused() -> None:
    with pytest.raises(ValueError, match="JSON"):
        script_json({"low": float("nan")})


def test_a_whole_message() -> None:
    update = MapUpdate(
        hexes=HexUpdate(
            url="/cells/7/city/crew_min.bin",
            scale=Scale(("#ffffcc", "#253494"), (15.0,)),
            rollup="mean",
            filter=CellFilter(areas=[2], low=15.0),
            areas=["E-01"],
            labels=HexLabels(unit="min"),
            selected="8930a1d4c2bffff",
        ),
        places={"hall": [Place("H1", 114.3, 30.5, "West Hall", "9 min")]},
        go_to=View(30.5, 114.3, 14),
        ask=3,
        theme="dark",
    )
    message = json.loads(update.payload())
    assert message["goTo"] == {"lat": 30.5, "lng": 114.3, "zoom": 14}
    assert (message["ask"], message["theme"]) == (3, "dark")
    assert message["parts"]["places"] == {
        "groups": [{"kind": "hall", "rows": [["H1", 114.3, 30.5, "West Hall", "9 min", None]]}]
    }
    hexes = message["parts"]["hexes"]
    assert hexes["scale"] == {
        "colours": ["#ffffcc", "#253494"], "breaks": [15.0], "kind": "classes"
    }  # fmt: skip
    assert hexes["filter"] == {"areas": [2], "low": 15.0, "high": None, "unknown": True}
    assert hexes["selected"] == "8930a1d4c2bffff"


def test_the_message_travels_in_a_feature_group_that_draws_nothing() -> None:
    script = _get_feature_group_string(MapUpdate().as_group(), build_map((30.5, 114.3), 11))
    assert script.count("window.gridCells.update(") == 1
    assert "L.marker" not in script
