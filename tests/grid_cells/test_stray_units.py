"""Which area takes a unit that is in none: worked by hand on small grounds, and laws on any."""

from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from grid_cells.stray_units import Ground, crossing, groups, receiver
from grid_cells.unit_graph import UnitGraph

NONE = -1


def ground(
    area: list[int], pairs: list[tuple[int, int]], *, x: Any = None, y: Any = None, **given: Any
) -> Ground:
    """Units of 10 customers on a line of 100 m steps, unless told otherwise."""
    count = len(area)
    left, right = (np.array([p[n] for p in pairs], dtype=np.int64) for n in (0, 1))
    weight = np.asarray(given.get("weight", [10.0] * count), dtype=float)
    places = np.arange(count) * 100.0 if x is None else np.asarray(x, dtype=float)
    heights = np.zeros(count) if y is None else np.asarray(y, dtype=float)
    graph = UnitGraph(weight, left, right, np.ones(len(pairs)), places, heights)
    areas = max([*area, 0, given.get("areas", 1) - 1]) + 1
    barred = set(given.get("barred", ()))

    def crosses(one: Any, other: Any) -> Any:
        both = zip(one.tolist(), other.tolist(), strict=True)
        return np.array([tuple(sorted(pair)) in barred for pair in both], dtype=bool)

    return Ground(
        graph, np.array(area, dtype=np.int64),
        np.array(given.get("station", [0] * count)),
        np.array(given.get("area_station", [0] * areas)),
        np.array(given.get("may_take", [True] * areas)), crosses,
    )  # fmt: skip


def rows(*one: int) -> Any:
    return np.array(one, dtype=np.int64)


STAR = [(0, n) for n in range(1, 7)]
"""One unit in the middle of six."""
ROUND = ([0, 2, 1, -1, -2, -1, 1], [0, 0, 2, 2, 0, -2, -2])


def star(*area: int, **given: Any) -> Ground:
    return ground([NONE, *area], STAR, x=ROUND[0], y=ROUND[1], **given)


def test_the_area_with_most_of_the_border_takes_it() -> None:
    gift = receiver(star(1, 1, 1, 1, 0, 0), rows(0))
    assert gift is not None
    assert (gift.to, gift.sides, gift.of, gift.is_parted) == (1, 4, 6, False)
    assert gift.share == pytest.approx(10 / 40)


def test_of_equal_borders_the_nearer_takes_it_and_of_equal_distance_the_one_with_less_work() -> (
    None
):
    nearer = receiver(ground([0, NONE, 1], [(0, 1), (1, 2)], x=[0, 100, 150]), rows(1))
    assert nearer is not None
    assert (nearer.to, nearer.distance_m) == (1, 50.0)
    lighter = receiver(ground([0, NONE, 1], [(0, 1), (1, 2)], weight=[30, 10, 20]), rows(1))
    assert lighter is not None
    assert (lighter.to, lighter.share) == (1, 0.5)
    alike = receiver(ground([1, NONE, 0], [(0, 1), (1, 2)]), rows(1))
    assert alike is not None
    assert alike.to == 0


def test_a_border_along_a_river_does_not_count() -> None:
    one = ground([0, NONE, NONE, 1], [(0, 1), (1, 2), (2, 3)], barred=[(0, 1)])
    gift = receiver(one, rows(1, 2))
    assert gift is not None
    assert (gift.to, gift.sides, gift.of) == (1, 1, 2)


def test_where_nobody_touches_the_nearest_on_this_side_of_the_river_takes_it() -> None:
    near_over_the_river = ground([0, NONE, 1], [], x=[0, 100, 500], barred=[(0, 1)])
    gift = receiver(near_over_the_river, rows(1))
    assert gift is not None
    assert (gift.to, gift.sides, gift.distance_m, gift.is_parted) == (1, 0, 400.0, False)
    only_over_the_river = ground([0, NONE], [], barred=[(0, 1)])
    gift = receiver(only_over_the_river, rows(1))
    assert gift is not None
    assert (gift.to, gift.is_parted) == (0, True)


def test_its_own_station_comes_before_a_longer_border() -> None:
    mixed = star(0, 0, 0, 0, 0, 1, station=[7] * 7, area_station=[5, 7])
    assert receiver(mixed, rows(0)).to == 1  # type: ignore[union-attr]
    unknown = star(0, 0, 0, 0, 0, 1, station=[-1] * 7, area_station=[5, 7])
    assert receiver(unknown, rows(0)).to == 0  # type: ignore[union-attr]
    without_an_area = star(0, 0, 0, 0, 0, 1, station=[9] * 7, area_station=[5, 7])
    assert receiver(without_an_area, rows(0)).to == 0  # type: ignore[union-attr]


def test_only_areas_that_may_take_are_asked_and_only_those_named() -> None:
    shut = star(0, 0, 0, 0, 0, 1, may_take=[False, True])
    assert receiver(shut, rows(0)).to == 1  # type: ignore[union-attr]
    assert receiver(star(0, 0, 0, 0, 0, 1), rows(0), rows(1)).to == 1  # type: ignore[union-attr]
    assert receiver(star(0, 0, 0, 0, 0, 0, may_take=[False]), rows(0)) is None
    assert receiver(star(0, 0, 0, 0, 0, 0), rows(0), rows()) is None


def test_an_area_without_anybody_has_no_share() -> None:
    gift = receiver(ground([NONE], [], areas=1), rows(0))
    assert gift is not None
    assert gift.to == 0
    assert np.isnan(gift.share)
    assert np.isinf(gift.distance_m)


def test_strays_that_touch_go_together_but_not_over_a_river_nor_between_stations() -> None:
    line = [(n, n + 1) for n in range(5)]
    one = ground(
        [NONE, NONE, 0, NONE, NONE, NONE], line, barred=[(0, 1)], station=[1, 1, 1, 1, 1, 2]
    )
    found = [group.tolist() for group in groups(one, rows(0, 1, 3, 4, 5))]
    assert found == [[0], [1], [3, 4], [5]]
    assert groups(one, rows()) == []


def test_barriers_part_places_on_their_two_sides() -> None:
    river = shapely.LineString([(1, -1), (1, 1)])
    crosses = crossing([0, 2, 0.5, np.nan], [0, 0, 0, 0], [river])
    assert crosses(rows(0, 0, 1, 0), rows(1, 2, 2, 3)).tolist() == [True, False, True, False]
    open_land = crossing([0, 2], [0, 0], [])
    assert open_land(rows(0), rows(1)).tolist() == [False]


@st.composite
def grounds(draw: st.DrawFn) -> Ground:
    count = draw(st.integers(2, 14))
    area = draw(st.lists(st.integers(-2, 3), min_size=count, max_size=count))
    every = [(a, b) for a in range(count) for b in range(a + 1, count)]
    pairs = draw(st.lists(st.sampled_from(every), unique=True, max_size=25))
    barred = draw(st.lists(st.sampled_from(every), unique=True, max_size=8))
    station = draw(st.lists(st.integers(-1, 2), min_size=count, max_size=count))
    x, y = (draw(st.lists(st.integers(0, 999), min_size=count, max_size=count)) for _ in "xy")
    return ground(
        area, pairs, x=x, y=y, barred=barred, station=station, areas=4,
        area_station=draw(st.lists(st.integers(-1, 2), min_size=4, max_size=4)),
        may_take=draw(st.lists(st.booleans(), min_size=4, max_size=4)),
    )  # fmt: skip


@given(grounds())
def test_groups_part_the_strays_and_the_receiver_has_no_less_border_than_any_other(
    one: Ground,
) -> None:
    stray = np.flatnonzero(one.area == NONE)
    found = groups(one, stray)
    assert sorted(np.concatenate([*found, rows()]).tolist()) == stray.tolist()
    for group in found:
        assert len(set(one.station[group].tolist())) == 1
        gift = receiver(one, group)
        if gift is None:
            assert not one.may_take.any()
            continue
        assert one.may_take[gift.to]
        assert 0 <= gift.sides <= gift.of
        again = receiver(one, group, np.array([gift.to]))
        assert again == gift or (np.isnan(gift.share) and again.to == gift.to)  # type: ignore[union-attr]
        own = one.area_station[gift.to] == one.station[group[0]]
        for rival in np.flatnonzero(one.may_take).tolist():
            if own and one.area_station[rival] != one.area_station[gift.to]:
                continue
            other = receiver(one, group, np.array([rival]))
            assert other is not None
            assert other.sides <= gift.sides
