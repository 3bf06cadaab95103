"""Small days on a line of places, ten minutes from each to the next, and days drawn by chance."""

import numpy as np

from grid_cells.dispatch import Crew, DispatchPlan, DispatchProblem, Order, Route, Stop, Unserved
from grid_cells.dispatch_solver import Means

LONG = (480, 960)


def crew(name: str, at: int, skills: str = "lv", shift: tuple[int, int] = LONG, **more) -> Crew:
    return Crew(name, at, frozenset(skills.split()), more.pop("shifts", (shift,)), **more)


def order(name: str, at: int, window: tuple[int, int] = LONG, **more) -> Order:
    skills = frozenset(more.pop("skill", "lv").split())
    windows = more.pop("windows", (window,))
    service, priority = more.pop("service", 30), more.pop("priority", 1)
    return Order(name, at, skills, service, windows, priority, **more)


def day(*, crews: list[Crew], orders: list[Order], places: int = 10) -> DispatchProblem:
    at = np.arange(places)
    return DispatchProblem(tuple(crews), tuple(orders), 10 * np.abs(at[:, None] - at[None, :]))


def calm(level: int = 0, idle: int = 300) -> Means:
    """Means with which time decides nothing."""
    return Means(lambda: 3600.0, 1, level=level, idle=idle)


def driven(plan: DispatchPlan) -> dict[str, list[tuple[str, int, int]]]:
    return {r.crew: [(s.order, s.arrive_min, s.leave_min) for s in r.stops] for r in plan.routes}


def plan(routes: dict[str, list[tuple[str, int, int]]], left: str = "", **more) -> DispatchPlan:
    """A plan as stated: score and travel are what `more` says."""
    made = tuple(
        Route(name, more.get("shift", LONG), tuple(Stop(*stop) for stop in stops), travel)
        for (name, stops), travel in zip(routes.items(), more["travel"], strict=True)
    )
    unserved = tuple(Unserved(name, "unexplained") for name in left.split())
    return DispatchPlan(made, unserved, more["score"], sum(more["travel"]))


def drawn(seed: int, *, crews: int, orders: int) -> DispatchProblem:
    """A day with all that a day can have: two shifts, wishes, promises, commitments, small vans."""
    random = np.random.default_rng(seed)
    places = crews + orders + 1
    minutes = random.integers(3, 60, (places, places))
    np.fill_diagonal(minutes, 0)
    people = [_person(random, k, orders) for k in range(crews)]
    jobs = [_job(random, k, crews) for k in range(orders)]
    return DispatchProblem(tuple(people), tuple(jobs), minutes)


def _person(random: np.random.Generator, k: int, orders: int) -> Crew:
    skills = {"lv", *(s for s in ("hv", "meter") if random.random() < 0.5)}
    begin = int(random.integers(400, 700))
    shifts = [(begin, begin + int(random.integers(60, 400)))]
    if random.random() < 0.3:
        shifts.append((shifts[0][1] + 60, shifts[0][1] + 260))
    moved = random.random() < 0.3
    committed = (f"O{k}",) if k < orders and random.random() < 0.3 else ()
    return Crew(
        f"C{k}", k, frozenset(skills), tuple(shifts),
        start_location=int(random.integers(0, 3)) if moved and k > 3 else None,
        free_from=begin + 30 if moved else None, committed=committed,
        capacity=int(random.integers(1, 12)) if random.random() < 0.4 else None,
    )  # fmt: skip


def _job(random: np.random.Generator, k: int, crews: int) -> Order:
    skills = {str(random.choice(["lv", "hv", "meter"], p=[0.6, 0.2, 0.2]))}
    skills |= {"hv"} if random.random() < 0.1 else set()
    opens = int(random.integers(400, 1000))
    windows = [(opens, opens + int(random.integers(0, 200)))]
    if random.random() < 0.3:
        windows.append((windows[0][1] + 30, windows[0][1] + 120))
    allowed = frozenset({f"C{random.integers(0, crews)}"}) if random.random() < 0.1 else None
    return Order(
        f"O{k}", crews + k, frozenset(skills), int(random.integers(0, 60)), tuple(windows),
        int(random.integers(1, 11)), allowed=allowed,
        forbidden=frozenset({"C0"}) if random.random() < 0.1 else frozenset(),
        promise_min=opens + 60 if random.random() < 0.4 else None,
        known_from=opens - int(random.integers(0, 200)) if random.random() < 0.7 else None,
        load=int(random.integers(0, 4)),
    )  # fmt: skip
