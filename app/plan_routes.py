"""Addresses that the redraw map talks to: the draft's cells, strokes, undo, what others did."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from json import JSONDecodeError
from typing import Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from app import language
from app.maps import cells_file
from app.maps.palette import plan_colour
from app.sign_in_pages import language_of
from app.sign_in_routes import session_of
from app.store.database import Database
from app.use_cases import cell_strokes, drafts, plan_diff, strokes
from app.use_cases.actors import Actor
from app.use_cases.drafts import DraftArea
from app.use_cases.stroke_answers import Answer
from app.use_cases.strokes import Stroke
from grid_cells.cells import cells_to_hex, hex_to_cells
from grid_cells.errors import AccessDenied, UserError

CELLS: Final = "/plans/{plan}/cells/{seq}.bin"
COMPARED: Final = "/plans/{plan}/compared/{other}/{version}.bin"
STROKES: Final = "/plans/{plan}/strokes"
UNDO: Final = "/plans/{plan}/undo"
REDO: Final = "/plans/{plan}/redo"
LONGEST_KEY: Final = 64
LONGEST_STROKE: Final = 4 * 1024 * 1024

Act = Callable[[Database, Actor, Stroke], Answer]


@dataclass(frozen=True)
class PlanRoutes:
    """The routes of drafts; the gate has checked who asks and where the request comes from."""

    database: Callable[[], Database]

    def routes(self) -> list[BaseRoute]:
        """Every route of drafts."""
        return [
            Route(CELLS, self.cells, methods=["GET"]),
            Route(COMPARED, self.compared, methods=["GET"]),
            Route(STROKES, self.since, methods=["GET"]),
            Route(STROKES, self.stroke, methods=["POST"]),
            Route(UNDO, self.undo, methods=["POST"]),
            Route(REDO, self.redo, methods=["POST"]),
        ]

    def cells(self, request: Request) -> Response:
        """The draft's cells that the person may see, in the map's own binary form."""

        def ask(actor: Actor, plan: int) -> Response:
            frame = drafts.cells(self.database(), actor, plan)
            data = cells_file.encode(
                frame["cell_id"], frame["area_index"], frame["value"],
                resolution=drafts.resolution(self.database(), actor),
            )  # fmt: skip
            headers = {"Cache-Control": "private, no-store"}
            return Response(data, media_type="application/octet-stream", headers=headers)

        return self._answered(request, ask)

    def compared(self, request: Request) -> Response:
        """Cells of two plans with their pair of areas, in the map's own binary form."""

        def ask(actor: Actor, plan: int) -> Response:
            other = _number(request.path_params["other"])
            cells = plan_diff.compared_cells(self.database(), actor, plan, other).cells
            data = cells_file.encode(cells["cell_id"], cells["pair"], cells["customers"])
            headers = {"Cache-Control": "private, no-store"}
            return Response(data, media_type="application/octet-stream", headers=headers)

        return self._answered(request, ask)

    def since(self, request: Request) -> Response:
        """What changed after the change the browser knows."""
        known = request.query_params.get("since", "")

        def ask(actor: Actor, plan: int) -> Response:
            if not known.isdecimal():
                raise UserError("stroke_unreadable")
            return JSONResponse(
                _told(strokes.since(self.database(), actor, plan, int(known)), request)
            )

        return self._answered(request, ask)

    async def stroke(self, request: Request) -> Response:
        """One stroke: painted, or cells locked and opened."""
        return await self._act(request, None)

    async def undo(self, request: Request) -> Response:
        """The person's own last change taken back."""
        return await self._act(request, strokes.undo)

    async def redo(self, request: Request) -> Response:
        """The person's own last undo taken back."""
        return await self._act(request, strokes.redo)

    async def _act(self, request: Request, act: Act | None) -> Response:
        body = await _body(request)

        def ask(actor: Actor, plan: int) -> Response:
            stroke, kind = _stroke(plan, body)
            answer = (act or _ACTS[kind])(self.database(), actor, stroke)
            return JSONResponse(_told(answer, request))

        return await run_in_threadpool(self._answered, request, ask)

    def _answered(self, request: Request, ask: Callable[[Actor, int], Response]) -> Response:
        session = session_of(request)
        if session is None:
            raise HTTPException(403)
        try:
            return ask(session.actor, _number(request.path_params["plan"]))
        except AccessDenied as denied:
            return _refused(request, denied, 403)
        except UserError as error:
            return _refused(request, error, 404 if error.code == "plan_unknown" else 409)


def _number(plan: str) -> int:
    """The plan's number; raises UserError where the address holds none."""
    if not (plan.isdecimal() and len(plan) < len(str(2**63))):
        raise UserError("plan_unknown", plan=plan[:20])
    return int(plan)


def _lock(db: Database, actor: Actor, stroke: Stroke) -> Answer:
    return strokes.lock_cells(db, actor, stroke, locked=True)


def _unlock(db: Database, actor: Actor, stroke: Stroke) -> Answer:
    return strokes.lock_cells(db, actor, stroke, locked=False)


_ACTS: Final[dict[str, Act]] = {
    "paint": strokes.paint, "lock": _lock, "unlock": _unlock,
    "divide": cell_strokes.divide, "merge": cell_strokes.merge,
}  # fmt: skip


async def _body(request: Request) -> Any:
    """The request's JSON; HTTPException 413 where somebody sends more than a stroke holds."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LONGEST_STROKE:
            raise HTTPException(413)
    try:
        return json.loads(body)
    except (JSONDecodeError, UnicodeDecodeError):
        return None


def _stroke(plan: int, body: Any) -> tuple[Stroke, str]:
    """The stroke a browser sent, and its kind; raises UserError `stroke_unreadable`."""
    try:
        key, seen, to = body["key"], body.get("seen"), body.get("to")
        cells = hex_to_cells(body.get("cells", []))
        kind = body.get("kind", "paint")
        is_read = (
            isinstance(key, str) and 0 < len(key) <= LONGEST_KEY and kind in _ACTS
            and (seen is None or isinstance(seen, int)) and (to is None or isinstance(to, str))
            and bool((cells != 0).all())
        )  # fmt: skip
    except (TypeError, KeyError, AttributeError, ValueError):
        is_read = False
    if not is_read:
        raise UserError("stroke_unreadable")
    return Stroke(plan, key, cells.tolist(), to, seen), kind


def _told(answer: Answer, request: Request) -> dict[str, Any]:
    """The answer as the map reads it, its words in the language asked for."""
    spoken = language_of(request)
    told: dict[str, Any] = {
        "seq": answer.seq, "undo": answer.undo, "redo": answer.redo, "left": answer.left,
        "changes": [{"area": area, "cells": _hex(cells)} for area, cells in answer.changes],
        "refused": [
            {"cells": _hex(one.cells), "reason": language.say(f"refused_{one.code}", spoken)}
            for one in answer.refused
        ],
        "notes": [
            {"cells": _hex(one.cells), "reason": language.say(f"note_{one.code}", spoken)}
            for one in answer.notes
        ],
        "actors": list(answer.actors), "parted_at": answer.parted_at,
    }  # fmt: skip
    if answer.areas is not None:
        told["areas"] = [area_told(one) for one in answer.areas]
    if answer.locked is not None:
        told["locked"] = {"cells": _hex(answer.locked)}
    return told


def area_told(one: DraftArea) -> dict[str, Any]:
    """An area as the map reads it."""
    area = one.area
    return {
        "index": one.index, "area_id": area.area_id, "name": area.name,
        "colour": plan_colour(one.colour),
        "is_locked": area.is_locked, "is_mine": one.is_mine, "is_deleted": area.is_deleted,
    }  # fmt: skip


def _hex(cells: list[int]) -> list[str]:
    return [str(one) for one in cells_to_hex(cells)]


def _refused(request: Request, error: UserError, status: int) -> Response:
    reason = language.say(error.code, language_of(request), **error.values)
    return JSONResponse({"reason": reason}, status_code=status)
