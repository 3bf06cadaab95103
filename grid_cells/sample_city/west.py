"""The further customers of the west bank that wait in a file to be loaded."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from grid_cells.sample_city.homes import set_boxes
from grid_cells.sample_city.land import Land
from grid_cells.sample_city.network import Network
from grid_cells.sample_city.people import People, customer_frame
from grid_cells.sample_city.places import Place, story_count
from grid_cells.sample_city.split import apportion
from grid_cells.sample_city.streets import Streets

WEST_CUSTOMERS = 3_200
_PREFIX = "0421"


def west_frame(
    places: tuple[Place, ...],
    streets: Streets,
    network: Network,
    land: Land,
    *,
    end: date,
    seed: int,
) -> pd.DataFrame:
    """The columns of `customers` for 3,200 homes on the west bank, still in WGS-84, all placed."""
    total = story_count(WEST_CUSTOMERS, int(network.customers.sum()))
    west = np.array([place.kind == "west" for place in places])
    weight = np.where(west, [place.customers for place in places], 0)
    counts = apportion(total, weight, west.astype(np.int64), np.where(west, total, 0))
    more = tuple(
        replace(place, customers=int(count), transformers=1)
        for place, count in zip(places, counts, strict=True)
        if count
    )
    boxes = set_boxes(land, more, streets, seed + 1_000_003)
    box = np.repeat(np.arange(len(boxes.place)), boxes.customers)
    own = np.flatnonzero(west[network.place])
    sites = np.column_stack([network.x[own], network.y[own]])
    nearest = own[cKDTree(sites).query(np.column_stack([boxes.x, boxes.y]))[1]][box]
    use = np.zeros(len(box), dtype=np.int64)
    people = People(box, nearest, nearest, boxes.place[box], use)
    return customer_frame(
        people, more, boxes, network, streets, end=end, seed=seed + 1_000_003, prefix=_PREFIX
    )
