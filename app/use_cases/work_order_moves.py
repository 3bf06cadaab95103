"""Moves of work orders: what crews, dispatchers and approvers do, each checked where it is written.

A step made on an older version of an order still counts where the order's state allows it; where it
does not, the answer is a conflict that says what is true now, and nothing is overwritten. The calls
that an order answers are stamped in the same transaction.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from app.store import order_deeds as deed_store
from app.store import places
from app.store import work_order_writes as writes
from app.store import work_orders as store
from app.store.database import Connection, Database
from app.use_cases import (
    crew_jobs,
    order_deeds,
    order_rules,
    work_order_gates,
    work_order_needs,
    work_order_sight,
)
from app.use_cases import work_order_steps as steps
from app.use_cases.access import check, may, needs
from app.use_cases.actors import Actor
from app.use_cases.clock import now as clock_now
from app.use_cases.clock import read_on, real_now
from app.use_cases.work_order_needs import Step, conflict
from app.use_cases.work_order_steps import Act, Moved
from grid_cells import work_orders
from grid_cells.errors import UserError
from grid_cells.order_deeds import Deed, DeedWish
from grid_cells.work_orders import ANYBODY, APPROVER, CREW, DISPATCHER, Move

__all__ = ["Moved", "Step", "move", "possible", "undo"]

LONGEST_KEY: Final = 80
_RIGHTS: Final = {CREW: "do_orders", DISPATCHER: "dispatch_orders", APPROVER: "approve_work"}
_DEEDS: Final[dict[str, tuple[Deed, ...]]] = {
    "told": ("told",), "grabbed": ("told", "accepted"), "accepted": ("accepted",),
    "arrived": ("arrived",), "restored": ("restored",), "stopped": ("stopped",),
    "resumed": ("resumed",), "urged": ("urged",), "returned": ("returned",),
    "withdrawn": ("returned",), "reassigned": ("reassigned",), "handed_over": ("reassigned",),
}  # fmt: skip
"""What a move of an order means for the calls it answers."""
_SENDS: Final = frozenset({"told", "reassigned", "handed_over", "helper_added"})
DETAIL: Final = frozenset(
    {"rating", "how", "reason", "planned_arrive_at", "planned_leave_at", "card_version"}
)


@needs("see_orders")
def move(db: Database, actor: Actor, order_id: str, step: Step) -> Moved:
    """The order after the step; the same step_key again gets the first answer.

    Raises UserError `order_conflict` where the state of now forbids it (state, version, by, at),
    `order_not_yours`, `order_outside_fence` without a reason for being elsewhere,
    `order_gate_closed`, `order_crew_needed`, `order_reason_needed`, `order_rating_needed`,
    `order_step_key_taken` …
    """
    _check(db, actor, step)
    work_order_sight.seen(db, actor, order_id, clock_now(db), asked="work_order_moves.move")
    return db.write(lambda connection: moved(connection, actor, order_id, step))


def moved(connection: Connection, actor: Actor, order_id: str, step: Step) -> Moved:
    """As `move`, inside a transaction of a caller who has checked the actor's right and sight."""
    now = read_on(connection, real_now()).now
    repeated = _repeated(connection, order_id, step)
    if repeated is not None:
        return repeated
    order = work_order_sight.row_of(connection, order_id, now)
    holdings = writes.held(connection, order_id, now)
    crew = work_order_needs.acting(actor, step, holdings)
    rule = order_rules.moves().of(order["kind"], order["state"], step.move)
    own = steps.holding_of(holdings, crew)
    is_own_stamp = _is_own_stamp(step.move, order, own, rule)
    if rule is None and not is_own_stamp:
        conflict(connection, order, now)
    if rule is not None and not is_own_stamp and not rule.done_by & _capacities(actor):
        raise UserError("order_not_allowed", move=step.move, state=order["state"])
    required = work_order_needs.needed(actor, rule)
    act = work_order_needs.act_of(connection, actor, order, step, (crew, required, now))
    if not is_own_stamp and rule is not None:
        leaves = step.move == "returned" and not steps.leads(holdings, act.crew_id)
        after = order["state"] if leaves else rule.state_after  # a helper goes, the order stays
        act = _with(act, state_after=after)
    return _carried_out(connection, actor, order, act, now)


def _carried_out(
    connection: Connection, actor: Actor, order: dict[str, Any], act: Act, now: datetime
) -> Moved:
    """The move written, with the calls' stamps and the card's gate."""
    order_id = str(order["order_id"])
    calls = store.reports_of(connection, [order_id])["report_id"].tolist()
    first = act.move not in work_orders.OWN_STAMPS or act.state_after != order["state"]
    if calls and act.move in _DEEDS and first and _concerns_calls(act, order):
        number = _stamp(connection, actor, act, calls, now)
        act = _with(act, deed=number)
    work_order_gates.marked(connection, actor, order_id, act, now)
    return steps.carry_out(connection, actor, order, act, now)


def _concerns_calls(act: Act, order: Mapping[str, Any]) -> bool:
    """Handing over at the site changes who works there, not what the callers were promised.

    Nor does a helper that leaves.
    """
    if act.move == "returned":
        return bool(act.state_after != order["state"])
    return act.move != "handed_over" or order["state"] in ("told", "accepted")


def _stamp(connection: Connection, actor: Actor, act: Act, calls: list[str], now: datetime) -> int:
    number = 0
    one_call = act.move == "stopped" and not order_deeds.stop_reasons()[str(act.reason_code)]
    if one_call and len(calls) > 1:  # what one customer asked for holds for nobody else
        raise UserError("order_stop_one_call", calls=len(calls))
    for deed in _DEEDS[act.move]:
        sends = deed in ("told", "reassigned")
        wish = DeedWish(deed, act.crew_id if sends else None, act.reason_code)
        number = order_deeds.stamp(connection, actor, calls, wish, now)
    return number


def _check(db: Database, actor: Actor, step: Step) -> None:
    """What can be said before anything is read: the move, the right, the words of the step."""
    if step.move not in order_rules.moves().names:
        raise UserError("order_move_unknown", move=step.move[:40])
    doers = order_rules.moves().doers(step.move)
    rights = [_RIGHTS[one] for one in (CREW, APPROVER, DISPATCHER) if one in doers]
    if ANYBODY in doers:
        rights = []
    if rights and not any(may(actor, one) for one in rights):
        check(db, actor, rights[-1], asked=f"work_order_moves.{step.move}")
    if step.step_key is not None and not 0 < len(step.step_key) <= LONGEST_KEY:
        raise UserError("order_step_key", longest=LONGEST_KEY)
    unknown = set(step.detail) - DETAIL
    if unknown:
        raise UserError("order_detail_unknown", name=min(unknown)[:40])
    if step.crew_id is not None and not _is_known(db, actor, step):
        raise UserError("crew_unknown", crew=step.crew_id[:40])


def _is_known(db: Database, actor: Actor, step: Step) -> bool:
    """Whether the crew is one that the actor may name: orders go only where the actor sees.

    A crew hands over to its colleagues alone. What came before is answered as it was then, and a
    crew that works on an order already may be named wherever it belongs.
    """
    was_there = step.step_key is not None and store.step(db.whole.read(), step.step_key) is not None
    if step.move not in _SENDS or was_there:
        return step.crew_id in set(places.listing(db.whole, "crew")["crew_id"])
    if may(actor, "dispatch_orders"):
        return step.crew_id in set(places.listing(db, "crew")["crew_id"])
    near = {one["crew_id"] for one in crew_jobs.colleagues(db, actor)["crews"]}
    return step.crew_id in near | {actor.crew_id}


def _capacities(actor: Actor) -> frozenset[str]:
    held = {name for name, right in _RIGHTS.items() if may(actor, right)}
    return frozenset(held | {ANYBODY})


def _is_own_stamp(
    name: str, order: Mapping[str, Any], own: Mapping[str, Any] | None, rule: Move | None
) -> bool:
    """Whether the step only stamps the crew's own part: a helper's, or one that comes later."""
    if own is None or name not in work_orders.OWN_STAMPS or own[f"{name}_at"] is not None:
        return False
    helps = own["part"] == "support" and name == "accepted"
    return helps or (rule is None and work_orders.is_late_stamp(name, str(order["state"])))


def _repeated(connection: Connection, order_id: str, step: Step) -> Moved | None:
    """The first answer where the step came before."""
    if step.step_key is None:
        return None
    held = store.step(connection, step.step_key)
    if held is None:
        return None
    if (held["order_id"], held["move"]) != (order_id, step.move):
        raise UserError("order_step_key_taken", key=step.step_key)
    version = told_version(held)
    return Moved(order_id, str(held["state_after"]), version, int(held["event_id"]), True)


def told_version(event: Mapping[str, Any]) -> int:
    """The version that an event told of."""
    return int(json.loads(event["detail"])["version"])


def _with(act: Act, **wanted: Any) -> Act:
    return Act(**{**vars(act), **wanted})


@needs("see_orders")
def possible(db: Database, actor: Actor, order_id: str) -> tuple[str, ...]:
    """The moves that the actor may ask for in the order's present state, in the table's order."""
    now = clock_now(db)
    connection = work_order_sight.sight_of(db, actor, order_id, now)
    order = None if connection is None else store.one(connection, order_id, now)
    if connection is None or order is None:
        return ()
    holdings = writes.held(connection, order_id, now)
    holds = steps.holding_of(holdings, actor.crew_id) is not None
    leads = steps.leads(holdings, actor.crew_id)
    capacities = _capacities(actor)
    if not holds and not may(actor, "dispatch_orders"):
        capacities -= {CREW}
    cards = _cards(connection, order_id, (actor.crew_id if holds else None, holdings, now))
    found = []
    for rule in order_rules.moves().possible(order["kind"], order["state"]):
        by = rule.done_by & (capacities | _grabs(actor, rule))
        if by == {CREW} and "lead" in rule.needs and not leads:
            continue
        if by and _is_at_hand(rule, order, holdings, cards):
            found.append(rule.name)
    return tuple(found)


def _cards(
    connection: Connection, order_id: str, told: tuple[str | None, list[dict[str, Any]], datetime]
) -> frozenset[str]:
    """Which needs of the gate are met: who would ask has filled, any holder has asked."""
    own, holdings, now = told
    living = [one for one in holdings if one["ended_at"] is None]
    stand = {
        one["crew_id"]: work_order_gates.standing(connection, order_id, one["crew_id"], now)
        for one in living
    }
    lead = steps.lead_of(holdings)
    asks = own or (lead["crew_id"] if lead else None)
    met = {"card": stand.get(asks) == "filled", "asked": "asked" in stand.values()}
    return frozenset(name for name, is_met in met.items() if is_met)


def _is_at_hand(
    rule: Move, order: Mapping[str, Any], holdings: list[dict[str, Any]], cards: frozenset[str]
) -> bool:
    """Whether what the move needs is there, as far as no reason or crew has to be named for it."""
    supports = any(one["part"] == "support" and one["ended_at"] is None for one in holdings)
    lacks = {
        "holding": steps.lead_of(holdings) is None, "pool": not order["is_in_pool"],
        "card": "card" not in cards, "asked": "asked" not in cards,
    }  # fmt: skip
    wrong = {
        "stopped": bool(order["is_stopped"]),
        "resumed": not order["is_stopped"],
        "helper_removed": not supports,
        "pooled": bool(order["is_in_pool"]),
    }
    return not any(lacks.get(one, False) for one in rule.needs) and not wrong.get(rule.name, False)


def _grabs(actor: Actor, rule: Move) -> frozenset[str]:
    """A crew may take from the pool what it does not hold yet."""
    can = rule.name == "grabbed" and actor.crew_id is not None and may(actor, "do_orders")
    return frozenset({CREW}) if can else frozenset()


@needs("do_orders")
def undo(db: Database, actor: Actor, order_id: str) -> Moved:
    """Take back the order's last move, with what it stamped on calls.

    Dispatchers take back anybody's, crews their own. Raises UserError `order_nothing_to_undo`,
    `order_undo_not_yours`, `order_moved_since` where one of its calls went on from there, and
    `order_without_calls` where it was called off because its calls went elsewhere.
    """
    work_order_sight.seen(db, actor, order_id, clock_now(db), asked="work_order_moves.undo")

    return db.write(lambda connection: undone(connection, actor, order_id))


def undone(connection: Connection, actor: Actor, order_id: str) -> Moved:
    """As `undo`, inside a transaction of a caller who has checked the actor's right and sight."""
    now = read_on(connection, real_now()).now
    order = work_order_sight.row_of(connection, order_id, now)
    last = store.last_event(connection, order_id, now)
    if last is None:
        raise UserError("order_nothing_to_undo")
    if last["actor"] != actor.id and not may(actor, "dispatch_orders"):
        raise UserError("order_undo_not_yours")
    told = json.loads(last["detail"])
    if last["reason_code"] == "merged" or told.get("calls") == 0:
        raise UserError("order_without_calls", order=order_id)
    work_order_gates.unmarked(connection, order_id, last, now)
    if told.get("deed") is not None:
        calls = store.reports_of(connection, [order_id])["report_id"].tolist()
        since = deed_store.last_deeds(connection, calls, int(told["deed"]))
        if any(one["deed"] > told["deed"] for one in since):
            raise UserError("order_moved_since", order=order_id)
        deeds = len(_DEEDS[last["move"]])
        for number in range(int(told["deed"]), int(told["deed"]) - deeds, -1):
            order_deeds.take_back(connection, actor, calls, number, now)
    return steps.put_back(connection, actor, order, last, told["before"], now)
