"""My area: the service areas of a crew's repair duty, their cells, and why power is out there."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import numpy as np
import pandas as pd
import shapely

from app.store import outage_lists, places
from app.store.database import Database
from app.use_cases import duties, outages, service_map, small_cells
from app.use_cases.access import needs
from app.use_cases.actors import Actor
from app.use_cases.outages import OutageWish
from grid_cells.cells import cells_to_hex

MOST_OUTAGES: Final = 50


@dataclass(frozen=True)
class Ground:
    """Where a crew works.

    areas: area_id, name, geometry (WKB outline); cells: cell_id, customers (missing below the limit
    for small cells, where the actor may not see these); is_of_crew: whether the areas are those of
    the crew's own repair duty, else all in sight.
    """

    crew_id: str | None
    crew_name: str | None
    areas: pd.DataFrame
    cells: pd.DataFrame
    is_of_crew: bool


@needs("do_orders")
def ground(db: Database, actor: Actor, now: datetime) -> Ground:
    """The areas in sight of which the actor's crew has the repair duty today, else all in sight."""
    every = service_map.areas(db, actor, now)
    own = _own(db, actor, now)
    is_of_crew = bool(every["area_id"].isin(own).any())
    mine = every[every["area_id"].isin(own)] if is_of_crew else every
    cells = pd.DataFrame({"cell_id": [], "customers": []})
    if len(mine):
        ids = tuple(mine["area_id"])
        frame = service_map.cells(db, actor, measure="customers", area_ids=ids, now=now)
        cells = frame.rename(columns={"value": "customers"})[["cell_id", "customers"]]
        if small_cells.hidden_from(actor):
            few = cells["customers"] < small_cells.least(db)
            cells = cells.assign(customers=cells["customers"].mask(few))
    named = mine[["area_id", "name", "geometry"]].reset_index(drop=True)
    return Ground(actor.crew_id, _crew_name(db, actor), named, cells, is_of_crew)


def _own(db: Database, actor: Actor, now: datetime) -> list[str]:
    if actor.crew_id is None:
        return []
    held = duties.holders_on(db.read(), now)
    mine = held[(held["duty"] == "repair") & (held["holder_id"] == actor.crew_id)]
    return sorted(mine["area_id"].astype(str).unique())


def _crew_name(db: Database, actor: Actor) -> str | None:
    """The crew's name: its own member may know it wherever the crew belongs."""
    people = places.people(db.whole.read()).drop_duplicates("id").set_index("id")["name"]
    return None if actor.crew_id is None else str(people.get(actor.crew_id, actor.crew_id))


def is_near(ground: Ground, cell_id: Any) -> bool:
    """Whether a cell lies in the ground."""
    return bool(cell_id) and bool((ground.cells["cell_id"] == cell_id).any())


@needs("do_orders")
def why_dark(db: Database, actor: Actor, ground: Ground, now: datetime) -> list[dict[str, Any]]:
    """Outages in force in the ground, the largest first, each with the cells that it reaches there.

    Of an outage of a few customers only its own cell is told to those who see no small cells.
    """
    wish = OutageWish(view="open", at=now, sort="customers_out", most=None)
    rows = outages.list_outages(db, actor, wish).rows
    reached = outage_lists.cells_of(db.read(), rows["outage_id"].tolist(), now)
    by_outage = reached.groupby("outage_id")["cell_id"].agg(set).to_dict()
    mine = set(ground.cells["cell_id"].tolist())
    least = small_cells.least(db) if small_cells.hidden_from(actor) else 0
    found = []
    for row in rows.to_dict("records"):
        cells = by_outage.get(row["outage_id"], set())
        if not (cells | {row["cell_id"]}) & mine:
            continue
        is_few = row["customers_affected"] < least
        found.append(_told(row, {row["cell_id"]} if is_few else cells & mine))
    return found[:MOST_OUTAGES]


def _told(row: dict[Any, Any], cells: set[int]) -> dict[str, Any]:
    kept = ("outage_id", "kind", "status", "cause", "started_at", "estimated_restore_at")
    known = {name: None if pd.isna(row[name]) else row[name] for name in kept}
    places_of = np.array(sorted(one for one in cells if one), dtype="int64")
    return {
        **known,
        "customers_out": int(row["customers_out"]),
        "cells": [str(one) for one in cells_to_hex(places_of)],
    }


def borders(ground: Ground) -> list[dict[str, Any]]:
    """Each area with its dissolved outline as rings of [lon, lat], outer ones and holes alike."""
    return [
        {
            "area_id": row["area_id"],
            "name": None if pd.isna(row["name"]) else row["name"],
            "rings": _rings(row["geometry"]),
        }
        for row in ground.areas.to_dict("records")
    ]


def _rings(outline: Any) -> list[list[list[float]]]:
    if not isinstance(outline, bytes | bytearray):
        return []
    shape = shapely.from_wkb(bytes(outline))
    lines = shapely.get_parts(shapely.boundary(shape))
    return [np.round(shapely.get_coordinates(line), 6).tolist() for line in lines]
