"""Legend rows and colours."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from app.maps import palette
from app.maps.legend import LegendRow, area_rows, class_of, class_rows, legend_html

NAN = float("nan")


def test_a_class_holds_its_lower_edge() -> None:
    assert class_of([14.9, 15, 29.9, 30, NAN], [15, 30]).tolist() == [0, 1, 1, 2, -1]


def test_rows_count_cells_and_end_with_the_unknown() -> None:
    rows = class_rows([5, 15, 20, 31, NAN], [15, 30], ["#a", "#b", "#c"], unknown="unknown")
    assert rows == [
        LegendRow("#a", "< 15", 1),
        LegendRow("#b", "15–30", 2),
        LegendRow("#c", "≥ 30", 1),
        LegendRow(palette.UNKNOWN, "unknown", 1, is_hatched=True),
    ]


def test_no_unknown_no_row() -> None:
    assert [row.label for row in class_rows([1], [2], ["#a", "#b"], unknown="?")] == ["< 2", "≥ 2"]


def test_colours_must_fit_the_breaks() -> None:
    with pytest.raises(ValueError, match="2 colours for 2 breaks"):
        class_rows([1], [2, 3], ["#a", "#b"], unknown="?")


@given(hnp.arrays(np.float64, st.integers(0, 60), elements=st.floats(allow_nan=True)))
def test_every_cell_is_counted_once(values: np.ndarray) -> None:
    rows = class_rows(values, [0.0, 10.0], ["#a", "#b", "#c"], unknown="?")
    assert sum(row.count for row in rows) == values.size


def test_areas_are_counted_with_those_in_none() -> None:
    rows = area_rows([0, 1, 1, 0xFFFF, -1], ["E-01", "E-02"], ["#a", "#b"], unknown="no area")
    assert [(row.label, row.count) for row in rows] == [("E-01", 1), ("E-02", 2), ("no area", 2)]


def test_names_in_a_legend_stay_text() -> None:
    shown = legend_html([LegendRow("#ffffff", "<img src=x onerror=alert(1)>", 1204)])
    assert "<img" not in shown
    assert "&lt;img src=x onerror=alert(1)&gt;" in shown
    assert "1,204" in shown


@pytest.mark.parametrize("ramp", [palette.sequential, palette.diverging])
@pytest.mark.parametrize("classes", range(1, 8))
def test_ramps_have_one_colour_a_class(ramp: object, classes: int) -> None:
    colours = ramp(classes)  # type: ignore[operator]
    assert len(set(colours)) == classes


def test_eight_classes_are_too_many() -> None:
    with pytest.raises(ValueError, match="8 classes"):
        palette.sequential(8)


def test_sequential_ramps_grow_darker() -> None:
    for classes in range(2, 8):
        shades = [brightness(colour) for colour in palette.sequential(classes)]
        assert shades == sorted(shades, reverse=True)


def brightness(colour: str) -> float:
    red, green, blue = (int(colour[k : k + 2], 16) for k in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_white_signs_stand_out_on_every_status_colour() -> None:
    for colour, _sign in palette.STATUS.values():
        parts = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        light = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
        assert 1.05 / (light + 0.05) >= 4.5


def test_a_colour_on_the_ground_is_mixed_by_its_opacity() -> None:
    assert palette.on_ground("#000000") == "#525350"
