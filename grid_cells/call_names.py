"""Which outage a group is: ids stay with most of their calls, and fixed calls never move."""

import numpy as np
import pandas as pd

from grid_cells.feeder_trees import Ints


def name_groups(held: pd.DataFrame, label: Ints, foreign: pd.Index) -> pd.Series:
    """Key of each call's group: an outage id it had already, or `new:` and its first report.

    held: report_id, outage_id (missing: none), is_fixed, node, in order of time. foreign: ids of
    outages that are not made of calls; only a hand gives them to a call.
    """
    had = held.assign(label=label)
    claims = had[had["outage_id"].notna() & (had["is_fixed"] | ~had["outage_id"].isin(foreign))]
    name = _majorities(claims)
    first = had.drop_duplicates("label").set_index("label")["report_id"]
    fresh = "new:" + first.astype("object")
    key = pd.Series(label, index=held.index).map(name.reindex(fresh.index).fillna(fresh))
    key = _beside_hands(had, claims, key.astype("object"))
    return key.where(~held["is_fixed"] | held["outage_id"].isna(), held["outage_id"])


def _majorities(claims: pd.DataFrame) -> "pd.Series[str]":
    """Id of each label that has one: an id goes to one label only, unless a hand says so."""
    counts = claims.groupby(["label", "outage_id"], sort=True)["is_fixed"].agg(["size", "sum"])
    order = counts.reset_index().sort_values(
        ["size", "sum", "label", "outage_id"], ascending=[False, False, True, True]
    )
    taken: set[str] = set()
    name: dict[int, str] = {}
    rows = zip(order["label"], order["outage_id"], order["sum"], strict=True)
    for label, outage_id, fixed in rows:
        if label not in name and (fixed or outage_id not in taken):
            name[label] = outage_id
            taken.add(outage_id)
    return pd.Series(name, dtype="object")


def _beside_hands(had: pd.DataFrame, claims: pd.DataFrame, key: pd.Series) -> pd.Series:
    """Where a hand divided a group, calls stay in their part and new ones join neighbours."""
    parts = claims.assign(name=key[claims.index])
    parts = parts[parts["is_fixed"] & (parts["outage_id"] != parts["name"])]
    divided = claims[claims["label"].isin(parts["label"])]
    if divided.empty:
        return key
    hands = set(zip(parts["label"], parts["outage_id"], strict=True))
    own = [pair in hands for pair in zip(divided["label"], divided["outage_id"], strict=True)]
    kept = np.array(own) | (divided["outage_id"] == key[divided.index]).to_numpy()
    divided = divided[kept]
    usual = divided.groupby(["label", "node", "outage_id"], sort=True).size().reset_index(name="n")
    usual = usual.sort_values("n", ascending=False, kind="stable").drop_duplicates(
        ["label", "node"]
    )
    near = had[["label", "node"]].merge(usual, how="left", on=["label", "node"])["outage_id"]
    near.index = had.index
    joined = key.where(near.isna() | had["outage_id"].notna() | (had["node"] < 0), near)
    joined[divided.index] = divided["outage_id"]
    return joined
