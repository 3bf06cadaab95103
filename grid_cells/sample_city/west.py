"""The further customers of the west bank that wait in a file to be loaded."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from grid_cells.datum import from_wgs84
from grid_cells.sample_city.archive import customer_frame
from grid_cells.sample_city.ground import Ints
from grid_cells.sample_city.homes import Boxes, set_boxes
from grid_cells.sample_city.layout import Layout
from grid_cells.sample_city.people import People
from grid_cells.sample_city.places import Place, story_count
from grid_cells.sample_city.split import apportion

WEST_CUSTOMERS = 3_200
_PREFIX = "0421"
_OTHER_SEED = 1_000_003


def west_frame(layout: Layout, *, end: date, seed: int) -> pd.DataFrame:
    """The columns of `customers` for 3,200 homes on the west bank, all placed, in GCJ-02."""
    seed += _OTHER_SEED
    places = _more_homes(layout)
    boxes = set_boxes(layout.land, places, layout.streets, seed)
    box = np.repeat(np.arange(len(boxes.place)), boxes.customers)
    feeds = _nearest_transformer(layout, boxes)[box]
    people = People(box, feeds, feeds, boxes.place[box], np.zeros(len(box), dtype=np.int64))
    more = replace(layout, places=places, boxes=boxes, people=people)
    frame = customer_frame(more, end=end, seed=seed, prefix=_PREFIX)
    lon, lat = from_wgs84(frame["lon"].to_numpy(), frame["lat"].to_numpy(), "gcj02")
    return frame.assign(lon=np.round(lon, 7), lat=np.round(lat, 7))


def _more_homes(layout: Layout) -> tuple[Place, ...]:
    """The west bank's places, with the new homes in proportion to the old."""
    total = story_count(WEST_CUSTOMERS, int(layout.network.customers.sum()))
    west = [place for place in layout.places if place.kind == "west"]
    weight = np.array([place.customers for place in west], dtype=float)
    least, most = np.ones(len(west), dtype=np.int64), np.full(len(west), total)
    counts = apportion(total, weight, least, most).tolist()
    return tuple(
        replace(place, customers=n, transformers=1) for place, n in zip(west, counts, strict=True)
    )


def _nearest_transformer(layout: Layout, boxes: Boxes) -> Ints:
    """Of each box, the nearest transformer of the west bank."""
    network = layout.network
    is_west = np.array([place.kind == "west" for place in layout.places])
    own = np.flatnonzero(is_west[network.place])
    tree = cKDTree(np.column_stack([network.x[own], network.y[own]]))
    return np.asarray(own[tree.query(np.column_stack([boxes.x, boxes.y]))[1]])
