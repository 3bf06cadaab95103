"""The jobs whose growth is measured, each as `make(size)` and `run(input)`.

Customers stand at the same density at every size: a larger size is a larger region, with as many
more cells, areas, transformers and streets. Halls stay 70, days of readings 90.
"""

import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import h3ronpy
import numpy as np
import pandas as pd
import pyarrow as pa
import reach
import shapely
import theft_store
import travel_time

from app.maps.cells_file import encode
from app.store import meta, theft_readings
from app.store.database import Database
from app.use_cases import theft_scores
from app.use_cases.actors import command_line_actor
from grid_cells.assignment import assign_customers, cell_areas
from grid_cells.cells import points_to_cells
from grid_cells.hotspots import getis_ord
from grid_cells.polygons import claim_cells
from grid_cells.streets import StreetGraph, build_graph

RESOLUTION, DAYS = 9, 90
PER_AREA, PER_TRANSFORMER, PER_NODE = 5_000, 60, 10
_PER_DEGREE = 2_000
"""Customers along a degree of a side of the region, squared: some 30 to a cell."""


def people(size: int) -> pd.DataFrame:
    """Customers of a square region by transformer, as an archive lists them.

    customer_no, transformer_id (unknown), lon, lat, cell_id.
    """
    random, side = np.random.default_rng(size), np.sqrt(size) / _PER_DEGREE
    middles = side * random.random((2, size // PER_TRANSFORMER + 1))
    spread = random.normal(0, 0.001, (2, size))
    places = np.repeat(middles, PER_TRANSFORMER, axis=1)[:, :size] + spread
    lon, lat = np.clip(places, 0, side) + np.array([[108.0], [30.0]])
    numbers = pd.Series(np.arange(size), dtype="str").str.zfill(10)
    return pd.DataFrame({
        "customer_no": numbers, "transformer_id": pd.Series(None, index=numbers.index, dtype="str"),
        "lon": lon, "lat": lat, "cell_id": points_to_cells(lon, lat, RESOLUTION),
    })  # fmt: skip


def to_cells(customers: pd.DataFrame) -> Any:
    return points_to_cells(customers["lon"], customers["lat"], RESOLUTION)


@dataclass(frozen=True)
class Plan:
    """Customers, and the cells that areas of about 5,000 customers claim."""

    customers: pd.DataFrame
    claims: pd.DataFrame


def planned(size: int) -> Plan:
    customers = people(size)
    side = max(1, round(np.sqrt(size / PER_AREA)))
    across = [
        np.minimum(
            ((customers[a] - low) * _PER_DEGREE / np.sqrt(size) * side).astype(int), side - 1
        )
        for a, low in (("lon", 108), ("lat", 30))
    ]
    names = ("E-" + pd.Series(across[0] * side + across[1]).astype("str")).to_numpy()
    claims = pd.DataFrame({"cell_id": customers["cell_id"], "area_id": names})
    claims = claims.drop_duplicates("cell_id", ignore_index=True)
    return Plan(customers, claims.assign(transformer_id=pd.Series(None, claims.index, dtype="str")))


def assigned(plan: Plan) -> pd.DataFrame:
    return assign_customers(plan.customers, basis="cell", claims=plan.claims)


def joined(plan: Plan) -> pd.DataFrame:
    """Every cell with its area: customers to areas, then cells to areas."""
    found = assigned(plan)
    return cell_areas(plan.customers, found, basis="cell", claims=plan.claims)


def drawn(size: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Areas as rectangles that fill the region, and its customers."""
    customers = people(size)
    side, edge = max(1, round(np.sqrt(size / PER_AREA))), np.sqrt(size) / _PER_DEGREE
    x, y = (part.ravel() for part in np.meshgrid(np.arange(side), np.arange(side)))
    step = edge / side
    shapes = shapely.box(108 + x * step, 30 + y * step, 108 + (x + 1) * step, 30 + (y + 1) * step)
    names = [f"E-{k}" for k in range(len(shapes))]
    return pd.DataFrame({"area_id": names, "geometry": shapes}), customers


def claimed(given: tuple[pd.DataFrame, pd.DataFrame]) -> pd.DataFrame:
    return claim_cells(*given, RESOLUTION)


@dataclass(frozen=True)
class Made:
    """A store in a folder that lasts as long as this."""

    db: Database
    folder: Any


def read_daily(size: int) -> Made:
    """A store with so many daily readings."""
    folder = tempfile.TemporaryDirectory()
    path = Path(folder.name) / "made.duckdb"
    theft_store.build(path, max(120, size // DAYS), DAYS, size)
    return Made(Database(path), folder)


def lost(made: Made) -> pa.Table:
    """Line loss of every transformer and day."""
    now = datetime(2026, 1, 1, tzinfo=UTC)
    connection = made.db.read()
    span = theft_readings.span(connection, now, now.date(), DAYS)
    assert span is not None
    return theft_readings.balance(connection, span, 0.98)


def suspected(made: Made) -> pd.DataFrame:
    """Features, causes and scores of every customer, anew: a run of the same facts is kept."""
    made.db.write(lambda connection: meta.touch_facts(connection, "readings"))
    return theft_scores.score(made.db, command_line_actor())


@dataclass(frozen=True)
class Ground:
    """Streets, customers along them, halls."""

    graph: StreetGraph
    customers: pd.DataFrame
    halls: pd.DataFrame


def settled(size: int) -> Ground:
    side = max(12, round(np.sqrt(size / PER_NODE)))
    graph = build_graph(travel_time.made_up(size, side))
    return Ground(graph, reach.people(graph, size, size), reach.halls_of(graph, size))


def any_hall(ground: Ground) -> Any:
    return reach.everybody(ground.graph, ground.customers, ground.halls)


def measured(size: int) -> tuple[Any, Any, Any]:
    """So many cells with an area and a figure."""
    bases = pa.array([0x81283FFFFFFFFFF, 0x8131BFFFFFFFFFF], type=pa.uint64())
    cells = np.asarray(h3ronpy.change_resolution(bases, RESOLUTION))[:size].astype(np.int64)
    random = np.random.default_rng(size)
    return cells, np.arange(size) // PER_NODE % 60_000, random.random(size)


def packed(given: tuple[Any, Any, Any]) -> bytes:
    return encode(*given)


def hot(given: tuple[Any, Any, Any]) -> Any:
    return getis_ord(given[0], given[2])
