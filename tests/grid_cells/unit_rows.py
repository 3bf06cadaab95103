"""Small graphs to work out by hand: units in a row, and a board of squares."""

import numpy as np

from grid_cells.unit_graph import UnitGraph, pieces


def row(*weights: float) -> UnitGraph:
    """Units 100 m apart in a row, each touching the next."""
    count = len(weights)
    at = np.arange(count)
    return UnitGraph(
        np.array(weights, dtype=np.float64),
        at[:-1],
        at[1:],
        np.ones(count - 1),
        at * 100.0,
        at * 0.0,
    )


def squares(weights: list[list[float]]) -> UnitGraph:
    """Units in rows and columns, touching to the side and up and down."""
    table = np.array(weights, dtype=np.float64)
    at = np.arange(table.size).reshape(table.shape)
    left = np.concatenate((at[:, :-1].ravel(), at[:-1].ravel()))
    right = np.concatenate((at[:, 1:].ravel(), at[1:].ravel()))
    y, x = (axis.ravel() * 100.0 for axis in np.indices(table.shape))
    return UnitGraph(table.ravel(), left, right, np.ones(len(left)), x, y)


def in_one_piece(graph: UnitGraph, labels: np.ndarray, area: int) -> bool:
    """Whether the area has units and all of them hang together, counted apart from the code."""
    inside = labels == area
    kept = inside[graph.left] & inside[graph.right]
    _, piece_of = pieces(graph, kept=kept)
    return len(set(piece_of[inside].tolist())) == 1


def loads(graph: UnitGraph, labels: np.ndarray, areas: int) -> list[float]:
    """Weight of each area."""
    return [float(graph.weight[labels == area].sum()) for area in range(areas)]
