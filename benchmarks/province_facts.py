"""Made-up cell facts of a province, as `gridcells rollup` writes them: dense cities, thin country.

Nothing in it is real. Cities have a core and suburbs around it, towns are small, villages lie
anywhere; a tenth of the cells is mountain with a few huts. Meters fail by district and by day.
"""

from datetime import date, timedelta
from pathlib import Path

import h3.api.numpy_int as h3
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from grid_cells.cells import centres, parents

CENTRE = (28.2, 112.0)
RESOLUTION, ROOT = 9, 4
KM_A_DEGREE = 111.2

Cells = NDArray[np.int64]
Floats = NDArray[np.float64]


def cells(count: int, resolution: int = RESOLUTION) -> Cells:
    """About so many cells in one piece, made of whole cells five resolutions coarser, in order."""
    root = resolution - (RESOLUTION - ROOT)
    whole = max(1, round(count / 7 ** (resolution - root)))
    rings = 0
    while 3 * rings * (rings + 1) + 1 < whole:
        rings += 1
    wanted = h3.grid_disk(h3.latlng_to_cell(*CENTRE, root), rings)[:whole]
    found = [np.asarray(h3.cell_to_children(int(one), resolution)) for one in wanted]
    return np.sort(np.concatenate(found).astype(np.int64))


def customers(places: Cells, seed: int) -> Cells:
    """Customers of each cell: cities by Zipf's law, towns, villages, empty mountains."""
    rng = np.random.default_rng(seed)
    lon, lat = centres(places)
    east = (lon - lon.mean()) * KM_A_DEGREE * np.cos(np.radians(lat.mean()))
    north = (lat - lat.mean()) * KM_A_DEGREE
    people = rng.lognormal(1.4, 1.1, len(places))  # villages
    reach = float(np.hypot(east, north).max())
    for at in range(14 + 240):
        is_city = at < 14
        x, y = rng.uniform(-0.8, 0.8, 2) * reach
        wide = rng.uniform(5, 12) if is_city else rng.uniform(0.9, 2.4)
        most = 3000 / (at + 1) ** 0.6 if is_city else rng.uniform(120, 600)
        near = np.flatnonzero((np.abs(east - x) < 6 * wide) & (np.abs(north - y) < 6 * wide))
        away = np.hypot(east[near] - x, north[near] - y) / wide
        people[near] += most * (np.exp(-(away**2)) + 0.08 * np.exp(-away / 1.5))
    ranges = parents(places, 6)
    people[
        rng.permutation(np.unique(ranges).size)[np.unique(ranges, return_inverse=True)[1]] % 10 == 0
    ] *= 0.1
    return np.floor(people * rng.lognormal(0, 0.35, len(places))).astype(np.int64)


def day_table(places: Cells, homes: Cells, seed: int, number: int) -> pa.Table:
    """The facts of one day: energy where meters were read, loss where masters were."""
    rng = np.random.default_rng([seed, number])
    count = len(places)
    district = np.unique(parents(places, 5), return_inverse=True)[1]
    failing = rng.random(int(district.max()) + 1) < 0.03
    meters = homes + rng.binomial(homes, 0.03)
    share = np.where(failing[district] | (rng.random(count) < 0.01), 0.0, rng.beta(60, 1, count))
    read = rng.binomial(meters, share)
    use = 8.0 + 3.0 * np.sin(number / 5)
    energy = np.round(read * use * rng.lognormal(0, 0.25, count), 2)
    feed_in = np.round(np.where(rng.random(count) < 0.1, read * rng.gamma(1.0, 0.8, count), 0.0), 2)
    transformers = np.random.default_rng(seed + 1).poisson(homes / 90.0) + (homes > 200)
    days_known = rng.binomial(transformers, np.where(share > 0, 0.97, 0.0))
    supplied = np.round(days_known * 90 * use * rng.lognormal(0, 0.2, count), 2)
    loss = np.round(supplied * np.clip(rng.normal(0.045, 0.02, count), -0.01, 0.4), 2)
    hit = rng.random(count) < 0.004
    out = np.where(hit, rng.binomial(homes, 0.5), 0)
    is_read, is_known = read > 0, days_known > 0
    return pa.table(
        {
            "cell_id": places, "customers": homes, "meters": meters, "meters_read": read,
            "energy_kwh": pa.array(energy, mask=~is_read),
            "feed_in_kwh": pa.array(feed_in, mask=~is_read),
            "loss_kwh": pa.array(loss, mask=~is_known),
            "supplied_kwh": pa.array(supplied, mask=~is_known),
            "transformers": transformers, "days_known": days_known,
            "meters_balanced": 90 * days_known,
            "interruptions": out, "interrupted_h": np.round(out * rng.gamma(2.0, 0.6, count), 3),
            "visits": np.where(homes > 600, rng.poisson(0.4, count), 0),
        }
    )  # fmt: skip


def write(folder: Path, count: int, days: int, seed: int, last: date) -> int:
    """Write that many days up to `last` under `folder`; how many cells each has."""
    places = cells(count)
    homes = customers(places, seed)
    for number in range(days):
        day = last - timedelta(days=days - 1 - number)
        place = folder / "cell_day" / f"day={day}"
        place.mkdir(parents=True, exist_ok=True)
        pq.write_table(day_table(places, homes, seed, number), place / "part-0.parquet")
    return len(places)
