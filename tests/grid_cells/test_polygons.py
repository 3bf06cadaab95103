import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from grid_cells.cells import boundaries, cells_to_hex, centres, points_to_cells
from grid_cells.polygons import claim_cells
from tests.laws import examples

RESOLUTION = 9
MIDDLE = int(points_to_cells([108.94], [34.26], RESOLUTION)[0])
LON, LAT = (float(axis[0]) for axis in centres([MIDDLE]))
PLACE = np.array([LON, LAT])
HEXAGON = boundaries([MIDDLE])[0]
WEST, SOUTH, EAST, NORTH = HEXAGON.bounds
IN_WEST, IN_EAST = ((LON + part * (EAST - WEST), LAT) for part in (-0.3, 0.3))


def areas(**shapes: shapely.Geometry) -> pd.DataFrame:
    return pd.DataFrame({"area_id": list(shapes), "geometry": list(shapes.values())})


def people(*places: tuple[float, float]) -> pd.DataFrame:
    return pd.DataFrame(places, columns=["lon", "lat"], dtype=float)


def claims_of(cell: int, claims: pd.DataFrame) -> list[tuple[str, float, str]]:
    rows = claims[claims["cell_id"] == cell]
    return [
        (row.area_id, pytest.approx(row.share, abs=1e-6), row.basis) for row in rows.itertuples()
    ]


def part_of_hexagon(west_share: float) -> tuple[shapely.Geometry, shapely.Geometry]:
    """Two wide shapes that meet on a meridian leaving this share of the middle cell in the west."""
    low, high = WEST, EAST
    for _ in range(60):
        cut = (low + high) / 2
        left = shapely.box(WEST - 1, SOUTH - 1, cut, NORTH + 1).intersection(HEXAGON).area
        low, high = (cut, high) if left / HEXAGON.area < west_share else (low, cut)
    west = shapely.box(cut - 0.02, LAT - 0.02, cut, LAT + 0.02)
    return west, shapely.box(cut, LAT - 0.02, cut + 0.02, LAT + 0.02)


def test_an_empty_cell_goes_to_the_area_covering_more_than_half():
    west, east = part_of_hexagon(0.6)
    found = claim_cells(areas(W=west, E=east), None, RESOLUTION)
    assert claims_of(MIDDLE, found) == [("W", 0.6, "area")]


def test_most_customers_outvote_the_larger_surface():
    west, east = part_of_hexagon(0.6)
    lived = people(IN_EAST, IN_EAST, IN_WEST)
    found = claim_cells(areas(W=west, E=east), lived, RESOLUTION)
    assert claims_of(MIDDLE, found) == [("E", 2 / 3, "customers")]


def test_of_equal_customers_the_larger_surface_wins():
    west, east = part_of_hexagon(0.6)
    lived = people(IN_EAST, IN_WEST)
    found = claim_cells(areas(E=east, W=west), lived, RESOLUTION)
    assert claims_of(MIDDLE, found) == [("W", 0.5, "customers")]


def test_customers_in_no_area_can_outvote_an_area():
    west, _ = part_of_hexagon(0.6)
    lived = people(IN_EAST, IN_EAST, IN_WEST)
    found = claim_cells(areas(W=west), lived, RESOLUTION)
    assert claims_of(MIDDLE, found) == []
    assert not found.empty


def test_an_area_beats_no_area_on_equal_votes():
    west, _ = part_of_hexagon(0.6)
    lived = people(IN_EAST, IN_WEST)
    found = claim_cells(areas(W=west), lived, RESOLUTION)
    assert claims_of(MIDDLE, found) == [("W", 0.5, "customers")]


def test_areas_covering_half_together_give_the_cell_to_the_larger():
    west, east = part_of_hexagon(0.4)
    north = shapely.box(WEST - 1, LAT + (NORTH - LAT) / 3, EAST + 1, NORTH + 1)
    found = claim_cells(areas(W=west, E=east.difference(north)), None, RESOLUTION)
    (area, _, basis) = claims_of(MIDDLE, found)[0]
    covered = claims_of(MIDDLE, found)[0][1]
    assert (area, basis) in {("W", "area"), ("E", "area")}
    share_w = west.intersection(HEXAGON).area / HEXAGON.area
    share_e = east.difference(north).intersection(HEXAGON).area / HEXAGON.area
    assert covered == max(share_w, share_e)
    assert max(share_w, share_e) < 0.5 < share_w + share_e


def test_areas_covering_less_than_half_together_leave_the_cell_alone():
    lower = shapely.box(LON - 0.02, LAT - 0.02, LON + 0.02, LAT - (LAT - SOUTH) * 0.7)
    found = claim_cells(areas(S=lower), None, RESOLUTION)
    assert claims_of(MIDDLE, found) == []
    assert not found.empty


def test_overlaps_are_not_counted_twice_towards_half():
    strip, _ = part_of_hexagon(0.3)
    found = claim_cells(areas(A=strip, B=strip), None, RESOLUTION)
    assert claims_of(MIDDLE, found) == []


def test_two_areas_that_both_hold_more_than_half_both_claim():
    whole = HEXAGON.buffer(0.01)
    for lived in (None, people((LON, LAT))):
        found = claim_cells(areas(A=whole, B=whole), lived, RESOLUTION)
        basis = "area" if lived is None else "customers"
        assert claims_of(MIDDLE, found) == [("A", 1.0, basis), ("B", 1.0, basis)]


def test_a_street_wide_strip_keeps_one_cell():
    west, east = part_of_hexagon(0.5)
    strip = shapely.LineString([(LON, LAT - 0.01), (LON, LAT + 0.01)]).buffer(2e-5)
    found = claim_cells(areas(W=west, E=east, strip=strip), None, RESOLUTION)
    thin = found[found["area_id"] == "strip"]
    assert thin["basis"].tolist() == ["thin"]
    assert not found["cell_id"].duplicated().any()
    assert set(found["area_id"]) == {"W", "E", "strip"}


def test_a_strip_takes_the_cell_where_its_customers_live():
    west, east = part_of_hexagon(0.5)
    strip = shapely.LineString([(LON, LAT - 0.01), (LON, LAT + 0.01)]).buffer(2e-5)
    home = (LON, LAT + 0.006)
    crowd = [(LON + 1e-4 * i, LAT + 0.006) for i in range(1, 4)]
    found = claim_cells(areas(W=west, E=east, strip=strip), people(home, *crowd), RESOLUTION)
    own = int(points_to_cells([home[0]], [home[1]], RESOLUTION)[0])
    assert found.loc[found["area_id"] == "strip", "cell_id"].tolist() == [own]


def test_courtyards_that_share_one_cell_all_stay_on_the_map():
    yards = {f"yard{i}": shapely.Point(LON + i * 1e-4, LAT).buffer(2e-5) for i in range(3)}
    found = claim_cells(areas(**yards), None, RESOLUTION)
    assert sorted(found["area_id"]) == ["yard0", "yard1", "yard2"]
    assert set(found["cell_id"]) == {MIDDLE}


def test_an_owner_of_a_single_cell_does_not_lose_it_to_a_thin_area():
    small = HEXAGON.buffer(-1e-5)
    speck = shapely.Point(LON, LAT).buffer(1e-5)
    found = claim_cells(areas(small=small, speck=speck), None, RESOLUTION)
    assert sorted(found["area_id"]) == ["small", "speck"]


def test_several_rows_of_one_area_are_one_shape_and_wkb_reads_as_well():
    west, east = part_of_hexagon(0.5)
    rows = pd.DataFrame(
        {"area_id": ["A", "A"], "geometry": [shapely.to_wkb(west), shapely.to_wkb(east)]}
    )
    found = claim_cells(rows, None, RESOLUTION)
    assert claims_of(MIDDLE, found) == [("A", 1.0, "area")]


def test_shapes_without_a_surface_claim_nothing():
    rows = areas(point=shapely.Point(LON, LAT), line=shapely.LineString([(LON, LAT), (109, 34)]))
    assert claim_cells(rows, None, RESOLUTION).empty
    assert claim_cells(areas().assign(geometry=[]), None, RESOLUTION).empty
    nothing = pd.DataFrame({"area_id": ["A"], "geometry": [None]})
    assert claim_cells(nothing, people((LON, LAT)), RESOLUTION).empty


def test_a_hole_belongs_to_nobody():
    hole = HEXAGON.buffer(1e-4)
    ring = HEXAGON.buffer(0.01).difference(hole)
    found = claim_cells(areas(ring=ring), people((LON, LAT)), RESOLUTION)
    assert MIDDLE not in found["cell_id"].tolist()


def test_unplaced_customers_do_not_vote():
    west, east = part_of_hexagon(0.6)
    lived = people((np.nan, np.nan), IN_WEST)
    found = claim_cells(areas(W=west, E=east), lived, RESOLUTION)
    assert claims_of(MIDDLE, found) == [("W", 1.0, "customers")]


@settings(max_examples=examples(25), deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 12), st.integers(0, 60))
def test_areas_that_fill_a_town_share_its_cells_without_overlap(seed: int, count: int, homes: int):
    random = np.random.default_rng(seed)
    box = shapely.box(LON - 0.02, LAT - 0.02, LON + 0.02, LAT + 0.02)
    seeds = shapely.MultiPoint(random.uniform(-0.02, 0.02, (count, 2)) + PLACE)
    shapes = shapely.get_parts(shapely.voronoi_polygons(seeds, extend_to=box)).tolist()
    drawn = areas(**{f"A{i}": shape.intersection(box) for i, shape in enumerate(shapes)})
    lived = people(*(random.uniform(-0.02, 0.02, (homes, 2)) + PLACE).tolist())
    found = claim_cells(drawn, lived, 8)
    assert set(found["area_id"]) == set(drawn["area_id"])  # none vanishes
    whole = found[found["basis"] != "thin"]
    assert not whole["cell_id"].duplicated().any()  # no conflict without overlap
    assert found["share"].between(0, 1 + 1e-9).all()
    cells = points_to_cells(lived["lon"], lived["lat"], 8)
    assert set(cells[cells != 0]) <= set(found["cell_id"])  # every customer inside is served
    assert all(len(text) == 15 for text in cells_to_hex(found["cell_id"]))
