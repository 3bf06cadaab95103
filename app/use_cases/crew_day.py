"""A crew's day as its phone keeps it: area, outages, orders and chores in visiting order, words."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import numpy as np
import pandas as pd

from app.store import crew_positions as position_store
from app.store import derived, meta, places, units
from app.store.database import Database
from app.use_cases import (
    clock,
    crew_area,
    crew_chores,
    crew_duties,
    crew_hand_over,
    crew_jobs,
    crew_positions,
    crew_results,
    crew_rules,
    derive,
    order_deeds,
    order_rules,
)
from app.use_cases.access import may, needs
from app.use_cases.actors import Actor
from app.use_cases.crew_area import Ground
from app.use_cases.crew_chores import Chore
from grid_cells import crew_round, travel_time
from grid_cells.cells import cells_to_hex
from grid_cells.crew_round import Stop
from grid_cells.street_paths import path_through
from grid_cells.work_orders import OPEN

_BEGUN: Final = frozenset({"arrived", "surveyed", "repaired"})
_REASONS: Final = ("outside", "unrated", "returned", "gate_refused", "irregularity")
_ORDER, _CHORE = "order", "chore"


@needs("do_orders")
def day(db: Database, actor: Actor) -> dict[str, Any]:
    """Everything that the phone shows of today, of the actor's own crew and area alone.

    who, name, crew; now and whether time runs; area; outages; orders; chores; visit (what, id,
    drive_min), route (lon, lat) and sequence_by; moves, reasons and figures for the card.
    """
    derive.refresh(db, clock.now(db))
    time = clock.read_clock(db)
    ground = crew_area.ground(db, actor, time.now)
    orders = crew_jobs.jobs(db, actor)
    has_outages = may(actor, "see_outages")
    chores = crew_chores.chores(db, actor, ground, time.now) if has_outages else []
    return {
        "who": actor.id, "name": actor.name, "crew_id": ground.crew_id,
        "crew_name": ground.crew_name, "now": time.now, "is_running": time.is_running,
        "timezone": units.timezone(db.whole.read()), "area": _area(db, ground),
        "outages": crew_area.why_dark(db, actor, ground, time.now) if has_outages else [],
        "orders": orders, "chores": [vars(one) for one in chores],
        **_round(db, actor, orders, chores, time.now), **crew_jobs.colleagues(db, actor),
        **_card(actor), "duty": _duty(db, actor),
        "inspectors": crew_results.inspectors(db, actor),
    }  # fmt: skip


def _duty(db: Database, actor: Actor) -> dict[str, Any] | None:
    """Whether the person is on duty, how often the phone tells its place, how long it is kept."""
    if actor.crew_id is None:
        return None
    told = crew_duties.state(db, actor)
    return {
        "is_on": told.is_on, "since": told.since, "until": told.until,
        "ends_by": told.ends_by, "kept_days": crew_positions.kept_days(db),
        "tell_every_s": round(crew_rules.lasting("tell_every").total_seconds()),
    }  # fmt: skip


def _area(db: Database, ground: Ground) -> dict[str, Any]:
    held = derived.cell_areas(db.read()).drop_duplicates("cell_id").set_index("cell_id")["area_id"]
    cells = ground.cells
    numbers = cells["cell_id"].to_numpy("int64")
    return {
        "is_of_crew": ground.is_of_crew,
        "borders": crew_area.borders(ground),
        "cells": [str(one) for one in cells_to_hex(numbers)],
        "cell_areas": [crew_jobs.plain(held.get(one)) for one in numbers],
        "customers": [None if pd.isna(one) else int(one) for one in cells["customers"]],
        "resolution": meta.resolution(db.whole.read()),
    }


def _card(actor: Actor) -> dict[str, Any]:
    """What the card needs: moves, reasons, figures; whether this person may open another's gate."""
    reasons = {family: list(order_rules.codes(family)) for family in _REASONS}
    return {
        "moves": crew_jobs.moves(),
        "reasons": {
            **reasons,
            "stopped": list(order_deeds.stop_reasons()),
            "keep": list(crew_hand_over.reasons()),
        },
        "may_approve": may(actor, "approve_work"),
        "worst_accuracy_m": order_rules.rule("worst_accuracy"),
        "rating_most": int(order_rules.rule("rating_most")),
    }


def _round(
    db: Database, actor: Actor, orders: list[dict[str, Any]], chores: Sequence[Chore], now: datetime
) -> dict[str, Any]:
    """The stops in visiting order with the minutes of driving to each, and the way between them."""
    open_orders = [one for one in orders if one["state"] in OPEN and one["lon"] is not None]
    open_chores = [one for one in chores if not one.is_done and one.lon is not None]
    stops = [_order_stop(one, now) for one in open_orders] + [
        _chore_stop(one) for one in open_chores
    ]
    at = [(one["lon"], one["lat"]) for one in open_orders] + [
        (one.lon, one.lat) for one in open_chores
    ]
    if not stops:
        return {"visit": [], "route": [], "sequence_by": "due"}
    start = _start(db, actor, now) or at[0]
    spots = pd.DataFrame([start, *at], columns=["lon", "lat"])
    minutes = _minutes(db, spots, now)
    order, by = crew_round.visits(stops, minutes)
    drive = crew_round.drives(order, minutes)
    walked = spots.iloc[[0, *(i + 1 for i in order)]]
    graph = derive.graph_at(db.whole.read(), now)
    return {
        "visit": [
            {"what": _CHORE if stops[i].rank == crew_round.CHORE else _ORDER, "id": stops[i].id,
             "drive_min": None if np.isnan(took) else round(took, 1)}
            for i, took in zip(order, drive, strict=True)
        ],
        "route": [(round(x, 6), round(y, 6)) for x, y in path_through(graph, walked)],
        "sequence_by": by,
    }  # fmt: skip


def _start(db: Database, actor: Actor, now: datetime) -> tuple[float, float] | None:
    """Where the round begins: where the person was last seen on this duty, else the crew's base.

    By nobody else's track: a colleague's is for those alone who may see tracks.
    """
    if actor.crew_id is None:
        return None
    whole, duty = db.whole.read(), crew_duties.state(db, actor)
    if duty.is_on and duty.since is not None:
        seen = position_store.of_user(whole, actor.id, duty.since, now)
        seen = seen[seen["seen_at"] >= duty.since]
        if len(seen):
            return float(seen["lon"].iloc[-1]), float(seen["lat"].iloc[-1])
    bases = places.points(whole, "crew")
    own = bases[bases["id"] == actor.crew_id]
    if own.empty:
        return None
    return float(own["lon"].iloc[0]), float(own["lat"].iloc[0])


def _minutes(db: Database, spots: pd.DataFrame, now: datetime) -> "np.ndarray[Any, Any]":
    """Minutes from each spot (row) to each (column), by the streets and closures of the moment."""
    graph = derive.graph_at(db.whole.read(), now)
    if graph is None:
        return travel_time.straight_line_matrix(spots, spots)
    return travel_time.matrix(graph, spots, spots, derive.DIRECTIONS["crew"]).T


def _order_stop(one: dict[str, Any], now: datetime) -> Stop:
    is_begun = one["state"] in _BEGUN
    usual = crew_chores.rule("minutes_order")
    return Stop(
        one["order_id"], crew_round.BEGUN if is_begun else crew_round.ORDER,
        float(one["service_min"] or usual), int(one["priority"] or 1),
        _ahead(one["planned_arrive_at"], now), _ahead(one["due_at"], now),
    )  # fmt: skip


def _chore_stop(one: Chore) -> Stop:
    return Stop(one.chore_id, crew_round.CHORE, crew_chores.rule(f"minutes_{one.kind}"))


def _ahead(moment: datetime | None, now: datetime) -> float | None:
    return None if moment is None else (moment - now).total_seconds() / 60
