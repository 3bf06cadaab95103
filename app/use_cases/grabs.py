"""The pool: which orders a crew may grab and why, and grabbing one, settled fairly."""

import threading
from collections.abc import Sequence
from typing import Any, Final

import pandas as pd

from app.store import grabs as store
from app.store import meta
from app.store import work_orders as order_store
from app.store.database import Database
from app.use_cases import (
    grab_answers,
    grab_settling,
    privacy,
    work_order_moves,
    work_order_sight,
    work_orders,
)
from app.use_cases.access import needs
from app.use_cases.actors import Actor
from app.use_cases.clock import now as clock_now
from app.use_cases.grab_answers import GrabGround
from app.use_cases.grab_contests import Contests
from app.use_cases.grab_settling import REFUSED, Answers, Ask, GrabAnswer
from app.use_cases.remember import newest
from grid_cells.errors import UserError

_CONTESTS: Contests[Ask, Answers] = Contests()
_JUDGING = threading.Lock()


@needs("do_orders")
def pool(db: Database, actor: Actor) -> pd.DataFrame:
    """Orders in the pool that are in sight, those that the actor's crew may grab first.

    Columns of an order as `work_orders.listing` with may, why (codes that refuse), place,
    travel_min, arrive_in_min, spare_min, open_orders, held_min, others_min, returned, rank (1: the
    preferred of all crews, 0: may not) and able (how many crews may). Without a crew nobody may.
    """
    now = clock_now(db)
    rows = order_store.of_ids(db.read(), store.pooled(db.read()), now)
    rows = work_orders.clocked(db, rows[rows["state"] == "registered"], now)
    whole = db.whole.read()
    found = grab_answers.answers(whole, grab_answers.ground(db, rows, now))
    own = [_own(found[str(one)], actor.crew_id) for one in rows["order_id"]]
    shown = privacy.shown(actor, "work_orders", rows).reset_index(drop=True)
    joined = pd.concat([shown, pd.DataFrame(own, columns=_OWN)], axis=1)
    first = joined.assign(_no=~joined["may"].astype(bool), _rank=joined["rank"])
    first = first.sort_values(["_no", "_rank", "due_at", "order_id"])
    return first.drop(columns=["_no", "_rank"]).reset_index(drop=True)


_OWN: Final = [
    "may", "why", "place", "travel_min", "arrive_in_min", "spare_min", "open_orders", "held_min",
    "others_min", "returned", "rank", "able",
]  # fmt: skip


def _own(answers: pd.DataFrame, crew_id: str | None) -> dict[str, Any]:
    able = int(answers["may"].sum())
    mine = answers[answers["crew_id"] == crew_id]
    if mine.empty:
        return {"may": False, "why": ["no_crew"], "rank": 0, "able": able}
    return {**{name: mine[name].iloc[0] for name in _OWN[:-1]}, "able": able}


@needs("do_orders")
def grab(db: Database, actor: Actor, order_id: str, step_key: str | None = None) -> GrabAnswer:
    """Ask for an order of the pool: exactly one of the crews that ask gets it.

    Crews that ask within the window of the rules are settled by preference; the same step_key again
    gets the same answer. Raises UserError `order_no_crew`, `order_step_key`, `order_step_key_taken`
    and what `work_order_sight.seen` does.
    """
    if actor.crew_id is None:
        raise UserError("grab_no_crew")
    if step_key is not None and not 0 < len(step_key) <= work_order_moves.LONGEST_KEY:
        raise UserError("order_step_key", longest=work_order_moves.LONGEST_KEY)
    ask = Ask(actor, actor.crew_id, step_key)
    before = _before(db, order_id, ask)
    if before is not None:
        return before
    with _JUDGING:  # fifty phones at once: worked out once
        found, answers = _judged(db, order_id)
    mine = answers[answers["crew_id"] == ask.crew_id].to_dict("records")
    if not mine or not mine[0]["may"]:
        why = tuple(mine[0]["why"]) if mine else ("no_crew",)
        return GrabAnswer(order_id, REFUSED, why=why, figures=_figures(mine))
    settled = _CONTESTS.settled(
        (db.whole.opened_as, order_id), ask.crew_id, ask,
        expected=frozenset(answers.loc[answers["may"], "crew_id"].astype(str)),
        window_s=grab_answers.rules().window_s,
        settle=lambda asks: grab_settling.settle(db, order_id, asks, found),
    )  # fmt: skip
    return settled[ask.crew_id]


def _figures(mine: Sequence[dict[Any, Any]]) -> dict[str, Any] | None:
    return grab_answers.figures(mine[0]) if mine else None


def _before(db: Database, order_id: str, ask: Ask) -> GrabAnswer | None:
    """The answer where the step came before, or the order is in the pool no more; else None."""
    now = clock_now(db)
    seen = db.read()
    order = order_store.one(seen, order_id, now)
    if order is None:  # of the own crew, or refused
        seen = work_order_sight.seen(db, ask.actor, order_id, now, asked="grabs.grab")
        order = work_order_sight.row_of(seen, order_id, now)
    if ask.step_key is not None:
        known = grab_settling.repeated(seen, order_id, ask)
        if known is not None:
            return known
    if order["state"] == "registered" and order["is_in_pool"]:
        return None
    return grab_settling.gone(seen, order_id, ask.crew_id, now)


def _judged(db: Database, order_id: str) -> tuple[GrabGround, pd.DataFrame]:
    """The ground and every crew's answer, worked out anew whenever orders changed."""
    whole = db.whole.read()
    now = clock_now(db)
    stamp = (meta.read_value(whole, "version:work_orders"), now.replace(second=0, microsecond=0))

    def work() -> tuple[GrabGround, pd.DataFrame]:
        rows = work_orders.clocked(db, order_store.of_ids(whole, [order_id], now), now)
        found = grab_answers.ground(db, rows, now)
        return found, grab_answers.answers(whole, found)[order_id]

    return newest(("grab answers", db.whole.opened_as, order_id), stamp, work)
