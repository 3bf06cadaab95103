"""Calls about the same trouble become one outage: which belong together, and why.

Prediction as an outage management system does it, without knowing where switches stand: calls go
with a known outage that covers them, with the same customer's earlier call, with a cause common to
several transformers of a feeder where that explains calls and silence best, with their transformer,
or, without links, with what lies near. The same calls give the same groups in whatever order they
come; run again as calls arrive, groups keep their ids.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from grid_cells.call_assembly import Found
from grid_cells.call_names import name_groups
from grid_cells.call_network import CallNetwork, read_network
from grid_cells.call_reasons import described, explained, vacated
from grid_cells.call_rules import RULES, Rules
from grid_cells.call_spans import was_in_force

__all__ = ["RULES", "Groups", "Rules", "group"]

_TEXTS = ("customer_no", "transformer_id", "feeder_id", "outage_id")
_SPAN = ("outage_from", "outage_until")


@dataclass(frozen=True)
class Groups:
    """Every call in exactly one group.

    calls: report_id, group_key, is_new, code, figures (a dict for the sentence `group_<code>`),
    is_fixed (by a hand, or by a file that named an outage in force).
    groups: group_key, is_new, kind (known, feeder, section, transformer, customer, place), scope
    (`transformer:ID;…`, `feeder:ID`, `customer:NO` or empty), started_at (the first call), calls,
    callers, customers (probably out), transformers, feeder_id, and the first customer_no,
    transformer_id. covers: group_key, transformer_id, silent ones included.
    vacated: outage_id of former groups that no call is in any more, into (group_key of most).
    """

    calls: pd.DataFrame
    groups: pd.DataFrame
    covers: pd.DataFrame
    vacated: pd.DataFrame


def group(
    calls: pd.DataFrame,
    outages: pd.DataFrame,
    network: pd.DataFrame,
    *,
    now: pd.Timestamp,
    rules: Rules = RULES,
) -> Groups:
    """Groups of the calls of an open window as they look at `now`.

    calls: report_id, registered_at (aware), and where known customer_no, transformer_id, feeder_id,
    lon, lat, outage_id (the group it is in), is_fixed (put there by hand or a file, never moved),
    is_by_hand, outage_from, outage_until (when that outage was in force, missing: not known).
    Nobody but a hand puts a call to an outage that was not in force when it was registered.
    outages: outage_id, started_at, restored_at, and transformer_id, one row a transformer with the
    moment this one came back, or feeder_id alone for a whole feeder; is_from_calls marks those that
    grouping made, whose scope is a guess and is found anew until they are restored.
    network: transformer_id, feeder_id, lon, lat, customers. Calls are not later than `now`.
    """
    held = _read(calls, now, rules)
    net = read_network(network, held, rules)
    held = _on_network(held, net)
    rows = _outage_rows(outages, network, now)
    found = Found(held, net, rules)
    found.take_known(rows)
    found.take_repeats()
    found.take_linked()
    found.take_unlinked(rows)
    found.follow_leaders()
    held = held.assign(label=found.label, known=found.known_ids(rows), distance_m=found.distance_m)
    foreign = pd.Index(rows.loc[~rows["is_from_calls"], "outage_id"].unique())
    held["key"] = name_groups(held, found.label, foreign).where(held["known"].isna(), held["known"])
    held.loc[held["is_fixed"], "key"] = held.loc[held["is_fixed"], "outage_id"]
    held = _apart(held, rules)
    covers = found.cover_rows()
    groups, named = described(held, covers, net, rules)
    return Groups(explained(held, groups, rows), groups, named, vacated(held, foreign))


def _read(calls: pd.DataFrame, now: pd.Timestamp, rules: Rules) -> pd.DataFrame:
    held = calls.sort_values(["registered_at", "report_id"], ignore_index=True)
    held = _as_texts(held, _TEXTS)
    for name in ("lon", "lat"):
        held[name] = held[name].astype("float64") if name in held else np.nan
    fixed = held["is_fixed"] if "is_fixed" in held else pd.Series(False, index=held.index)
    held["is_fixed"] = fixed.eq(True).astype(bool) & held["outage_id"].notna()
    held["at_min"] = _minutes(held["registered_at"], now)
    return _strayed(held, rules)


def _strayed(held: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """`named`: the outage a call is in; `strayed_from`, let go, where it was not in force then."""
    for name in _SPAN:
        held[name] = pd.to_datetime(held[name], utc=True) if name in held else pd.NaT
    in_force = was_in_force(held["registered_at"], held["outage_from"], held["outage_until"], rules)
    by_hand = held["is_by_hand"].eq(True) if "is_by_hand" in held else held["is_fixed"]
    strays = held["outage_id"].notna() & ~in_force & ~(by_hand & held["is_fixed"])
    named = held["outage_id"]
    return held.assign(
        named=named, strayed_from=named.where(strays, None), outage_id=named.mask(strays, None),
        is_fixed=held["is_fixed"] & ~strays,
    )  # fmt: skip


def _apart(held: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """Calls that would follow a name to an outage not in force then make a group of their own."""
    spans = held.dropna(subset="named").drop_duplicates("named").set_index("named")
    began, ended = (spans[name].reindex(held["key"]).set_axis(held.index) for name in _SPAN)
    in_force = was_in_force(held["registered_at"], began, ended, rules)
    strays = ~in_force & ~held["is_fixed"] & held["known"].isna()
    if not strays.any():
        return held
    own = held[strays]
    first = own.groupby(["label", "key"])["report_id"].transform("first")
    held = held.assign(strayed_from=held["strayed_from"].where(~strays, held["key"]))
    held.loc[strays, "key"] = "new:" + first.astype("object")
    return held


def _as_texts(frame: pd.DataFrame, names: tuple[str, ...]) -> pd.DataFrame:
    """The columns as objects, None where nothing is known, since empty columns have any type."""
    given = frame.reindex(columns=frame.columns.union(list(names), sort=False))
    texts = {name: given[name].astype("object") for name in names}
    return given.assign(**{name: text.where(text.notna(), None) for name, text in texts.items()})


def _minutes(moments: pd.Series, now: pd.Timestamp) -> pd.Series:
    return (moments - now).dt.total_seconds() / 60


def _on_network(held: pd.DataFrame, net: CallNetwork) -> pd.DataFrame:
    node = net.nodes_of(held["transformer_id"])
    own = net.tree[node] if len(net.tree) else node
    tree = np.where(node >= 0, own, net.trees_of(held["feeder_id"]))
    x, y = net.metres(held["lon"], held["lat"])
    return held.assign(node=node, tree=tree, x_m=x, y_m=y)


def _outage_rows(outages: pd.DataFrame, network: pd.DataFrame, now: pd.Timestamp) -> pd.DataFrame:
    """Outages as one row a transformer, with minutes; number is the outage's place in the list."""
    rows = outages.reindex(
        columns=["outage_id", "started_at", "restored_at", "transformer_id", "feeder_id"]
    )
    rows = _as_texts(rows, ("outage_id", "transformer_id", "feeder_id"))
    made = outages.get("is_from_calls", pd.Series(False, index=outages.index))
    rows = rows.assign(is_from_calls=made.eq(True).astype(bool))
    wide = rows[rows["transformer_id"].isna() & rows["feeder_id"].notna()]
    of_feeder = _as_texts(network[["transformer_id", "feeder_id"]], ("transformer_id", "feeder_id"))
    spread = wide.drop(columns="transformer_id").merge(of_feeder, on="feeder_id")
    rows = pd.concat([rows.drop(index=wide.index), spread], ignore_index=True)
    ended = pd.to_datetime(rows["restored_at"], utc=True)
    started = pd.to_datetime(rows["started_at"], utc=True)
    return rows.assign(
        started_at=started,
        start_min=_minutes(started, now).fillna(-np.inf),
        end_min=_minutes(ended, now).fillna(np.inf),
        number=pd.factorize(rows["outage_id"], sort=True)[0],
    )
