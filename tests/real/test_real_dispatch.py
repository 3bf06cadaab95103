"""Solomon's instances: others' best routes keep our rules, and ours come near them."""

from pathlib import Path

import numpy as np
import pytest

from grid_cells.dispatch import Crew, DispatchProblem, Order
from grid_cells.dispatch_routes import plan_of
from grid_cells.dispatch_rules import breaches
from grid_cells.dispatch_solver import solve
from tests.grid_cells.dispatch_days import calm

pytestmark = pytest.mark.real
INSTANCES = ("C101", "C201", "R101", "R201", "RC101", "RC201")


def instance(path: Path) -> DispatchProblem:
    """Tenths of distances, cut as the best known ones are, as minutes; a vehicle is a crew."""
    rows = [line.split() for line in path.read_text(encoding="utf-8").splitlines()]
    vehicles, capacity = (int(one) for one in rows[4])
    table = np.array([row for row in rows[9:] if len(row) == 7], dtype=float)
    xy, (demand, ready, due, service) = table[:, 1:3], table[:, 3:].T
    minutes = np.floor(10 * np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1)))
    ready, due, service = ((10 * one).astype(int).tolist() for one in (ready, due, service))
    crew = Crew("", 0, frozenset(), ((ready[0], due[0]),), capacity=capacity)
    crews = tuple(
        Crew(f"{k}", 0, crew.skills, crew.shifts, capacity=capacity) for k in range(vehicles)
    )
    orders = tuple(
        Order(f"{k}", k, frozenset(), service[k], ((ready[k], due[k]),), 1, load=int(demand[k]))
        for k in range(1, len(table))
    )
    return DispatchProblem(crews, orders, minutes.astype(np.int64))


def best(path: Path) -> tuple[list[tuple[int, ...]], float]:
    lines = [line.split() for line in path.read_text(encoding="utf-8").splitlines()]
    routes = [tuple(int(k) - 1 for k in row[2:]) for row in lines if row and row[0] == "Route"]
    return routes, next(float(row[1]) for row in lines if row and row[0] == "Cost")


@pytest.mark.parametrize("name", INSTANCES)
def test_the_best_known_routes_keep_our_rules_at_their_own_cost(name: str, real_data: Path) -> None:
    problem = instance(real_data / "vrp" / f"{name}.txt")
    routes, cost = best(real_data / "vrp" / f"{name}.sol")
    idle = [()] * (len(problem.crews) - len(routes))
    plan = plan_of(problem, (*routes, *idle))
    assert breaches(problem, plan) == ()
    assert (plan.served, plan.travel_min) == (len(problem.orders), round(10 * cost))


@pytest.mark.parametrize("name", INSTANCES)
def test_everybody_is_served_near_the_best_known_distance(name: str, real_data: Path) -> None:
    problem = instance(real_data / "vrp" / f"{name}.txt")
    _, cost = best(real_data / "vrp" / f"{name}.sol")
    found = solve(problem, calm(level=1, idle=300))
    assert breaches(problem, found) == ()
    assert found.served == len(problem.orders)
    assert 10 * cost <= found.travel_min <= 1.08 * 10 * cost
