"""The printed sheet."""

import io

import h3
import numpy as np
from matplotlib import image

from app.maps.legend import class_rows
from app.maps.palette import on_ground, sequential
from app.maps.picture import Sheet, map_png
from app.maps.update import Scale

CELLS = np.array([h3.str_to_int(c) for c in h3.grid_disk("8940a6976cbffff", 6)])
SCALE = Scale(sequential(3), (10.0, 20.0))


def drawn(values: np.ndarray, areas: np.ndarray, title: str = "临江供电 $x$ <b>") -> np.ndarray:
    legend = class_rows(values, SCALE.breaks, SCALE.colours, unknown="未知")
    sheet = Sheet(title, "到达时间 (min)", legend, foot=["2026-11-21 14:05", "$broken"])
    cells = CELLS[: values.size]
    return image.imread(io.BytesIO(map_png(cells, areas, values, scale=SCALE, sheet=sheet)))


def share(picture: np.ndarray, colour: str) -> float:
    wanted = np.array([int(colour[k : k + 2], 16) for k in (1, 3, 5)])
    near = np.abs(picture[:, :, :3] * 255 - wanted).max(axis=2) < 3
    return float(near.mean())


def test_an_a4_sheet_with_cells_in_their_colours() -> None:
    values = np.linspace(0, 30, CELLS.size)
    picture = drawn(values, np.arange(CELLS.size) % 2)
    assert picture.shape[:2] == (1323, 1870)
    for colour in SCALE.colours:
        assert share(picture, on_ground(colour)) > 0.03


def test_no_cells_and_unknown_cells_still_make_a_sheet() -> None:
    empty = np.empty(0)
    assert drawn(empty, empty).shape[:2] == (1323, 1870)
    unknown = np.full(CELLS.size, np.nan)
    assert drawn(unknown, np.full(CELLS.size, -1)).shape[:2] == (1323, 1870)


def test_chinese_has_its_own_shapes_not_boxes() -> None:
    values = np.linspace(0, 30, CELLS.size)
    one = drawn(values, np.zeros(CELLS.size), title="临江")
    two = drawn(values, np.zeros(CELLS.size), title="供电")
    assert (one[:120] != two[:120]).any()


def test_who_took_it_when_and_what_for_stands_on_the_sheet_and_in_the_file() -> None:
    legend = class_rows(np.zeros(1), SCALE.breaks, SCALE.colours, unknown="未知")
    words = {"title": "临江", "measure": "min", "legend": legend}
    one, nothing = np.zeros(1), np.zeros(1)
    stamp = "user:7 · 2026-11-21T14:05:00+00:00 · report · internal · WGS-84"
    sheets = [Sheet(**words), Sheet(**words, stamp=stamp)]
    plain, stamped = (
        map_png(CELLS[:1], nothing, one, scale=SCALE, sheet=sheet) for sheet in sheets
    )
    drawn_plain, drawn_stamped = (image.imread(io.BytesIO(data)) for data in (plain, stamped))
    below = slice(int(0.92 * drawn_plain.shape[0]), None)
    assert (drawn_plain[below] != drawn_stamped[below]).any()
    assert b"user:7" in stamped
    assert b"user:7" not in plain
