"""Plans kept in memory that answer the strokes of the redraw tools, and tell what they received."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import h3
import numpy as np
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from app.maps.cells_file import encode

CENTRE = (30.5, 114.3)
RESOLUTION = 9
NAMES = ("<b>West</b>", "East Bank", "Old Town", "Harbour", "Locked Hills", "Next County")
COLOURS = ("#b9d3a4", "#ecd3a0", "#c9c0e3", "#a6d0dc", "#efc2b4", "#d9dcc0")
LOCKED_AREA, FOREIGN_AREA = 4, 5
ME = "planner"


@dataclass
class Plan:
    """A plan of hexagons around CENTRE in six sectors, its strokes and all that was asked of it."""

    rings: int
    areas: dict[str, int | None] = field(default_factory=dict)
    seq: int = 0
    history: list[tuple[int, str, list[str]]] = field(default_factory=list)
    received: list[dict[str, Any]] = field(default_factory=list)
    answers: dict[str, dict[str, Any]] = field(default_factory=dict)
    locked: set[str] = field(default_factory=set)
    mixed: list[str] = field(default_factory=list)
    undo: list[dict[str, Any]] = field(default_factory=list)
    redo: list[dict[str, Any]] = field(default_factory=list)
    refuse: dict[str, str] = field(default_factory=dict)  # cell -> reason
    broken: dict[str, Any] = field(default_factory=dict)  # status, reason, delay

    def __post_init__(self) -> None:
        middle = h3.latlng_to_cell(*CENTRE, RESOLUTION)
        for cell in h3.grid_disk(middle, self.rings):
            lat, lon = h3.cell_to_latlng(cell)
            turn = np.arctan2(lat - CENTRE[0], lon - CENTRE[1]) / (2 * np.pi) % 1
            self.areas[cell] = min(5, int(turn * 6))

    def file(self) -> bytes:
        places = [-1 if area is None else area for area in self.areas.values()]
        return encode([h3.str_to_int(cell) for cell in self.areas], places, np.ones(len(places)))

    def truth(self, cells: list[str]) -> list[dict[str, Any]]:
        by_area: dict[int | None, list[str]] = {}
        for cell in cells:
            by_area.setdefault(self.areas[cell], []).append(cell)
        return [{"area": area, "cells": some} for area, some in by_area.items()]

    def choices(self) -> list[dict[str, Any]]:
        return [
            {
                "index": k, "area_id": f"A{k}", "name": name, "colour": COLOURS[k],
                "is_locked": k == LOCKED_AREA, "is_mine": k != FOREIGN_AREA, "is_deleted": False,
            }
            for k, name in enumerate(NAMES)
        ]  # fmt: skip

    def do(self, kind: str, body: dict[str, Any], actor: str = ME) -> dict[str, Any]:
        cells = body.get("cells", [])
        refused = [cell for cell in cells if cell in self.refuse]
        taken = [cell for cell in cells if cell not in self.refuse]
        if kind in ("undo", "redo"):
            cells = taken = self.turn_back(kind)
        elif kind == "paint":
            to = None if body["to"] is None else int(body["to"][1:])
            self.undo.append({cell: self.areas[cell] for cell in taken})
            self.redo.clear()
            self.areas.update(dict.fromkeys(taken, to))
        else:
            getattr(self.locked, "update" if kind == "lock" else "difference_update")(taken)
            self.undo.append({})
            self.redo.clear()
        self.seq += 1
        self.history.append((self.seq, actor, taken))
        reasons = {self.refuse[cell] for cell in refused}
        return {
            "seq": self.seq,
            "changes": self.truth(cells),
            "refused": [
                {"cells": [c for c in refused if self.refuse[c] == why], "reason": why}
                for why in reasons
            ],
            "undo": len(self.undo),
            "redo": len(self.redo),
            "locked": {"cells": sorted(self.locked)},
            "seconds": 0.001,
        }

    def turn_back(self, kind: str) -> list[str]:
        source, other = (self.undo, self.redo) if kind == "undo" else (self.redo, self.undo)
        if not source:
            return []
        before = source.pop()
        other.append({cell: self.areas[cell] for cell in before})
        self.areas.update(before)
        return list(before)


PLANS: dict[str, Plan] = {}


def plan_of(name: str) -> Plan:
    """The plan of this name, made when first asked for; "brush-12" has twelve rings."""
    if name not in PLANS:
        PLANS[name] = Plan(int(name.rsplit("-", 1)[1]))
    return PLANS[name]


async def post(request: Request) -> Response:
    plan = plan_of(request.path_params["plan"])
    kind = request.path_params["kind"]
    body = await request.json()
    kind = body["kind"] if kind == "strokes" else kind
    again = body["key"] in plan.answers
    plan.received.append(
        {**body, "kind": kind, "again": again, "status": plan.broken.get("status")}
    )
    if plan.broken.get("status"):
        reason = plan.broken.get("reason")
        answer = {"reason": reason} if reason else {}
        return JSONResponse(answer, status_code=plan.broken["status"])
    if not again:
        plan.answers[body["key"]] = plan.do(kind, body)
    await asyncio.sleep(plan.broken.get("delay", 0))
    return JSONResponse(plan.answers[body["key"]])


async def since(request: Request) -> Response:
    plan = plan_of(request.path_params["plan"])
    asked = int(request.query_params["since"])
    later = [one for one in plan.history if one[0] > asked]
    cells = list(dict.fromkeys(cell for _, _, some in later for cell in some))
    return JSONResponse(
        {
            "seq": plan.seq,
            "changes": plan.truth(cells),
            "actors": sorted({actor for _, actor, _ in later}),
            "undo": len(plan.undo),
            "redo": len(plan.redo),
            "locked": {"cells": sorted(plan.locked)},
        }
    )


async def told(request: Request) -> Response:
    plan = plan_of(request.path_params["plan"])
    return JSONResponse(
        {"received": plan.received, "areas": plan.areas, "locked": sorted(plan.locked)}
    )


async def arrange(request: Request) -> Response:
    """Sets a plan up: {"refuse": …}, {"broken": …}, or a stroke of someone else's."""
    plan = plan_of(request.path_params["plan"])
    body = await request.json()
    if "stroke" in body:
        plan.do("paint", body["stroke"], body["actor"])
        plan.undo.pop()
    for name in ("refuse", "broken", "mixed"):
        if name in body:
            setattr(plan, name, body[name])
    if "locked" in body:
        plan.locked = set(body["locked"])
    return JSONResponse({})


ROUTES = [
    Route("/plans/{plan}/strokes", since, methods=["GET"]),
    Route("/plans/{plan}/{kind}", post, methods=["POST"]),
    Route("/stub/{plan}", told, methods=["GET"]),
    Route("/stub/{plan}", arrange, methods=["POST"]),
]
