"""Where names stand: in their areas, apart from each other."""

import itertools

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from grid_cells.label_places import Label, arrange, middle_of

SQUARE = shapely.box(0, 0, 10, 10)


def box_of(label: Label, size: tuple[float, float]) -> shapely.Polygon:
    w, h = size[0] / 2, size[1] / 2
    return shapely.box(label.x - w, label.y - h, label.x + w, label.y + h)


def test_the_middle_is_that_of_the_largest_circle_in_the_largest_part() -> None:
    parts = shapely.MultiPolygon([shapely.box(20, 0, 22, 2), SQUARE])
    assert middle_of(parts) == pytest.approx((5, 5, 5), abs=0.2)


def test_the_best_size_that_fits_is_taken_and_the_number_where_no_name_does() -> None:
    offers = [(20, 2), (9, 2), (4, 1), (1, 1)]
    assert arrange([SQUARE], [offers])[0].choice == 1
    assert arrange([SQUARE], [[(30, 2), (30, 4), (1, 1)]])[0].choice == 2


def test_a_name_keeps_off_signs() -> None:
    label = arrange([SQUARE], [[(4, 2), (1, 1)]], signs=[(5, 5, 2)])[0]
    assert label.choice == 0
    assert not box_of(label, (4, 2)).intersects(shapely.box(4.1, 4.1, 5.9, 5.9))
    assert SQUARE.contains(box_of(label, (4, 2)))


def test_a_ring_is_named_on_its_ground_not_in_its_hole() -> None:
    ring = SQUARE.difference(shapely.box(3, 3, 7, 7))
    label = arrange([ring], [[(2, 2), (1, 1)]])[0]
    assert ring.intersection(box_of(label, (2, 2))).area > 3.8


def test_without_any_room_the_number_still_stands() -> None:
    signs = [(x + 0.5, y + 0.5, 1.0) for x in range(-20, 30) for y in range(-20, 30)]
    label = arrange([SQUARE], [[(4, 2), (1, 1)]], signs=signs)[0]
    assert (label.choice, label.x, label.y) == (
        1,
        pytest.approx(5, abs=0.2),
        pytest.approx(5, abs=0.2),
    )


@given(st.lists(st.tuples(st.integers(2, 9), st.integers(2, 9)), min_size=1, max_size=12))
def test_names_lie_mostly_in_their_own_area_and_never_on_another(
    sides: list[tuple[int, int]],
) -> None:
    shapes, x = [], 0
    for width, height in sides:
        shapes.append(shapely.box(x, 0, x + width, height))
        x += width
    offers = [[(8.0, 1.0), (4.0, 1.0), (0.5, 0.5)]] * len(shapes)
    labels = arrange(shapes, offers, margin=0.1)
    boxes = [box_of(label, offers[n][label.choice]) for n, label in enumerate(labels)]
    for one, other in itertools.combinations(boxes, 2):
        assert one.intersection(other).area < 1e-9
    for shape, box, label in zip(shapes, boxes, labels, strict=True):
        if label.choice < 2:
            assert shape.intersection(box).area >= 0.6 * box.area - 1e-9
