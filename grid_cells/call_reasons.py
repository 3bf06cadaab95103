"""Why each call is in its group, and what each group is: scope, start, customers probably out."""

from typing import Any

import numpy as np
import pandas as pd

from grid_cells.call_network import CallNetwork
from grid_cells.call_rules import Rules

Figures = dict[str, Any]


def described(
    held: pd.DataFrame, covers: pd.DataFrame, net: CallNetwork, rules: Rules
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """One row a group, and the transformers inside each group: group_key, transformer_id.

    held: key, label, known, customer_no, node, registered_at, in order of time.
    """
    caller = held["customer_no"].where(held["customer_no"].notna(), held["report_id"])
    groups = (
        held.assign(caller=caller)
        .groupby("key", sort=False)
        .agg(
            started_at=("registered_at", "first"),
            calls=("report_id", "size"),
            callers=("caller", "nunique"),
            known=("known", "first"),
            customer_no=("customer_no", "first"),
        )
    )
    inside = _inside(held, covers, net)
    groups = groups.join(_extents(inside, net))
    groups["kind"] = _kinds(groups, rules)
    groups["scope"] = _scopes(groups, inside)
    groups["customers"] = _out(groups)
    groups["is_new"] = groups.index.str.startswith("new:")
    groups = groups.rename_axis("group_key").reset_index().drop(columns=["known", "share"])
    wide = groups.loc[~groups["kind"].isin(["known", "customer", "place"]), "group_key"]
    rows = inside[inside["key"].isin(wide)].rename(columns={"key": "group_key"})
    return groups, rows[["group_key", "transformer_id"]].reset_index(drop=True)


def _inside(held: pd.DataFrame, covers: pd.DataFrame, net: CallNetwork) -> pd.DataFrame:
    """Transformers of each group: key, node, is_wide, transformer_id, feeder, customers."""
    keys = held.loc[held["known"].isna(), ["label", "key", "node"]]
    rows = covers.merge(keys[["label", "key"]].drop_duplicates(), on="label")
    # a hand that divides a group leaves each part the transformers its own calls come from
    parts = keys.groupby("label")["key"].transform("nunique") > 1
    own = keys.loc[parts & (keys["node"] >= 0), ["key", "node"]].drop_duplicates()
    rows = rows[~rows["key"].isin(keys.loc[parts, "key"])]
    rows = pd.concat([rows, own.assign(is_wide=False)], ignore_index=True)
    rows = rows.sort_values("is_wide", ascending=False).drop_duplicates(["key", "node"])
    node = rows["node"].to_numpy(np.int64)
    return rows.assign(
        transformer_id=net.transformer_id[node],
        feeder=net.tree[node],
        feeder_id=net.feeder_id[node],
        homes=net.customers[node],
    ).sort_values(["key", "transformer_id"])


def _extents(inside: pd.DataFrame, net: CallNetwork) -> pd.DataFrame:
    whole = np.bincount(net.tree, net.customers) if len(net.tree) else np.zeros(1)
    found = inside.groupby("key").agg(
        transformers=("transformer_id", "size"),
        feeders=("feeder", "nunique"),
        feeder=("feeder", "first"),
        feeder_id=("feeder_id", "first"),
        homes=("homes", "sum"),
        transformer_id=("transformer_id", "first"),
    )
    return found.assign(share=found["homes"] / whole[found["feeder"].to_numpy(np.int64)])


def _kinds(groups: pd.DataFrame, rules: Rules) -> "np.ndarray[Any, Any]":
    linked = groups["transformers"].fillna(0)
    whole = (groups["feeders"] == 1) & (groups["share"] >= rules.whole_share)
    choices = [
        (groups["known"].notna(), "known"),
        (groups["callers"] == 1, "customer"),
        (linked == 0, "place"),
        (linked == 1, "transformer"),
        (whole & groups["feeder_id"].notna(), "feeder"),
    ]
    return np.select(
        [np.asarray(where, dtype=bool) for where, _ in choices],
        [kind for _, kind in choices],
        default="section",
    )


def _scopes(groups: pd.DataFrame, inside: pd.DataFrame) -> pd.Series:
    parts = ("transformer:" + inside["transformer_id"].astype("object")).groupby(inside["key"])
    joined = parts.agg(";".join).reindex(groups.index).fillna("")
    homes = "customer:" + groups["customer_no"].astype("object")
    feeders = "feeder:" + groups["feeder_id"].astype("object")
    joined = joined.where(~groups["kind"].isin(["known", "place"]), "")
    joined = joined.where(groups["kind"] != "feeder", feeders)
    return joined.where(groups["kind"] != "customer", homes.fillna(""))


def _out(groups: pd.DataFrame) -> "np.ndarray[Any, np.dtype[np.int64]]":
    wide = groups["kind"].isin(["feeder", "section", "transformer"])
    return np.where(wide, groups["homes"].fillna(0), groups["callers"]).round().astype(np.int64)


def explained(held: pd.DataFrame, groups: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """One row a call: report_id, group_key, is_new, code, figures, is_fixed."""
    of = groups.set_index("group_key").loc[held["key"]].reset_index()
    before = _minutes_since_own(held)
    calling = held[held["node"] >= 0].groupby("key")["node"].nunique()
    started = rows.groupby("outage_id")["started_at"].min()
    table = pd.DataFrame(
        {
            "report_id": held["report_id"],
            "group_key": held["key"],
            "is_new": of["is_new"],
            "code": _codes(held, of, before),
            "outage_id": held["strayed_from"].where(held["strayed_from"].notna(), held["key"]),
            "minutes": (held["registered_at"] - of["started_at"]).dt.total_seconds() / 60,
            "own_minutes": before,
            "calls": of["calls"],
            "calling": held["key"].map(calling).fillna(0).astype(int),
            "transformers": of["transformers"].fillna(0).astype(int),
            "customers": of["customers"],
            "feeder_id": of["feeder_id"],
            "transformer_id": of["transformer_id"],
            "distance_m": _distances(held),
            "outage_minutes": _minutes_since(
                held["registered_at"], started.reindex(held["key"])
            ).clip(lower=0),
        }
    )
    figures = pd.Series(_figures(table), index=table.index, dtype="object")
    shown = table[["report_id", "group_key", "is_new", "code"]].assign(
        figures=figures, is_fixed=held["is_fixed"]
    )
    return shown.reset_index(drop=True)


def _minutes_since(later: pd.Series, earlier: pd.Series) -> pd.Series:
    minutes: pd.Series = (later - pd.to_datetime(earlier, utc=True).array).dt.total_seconds() / 60
    return minutes


def _minutes_since_own(held: pd.DataFrame) -> pd.Series:
    """Minutes since the first call of the same customer in the group, missing for that one."""
    own = held[held["customer_no"].notna()]
    first = own.groupby(["key", "customer_no"])["registered_at"].transform("first")
    since = (own["registered_at"] - first).dt.total_seconds() / 60
    later = own.duplicated(["key", "customer_no"])
    return since[later].reindex(held.index)


def _distances(held: pd.DataFrame) -> pd.Series:
    """Metres to the transformer found, else to the group's first call that has a place."""
    here = held[held["x_m"].notna()]
    first = here.groupby("key")[["x_m", "y_m"]].transform("first")
    east, north = (here[side] - first[side] for side in ("x_m", "y_m"))
    away = pd.Series(np.hypot(east.to_numpy(float), north.to_numpy(float)), index=here.index)
    return held["distance_m"].fillna(away.reindex(held.index))


def _codes(held: pd.DataFrame, of: pd.DataFrame, before: pd.Series) -> "np.ndarray[Any, Any]":
    choices = [
        (held["is_fixed"], "fixed"),
        (held["known"].notna(), "known_outage"),
        (held["strayed_from"].notna() & (of["callers"] == 1), "not_in_force"),
        (before.notna(), "same_customer"),
        (of["callers"] == 1, "alone"),
        (held["distance_m"].notna() | (of["kind"] == "place"), "near_in_place"),
        ((held["node"] < 0) & (of["kind"] == "transformer"), "same_feeder"),
        (of["kind"] == "feeder", "whole_feeder"),
        (of["kind"] == "section", "same_feeder_section"),
    ]
    return np.select(
        [np.asarray(where, dtype=bool) for where, _ in choices],
        [code for _, code in choices],
        default="same_transformer",
    )


_FIGURES = {
    "fixed": ("outage_id",),
    "known_outage": ("outage_id", "outage_minutes"),
    "not_in_force": ("outage_id",),
    "same_customer": ("own_minutes",),
    "alone": (),
    "near_in_place": ("distance_m", "calls"),
    "whole_feeder": ("feeder_id", "calling", "transformers", "minutes"),
    "same_feeder": ("feeder_id", "minutes"),
    "same_feeder_section": ("feeder_id", "calling", "transformers", "minutes"),
    "same_transformer": ("transformer_id", "calls", "minutes"),
}
_NAMES = {"own_minutes": "minutes", "outage_minutes": "minutes"}


def _figures(table: pd.DataFrame) -> list[Figures]:
    """Each call's figures by the names its sentence uses, whole numbers, fit for JSON."""
    rows: list[Figures] = [{} for _ in range(len(table))]
    code = table["code"].to_numpy()
    for wanted, names in _FIGURES.items():
        at = np.flatnonzero(code == wanted)
        for name in names:
            for row, value in zip(at.tolist(), _plain(table[name].iloc[at]), strict=True):
                rows[row][_NAMES.get(name, name)] = value
    return rows


def _plain(values: pd.Series) -> list[Any]:
    """Minutes and metres rounded, texts as they are, None where nothing is known."""
    whole = values.round() if values.dtype.kind == "f" else values
    kept = [None if missing else value for value, missing in zip(whole, whole.isna(), strict=True)]
    return [int(value) if isinstance(value, float) else value for value in kept]


def vacated(held: pd.DataFrame, foreign: pd.Index) -> pd.DataFrame:
    """Former groups that no call is in any more: outage_id, into (where most of its calls went)."""
    had = held[held["outage_id"].notna() & ~held["outage_id"].isin(foreign)]
    gone = had[~had["outage_id"].isin(held["key"])]
    counts = gone.groupby(["outage_id", "key"], sort=True).size().reset_index(name="calls")
    most = counts.sort_values("calls", ascending=False, kind="stable").drop_duplicates("outage_id")
    return most[["outage_id", "key"]].rename(columns={"key": "into"}).sort_values("outage_id")
