"""How the core jobs grow from ten thousand to ten million: seconds, peaks of memory, exponents.

Every job runs at 10⁴, 10⁵, 10⁶ and 10⁷ of its rows (customers, daily readings, cells), each size in
a process of its own, as far as time (--limit) and memory allow. The exponent is the slope of log
seconds over log size from 10⁵ on, by least squares; `equal`: it is at most 1.1. There is no peer.
Inputs are drawn by size; --input and --seed are not used.
"""

import growth_jobs as jobs
import growth_lake as lake
from comparison import arguments, installed, show
from growth_measure import LIMIT_S, growth, rows_of

SIZES = (10_000, 100_000, 1_000_000, 10_000_000)
QUICK = (10_000, 100_000, 200_000)

JOBS = {
    "points → cells": (jobs.people, jobs.to_cells),
    "customers → areas": (jobs.planned, jobs.assigned),
    "cells ⋈ areas": (jobs.planned, jobs.joined),
    "polygons → cells": (jobs.drawn, jobs.claimed),
    "line loss": (jobs.read_daily, jobs.lost),
    "theft scores": (jobs.read_daily, jobs.suspected),
    "any hall": (jobs.settled, jobs.any_hall),
    "map file": (jobs.measured, jobs.packed),
    "hotspots": (jobs.measured, jobs.hot),
    "lake: points → cells ⋈ areas": (lake.placed, lake.homes),
    "lake: readings ⋈ meters": (lake.read, lake.sums),
    "lake: facts of days": (lake.summed, lake.facts),
    "lake: theft features": (lake.read, lake.features),
}


def main() -> None:
    parser = arguments(__doc__ or "")
    parser.add_argument("--jobs", nargs="*", choices=JOBS, default=list(JOBS), metavar="JOB")
    parser.add_argument("--limit", type=float, default=None, help="seconds that a size may take")
    parser.add_argument("--sizes", nargs="*", type=int, default=None)
    given = parser.parse_args()
    sizes = given.sizes or (QUICK if given.quick else SIZES)
    limit_s = given.limit or (60 if given.quick else LIMIT_S)
    rows = []
    for name in given.jobs:
        rows += rows_of(growth(name, *JOBS[name], sizes, limit_s=limit_s))
    versions = installed("numpy", "pandas", "duckdb", "scipy", "h3ronpy", "pyarrow")
    show("growth", rows, versions, as_json=given.json)


if __name__ == "__main__":
    main()
