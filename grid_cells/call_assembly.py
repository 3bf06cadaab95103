"""Calls get their groups step by step: known outages, repeats, common causes, places."""

import numpy as np
import pandas as pd

from grid_cells.call_evidence import Heard, Sections, find_sections
from grid_cells.call_habits import bursts
from grid_cells.call_network import CallNetwork, placed
from grid_cells.call_places import covered, of_feeder, side_by_side
from grid_cells.call_relapses import part_relapses
from grid_cells.call_rules import Rules
from grid_cells.feeder_trees import Flags, Floats, Ints, grow


class Found:
    """Labels given so far, step by step; -1 where a call has none yet.

    Known outages have the labels below `known`; common causes, transformers and places follow.
    """

    def __init__(self, held: pd.DataFrame, net: CallNetwork, rules: Rules) -> None:
        self.held, self.net, self.rules = held, net, rules
        self.label = np.full(len(held), -1, dtype=np.int64)
        self.leader = np.arange(len(held))
        self.distance_m = np.full(len(held), np.nan)
        self.covers: list[pd.DataFrame] = []
        self.known = self.next = 0

    def take_known(self, rows: pd.DataFrame) -> None:
        """Calls that an outage covers whose scope is known, or that were in one now restored."""
        self.known = self.next = int(rows["number"].max() + 1) if len(rows) else 0
        told = rows[~rows["is_from_calls"] | np.isfinite(rows["end_min"])]
        told = told.assign(end_min=told["end_min"] + self.rules.grace_min)
        self._take(told[told["transformer_id"].notna()], "transformer_id")
        over = told[told["is_from_calls"]]
        over = over.groupby("outage_id", as_index=False).agg(
            number=("number", "first"), start_min=("start_min", "min"), end_min=("end_min", "max")
        )
        self._take(over.assign(start_min=-np.inf), "outage_id")

    def _take(self, told: pd.DataFrame, on: str) -> None:
        calls = self.held[["at_min", on]].assign(call=np.arange(len(self.held)))
        pairs = calls.dropna(subset=on).merge(told, on=on)
        begun = pairs["at_min"] >= pairs["start_min"] - self.rules.early_min
        pairs = pairs[begun & (pairs["at_min"] <= pairs["end_min"])]
        order = pairs.sort_values(["start_min", "number"])
        self.label[order["call"]] = order["number"]

    def take_repeats(self) -> None:
        """A customer's later call follows the one before it, unless a known outage lies between."""
        named = self.held[self.held["customer_no"].notna()]
        order = named.sort_values("customer_no", kind="stable").index.to_numpy()
        customer = pd.factorize(self.held.loc[order, "customer_no"])[0]
        at, label = self.held["at_min"].to_numpy()[order], self.label[order]
        follows = (customer[1:] == customer[:-1]) & (label[1:] == label[:-1])
        follows &= np.diff(at) <= self.rules.repeat_min
        chain = np.cumsum(np.append(True, ~follows)[: len(order)]) - 1
        first = np.flatnonzero(np.append(True, ~follows)[: len(order)])
        self.leader[order] = order[first][chain] if len(order) else order

    def _open(self) -> Flags:
        return np.asarray((self.label < 0) & (self.leader == np.arange(len(self.held))))

    def take_linked(self) -> None:
        """Calls with a transformer: common causes of a feeder first, the rest transformer-wise."""
        calls = np.flatnonzero(self._open() & (self.held["node"] >= 0).to_numpy())
        calls = calls[np.lexsort((calls, self.held["node"].to_numpy()[calls]))]
        node = self.held["node"].to_numpy()[calls]
        at_min = self.held["at_min"].to_numpy()[calls]
        cause = self._common_causes(calls, node, at_min)
        self.label[calls[cause >= 0]] = cause[cause >= 0]
        rest = cause < 0
        burst = bursts(node[rest], at_min[rest], self.rules.pause_min) + self.next
        self.label[calls[rest]] = burst
        frame = pd.DataFrame({"label": burst, "node": node[rest], "at": at_min[rest]})
        spans = frame.groupby(["label", "node"], as_index=False)["at"].agg(["min", "max", "size"])
        self.covers.append(
            pd.DataFrame(
                {
                    "node": spans["node"],
                    "label": spans["label"],
                    "start_min": spans["min"],
                    "end_min": spans["max"] + self.rules.pause_min,
                    "is_single": spans["size"] == 1,
                    "is_wide": False,
                }
            )
        )
        self.next += int(rest.sum() and burst.max() + 1 - self.next)

    def _common_causes(self, calls: Ints, node: Ints, at_min: Floats) -> Ints:
        """Label of each call that a cause above several transformers explains, else -1."""
        pairs = np.unique(np.stack([self.net.tree[node], node]), axis=1)[0]
        trees, count = np.unique(pairs, return_counts=True)
        several = trees[count > 1]
        nodes = np.flatnonzero(np.isin(self.net.tree, several))
        own = np.isin(node, nodes)
        label = np.full(len(calls), -1, dtype=np.int64)
        if not own.any():
            return label
        x, y = placed(self.net, nodes)
        forest = grow(x, y, np.searchsorted(several, self.net.tree[nodes]))
        heard = Heard(np.searchsorted(nodes, node[own]), at_min[own], self.net.customers[nodes])
        sections = find_sections(heard, forest, 0.0, self.rules)
        sections = part_relapses(heard, sections, 0.0, self.rules)
        label[own] = np.where(sections.cause >= 0, sections.cause + self.next, -1)
        self._cover_sections(sections, nodes)
        return label

    def _cover_sections(self, sections: Sections, nodes: Ints) -> None:
        start = sections.start_min[sections.inside_cause]
        self.covers.append(
            pd.DataFrame(
                {
                    "node": nodes[sections.inside_node],
                    "label": sections.inside_cause + self.next,
                    "start_min": start,
                    "end_min": start + self.rules.longest_min,
                    "is_single": False,
                    "is_wide": True,
                }
            )
        )
        self.next += len(sections.start_min)

    def take_unlinked(self, rows: pd.DataFrame) -> None:
        """Calls without a transformer: what covers their place, then each other."""
        calls = np.flatnonzero(self._open())
        here = self.held.loc[calls, ["x_m", "y_m", "at_min", "tree"]].assign(call=calls)
        covers = pd.concat([self._known_covers(rows), *self.covers], ignore_index=True)
        for found in (
            covered(here, covers, self.net, self.rules),
            of_feeder(here, covers, self.net, self.rules),
        ):
            self.label[found["call"]] = found["label"]
            if "distance_m" in found:
                self.distance_m[found["call"]] = found["distance_m"]
        rest = here[self.label[calls] < 0]
        beside = side_by_side(
            rest["x_m"].to_numpy(), rest["y_m"].to_numpy(), rest["at_min"].to_numpy(), self.rules
        )
        self.label[rest["call"]] = beside + self.next
        self.next += len(np.unique(beside))

    def _known_covers(self, rows: pd.DataFrame) -> pd.DataFrame:
        told = rows[(~rows["is_from_calls"] | np.isfinite(rows["end_min"]))]
        node = self.net.nodes_of(told["transformer_id"])
        end = told["end_min"].to_numpy() + self.rules.grace_min
        made = {"node": node, "label": told["number"].to_numpy()}
        made |= {"start_min": told["start_min"].to_numpy(), "end_min": end}
        return pd.DataFrame(made | {"is_single": False, "is_wide": True})[node >= 0]

    def follow_leaders(self) -> None:
        """Repeats go where the first call of their customer went."""
        self.label = self.label[self.leader]

    def known_ids(self, rows: pd.DataFrame) -> pd.Series:
        """Id of the known outage each call is in, missing where it is in none."""
        names = rows.drop_duplicates("number").set_index("number")["outage_id"]
        label = pd.Series(self.label, index=self.held.index)
        return label.map(names).astype("object").where(label < self.known, None)

    def cover_rows(self) -> pd.DataFrame:
        """Nodes in each label that is no known outage: label, node, is_wide."""
        return pd.concat(self.covers, ignore_index=True)[["label", "node", "is_wide"]]
