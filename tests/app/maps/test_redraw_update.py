"""What the redraw tools are told: complete, in the reader's words, beside the hexagons."""

import json
import re
from pathlib import Path

import pytest

from app.assets import STATIC
from app.maps.redraw_update import WORDS, AreaChoice, RedrawUpdate
from app.maps.service_map import build_map, read_event
from app.maps.update import HexUpdate, MapUpdate, Scale

SAID = {name: f"<{name}>" for name in WORDS}
AREAS = [AreaChoice(0, "A0", "</script>West", "#b9d3a4"), AreaChoice(1, "A1", "East", "#ecd3a0")]
TOOLS = ("redraw.js", "redraw_modes.js", "redraw_tools.js", "redraw_talk.js", "hex_paint.js")


def update(**more: object) -> RedrawUpdate:
    return RedrawUpdate(plan="P7", actor="lin", seq=3, areas=AREAS, words=SAID, **more)  # type: ignore[arg-type]


def test_the_state_as_the_tools_take_it() -> None:
    state = update(locked=("8940a1d4c2bffff",), undo=2, can_edit=False).state()
    assert state == {
        "plan": "P7",
        "actor": "lin",
        "seq": 3,
        "areas": [
            {
                "index": 0, "area_id": "A0", "name": "</script>West", "colour": "#b9d3a4",
                "is_locked": False, "is_mine": True, "is_deleted": False,
            },
            {
                "index": 1, "area_id": "A1", "name": "East", "colour": "#ecd3a0",
                "is_locked": False, "is_mine": True, "is_deleted": False,
            },
        ],
        "words": SAID,
        "canEdit": False,
        "locked": ["8940a1d4c2bffff"],
        "mixed": [],
        "undo": 2,
        "redo": 0,
        "byCells": True,
        "language": "en",
        "selectionDone": None,
    }  # fmt: skip


def test_missing_words_are_named() -> None:
    few = RedrawUpdate(plan="P7", actor="lin", seq=0, areas=(), words={"brush": "Brush"})
    with pytest.raises(KeyError, match="lasso"):
        few.state()


def test_it_travels_behind_the_hexagons_and_stays_text() -> None:
    hexes = HexUpdate(url="/cells/1/P7/areas.bin", scale=Scale(("#b9d3a4",), kind="areas"))
    payload = MapUpdate(hexes=hexes, redraw=update()).payload()
    assert "</script>" not in payload
    parts = json.loads(payload)["parts"]
    assert list(parts) == ["places", "hexes", "redraw"]
    assert parts["redraw"] == update().state()


def test_a_map_is_redrawn_only_where_asked_for() -> None:
    plain = build_map((30.5, 114.3), 11).get_root().render()
    tools = build_map((30.5, 114.3), 11, redraw=True).get_root().render()
    assert "GridCells.Redraw(" not in plain
    assert tools.index("GridCells.HexLayer(") < tools.index("GridCells.Redraw(")
    assert all(name in tools for name in (*TOOLS, "redraw.css"))


def test_an_event_carries_the_plan_s_number_beside_its_own() -> None:
    fact = {
        "part": "redraw", "seq": 1764, "seq_of_plan": 12, "view": "30.5,114.3,11",
        "bounds": "114,30,115,31",
    }  # fmt: skip
    assert read_event(fact).plan_seq == 12
    assert read_event({**fact, "seq_of_plan": None}).plan_seq is None
    chosen = read_event({**fact, "cells": ["8940e7a5977ffff"]})
    assert (chosen.cells, chosen.number) == (("8940e7a5977ffff",), 1764)
    assert read_event(fact).cells == ()


def test_the_tools_use_the_words_that_are_given_and_no_others() -> None:
    script = "".join((STATIC / name).read_text() for name in TOOLS)
    used = set(re.findall(r"\bwords\.(\w+)", script))
    used |= {
        "view",
        "brush",
        "lasso",
        "fill",
        "pick",
        "lock",
        "select",
        "divide",
        "merge",
        "less",
        "more",
        "undo",
        "redo",
    }
    used |= {"saved", "saving", "read_only"}
    used |= {
        f"{how}_{why}" for how in ("waiting", "idle") for why in ("line", "server", "signed_out")
    }
    assert used == set(WORDS)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_words_of_the_test_site_are_complete(language: str) -> None:
    words = json.loads(Path(__file__).with_name("redraw_site").joinpath("words.json").read_text())
    assert set(words[language]) == set(WORDS)
