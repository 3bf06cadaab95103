"""Made-up storms with their calls, and the true cause of each call kept apart: to judge grouping.

Feeders trip and come back in steps, switches cut off sections, transformers and service lines
fail, single homes have trouble of their own, a transformer stays dark behind a restored section.
Feeders hang together by ways of their own (`wire_feeders`), which no grouping is told.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from grid_cells.distance import EARTH_RADIUS_M
from grid_cells.storm_wires import wire_feeders

STORM_KINDS: Final = {
    "trips": (0.30, 0.04, 0.004, 0.006),
    "sections": (0.02, 0.30, 0.006, 0.006),
    "transformers": (0.02, 0.04, 0.060, 0.010),
    "homes": (0.00, 0.02, 0.010, 0.040),
    "mixed": (0.12, 0.12, 0.025, 0.020),
}
"""Share of feeders that trip, of feeders with a section out, of transformers that fail, and of
transformers with a broken service line, by the storm's kind."""

_STORM_MIN: Final = 300.0
_HOME_CALLS: Final = 4e-4
"""Calls a customer about trouble of their own in the whole storm."""
_NESTED_SHARE: Final = 0.4
_URGED_SHARE: Final = 0.08
_LINE_SHARE: Final = 0.5
_SEEN_SHARE: Final = 0.5
_ONLY_FEEDER, _NOTHING = 2, 3
_HABITS: Final = 4.0
"""Shape of the gamma spread of the share who call, between transformers."""


Array = NDArray[Any]


@dataclass(frozen=True)
class Storm:
    """calls: report_id, registered_at, customer_no, transformer_id, feeder_id, lon, lat.

    truth: report_id, cause_id. causes: cause_id, kind (feeder, section, transformer, service,
    nested, home), feeder_id, started_at. covers: cause_id, transformer_id, restored_at (the steps).
    known: outage_id, started_at, restored_at, transformer_id of the trips that the control room
    sees; outage_id is the cause's. share and delay_min are the storm's habits.
    """

    calls: pd.DataFrame
    truth: pd.DataFrame
    causes: pd.DataFrame
    covers: pd.DataFrame
    known: pd.DataFrame
    share: float
    delay_min: float


def storm_calls(
    network: pd.DataFrame, customers: pd.DataFrame, *, kind: str, seed: int, start: pd.Timestamp
) -> Storm:
    """A storm of that kind over the network, five hours from `start` on.

    network: transformer_id, feeder_id, lon, lat; customers: customer_no, transformer_id, lon, lat.
    3 to 30 % of those who are out call, with a median delay of 3 to 20 minutes (both the storm's).
    """
    made = _Weather(network, customers, kind, seed)
    made.break_things()
    made.make_calls()
    return made.storm(start)


class _Weather:
    """One storm in the making; times are minutes since its start."""

    def __init__(
        self, network: pd.DataFrame, customers: pd.DataFrame, kind: str, seed: int
    ) -> None:
        self.rng = np.random.default_rng([seed, sorted(STORM_KINDS).index(kind)])
        self.network = network.sort_values("transformer_id", ignore_index=True)
        self.customers = customers.sort_values("customer_no", ignore_index=True)
        nodes = pd.Index(self.network["transformer_id"])
        self.node = nodes.get_indexer(pd.Index(self.customers["transformer_id"]))
        self.wires = wire_feeders(self.network, self.rng)
        self.rates = STORM_KINDS[kind]
        self.share = float(np.exp(self.rng.uniform(np.log(0.03), np.log(0.30))))
        self.delay_min = float(np.exp(self.rng.uniform(np.log(3), np.log(20))))
        self.dark_until = np.zeros(len(self.network))
        self.causes: list[tuple[str, str, object, float]] = []
        self.covers: list[pd.DataFrame] = []
        self.calls: list[pd.DataFrame] = []

    def break_things(self) -> None:
        """Causes in order of time, so that what is dark already does not fail again."""
        trips, sections, transformers, services = self.rates
        feeders, nodes = len(self.wires.feeders), len(self.network)
        plan = [("feeder", n) for n in self._drawn(feeders, trips)]
        plan += [("section", n) for n in self._drawn(feeders, sections)]
        plan += [("transformer", n) for n in self._stormy(transformers)]
        plan += [("service", n) for n in self._drawn(nodes, services)]
        times = np.sort(self.rng.uniform(0, _STORM_MIN, len(plan)))
        for at, pick in zip(times.tolist(), self.rng.permutation(len(plan)).tolist(), strict=True):
            what, where = plan[pick]
            {
                "feeder": self._trip,
                "section": self._section,
                "transformer": self._transformer,
                "service": self._service,
            }[what](where, at)
        for customer in self._drawn(len(self.customers), _HOME_CALLS):
            self._home(customer, float(self.rng.uniform(0, _STORM_MIN)))

    def _drawn(self, count: int, share: float) -> list[int]:
        chosen = self.rng.random(count) < share
        return [int(n) for n in np.flatnonzero(chosen)]

    def _stormy(self, share: float) -> list[int]:
        """Transformers that fail: the wind is stronger along some feeders."""
        wind = self.rng.gamma(0.7, 1 / 0.7, len(self.wires.feeders))[self.wires.tree]
        return [int(n) for n in np.flatnonzero(self.rng.random(len(wind)) < share * wind)]

    def _lasts(self, middle_min: float) -> float:
        return float(middle_min * self.rng.lognormal(0, 0.4))

    def _trip(self, tree: int, at: float) -> None:
        """The whole feeder; what lies above the fault comes back first, then by a tie, then all."""
        nodes = self.wires.nodes(tree)
        fault = self.wires.below(self._switch(tree, 0.8))
        beyond = self.wires.below(int(self.rng.choice(fault)))
        first = at + self._lasts(40)
        tie, last = first + self._lasts(25), first + self._lasts(90)
        back = np.full(len(self.network), first)
        back[fault] = last
        back[beyond] = min(tie, last)
        self._out("feeder", nodes, at, back[nodes])

    def _section(self, tree: int, at: float) -> None:
        nodes = self.wires.below(self._switch(tree, 0.6))
        self._out("section", nodes, at, np.full(len(nodes), at + self._lasts(80)))

    def _switch(self, tree: int, most: float) -> int:
        """A node with at least three transformers below it and at most so much of the feeder."""
        nodes = self.wires.nodes(tree)
        sizes = self.wires.sizes[nodes]
        fit = nodes[(sizes >= min(3, len(nodes))) & (sizes <= max(3.0, most * len(nodes)))]
        return int(self.rng.choice(fit if len(fit) else nodes))

    def _transformer(self, node: int, at: float) -> None:
        self._out("transformer", np.array([node]), at, np.array([at + self._lasts(90)]))

    def _out(self, kind: str, nodes: Array, at: float, back: Array) -> None:
        lit = self.dark_until[nodes] <= at
        nodes, back = nodes[lit], back[lit]
        if not len(nodes):
            return
        cause = self._cause(kind, int(self.wires.tree[nodes[0]]), at)
        self.dark_until[nodes] = back
        names = self.network["transformer_id"].to_numpy()[nodes]
        table = {"cause_id": cause, "transformer_id": names, "back": back}
        self.covers.append(pd.DataFrame(table))
        who = np.flatnonzero(np.isin(self.node, nodes))
        until = np.full(len(self.network), at)
        until[nodes] = back
        self._ring(cause, who, at, until[self.node[who]])
        if len(nodes) > 1 and self.rng.random() < _NESTED_SHARE:
            hidden = int(self.rng.choice(nodes))
            self._out(
                "nested",
                np.array([hidden]),
                float(until[hidden]) + 1e-3,
                until[[hidden]] + self._lasts(100),
            )

    def _cause(self, kind: str, tree: int, at: float) -> str:
        cause = f"X{len(self.causes):05d}"
        self.causes.append((cause, kind, self.wires.feeders[tree], at))
        return cause

    def _ring(self, cause: str, who: Array, at: float, until: Array) -> None:
        """Calls of those customers, and some calls again, while they are out."""
        habit = self.rng.gamma(_HABITS, 1 / _HABITS, len(self.network))[self.node[who]]
        calls = self.rng.random(len(who)) < self.share * habit
        who, until = who[calls], until[calls]
        when = at + self.delay_min * self.rng.lognormal(0, 1.0, len(who))
        again = self.rng.random(len(who)) < _URGED_SHARE
        whole = np.concatenate([who, who[again]])
        times = np.concatenate([when, when[again] + self.rng.exponential(45, int(again.sum())) + 3])
        in_time = times < np.concatenate([until, until[again]])
        self._heard(cause, whole[in_time], times[in_time])

    def _heard(self, cause: str, who: Array, times: Array) -> None:
        self.calls.append(pd.DataFrame({"cause_id": cause, "who": who, "at": times}))

    def _service(self, node: int, at: float) -> None:
        """A broken service line: up to four homes, who have nobody else to leave the call to."""
        homes = np.flatnonzero(self.node == node)
        if not len(homes) or self.dark_until[node] > at:
            return
        cause = self._cause("service", int(self.wires.tree[node]), at)
        homes = homes[: int(self.rng.integers(1, 5))]
        who = homes[self.rng.random(len(homes)) < _LINE_SHARE]
        self._heard(cause, who, at + self.delay_min * self.rng.lognormal(0, 1.0, len(who)))

    def _home(self, customer: int, at: float) -> None:
        node = int(self.node[customer])
        if self.dark_until[node] > at:
            return
        cause = self._cause("home", int(self.wires.tree[node]), at)
        self._heard(cause, np.array([customer]), np.array([at]))

    def make_calls(self) -> None:
        """What the hotline writes down: links are missing for some, places are a little off."""
        calls = _joined(self.calls, cause_id="str", who="int64", at="float64")
        calls = calls.sort_values(["at", "cause_id", "who"], ignore_index=True)
        own = self.customers.iloc[calls["who"]].reset_index(drop=True)
        calls["customer_no"], calls["transformer_id"] = own["customer_no"], own["transformer_id"]
        node = self.node[calls["who"]]
        calls["feeder_id"] = self.network["feeder_id"].to_numpy()[node]
        off = self.rng.normal(0, 30, (len(calls), 2)) / EARTH_RADIUS_M
        calls["lon"] = own["lon"] + np.degrees(off[:, 0]) / np.cos(np.radians(own["lat"]))
        calls["lat"] = own["lat"] + np.degrees(off[:, 1])
        self.written = _with_gaps(calls, self.rng)

    def storm(self, start: pd.Timestamp) -> Storm:
        """The storm with moments of the clock."""
        calls = self.written
        calls["report_id"] = [f"R{number:06d}" for number in range(len(calls))]
        calls["registered_at"] = _moments(start, calls["at"])
        causes = pd.DataFrame(self.causes, columns=["cause_id", "kind", "feeder_id", "at"])
        causes["started_at"] = _moments(start, causes["at"])
        covers = _joined(self.covers, cause_id="str", transformer_id="str", back="float64")
        covers["restored_at"] = _moments(start, covers["back"])
        seen = causes[(causes["kind"] == "feeder") & (self.rng.random(len(causes)) < _SEEN_SHARE)]
        known = covers.merge(seen[["cause_id", "started_at"]], on="cause_id")
        known = known.rename(columns={"cause_id": "outage_id"}).drop(columns="back")
        wanted = ["report_id", "registered_at", "customer_no", "transformer_id", "feeder_id"]
        return Storm(
            calls[[*wanted, "lon", "lat"]],
            calls[["report_id", "cause_id"]],
            causes.drop(columns="at"),
            covers.drop(columns="back"),
            known,
            self.share,
            self.delay_min,
        )


def _joined(tables: list[pd.DataFrame], **kinds: str) -> pd.DataFrame:
    if not tables:
        return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in kinds.items()})
    return pd.concat(tables, ignore_index=True).astype(kinds)


def _moments(start: pd.Timestamp, minutes: pd.Series) -> pd.Series:
    return start + pd.to_timedelta((minutes.astype(float) * 60).round(), unit="s")


def _with_gaps(calls: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Up to a fifth of the calls without links: a place, a place and the feeder, the feeder."""
    gaps = rng.random(len(calls)) < rng.uniform(0, 0.2)
    what = rng.choice(4, len(calls), p=[0.70, 0.15, 0.12, 0.03])
    no_place = gaps & (what >= _ONLY_FEEDER)
    no_feeder = gaps & np.isin(what, (0, _NOTHING))
    lost = {"customer_no": gaps, "transformer_id": gaps, "feeder_id": no_feeder}
    kept = {name: calls[name].astype(object).where(~gone, None) for name, gone in lost.items()}
    places = {name: calls[name].where(~no_place) for name in ("lon", "lat")}
    return calls.assign(**kept, **places)
