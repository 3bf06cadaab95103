"""The first answer to a day: VROOM (Coupey, Nicod, Varnier), at a stated exploration level."""

from datetime import timedelta
from typing import Any

import numpy as np

from grid_cells.dispatch import (
    HIGHEST_PRIORITY,
    DispatchProblem,
    Sequences,
    Tour,
    abilities,
    committed_to,
    tours,
)


def solve_by_vroom(
    problem: DispatchProblem, level: int, *, seconds: float | None, threads: int
) -> Sequences:
    """Orders of each tour by VROOM at an exploration level from 0 to 5.

    Without a limit of seconds the answer depends on the problem alone. A limit ends its searches
    with the best found. VROOM maximises the priorities served, then keeps travel short.
    """
    ways = tours(problem)
    if not ways or not problem.orders:
        return tuple(() for _ in ways)
    model = _model(problem, ways)
    limit = None if seconds is None else timedelta(seconds=seconds)
    answer = model.solve(level, nb_threads=threads, timeout=limit)
    found = list[list[int]]([] for _ in ways)
    rows = answer.routes
    if "id" not in rows:  # nothing is served: VROOM names no jobs at all
        return tuple(() for _ in ways)
    jobs = rows[rows["type"] == "job"]
    for way, order in zip(jobs["vehicle_id"].tolist(), jobs["id"].tolist(), strict=True):
        found[int(way)].append(int(order))
    return tuple(tuple(orders) for orders in found)


def _model(problem: DispatchProblem, ways: tuple[Tour, ...]) -> Any:
    """Crews that may serve the same orders share what VROOM calls a skill: one for each order."""
    import vroom  # noqa: PLC0415 - it brings pandas, half a second that other commands save

    model = vroom.Input()
    model.set_durations_matrix("car", problem.minutes.astype(np.uint32))
    able, held = abilities(problem), committed_to(problem)
    groups, group_of = np.unique(able.T, axis=0, return_inverse=True)
    for at, tour in enumerate(ways):
        skills = set(np.flatnonzero(groups[:, tour.crew]).tolist())
        window = vroom.TimeWindow(tour.begin, tour.end)
        model.add_vehicle(
            vroom.Vehicle(at, start=tour.start, end=tour.home, time_window=window, skills=skills)
        )
    for at, order in enumerate(problem.orders):
        most = HIGHEST_PRIORITY if order.id in held else HIGHEST_PRIORITY - 1
        priority = most if order.id in held else min(order.priority, most)
        windows = [vroom.TimeWindow(opens, closes) for opens, closes in _apart(order.windows)]
        model.add_job(
            vroom.Job(
                at, location=order.location, default_service=order.service_min,
                skills={int(group_of[at])}, priority=priority, time_windows=windows,
            )
        )  # fmt: skip
    return model


def _apart(windows: tuple[tuple[int, int], ...]) -> list[tuple[int, int]]:
    """The same minutes in windows that neither overlap nor touch, sorted, as VROOM asks."""
    found = list[tuple[int, int]]()
    for opens, closes in sorted(windows):
        if found and opens <= found[-1][1] + 1:
            found[-1] = found[-1][0], max(closes, found[-1][1])
        else:
            found.append((opens, closes))
    return found
