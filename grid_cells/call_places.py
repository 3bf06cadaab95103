"""Calls without a transformer: which group covers their place, and which lie side by side."""

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from grid_cells.call_habits import log_delay
from grid_cells.call_network import CallNetwork
from grid_cells.call_rules import Rules
from grid_cells.feeder_trees import Floats, Ints

_NEIGHBOURS = 8


def covered(
    calls: pd.DataFrame, covers: pd.DataFrame, net: CallNetwork, rules: Rules
) -> pd.DataFrame:
    """The likeliest group of each call that has a place: call, label, distance_m.

    calls: call, x_m, y_m, at_min, tree (-1: any feeder); covers: node, label, start_min, end_min,
    is_single. A call is held to be the caller's own trouble where that is likelier.
    """
    near = _near_nodes(calls, net, rules)
    choices = near.merge(covers, on="node")
    begun = choices["at_min"] >= choices["start_min"] - rules.early_min
    choices = choices[begun & (choices["at_min"] <= choices["end_min"])]
    # a nested outage that began later is told apart from the wider one by its fresher calls
    wait = (choices["at_min"] - choices["start_min"]).to_numpy(np.float64)
    far = (choices["distance_m"] / rules.place_spread_m).to_numpy() ** 2 / 2
    customers = net.customers[choices["node"]]
    rate = np.log(customers * np.median(rules.shares)) + log_delay(
        wait, rules.delays_min[-1], rules
    )
    single = np.where(choices["is_single"], rules.single_cost, 0.0)
    choices = choices.assign(score=rate - far - single)
    own = np.log(rules.home_rate * net.customers[near["node"]])
    own -= (near["distance_m"] / rules.place_spread_m).to_numpy() ** 2 / 2
    alone = near.assign(score=own).groupby("call")["score"].max()
    best = choices.sort_values(["call", "score", "label"], ascending=[True, False, True])
    best = best.drop_duplicates("call")
    return best.loc[
        best["score"].to_numpy() > alone.reindex(best["call"]).to_numpy(),
        ["call", "label", "distance_m"],
    ]


def _near_nodes(calls: pd.DataFrame, net: CallNetwork, rules: Rules) -> pd.DataFrame:
    nodes = np.flatnonzero(np.isfinite(net.x_m))
    here = calls[calls["x_m"].notna()]
    columns = {"call": np.int64, "at_min": float, "node": np.int64, "distance_m": float}
    if here.empty or not len(nodes):
        return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in columns.items()})
    tree = cKDTree(np.column_stack([net.x_m[nodes], net.y_m[nodes]]))
    count = min(_NEIGHBOURS, len(nodes))
    gap, found = tree.query(
        here[["x_m", "y_m"]].to_numpy(), np.arange(1, count + 1), distance_upper_bound=rules.reach_m
    )
    row, at = np.nonzero(np.isfinite(gap))
    near = pd.DataFrame(
        {
            "call": here["call"].to_numpy()[row],
            "at_min": here["at_min"].to_numpy()[row],
            "node": nodes[found[row, at]],
            "distance_m": gap[row, at],
        }
    )
    asked = here["tree"].to_numpy()[row]
    fits = (asked < 0) | (net.tree[near["node"].to_numpy()] == asked)
    kept: pd.DataFrame = near.loc[fits]
    return kept


def of_feeder(
    calls: pd.DataFrame, covers: pd.DataFrame, net: CallNetwork, rules: Rules
) -> pd.DataFrame:
    """The likeliest group of the feeder for calls with a feeder and no place: call, label."""
    spread = covers.assign(tree=net.tree[covers["node"]], homes=net.customers[covers["node"]])
    spans = ["tree", "label", "start_min", "end_min", "is_single"]
    out = spread.groupby(spans, as_index=False).agg({"homes": "sum"})
    here = calls[calls["x_m"].isna() & (calls["tree"] >= 0)]
    choices = here.merge(out, on="tree")
    begun = choices["at_min"] >= choices["start_min"] - rules.early_min
    choices = choices[begun & (choices["at_min"] <= choices["end_min"])]
    wait = (choices["at_min"] - choices["start_min"]).to_numpy(np.float64)
    rate = np.log(choices["homes"]) + log_delay(wait, rules.delays_min[-1], rules)
    choices = choices.assign(score=rate - rules.single_cost * choices["is_single"])
    order = choices.sort_values(["call", "score", "label"], ascending=[True, False, True])
    return order.drop_duplicates("call")[["call", "label"]]


def side_by_side(x_m: Floats, y_m: Floats, at_min: Floats, rules: Rules) -> Ints:
    """Number of the cluster of each call: chains of calls near in place and time."""
    count = len(x_m)
    here = np.flatnonzero(np.isfinite(x_m))
    points = np.column_stack([x_m[here], y_m[here]])
    pairs = cKDTree(points).query_pairs(rules.near_m, output_type="ndarray") if len(here) else []
    pairs = np.asarray(pairs, dtype=np.int64).reshape(-1, 2)
    ends = here[pairs]
    ends = ends[np.abs(at_min[ends[:, 0]] - at_min[ends[:, 1]]) <= rules.near_min]
    links = coo_array((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(count, count))
    return np.asarray(connected_components(links, directed=False)[1], dtype=np.int64)
