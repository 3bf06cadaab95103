"""Streets as people on foot use them."""

from typing import Final

import pandas as pd

from grid_cells.travel_time import WALK_KMH

FORBIDDEN: Final = ("motorway", "motorway_link", "trunk_link")
"""Classes of street on which nobody walks (OpenStreetMap's `highway`)."""


def on_foot(edges: pd.DataFrame) -> pd.DataFrame:
    """The pieces of street that one may walk along, in both directions, at walking pace.

    `edges`: as `streets.build_graph` takes them. Closures are those of traffic: people walk past.
    """
    held = edges
    if "highway" in edges:
        held = edges[~edges["highway"].isin(FORBIDDEN)]
    return held.assign(maxspeed_kmh=WALK_KMH, oneway="both")
