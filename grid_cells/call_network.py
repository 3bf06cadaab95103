"""The network that calls are heard from: transformers as numbered nodes in order of feeder."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from grid_cells.call_rules import Rules
from grid_cells.distance import EARTH_RADIUS_M
from grid_cells.feeder_trees import Floats, Ints

Texts = NDArray[np.object_]


@dataclass(frozen=True)
class CallNetwork:
    """Nodes in order of tree; a transformer without a feeder is a tree of its own."""

    transformer_id: Texts
    feeder_id: Texts
    tree: Ints
    x_m: Floats
    y_m: Floats
    customers: Floats
    middle: tuple[float, float]

    def nodes_of(self, transformer_id: pd.Series) -> Ints:
        """Node of each transformer, -1 where it is missing."""
        return np.asarray(pd.Index(self.transformer_id).get_indexer(pd.Index(transformer_id)))

    def trees_of(self, feeder_id: pd.Series) -> Ints:
        """Tree of each feeder, -1 where it is missing or has no transformer."""
        first = np.flatnonzero(np.append(True, self.tree[1:] != self.tree[:-1]))
        first = first[: len(self.tree)]
        first = first[pd.notna(self.feeder_id[first])]
        found = pd.Index(self.feeder_id[first]).get_indexer(pd.Index(feeder_id))
        named = np.append(self.tree[first], -1)[found]  # -1, for what is not there, is the last
        return np.where(feeder_id.notna().to_numpy(), named, -1)

    def metres(self, lon: pd.Series, lat: pd.Series) -> tuple[Floats, Floats]:
        """Metres east and north of the network's middle; good within some 100 km."""
        x = np.radians(lon.to_numpy(np.float64) - self.middle[0]) * EARTH_RADIUS_M
        y = np.radians(lat.to_numpy(np.float64) - self.middle[1]) * EARTH_RADIUS_M
        return x * np.cos(np.radians(self.middle[1])), y


def read_network(network: pd.DataFrame, calls: pd.DataFrame, rules: Rules) -> CallNetwork:
    """The network with those transformers added that only calls tell of."""
    known = network[["transformer_id", "feeder_id", "lon", "lat", "customers"]]
    told = calls.loc[calls["transformer_id"].notna(), ["transformer_id", "feeder_id"]]
    told = told[~told["transformer_id"].isin(known["transformer_id"])]
    told = told.sort_values(["transformer_id", "feeder_id"]).drop_duplicates("transformer_id")
    both = [table for table in (known, told) if len(table)]
    held = pd.concat(both, ignore_index=True) if both else known
    held = held.reindex(columns=known.columns)
    own = "\0" + held["transformer_id"].astype("object")
    held = held.assign(of=held["feeder_id"].astype("object").where(held["feeder_id"].notna(), own))
    held = held.sort_values(["of", "transformer_id"], kind="stable", ignore_index=True)
    middle = _middle(network if len(network) else calls)
    net = CallNetwork(
        held["transformer_id"].to_numpy(object),
        held["feeder_id"].to_numpy(object),
        pd.factorize(held["of"])[0].astype(np.int64),
        np.zeros(0),
        np.zeros(0),
        np.maximum(held["customers"].fillna(rules.unknown_customers).to_numpy(np.float64), 1.0),
        middle,
    )
    x, y = net.metres(held["lon"].astype(float), held["lat"].astype(float))
    return replace(net, x_m=x, y_m=y)


def _middle(places: pd.DataFrame) -> tuple[float, float]:
    lon, lat = places["lon"].astype(float).median(), places["lat"].astype(float).median()
    return (0.0, 0.0) if np.isnan(lon) or np.isnan(lat) else (float(lon), float(lat))


def placed(net: CallNetwork, nodes: Ints) -> tuple[Floats, Floats]:
    """Metres of the nodes; those without a position stand in the middle of their feeder."""
    frame = pd.DataFrame({"x": net.x_m[nodes], "y": net.y_m[nodes]})
    middles = frame.groupby(net.tree[nodes]).transform("median")
    filled = frame.fillna(middles).fillna(0.0)
    return filled["x"].to_numpy(), filled["y"].to_numpy()
