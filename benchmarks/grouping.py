"""Calls to outages on made-up storms whose truth is known, beside naive rules and clustering.

Measure: groups are matched one to one to true causes so that the calls in common are most
(Hungarian method); the figure is the share of all calls whose group is the one matched to their
cause: more is better, seconds stand beside. `equal`: each way was judged on the same calls, and
gave every one a group. Storms of seeds 101 on; the rules were set on seeds 1 to 10. --input is not
used: truth is known of made-up storms only.
"""

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd
from comparison import Row, arguments, in_turn, installed, rounds_of, show, timed
from scipy.optimize import linear_sum_assignment
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from grid_cells.call_groups import group
from grid_cells.distance import EARTH_RADIUS_M
from grid_cells.storm_calls import STORM_KINDS, Storm, storm_calls

START = pd.Timestamp("2026-07-16 10:00", tz="UTC")
END = START + pd.Timedelta(hours=9)
SIZES = {"small": (120, 18, 90), "town": (520, 24, 115), "city": (2000, 40, 110)}
"""Transformers, about how many a feeder, customers a transformer."""
NO_OUTAGES = pd.DataFrame(columns=["outage_id", "started_at", "restored_at", "transformer_id"])


def city(seed: int, size: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """A network and its customers: feeders are compact parts of town, villages lie farther out."""
    count, per_feeder, usual = SIZES[size]
    random = np.random.default_rng([seed, count])
    radius = 160.0 * np.sqrt(count)
    away = radius * random.random(count) ** random.choice([0.5, 1.0], count, p=[0.8, 0.2])
    angle = random.uniform(0, 2 * np.pi, count)
    x, y = away * np.cos(angle), away * np.sin(angle)
    feeder = _split(x, y, max(2, count // per_feeder))
    homes = np.maximum(1, random.lognormal(np.log(usual), 0.6, count).astype(int))
    homes[random.random(count) < 0.1] = 1  # dedicated transformers
    network = _placed(x, y).assign(
        transformer_id=[f"T-{n:05d}" for n in range(count)],
        feeder_id=[f"F-{n:03d}" for n in feeder],
        customers=homes,
    )
    node = np.repeat(np.arange(count), homes)
    spread = random.normal(0, 70, (2, len(node)))
    customers = _placed(x[node] + spread[0], y[node] + spread[1]).assign(
        customer_no=[f"C{n:08d}" for n in range(len(node))],
        transformer_id=network["transformer_id"].to_numpy()[node],
    )
    return network, customers


def _split(x: np.ndarray, y: np.ndarray, parts: int) -> np.ndarray:
    """Compact parts of about the same number, halved along the longer side."""
    label = np.zeros(len(x), dtype=int)
    for number in range(1, parts):
        largest = np.bincount(label).argmax()
        own = np.flatnonzero(label == largest)
        along = x if np.ptp(x[own]) > np.ptp(y[own]) else y
        label[own[np.argsort(along[own])[len(own) // 2 :]]] = number
    return label


def _placed(x: np.ndarray, y: np.ndarray) -> pd.DataFrame:
    lat = 34.26 + np.degrees(y / EARTH_RADIUS_M)
    lon = 108.95 + np.degrees(x / EARTH_RADIUS_M) / np.cos(np.radians(34.26))
    return pd.DataFrame({"lon": lon, "lat": lat})


def right(keys: pd.Series, causes: pd.Series) -> np.ndarray:
    """Whether each call's group is the one matched to its cause; part by part, exactly."""
    key, cause = pd.factorize(keys)[0], pd.factorize(causes)[0]
    groups = int(key.max()) + 1
    size = groups + int(cause.max()) + 1
    links = coo_array((np.ones(len(key)), (key, groups + cause)), shape=(size, size))
    part = connected_components(links, directed=False)[1][key]
    good = np.zeros(len(key), dtype=bool)
    order = np.argsort(part, kind="stable")
    for calls in np.split(order, np.flatnonzero(np.diff(part[order])) + 1):
        good[calls] = _matched(key[calls], cause[calls])
    return good


def _matched(key: np.ndarray, cause: np.ndarray) -> np.ndarray:
    key, cause = np.unique(key, return_inverse=True)[1], np.unique(cause, return_inverse=True)[1]
    together = coo_array((np.ones(len(key)), (key, cause))).toarray()
    match = np.full(together.shape[0], -1)
    rows, columns = linear_sum_assignment(together, maximize=True)
    match[rows] = columns
    return match[key] == cause


def ours(storm: Storm, network: pd.DataFrame, known: pd.DataFrame) -> pd.Series:
    found = group(storm.calls, known, network, now=END).calls
    return found.set_index("report_id")["group_key"].reindex(storm.calls["report_id"])


def step_by_step(storm: Storm, network: pd.DataFrame, known: pd.DataFrame) -> tuple[pd.Series, int]:
    """Keys when grouping runs every five minutes on what is known then, and calls that moved."""
    given = pd.Series(dtype=object)
    moved = made = 0
    for before, now in pairwise(pd.date_range(START, END, freq="5min")):
        calls = storm.calls[storm.calls["registered_at"] <= now]
        if not (calls["registered_at"] > before).any():
            continue
        had = calls["report_id"].map(given).astype(object)
        told = known[known["started_at"] <= now]
        told = told.assign(restored_at=told["restored_at"].where(told["restored_at"] <= now))
        found = group(calls.assign(outage_id=had), told, network, now=now).calls
        keys = found.set_index("report_id")["group_key"]
        fresh = keys[found["is_new"].to_numpy()].unique()
        names = {key: f"CALL-{made + number:06d}" for number, key in enumerate(fresh)}
        made += len(fresh)
        keys = keys.map(lambda key, names=names: names.get(key, key))
        old = given.index
        moved += int((keys.reindex(old) != given).sum())
        given = keys
    return given.reindex(storm.calls["report_id"]), moved


def _sessions(calls: pd.DataFrame, by: str, minutes: float) -> pd.Series:
    """Calls of one transformer or feeder within so long of the one before; others alone."""
    who = calls[by].astype(object).where(calls[by].notna(), calls["report_id"])
    order = calls.assign(who=who).sort_values(["who", "registered_at"])
    pause = order["registered_at"].diff().dt.total_seconds() / 60
    starts = (order["who"] != order["who"].shift()) | (pause > minutes)
    return starts.cumsum().reindex(calls.index)


def same_transformer(storm: Storm) -> pd.Series:
    return _sessions(storm.calls, "transformer_id", 120)


def same_feeder(storm: Storm) -> pd.Series:
    return _sessions(storm.calls, "feeder_id", 120)


def _place_and_time(calls: pd.DataFrame, metres_a_minute: float) -> np.ndarray:
    east = np.radians(calls["lon"] - 108.95) * EARTH_RADIUS_M * np.cos(np.radians(34.26))
    north = np.radians(calls["lat"] - 34.26) * EARTH_RADIUS_M
    minutes = (calls["registered_at"] - START).dt.total_seconds() / 60
    return np.column_stack([east, north, minutes * metres_a_minute])


def _clustered(storm: Storm, make: Callable[[], object]) -> pd.Series:
    """Labels of a clustering in place and time; noise and calls without a place stay alone."""
    calls = storm.calls
    label = pd.Series(-1, index=calls.index)
    here = calls["lon"].notna()
    if here.sum() > 1:
        label[here] = make().fit_predict(_place_and_time(calls[here], 15.0))  # type: ignore[attr-defined]
    alone = -2 - np.arange(len(calls))
    return label.where(label >= 0, alone)


def dbscan(storm: Storm) -> pd.Series:
    from sklearn.cluster import DBSCAN  # noqa: PLC0415 - it may be missing

    return _clustered(storm, lambda: DBSCAN(eps=350, min_samples=2))


def hdbscan(storm: Storm) -> pd.Series:
    from sklearn.cluster import HDBSCAN  # noqa: PLC0415 - it may be missing

    return _clustered(storm, lambda: HDBSCAN(min_cluster_size=2, copy=True))


PEERS: dict[str, Callable[[Storm], pd.Series]] = {
    "same transformer, 2 h": same_transformer,
    "same feeder, 2 h": same_feeder,
    "scikit-learn DBSCAN": dbscan,
    "scikit-learn HDBSCAN": hdbscan,
}


def judged(seeds: range, size: str) -> pd.DataFrame:
    """One row a call and way of grouping: size, storm, cause, links, way, is_right, seconds."""
    rows = []
    for seed in seeds:
        network, customers = city(seed, size)
        for kind in STORM_KINDS:
            storm = storm_calls(network, customers, kind=kind, seed=seed, start=START)
            if len(storm.calls):
                rows.append(_one_storm(storm, network).assign(size=size, storm=kind))
    return pd.concat(rows, ignore_index=True)


def _one_storm(storm: Storm, network: pd.DataFrame) -> pd.DataFrame:
    ways: dict[str, Callable[[], pd.Series]] = {
        "ours": lambda: ours(storm, network, NO_OUTAGES),
        "ours, told": lambda: ours(storm, network, storm.known),
    }
    ways |= {name: lambda peer=peer: peer(storm) for name, peer in PEERS.items()}
    kinds = storm.causes.set_index("cause_id")["kind"]
    calls = storm.calls
    links = np.where(calls["lon"].notna(), "place only", "neither")
    links = np.where(calls["transformer_id"].notna(), "linked", links)
    rows = []
    for way, work in ways.items():
        try:
            keys, seconds = timed(work)
        except ImportError:
            continue
        assert keys.notna().all(), f"{way} left calls without a group"
        good = right(keys.reset_index(drop=True), storm.truth["cause_id"])
        table = {"way": way, "is_right": good, "links": links, "seconds": seconds / len(good)}
        cause = storm.truth["cause_id"].map(kinds).to_numpy()
        rows.append(pd.DataFrame(table | {"cause": cause}))
    return pd.concat(rows)


def compared(case: str, calls: pd.DataFrame) -> list[Row]:
    """Share right of ours and of each peer on these calls, both told of nothing but calls."""
    shares = calls.groupby("way")["is_right"].mean()
    seconds = calls.groupby("way")["seconds"].sum()
    judged_on = calls.groupby("way").size()
    rows = []
    for name in PEERS:
        more = {"calls": int((calls["way"] == "ours").sum())}
        if name in shares:
            more |= {"ours_s": round(seconds["ours"], 2), "peer_s": round(seconds[name], 2)}
        else:
            more |= {"missing": "scikit-learn"}
        peer = shares.get(name)
        share = None if peer is None else float(peer)
        alike = None if share is None else bool(judged_on[name] == judged_on["ours"])
        figures = float(shares["ours"]), share
        rows.append(Row(f"right, {case}", *figures, name, None, alike, more, "share", True))
    return rows


def by_part(calls: pd.DataFrame, column: str) -> list[Row]:
    """Share right by cause or by links: ours told of calls only, beside ours told of trips too."""
    rows = []
    for part, own in calls.groupby(column):
        shares = own.groupby("way")["is_right"].mean()
        more = {"calls": int((own["way"] == "ours").sum())}
        figures = float(shares["ours"]), float(shares["ours, told"])
        alike = bool((own["way"] == "ours, told").sum() == more["calls"])
        rows.append(
            Row(f"right, {column} {part}", *figures, "ours, told of trips", None, alike, more,
                "share", True)
        )  # fmt: skip
    return rows


def stepwise(seeds: range, size: str, kinds: list[str]) -> list[Row]:
    """Ours every five minutes as calls arrive, beside ours all at once at the end."""
    rows = []
    for kind in kinds:
        good, whole, moved = [], [], 0
        for seed in seeds:
            network, customers = city(seed, size)
            storm = storm_calls(network, customers, kind=kind, seed=seed, start=START)
            if storm.calls.empty:
                continue
            keys, jumps = step_by_step(storm, network, storm.known)
            good.append(right(keys.reset_index(drop=True), storm.truth["cause_id"]))
            at_once = ours(storm, network, storm.known).reset_index(drop=True)
            whole.append(right(at_once, storm.truth["cause_id"]))
            moved += jumps
        figures = np.concatenate(good), np.concatenate(whole)
        more = {"calls": len(figures[0]), "moves_a_call": round(moved / len(figures[0]), 3)}
        case = f"right step by step, {size}, {kind}"
        shares = [float(figure.mean()) for figure in figures]
        alike = len(figures[0]) == len(figures[1])
        rows.append(Row(case, *shares, "ours at once", None, alike, more, "share", True))
    return rows


def speed(seed: int, transformers: int, calls: int) -> list[Row]:
    """Seconds of one run over so many calls of a mixed storm."""
    SIZES["speed"] = (transformers, 40, 110)
    network, customers = city(seed, "speed")
    storm = storm_calls(network, customers, kind="mixed", seed=seed, start=START)
    kept = storm.calls.iloc[:calls]
    storm = replace(storm, calls=kept, truth=storm.truth.iloc[:calls])
    mine, *peers = in_turn(
        lambda: ours(storm, network, storm.known),
        *(lambda peer=peer: peer(storm) for peer in PEERS.values()),
        rounds=3,
    )
    case = f"{len(kept):,} calls, {transformers:,} transformers"
    return [
        Row(case, mine.seconds, peer.seconds, name, None, None, rounds_of(ours=mine, peer=peer))
        for name, peer in zip(PEERS, peers, strict=True)
    ]


def main() -> None:
    parser = arguments(__doc__ or "")
    parser.add_argument("--storms", type=int, default=20, help="seeds a size; a quarter of city's")
    given = parser.parse_args()
    first = 101 + 20 * given.seed
    plan = {"small": given.storms, "town": given.storms, "city": max(1, given.storms // 4)}
    if given.quick:
        plan = {"small": 3, "town": 1}
    calls = pd.concat([judged(range(first, first + n), size) for size, n in plan.items()])
    rows = compared("all", calls)
    for column in ("storm", "size"):
        for part, own in calls.groupby(column):
            rows += compared(f"{column} {part}", own)
    rows += by_part(calls, "cause") + by_part(calls, "links")
    few = ["mixed"] if given.quick else list(STORM_KINDS)
    rows += stepwise(range(first, first + 1), "small", few)
    if not given.quick:
        rows += stepwise(range(first, first + 1), "town", ["mixed"])
    rows += speed(first, 2000 if given.quick else 9000, 2500 if given.quick else 10_000)
    versions = installed("numpy", "pandas", "scipy", "scikit-learn")
    show("grouping", rows, versions, as_json=given.json)


if __name__ == "__main__":
    main()
