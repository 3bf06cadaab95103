"""Days of crews and orders for the comparison: drawn by a seed, or Solomon's instances."""

import json
from pathlib import Path
from typing import Any, Final

import numpy as np

from grid_cells.dispatch import Crew, DispatchPlan, DispatchProblem, Order
from loaders.dispatch_day import problem_of
from loaders.dispatch_fields import Field

_SKILLS: Final = ("low_voltage", "high_voltage", "metering", "inspection")
_TENTHS: Final = 10
"""Solomon's best known distances are of legs cut to one decimal (DIMACS 2021)."""


def drawn_day(seed: int, crews: int, orders: int) -> dict[str, Any]:
    """A day of a city with six centres: crews start there, one order in seven is urgent."""
    random = np.random.default_rng(seed)
    centres = random.uniform(0, 24, (6, 2))
    bases = centres[random.integers(0, 6, crews)] + random.normal(0, 1.5, (crews, 2))
    near = random.choice(6, orders, p=[0.3, 0.25, 0.15, 0.15, 0.1, 0.05])
    places = np.vstack([bases, centres[near] + random.normal(0, 3, (orders, 2))])
    km = np.abs(places[:, None] - places[None]).sum(axis=2)
    minutes = np.ceil(2 * km * random.uniform(0.85, 1.25, km.shape)).astype(int)
    np.fill_diagonal(minutes, 0)
    for k in range(len(places)):
        minutes = np.minimum(minutes, minutes[:, k, None] + minutes[None, k])
    return {
        "crews": [_crew(random, k) for k in range(crews)],
        "orders": [_order(random, k, crews) for k in range(orders)],
        "matrix": minutes.tolist(),
    }


def _crew(random: np.random.Generator, k: int) -> dict[str, Any]:
    skills = [_SKILLS[0], *(skill for skill in _SKILLS[1:] if random.random() < 0.45)]
    begin = int(random.choice([480, 480, 480, 720, 840]))
    return {"id": f"C{k:02d}", "location": k, "skills": skills, "shift": [begin, begin + 480]}


def _order(random: np.random.Generator, k: int, crews: int) -> dict[str, Any]:
    is_urgent = random.random() < 0.15
    opens = int(random.integers(480, 1200))
    width = int(random.choice([45, 90, 120] if is_urgent else [180, 240, 480]))
    return {
        "id": f"O{k:03d}", "location": crews + k,
        "skill": str(random.choice(_SKILLS, p=[0.5, 0.12, 0.23, 0.15])),
        "service_min": int(random.choice([20, 30, 45, 60])), "window": [opens, opens + width],
        "priority": int(random.integers(8, 11) if is_urgent else random.integers(1, 6)),
    }  # fmt: skip


def emergencies(day: dict[str, Any], at: int, seed: int) -> list[dict[str, Any]]:
    """Three urgent orders of a minute, at places of the day, each within 90 minutes."""
    random = np.random.default_rng((seed, at))
    crews, places = len(day["crews"]), len(day["matrix"])
    return [
        {
            "id": f"E{k}", "location": int(random.integers(crews, places)),
            "skill": str(random.choice(_SKILLS[:3])), "service_min": 45,
            "window": [at, at + 90], "priority": 10,
        }
        for k in range(3)
    ]  # fmt: skip


def problem(day: dict[str, Any], name: str = "day") -> DispatchProblem:
    return problem_of(Field(name, "", day))


def days_of(given: str | None, seed: int, count: int) -> list[tuple[str, dict[str, Any]]]:
    """The days of a file or a folder, else drawn ones."""
    if given is None:
        return [(f"seed {seed + k}", drawn_day(seed + k, 20, 200)) for k in range(count)]
    path = Path(given)
    files = sorted(path.glob("*.json")) if path.is_dir() else [path]
    return [(file.stem, json.loads(file.read_text(encoding="utf-8"))) for file in files[:count]]


def solomon(path: Path) -> DispatchProblem:
    """An instance with tenths of its distances as minutes, every vehicle a crew with a van."""
    rows = [line.split() for line in path.read_text(encoding="utf-8").splitlines()]
    vehicles, capacity = (int(one) for one in rows[4])
    table = np.array([[float(one) for one in row] for row in rows[9:] if len(row) == 7])
    xy, (demand, ready, due, service) = table[:, 1:3], table[:, 3:].T
    away = np.sqrt(((xy[:, None] - xy[None]) ** 2).sum(axis=2))
    minutes = np.floor(_TENTHS * away).astype(np.int64)
    day = (int(_TENTHS * ready[0]), int(_TENTHS * due[0]))
    crews = [
        Crew(f"{k}", 0, frozenset({"any"}), (day,), capacity=capacity) for k in range(vehicles)
    ]
    orders = [
        Order(
            f"{k}", k, frozenset({"any"}), int(_TENTHS * service[k]),
            ((int(_TENTHS * ready[k]), int(_TENTHS * due[k])),), 1, load=int(demand[k]),
        )
        for k in range(1, len(table))
    ]  # fmt: skip
    return DispatchProblem(tuple(crews), tuple(orders), minutes)


def best_known(path: Path) -> tuple[int, float]:
    """Vehicles and distance of an instance's best known solution."""
    lines = path.read_text(encoding="utf-8").splitlines()
    cost = next(float(line.split()[1]) for line in lines if line.startswith("Cost"))
    return sum(line.startswith("Route") for line in lines), cost


def driven(plan: DispatchPlan) -> tuple[int, float]:
    """Vehicles and distance of a plan for an instance."""
    return len(plan.routes), plan.travel_min / _TENTHS
