"""A meter asked from afar before anybody is sent: over the head-end's address, where one is set."""

import json
import os
import urllib.error
import urllib.request
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

from app.store import audit, customers
from app.store import inspections as store
from app.store.database import Connection, Database
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
def check(db: Database, actor: Actor, ref: str) -> Answer:
    """Ask the customer's billing meter now; what it said is kept.

    Raises UserError `remote_check_off` without a route, `remote_check_route` for an unusable one,
    `remote_check_no_meter`, `customer_ref_unknown`.
    """
    customer_no = privacy.customer_no_of(db, ref)
    if not customers.is_known(db.read(), customer_no):
        privacy.note_unseen(db, actor, customer_no, asked="remote_checks.check")
        raise UserError("customer_ref_unknown")
    route = _route()
    meters = customers.meters_of(db, customer_no)
    if meters.empty:
        raise UserError("remote_check_no_meter")
    meter_id, asked_at = str(meters["meter_id"].iloc[0]), clock_now(db)
    outcome, figures = _ask(route, meter_id)
    answered_at = clock_now(db) if outcome == "answered" else None
    row = {
        "customer_no": customer_no, "meter_id": meter_id, "asked_at": asked_at,
        "asked_by": actor.id, "answered_at": answered_at, "outcome": outcome,
        "answer": json.dumps(figures),
    }  # fmt: skip
    subject = privacy.subject_of(db, customer_no)

    def change(connection: Connection) -> None:
        store.note_check(connection, row)
        audit.record(
            connection, actor.id, ASKED, at=real_now(), subject=subject, detail={"outcome": outcome}
        )

    db.write(change)
    shown = figures if privacy.sees(actor, "remote_checks", "answer") else {}
    return Answer(
        str(privacy.shown_value(actor, "remote_checks", "meter_id", meter_id)),
        outcome,
        shown,
        answered_at,
    )


def _route() -> str:
    route = os.environ.get(ROUTE, "").strip()
    if not route:
        raise UserError("remote_check_off", name=ROUTE)
    if urlsplit(route).scheme not in ("http", "https") or not urlsplit(route).netloc:
        raise UserError("remote_check_route", name=ROUTE)
    return route


def _ask(route: str, meter_id: str) -> tuple[str, dict[str, Any]]:
    """Outcome and figures; a head-end that cannot be reached or answers late is a silent meter."""
    body = json.dumps({"meter_id": meter_id}).encode()
    request = urllib.request.Request(  # noqa: S310 - the scheme was checked
        route, body, {"Content-Type": "application/json"}, method="POST"
    )
    try:
        with urllib.request.urlopen(request, timeout=_seconds()) as answer:  # noqa: S310
            told = json.loads(answer.read(_MOST_BYTES))
    except urllib.error.HTTPError:
        return "refused", {}
    except (OSError, ValueError):
        return "silent", {}
    held = told if isinstance(told, dict) else {}
    return "answered", {
        name: held[name] for name in _KEPT if isinstance(held.get(name), (int, float, str, bool))
    }


def _seconds() -> float:
    try:
        wanted = float(os.environ.get(TIME_OUT, _USUAL_S))
    except ValueError:
        wanted = _USUAL_S
    return min(max(wanted, 1.0), _MOST_S)
