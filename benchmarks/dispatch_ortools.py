"""OR-Tools on a day of JSON from stdin, in a process of its own: `dispatch_ortools.py SECONDS`.

As its documentation solves routes with time windows and dropped visits: a time dimension with
waiting, a penalty for each order left out, vehicles allowed by skill, guided local search. Travel
and service are given as matrices, which its own code reads; a callback into Python for each arc
would cost it much of its time. Parallel cheapest insertion serves it better in a second than what
it chooses itself. Prints the routes as JSON. It needs nothing of Grid Cells, and another
interpreter may run it.
"""

import json
import sys
import time
from typing import Any

from ortools.constraint_solver import pywrapcp, routing_enums_pb2

_POINT_MIN = 400


def main() -> None:
    day, seconds = json.load(sys.stdin), float(sys.argv[1])
    began = time.perf_counter()
    routes = solved(day, seconds)
    print(json.dumps({"routes": routes, "seconds": time.perf_counter() - began}))


def solved(day: dict[str, Any], seconds: float) -> list[list[int]]:
    """For each crew the positions of its orders."""
    crews, orders, minutes = day["crews"], day["orders"], day["matrix"]
    places = [o["location"] for o in orders] + [c["location"] for c in crews]
    ends = [len(orders) + k for k in range(len(crews))]
    manager = pywrapcp.RoutingIndexManager(len(places), len(crews), ends, ends)
    routing = pywrapcp.RoutingModel(manager)
    stays = [o["service_min"] for o in orders] + [0] * len(crews)

    way = [[minutes[a][b] for b in places] for a in places]
    spent = [[leg + stay for leg in legs] for legs, stay in zip(way, stays, strict=True)]
    routing.SetArcCostEvaluatorOfAllVehicles(routing.RegisterTransitMatrix(way))
    routing.AddDimension(routing.RegisterTransitMatrix(spent), 1440, 2880, False, "time")
    clock = routing.GetDimensionOrDie("time")
    for k, order in enumerate(orders):
        at = manager.NodeToIndex(k)
        clock.CumulVar(at).SetRange(*order["window"])
        able = [v for v, crew in enumerate(crews) if order["skill"] in crew["skills"]]
        routing.VehicleVar(at).SetValues([-1, *able])
        routing.AddDisjunction([at], order["priority"] * _POINT_MIN)
    for v, crew in enumerate(crews):
        clock.CumulVar(routing.Start(v)).SetRange(*crew["shift"])
        clock.CumulVar(routing.End(v)).SetRange(*crew["shift"])
    terms = pywrapcp.DefaultRoutingSearchParameters()
    strategies = routing_enums_pb2.FirstSolutionStrategy
    terms.first_solution_strategy = strategies.PARALLEL_CHEAPEST_INSERTION
    metaheuristics = routing_enums_pb2.LocalSearchMetaheuristic
    terms.local_search_metaheuristic = metaheuristics.GUIDED_LOCAL_SEARCH
    terms.time_limit.FromMilliseconds(int(1000 * seconds))
    found = routing.SolveWithParameters(terms)
    if found is None:
        return [[] for _ in crews]
    return [_visits(routing, manager, found, v) for v in range(len(crews))]


def _visits(routing: Any, manager: Any, found: Any, vehicle: int) -> list[int]:
    visits, at = list[int](), found.Value(routing.NextVar(routing.Start(vehicle)))
    while not routing.IsEnd(at):
        visits.append(manager.IndexToNode(at))
        at = found.Value(routing.NextVar(at))
    return visits


if __name__ == "__main__":
    main()
