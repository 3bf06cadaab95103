"""Lines that cross become streets that meet."""

import numpy as np
import pandas as pd
import shapely

from grid_cells.sample_city.noding import connected_part, keep_reachable, node_lines


def lines(*points: list[tuple[float, float]]) -> pd.DataFrame:
    shapes = np.array([shapely.LineString(line) for line in points], dtype=object)
    return pd.DataFrame({"geometry": shapes, "name": [f"s{n}" for n in range(len(points))]})


def corners(frame: pd.DataFrame) -> list[list[tuple[float, float]]]:
    return [list(line.coords) for line in frame["geometry"]]


def test_two_lines_that_cross_share_a_vertex() -> None:
    noded = node_lines(lines([(0, 0), (100, 0)], [(50, -50), (50, 50)]))
    assert corners(noded) == [[(0, 0), (50, 0), (100, 0)], [(50, -50), (50, 0), (50, 50)]]


def test_an_end_that_overshoots_by_little_is_cut_off() -> None:
    noded = node_lines(lines([(0, 0), (100, 0)], [(50, -4), (50, 60)]))
    assert corners(noded) == [[(0, 0), (50, 0), (100, 0)], [(50, 0), (50, 60)]]


def test_a_longer_dead_end_stays() -> None:
    noded = node_lines(lines([(0, 0), (100, 0)], [(50, -30), (50, 60)]))
    assert corners(noded)[1] == [(50, -30), (50, 0), (50, 60)]


def test_lines_that_do_not_meet_stay_as_they_are() -> None:
    given = lines([(0, 0), (100, 0)], [(0, 50), (100, 50)])
    assert corners(node_lines(given)) == corners(given)


def test_lines_that_meet_at_their_ends_still_meet() -> None:
    given = lines([(0, 0), (100, 0)], [(100, 0), (100, 80)], [(96, -20), (96, 20)])
    noded = corners(node_lines(given))
    assert noded[0] == [(0, 0), (96, 0), (100, 0)]
    assert noded[1] == [(100, 0), (100, 80)]


def test_only_the_largest_web_is_kept() -> None:
    given = lines([(0, 0), (100, 0)], [(100, 0), (100, 80)], [(500, 0), (500, 90)])
    assert connected_part(given)["name"].tolist() == ["s0", "s1"]


def test_a_oneway_dead_end_is_opened_again_and_a_round_trip_stays() -> None:
    loop = lines([(0, 0), (100, 0)], [(100, 0), (0, 100), (0, 0)], [(100, 0), (200, 0)])
    wanted = np.array([True, True, True])
    assert keep_reachable(loop["geometry"].to_numpy(), wanted).tolist() == [True, True, False]
