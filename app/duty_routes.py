"""Addresses that a crew's phone talks to: on and off duty, its places while on duty."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from app import json_answers
from app.gate_routes import DUTY, POSITIONS
from app.store.database import Database
from app.use_cases import (
    crew_duties,
    crew_hand_over,
    crew_positions,
    crew_rules,
)
from app.use_cases.actors import Actor
from app.use_cases.crew_duties import DutyState, DutyStep
from app.use_cases.crew_positions import Fix
from app.use_cases.crew_wishes import is_whole_text
from grid_cells.errors import UserError

LONGEST_BODY: Final = 512 * 1024
_FAR: Final = 10.0**9
_STATUS: Final = {
    "duty_body_type": 415, "duty_body_long": 413, "positions_too_many": 413,
    "crew_other_person": 409, "duty_already_on": 409, "duty_not_on": 409, "duty_no_shift": 409,
    "duty_no_shift_at_all": 409, "duty_not_told": 409, "duty_open_orders": 409,
}  # fmt: skip
_STEPS: Final = {"on": crew_duties.go_on, "off": crew_duties.go_off}


@dataclass(frozen=True)
class DutyRoutes:
    """The routes of duties; the gate has checked who asks and where the request comes from."""

    database: Callable[[], Database]

    def routes(self) -> list[BaseRoute]:
        """Every route of duties."""
        return [
            Route(DUTY, self.state, methods=["GET"]),
            Route(DUTY, self.step, methods=["POST"]),
            Route(POSITIONS, self.positions, methods=["POST"]),
        ]

    def state(self, request: Request) -> Response:
        """Whether the person is on duty now."""

        def ask(actor: Actor) -> Response:
            return JSONResponse(self._told(crew_duties.state(self.database(), actor)))

        return self._answered(request, ask)

    async def step(self, request: Request) -> Response:
        """Come on duty or go off."""

        def act(actor: Actor, body: Any) -> Response:
            step, deed = _step(body)
            done = _STEPS[deed](self.database(), actor, step)
            status = 200 if done.is_repeated else 201
            return JSONResponse(self._told(done), status_code=status)

        return await self._taken(request, act)

    async def positions(self, request: Request) -> Response:
        """Places of the person while on duty; of others nothing is kept."""

        def act(actor: Actor, body: Any) -> Response:
            fixes, sent_at = _fixes(body)
            told = crew_positions.store_positions(self.database(), actor, fixes, sent_at)
            return JSONResponse(
                {"on_duty": told.is_on, "counts": told.counts(), "verdicts": list(told.verdicts)}
            )

        return await self._taken(request, act)

    def _told(self, state: DutyState) -> dict[str, Any]:
        """The state as the phone reads it, with what the person must be told of tracks."""
        shift = state.next_shift
        return {
            "crew": state.crew_id, "on_duty": state.is_on, "since": _text(state.since),
            "shift_ends_at": _text(state.until), "ends_by": _text(state.ends_by),
            "ended_by_rule_at": _text(state.ended_by_rule), "repeated": state.is_repeated,
            "shift": None if shift is None else {
                "starts_at": _text(shift.starts), "ends_at": _text(shift.ends),
            },
            "open_orders": list(state.open_orders),
            "next_crews": [{"crew": one, "name": name} for one, name in state.next_crews],
            "keep_reasons": list(crew_hand_over.reasons()),
            "tracks_kept_days": crew_positions.kept_days(self.database()),
            "tell_every_s": round(crew_rules.lasting("tell_every").total_seconds()),
        }  # fmt: skip

    async def _taken(self, request: Request, act: Callable[[Actor, Any], Response]) -> Response:
        """The answer to what was sent."""
        try:
            body = await _body(request)
        except UserError as error:
            return self._refused(request, error)

        def ask(actor: Actor) -> Response:
            if isinstance(body, dict) and body.get("who", actor.id) != actor.id:
                raise UserError("crew_other_person")  # a queue is its own person's
            return act(actor, body)

        return await run_in_threadpool(self._answered, request, ask)

    def _answered(self, request: Request, ask: Callable[[Actor], Response]) -> Response:
        return json_answers.asked(request, ask, lambda error: self._refused(request, error))

    def _refused(self, request: Request, error: UserError) -> Response:
        return json_answers.refused(self.database(), request, error, _STATUS, ("field",))


async def _body(request: Request) -> Any:
    """The request's JSON; UserError `duty_body_type`, `duty_body_long`, `duty_unreadable`."""
    body = await json_answers.body(request, LONGEST_BODY, family="duty")
    return json_answers.read(body, "duty_unreadable", field="body")


def _step(body: Any) -> tuple[DutyStep, str]:
    """The step that a phone sent, and whether it is `on` or `off`."""
    given = _object(body)
    deed, key = given.get("step"), given.get("step_key")
    if deed not in _STEPS:
        raise UserError("duty_unreadable", field="step")
    if not isinstance(key, str) or not is_whole_text(key):
        raise UserError("duty_unreadable", field="step_key")
    place = given.get("place")
    lon, lat, accuracy = (None, None, None) if place is None else _place(_object(place))
    orders = given.get("open_orders") or {}
    is_read = isinstance(orders, dict) and all(
        isinstance(one, str) and is_whole_text(one) for one in orders.values()
    )
    if not is_read:
        raise UserError("duty_unreadable", field="open_orders")
    step = DutyStep(
        key, lon, lat, accuracy, told_of_tracks=given.get("told_of_tracks") is True,
        is_called_in=given.get("called_in") is True, open_orders=orders,
    )  # fmt: skip
    return step, str(deed)


def _fixes(body: Any) -> tuple[list[Fix], datetime | None]:
    """The fixes that a phone sent, and its clock when it sent them."""
    given = _object(body)
    rows = given.get("fixes")
    if not isinstance(rows, list):
        raise UserError("duty_unreadable", field="fixes")
    fixes = []
    for row in rows:
        one = _object(row)
        lon, lat, accuracy = _place(one)
        fixes.append(Fix(_moment(one.get("at"), "at"), lon, lat, accuracy))
    sent = given.get("sent_at")
    return fixes, None if sent is None else _moment(sent, "sent_at")


def _place(given: Mapping[str, Any]) -> tuple[float, float, float | None]:
    """Longitude, latitude, accuracy; raises UserError `duty_unreadable`."""
    lon, lat, accuracy = (given.get(name) for name in ("lon", "lat", "accuracy_m"))
    if not (_is_number(lon) and _is_number(lat) and abs(lon) <= 180 and abs(lat) <= 90):  # type: ignore[arg-type]  # noqa: PLR2004
        raise UserError("duty_unreadable", field="lon, lat")
    if accuracy is not None and not _is_number(accuracy):
        raise UserError("duty_unreadable", field="accuracy_m")
    return float(lon), float(lat), None if accuracy is None else float(accuracy)  # type: ignore[arg-type]


def _is_number(value: Any) -> bool:
    # neither NaN nor a whole number with thousands of figures
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and -_FAR < value < _FAR


def _moment(value: Any, name: str) -> datetime:
    """A moment with its zone; raises UserError `duty_unreadable`."""
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise UserError("duty_unreadable", field=name) from error
    if moment.tzinfo is None:
        raise UserError("duty_unreadable", field=name)
    return moment


def _object(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise UserError("duty_unreadable", field="body")
    return value


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
