"""Which outage a group is: ids stay with most of their calls, and fixed calls never move."""

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
    ids = claims.groupby("label")["outage_id"].nunique()
    hands = claims[claims["is_fixed"]]
    divided = claims[claims["label"].isin(hands["label"]) & (claims["label"].map(ids) > 1)]
    if divided.empty:
        return key
    fixed = pd.MultiIndex.from_frame(hands[["label", "outage_id"]])
    own = pd.MultiIndex.from_frame(divided[["label", "outage_id"]]).isin(fixed)
    # an id that names another group by now is not held on to
    elsewhere = divided["outage_id"].isin(key) & (divided["outage_id"] != key[divided.index])
    divided = divided[own | ~elsewhere.to_numpy(bool)]
    counts = divided.groupby(["label", "node", "outage_id"], sort=True).size()
    usual = counts.reset_index(name="n").sort_values("n", ascending=False, kind="stable")
    usual = usual.drop_duplicates(["label", "node"])
    near = had[["label", "node"]].merge(usual, how="left", on=["label", "node"])["outage_id"]
    near.index = had.index
    joined = key.where(near.isna() | had["outage_id"].notna() | (had["node"] < 0), near)
    joined[divided.index] = divided["outage_id"]
    return joined
