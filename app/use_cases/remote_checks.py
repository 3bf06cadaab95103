"""A meter asked from afar before anybody is sent: over the head-end's address, where one is set."""

import json
import os
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from http.client import HTTPException
from typing import Any, Final
from urllib.parse import urlsplit

from app.store import audit, customers
from app.store import inspections as store
from app.store.database import Database
from app.use_cases import privacy
from app.use_cases.access import needs
from app.use_cases.actors import Actor
from app.use_cases.clock import now as clock_now
from app.use_cases.clock import real_now
from grid_cells.errors import UserError

ROUTE: Final = "GRIDCELLS_METER_ROUTE"
"""Address of the head-end that reads a meter now, by POST of {"meter_id": …}; unset, none is."""
TIME_OUT: Final = "GRIDCELLS_METER_TIMEOUT_S"
ASKED: Final = "meter_asked"
_USUAL_S, _MOST_S = 30.0, 300.0
_EVERY_S: Final = 0.2
_MOST_BYTES: Final = 64 * 1024
_KEPT: Final = (
    "energy_kwh",
    "register_kwh",
    "power_kw",
    "voltage_v",
    "current_a",
    "read_at",
    "is_cover_open",
)


Tell = Callable[[float], None]


def _untold(done: float) -> None:
    """Nobody waits to hear it."""


@dataclass(frozen=True)
class Answer:
    """What a meter answered: answered, silent (in time, or no way to it) or refused; figures."""

    meter_id: str
    outcome: str
    figures: dict[str, Any]
    answered_at: datetime | None


def is_configured() -> bool:
    """Whether there is a route to the meters."""
    return bool(os.environ.get(ROUTE, "").strip())


@needs("run_inspections")
def check(db: Database, actor: Actor, ref: str, tell: Tell = _untold) -> tuple[Answer, ...]:
    """Ask each of the customer's billing meters of now; what they said is kept.

    `tell` hears how much of the longest wait is over (0 to 1) and may raise to stop it. Raises
    UserError `remote_check_off` without a route, `remote_check_route` for an unusable one,
    `remote_check_no_meter`, `customer_ref_unknown`.
    """
    customer_no = privacy.customer_no_of(db, ref)
    if not customers.is_known(db.read(), customer_no):
        privacy.note_unseen(db, actor, customer_no, asked="remote_checks.check")
        raise UserError("customer_ref_unknown")
    route, asked_at = _route(), clock_now(db)
    meters = _billing(db, customer_no, asked_at)
    if not meters:
        raise UserError("remote_check_no_meter")
    _note(db, actor, customer_no, len(meters))
    answers = []
    for place, meter_id in enumerate(meters):
        outcome, figures = _ask(route, meter_id, _part(tell, place, len(meters)))
        answered_at = clock_now(db) if outcome == "answered" else None
        row = {
            "customer_no": customer_no, "meter_id": meter_id, "asked_at": asked_at,
            "asked_by": actor.id, "answered_at": answered_at, "outcome": outcome,
            "answer": json.dumps(figures),
        }  # fmt: skip
        _keep(db, row)
        answers.append(_shown(actor, Answer(meter_id, outcome, figures, answered_at)))
    return tuple(answers)


def _part(tell: Tell, place: int, of: int) -> Tell:
    """Tells how much of the whole is over while one of so many is asked."""
    return lambda done: tell((place + done) / of)


def _keep(db: Database, row: dict[str, Any]) -> None:
    db.write(lambda connection: store.note_check(connection, row))


def _billing(db: Database, customer_no: str, at: datetime) -> list[str]:
    """The meters that the customer was billed by at the moment."""
    links = customers.meters_of(db, customer_no)
    is_billing = links["role"].fillna("billing") == "billing"
    has_begun = links["valid_from"].isna() | (links["valid_from"] <= at)
    is_valid = has_begun & (links["valid_to"].isna() | (links["valid_to"] > at))
    return [str(one) for one in links.loc[is_billing & is_valid, "meter_id"].unique()]


def _note(db: Database, actor: Actor, customer_no: str, meters: int) -> None:
    """That meters are asked is on record before they are, whatever comes of it."""
    subject, told = privacy.subject_of(db, customer_no), {"meters": meters}
    db.write(
        lambda connection: audit.record(
            connection, actor.id, ASKED, at=real_now(), subject=subject, detail=told
        )
    )


def _shown(actor: Actor, answer: Answer) -> Answer:
    """The answer as the actor may see it."""
    sees = privacy.sees(actor, "remote_checks", "answer")
    meter_id = str(privacy.shown_value(actor, "remote_checks", "meter_id", answer.meter_id))
    return replace(answer, meter_id=meter_id, figures=answer.figures if sees else {})


def _route() -> str:
    route = os.environ.get(ROUTE, "").strip()
    if not route:
        raise UserError("remote_check_off", name=ROUTE)
    if urlsplit(route).scheme not in ("http", "https") or not urlsplit(route).netloc:
        raise UserError("remote_check_route", name=ROUTE)
    return route


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Refuses to be sent elsewhere: a meter's number goes to the head-end's address alone."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        """None: the redirect is an error like any other."""


def _ask(route: str, meter_id: str, tell: Tell) -> tuple[str, dict[str, Any]]:
    """Outcome and figures; a head-end that cannot be reached or answers late is a silent meter.

    Asked in a thread of its own: one that drips its answer keeps nobody beyond the deadline.
    """
    limit, begun = _seconds(), time.monotonic()
    box: dict[str, tuple[str, dict[str, Any]]] = {}
    until = begun + limit
    asking = threading.Thread(
        target=lambda: box.update(said=_post(route, meter_id, until)), daemon=True
    )
    asking.start()
    while asking.is_alive() and (now := time.monotonic()) < until:
        tell((now - begun) / limit)
        asking.join(_EVERY_S)
    return box.get("said", ("silent", {}))


def _post(route: str, meter_id: str, until: float) -> tuple[str, dict[str, Any]]:
    body = json.dumps({"meter_id": meter_id}).encode()
    request = urllib.request.Request(  # noqa: S310 - the scheme was checked
        route, body, {"Content-Type": "application/json"}, method="POST"
    )
    opener = urllib.request.build_opener(_NoRedirect)
    try:
        with opener.open(request, timeout=_seconds()) as answer:
            told = json.loads(_body(answer, until))
    except urllib.error.HTTPError:
        return "refused", {}
    except (OSError, ValueError, HTTPException, RecursionError):
        return "silent", {}
    held = told if isinstance(told, dict) else {}
    return "answered", {
        name: held[name] for name in _KEPT if isinstance(held.get(name), (int, float, str, bool))
    }


def _body(answer: Any, until: float) -> bytes:
    """The answer's body as it comes in; TimeoutError after the deadline."""
    held = b""
    while len(held) < _MOST_BYTES and (piece := answer.read1(_MOST_BYTES - len(held))):
        if time.monotonic() > until:
            raise TimeoutError
        held += piece
    return held


def _seconds() -> float:
    try:
        wanted = float(os.environ.get(TIME_OUT, _USUAL_S))
    except ValueError:
        wanted = _USUAL_S
    return min(max(wanted, 1.0), _MOST_S)
