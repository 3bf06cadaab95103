"""Hotspots by Getis–Ord Gi* on cells, beside esda.

The peer is esda's `G_Local(y, w, transform="B", star=True, permutations=0)`: binary weights with
the cell itself, the analytic z of Ord and Getis (1995). Its weights are a libpysal `Graph` of the
same neighbours, which holds a sparse matrix. Ours makes its weights each time; the peer is timed
both with its weights made beforehand and with making them. `equal`: no z differs by more than 1e-9.
Cells by --seed; --input is not used.
"""

import warnings
from typing import Any

import h3ronpy
import numpy as np
import pyarrow as pa
from comparison import Row, Timing, arguments, in_turn, installed, rounds_of, show

from grid_cells.cells import neighbour_pairs
from grid_cells.hotspots import getis_ord

_FEW, _MANY = 50_000, 500_000
_BASE, _RESOLUTION = 0x81283FFFFFFFFFF, 9


def cells_of(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Cells that lie together, and a skewed figure of each with a few high places."""
    base = pa.array([_BASE], type=pa.uint64())
    cells = np.asarray(h3ronpy.change_resolution(base, _RESOLUTION))[:count].astype(np.int64)
    random = np.random.default_rng(seed)
    values = random.gamma(2.0, 3.0, count)
    for start in random.integers(0, count - 50, count // 2000):
        values[start : start + 50] += 15  # cells next to each other in number lie together
    return cells, values


def neighbours(cells: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Each cell's place and that of a neighbour, in order."""
    left, right = neighbour_pairs(cells)
    start, end = np.concatenate([left, right]), np.concatenate([right, left])
    order = np.lexsort((end, start))
    return start[order], end[order]


def beside_esda(cells: np.ndarray, values: np.ndarray) -> list[Row]:
    case = f"Gi* of {len(cells):,} cells"
    try:
        from esda import G_Local  # noqa: PLC0415 - it may be missing
        from libpysal.graph import Graph  # noqa: PLC0415
    except ImportError as error:
        (ours,) = in_turn(lambda: getis_ord(cells, values))
        return [Row(case, ours.seconds, None, "esda", None, None, {"missing": str(error)})]
    start, end = neighbours(cells)

    def weights() -> Any:
        return Graph.from_arrays(start, end, np.ones(len(start))).assign_self_weight()

    ready = weights()
    terms = {"transform": "B", "star": True, "permutations": 0}
    ours, peer, whole = in_turn(
        lambda: getis_ord(cells, values),
        lambda: G_Local(values, ready, **terms),
        lambda: G_Local(values, weights(), **terms),
        rounds=3,
    )
    return [
        _row(case, ours, peer, "esda, weights ready"),
        _row(case, ours, whole, "esda, weights made"),
    ]


def _row(case: str, ours: Timing[Any], peer: Timing[Any], name: str) -> Row:
    gap = float(np.nanmax(np.abs(ours.result[0] - peer.result.Zs)))
    more = {"largest_difference": gap, **rounds_of(ours=ours, peer=peer)}
    return Row(case, ours.seconds, peer.seconds, name, None, gap <= 1e-9, more)


def main() -> None:
    given = arguments(__doc__ or "").parse_args()
    warnings.simplefilter("ignore")  # what esda says of its own dependencies
    rows = beside_esda(*cells_of(_FEW if given.quick else _MANY, given.seed))
    show("hotspots", rows, installed("numpy", "scipy", "esda", "libpysal"), as_json=given.json)


if __name__ == "__main__":
    main()
