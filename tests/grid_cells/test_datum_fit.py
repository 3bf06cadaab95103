import numpy as np
import pytest

from grid_cells.cells import points_to_cells
from grid_cells.datum import DatumFit, fit_datum, from_wgs84

TOWN = (108.94, 34.26)
Points = tuple[np.ndarray, np.ndarray]


def town(seed: int, transformers: int = 40, customers: int = 1600) -> tuple[Points, Points]:
    """Customers within some 150 m of their transformer, and that transformer."""
    random = np.random.default_rng(seed)
    stations = random.normal(TOWN, 0.02, (transformers, 2))
    own = stations[np.arange(customers) % transformers]
    homes = own + random.normal(0, 0.0012, own.shape)
    return (homes[:, 0], homes[:, 1]), (own[:, 0], own[:, 1])


def street_nodes(seed: int) -> Points:
    """Crossings of a crooked town, about 150 m apart."""
    random = np.random.default_rng(seed)
    grid = np.stack(np.meshgrid(np.arange(60), np.arange(60)), axis=-1).reshape(-1, 2) * 0.0015
    nodes = grid + random.normal(0, 0.0003, grid.shape) + TOWN
    return nodes[:, 0], nodes[:, 1]


@pytest.mark.parametrize("real", ["wgs84", "gcj02", "bd09"])
@pytest.mark.parametrize("stated", ["wgs84", "cgcs2000", "gcj02", "bd09"])
def test_transformers_tell_the_datum_whatever_is_stated(real: str, stated: str):
    homes, own = town(1)
    fit = fit_datum(*from_wgs84(*homes, real), stated, reference=own, paired=True)
    expected = stated if (real, stated) == ("wgs84", "cgcs2000") else real
    assert fit.best == expected or {fit.best, real} == {"cgcs2000", "wgs84"}
    assert fit.stated == stated
    assert fit.sampled == 1600
    assert fit.median_distance_m[fit.best] == min(fit.median_distance_m.values())


def test_the_cells_that_would_change_are_counted():
    homes, own = town(2)
    x, y = from_wgs84(*homes, "gcj02")
    fit = fit_datum(x, y, "wgs84", reference=own, paired=True)
    moved = points_to_cells(x, y, 9) != points_to_cells(*homes, 9)
    assert fit.changed_cells == int(moved.sum())
    assert fit.changed_cells == 1600  # all, as a shift of 500 m leaves every cell of resolution 9


@pytest.mark.parametrize("real", ["wgs84", "gcj02", "bd09"])
@pytest.mark.parametrize("stated", ["wgs84", "gcj02"])
def test_streets_tell_the_datum_of_homes_along_them(real: str, stated: str):
    nodes = street_nodes(3)
    random = np.random.default_rng(4)
    at = random.choice(len(nodes[0]), 1500)
    homes = nodes[0][at] + random.normal(0, 1e-4, 1500), nodes[1][at] + random.normal(0, 1e-4, 1500)
    fit = fit_datum(*from_wgs84(*homes, real), stated, reference=nodes, paired=False)
    assert fit.best == real


def test_places_all_over_tell_nothing_so_the_stated_datum_stays():
    random = np.random.default_rng(5)
    homes = TOWN[0] + random.uniform(0, 0.08, 3000), TOWN[1] + random.uniform(0, 0.08, 3000)
    for stated in ("wgs84", "gcj02", "bd09"):
        fit = fit_datum(*homes, stated, reference=street_nodes(6), paired=False)
        assert fit.best == stated


def test_eleven_halls_kilometres_away_do_not_accuse():
    random = np.random.default_rng(7)
    homes = TOWN[0] + random.normal(0, 0.01, 2000), TOWN[1] + random.normal(0, 0.01, 2000)
    halls = TOWN[0] - 0.02 + random.normal(0, 0.005, 11), TOWN[1] + random.normal(0, 0.005, 11)
    assert fit_datum(*homes, "wgs84", reference=halls, paired=False).best == "wgs84"


def test_few_points_keep_the_stated_datum():
    homes, own = town(8, customers=12)
    fit = fit_datum(*from_wgs84(*homes, "gcj02"), "wgs84", reference=own, paired=True)
    assert fit == DatumFit("wgs84", "wgs84", {}, 0, 12)


def test_customers_of_one_transformer_keep_the_stated_datum():
    homes, own = town(9, transformers=1, customers=300)
    fit = fit_datum(*from_wgs84(*homes, "gcj02"), "wgs84", reference=own, paired=True)
    assert fit.best == "wgs84"


@pytest.mark.parametrize("paired", [True, False])
def test_without_a_reference_the_stated_datum_stays(paired: bool):
    homes, _ = town(10)
    nowhere = np.full(len(homes[0]), np.nan), np.full(len(homes[0]), np.nan)
    fit = fit_datum(*homes, "GCJ-02", reference=nowhere, paired=paired)
    assert fit == DatumFit("gcj02", "gcj02", {}, 0, 0)


def test_a_projected_code_is_measured_but_kept():
    homes, own = town(11)
    shifted = from_wgs84(*from_wgs84(*homes, "gcj02"), "EPSG:32649")
    fit = fit_datum(*shifted, "EPSG:32649", reference=own, paired=True)
    assert fit.best == "EPSG:32649"
    assert fit.median_distance_m["EPSG:32649"] == pytest.approx(500, abs=60)


def test_unplaced_customers_and_unknown_transformers_are_left_out():
    homes, own = town(12)
    x, y = (axis.copy() for axis in from_wgs84(*homes, "bd09"))
    x[:100] = np.nan
    own[0][100:200] = np.nan
    fit = fit_datum(x, y, "wgs84", reference=own, paired=True)
    assert (fit.best, fit.sampled) == ("bd09", 1400)


def test_at_most_twenty_thousand_points_are_looked_at():
    homes, own = town(13, customers=30_000)
    fit = fit_datum(*homes, "gcj02", reference=own, paired=True)
    assert (fit.best, fit.sampled) == ("wgs84", 20_000)
