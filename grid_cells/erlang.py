"""Erlang's formulas of waiting: Poisson arrivals, exponential service, so many equal servers.

A. K. Erlang, "Solution of some problems in the theory of probabilities of significance in automatic
telephone exchanges", Elektroteknikeren 13 (1917); the recursion and the tail of the wait as in
R. B. Cooper, Introduction to Queueing Theory, 2nd ed. (1981), sections 3.3 and 3.4. Loads are in
erlangs: arrivals in an hour times hours of service each. Where the load is not below the servers
the queue grows without end: there is no mean wait, and NaN is told instead of one.
"""

from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

MOST_SERVERS: Final = 10_000


def blocking(load: ArrayLike, servers: ArrayLike) -> Floats:
    """Erlang B: the share that finds every server busy where nobody waits; 1 without a server.

    By the recursion B(0) = 1, B(n) = load · B(n − 1) / (n + load · B(n − 1)), which neither
    overflows nor cancels.
    """
    offered, many = _pair(load, servers)
    found = np.ones_like(offered)
    for n in range(1, int(many.max(initial=0)) + 1):
        carried = offered * found
        found = np.where(many >= n, carried / (n + carried), found)
    return np.where(many <= 0, 1.0, found)


def wait_probability(load: ArrayLike, servers: ArrayLike) -> Floats:
    """Erlang C: the share that has to wait at all; NaN where the load is not below the servers.

    C = B / (1 − ρ (1 − B)) with ρ = load / servers.
    """
    offered, many = _pair(load, servers)
    lost = blocking(offered, many)
    stable = offered < many
    busy = np.divide(offered, many, out=np.zeros_like(offered), where=stable)
    return np.where(stable, lost / (1 - busy * (1 - lost)), np.nan)


def mean_wait_min(load: ArrayLike, servers: ArrayLike, service_min: ArrayLike) -> Floats:
    """Mean wait of everybody in minutes, those who need not wait included: C · s / (c − a)."""
    offered, many = _pair(load, servers)
    waits = wait_probability(offered, many)
    spare = np.where(offered < many, many - offered, np.nan)
    return waits * np.asarray(service_min, dtype=np.float64) / spare


def service_level(
    load: ArrayLike, servers: ArrayLike, service_min: ArrayLike, within_min: ArrayLike
) -> Floats:
    """The share called within so many minutes: 1 − C · exp(−(c − a) t / s)."""
    offered, many = _pair(load, servers)
    service = np.asarray(service_min, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        tail = np.exp(-(many - offered) * np.asarray(within_min, dtype=np.float64) / service)
    return 1 - wait_probability(offered, many) * np.where(service > 0, tail, 0.0)


def servers_needed(
    load: ArrayLike, service_min: ArrayLike, *, within_min: float, share: float
) -> NDArray[np.int64]:
    """The fewest servers with which that share is called within so many minutes; 0 for no load.

    NaN loads count as none. Raises ValueError for a share outside 0 to 1 and for loads beyond
    10,000 erlangs.
    """
    if not 0 <= share < 1:
        raise ValueError(share)
    offered, service = np.broadcast_arrays(
        np.nan_to_num(np.asarray(load, dtype=np.float64)), np.asarray(service_min, np.float64)
    )
    if offered.max(initial=0) > MOST_SERVERS:
        raise ValueError(float(offered.max()))
    needed = np.where(offered > 0, np.floor(offered) + 1, 0).astype(np.int64)
    while True:
        kept = service_level(offered, needed, service, within_min)
        short = (offered > 0) & (kept < share)
        if not short.any():
            return needed
        needed = np.where(short, needed + 1, needed)


def _pair(load: ArrayLike, servers: ArrayLike) -> tuple[Floats, Floats]:
    """Both as floats of one shape, the servers whole."""
    pair: Any = np.broadcast_arrays(
        np.asarray(load, dtype=np.float64), np.floor(np.asarray(servers, dtype=np.float64))
    )
    return pair[0], pair[1]
