"""The binary of a period: byte by byte, there and back."""

import numpy as np
import pandas as pd
import pytest

from app.maps import film_file
from app.maps.film_file import NEVER, SHADOW, UNPLACED, decode, encode
from tests.grid_cells.test_outage_film import at, spans_of

CELL = 0x8928308280FFFFF
CELLS = pd.DataFrame({"cell_id": [CELL], "customers": [284], "area_index": [3]})
OUTAGES = pd.DataFrame(
    {
        "outage_id": ["A", "B"],
        "lon": [112.5, np.nan],
        "lat": [30.4, np.nan],
        "started_at": pd.to_datetime([at(-2), at(20)], utc=True),
        "ended_at": pd.to_datetime([at(60), None], utc=True),
        "estimate": pd.to_datetime([at(50), None], utc=True),
        "customers": [10, 2],
        "kind": ["urgent", "what"],
        "important": [0, 1],
        "life_support": [0, 0],
        "marked": [0, 1],
        "parent_outage_id": [None, "A"],
    }
)
SPANS = spans_of(
    ("A", CELL, -2, 60, 10, False), ("B", 0, 20, None, 1, False), ("B", CELL, 20, 60, 2, True)
)


def encoded(**changed: object) -> bytes:
    named = {"outages": OUTAGES, "spans": SPANS, "cells": CELLS} | changed
    return encode(**named, first=at(0), last=at(120), resolution=9)  # type: ignore[arg-type]


def test_every_column_comes_back() -> None:
    found = decode(encoded())
    assert (found.last - found.first, found.resolution) == (7200.0, 9)
    assert found.first == at(0).timestamp()
    assert {name: column.tolist() for name, column in found.cells.items()} == {
        "cell": [CELL], "customers": [284], "area": [3],
    }  # fmt: skip
    told = {name: column.tolist() for name, column in found.outages.items() if name[0] != "l"}
    assert told == {
        "start": [-120, 1200], "end": [3600, NEVER], "estimate": [3000, NEVER],
        "customers": [10, 2], "kind": [2, 0], "flags": [0, 3],
    }  # fmt: skip
    assert np.isnan(found.outages["lon"][1])
    assert {name: column.tolist() for name, column in found.spans.items()} == {
        "cell": [0, UNPLACED, SHADOW], "outage": [0, 1, 1], "out": [-120, 1200, 1200],
        "back": [3600, NEVER, 3600], "customers": [10, 1, 2],
    }  # fmt: skip


def test_the_layout_is_as_promised() -> None:
    data = encoded(outages=OUTAGES.iloc[:0], spans=SPANS.iloc[:0])
    assert data[:4] == b"GCO1"
    assert len(data) == 40 + 8 + 4 + 4  # two bytes of area are padded to four
    assert data[40:48] == CELL.to_bytes(8, "little")


def test_what_is_announced_is_marked() -> None:
    data = encode(OUTAGES, SPANS, CELLS, first=at(0), last=at(9), resolution=9, is_ahead=True)
    assert decode(data).outages["flags"].tolist() == [4, 7]
    assert film_file.ANNOUNCED == 4


def test_spans_of_nothing_known_are_refused() -> None:
    with pytest.raises(KeyError):
        encoded(outages=OUTAGES.iloc[:1])
    with pytest.raises(KeyError):
        encoded(cells=CELLS.iloc[:0])


@pytest.mark.parametrize("size", [0, 39, 60, -1])
def test_anything_else_is_no_film(size: int) -> None:
    with pytest.raises(ValueError, match="film"):
        decode(encoded()[:size])
    with pytest.raises(ValueError, match="film"):
        decode(b"GCH1" + encoded()[4:])
