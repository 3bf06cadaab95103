"""A contest for an order settled: who gets it, what the others are told, what is written."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import pandas as pd

from app.store import audit
from app.store import grabs as store
from app.store import work_orders as order_store
from app.store.database import Connection, Database
from app.use_cases import grab_answers, work_order_moves, work_order_steps
from app.use_cases.actors import Actor
from app.use_cases.clock import now as clock_now
from app.use_cases.clock import read_on, real_now
from app.use_cases.grab_answers import GrabGround
from app.use_cases.work_order_moves import Step
from grid_cells import grab as rules
from grid_cells.errors import UserError

YOURS, SETTLED, TAKEN, GONE, REFUSED = (
    "grab_yours", "grab_settled", "grab_taken", "grab_gone", "grab_refused",
)  # fmt: skip
_CONFLICTS: Final = frozenset({"order_conflict", "order_not_in_pool", "work_order_unknown"})


@dataclass(frozen=True)
class GrabAnswer:
    """What came of asking for an order: `code` is one of the five above.

    `crew_id`: who has it, `at`: since when. `why`: what keeps the crew from grabbing (refused);
    `decided_by`: in what the other crew was preferred (settled); `asked`: how many crews asked
    together. `figures`: the crew's own. `state`, `version`: the order's.
    """

    order_id: str
    code: str
    crew_id: str | None = None
    at: datetime | None = None
    why: tuple[str, ...] = ()
    decided_by: str | None = None
    asked: int = 1
    figures: Mapping[str, Any] | None = None
    state: str | None = None
    version: int | None = None
    is_repeated: bool = False

    @property
    def is_mine(self) -> bool:
        """Whether the crew has the order."""
        return self.code == YOURS


@dataclass(frozen=True)
class Ask:
    """A crew asks for an order: by whom, by which step of a device."""

    actor: Actor
    crew_id: str
    step_key: str | None


Answers = dict[str, GrabAnswer]


def repeated(connection: Connection, order_id: str, ask: Ask) -> GrabAnswer | None:
    """The first answer to the step where it came before."""
    event = order_store.step(connection, str(ask.step_key))
    if event is not None:
        if (event["order_id"], event["move"]) != (order_id, "grabbed"):
            raise UserError("order_step_key_taken", key=ask.step_key)
        version = work_order_moves.told_version(event)
        return GrabAnswer(
            order_id, YOURS, event["crew_id"], event["happened_at"], state=event["state_after"],
            version=version, is_repeated=True,
        )  # fmt: skip
    note = store.settled_with(connection, order_id, str(ask.step_key))
    if note is None:
        return None
    told = json.loads(note["detail"])
    return GrabAnswer(
        order_id, SETTLED, note["crew_id"], note["happened_at"], asked=len(told["crews"]),
        decided_by=told["crews"].get(ask.crew_id), is_repeated=True,
    )  # fmt: skip


def gone(connection: Connection, order_id: str, crew_id: str, now: datetime) -> GrabAnswer:
    """Why the order cannot be grabbed any more, without a person's name."""
    order = order_store.one(connection, order_id, now) or {}
    last = order_store.last_move(connection, order_id, now) or {}
    state, version = order.get("state"), order.get("version")
    held = order_store.holdings(connection, [order_id], now)
    lead = held[held["ended_at"].isna() & (held["part"] == "lead")]
    if lead.empty:
        return GrabAnswer(order_id, GONE, at=last.get("happened_at"), state=state, version=version)
    row = lead.iloc[0]
    since = row["told_at"].to_pydatetime() if pd.notna(row["told_at"]) else None
    code = YOURS if row["crew_id"] == crew_id else TAKEN
    return GrabAnswer(order_id, code, str(row["crew_id"]), since, state=state, version=version,
                      is_repeated=code == YOURS)  # fmt: skip


def settle(db: Database, order_id: str, asks: Sequence[Ask], found: GrabGround) -> Answers:
    """Everybody's answer; what the crews hold is asked anew where the order is moved."""
    try:
        return db.whole.write(lambda connection: _settled(connection, order_id, asks, found))
    except UserError as error:
        if error.code not in _CONFLICTS:
            raise
    now, whole = clock_now(db), db.whole.read()
    return {one.crew_id: gone(whole, order_id, one.crew_id, now) for one in asks}


def _settled(
    connection: Connection, order_id: str, asks: Sequence[Ask], found: GrabGround
) -> Answers:
    answers = grab_answers.answers(connection, found)[order_id]
    by_crew = {str(row["crew_id"]): row for row in answers.to_dict("records")}
    first: dict[str, Ask] = {}
    for ask in asks:
        first.setdefault(ask.crew_id, ask)
    winner = rules.settled(answers, list(first))
    if winner is None:
        return {
            crew: GrabAnswer(order_id, REFUSED, why=tuple(by_crew[crew]["why"]),
                             figures=grab_answers.figures(by_crew[crew]))
            for crew in first
        }  # fmt: skip
    reason = {**grab_answers.figures(by_crew[winner]), "asked": len(first)}
    step = Step("grabbed", crew_id=winner, step_key=first[winner].step_key,
                detail={"reason": json.dumps(reason)})  # fmt: skip
    moved = work_order_moves.moved(connection, first[winner].actor, order_id, step)
    now = read_on(connection, real_now()).now
    lost = {
        crew: _lost(order_id, answers, (winner, crew), now, len(first))
        for crew in first
        if crew != winner
    }
    if lost:
        _note(connection, order_id, asks, (winner, lost), now)
    mine = GrabAnswer(order_id, YOURS, winner, now, asked=len(first), figures=reason,
                      state=moved.state, version=moved.version)  # fmt: skip
    return {winner: mine, **lost}


def _lost(
    order_id: str, answers: pd.DataFrame, crews: tuple[str, str], now: datetime, asked: int
) -> GrabAnswer:
    winner, crew = crews
    row = answers[answers["crew_id"] == crew].to_dict("records")[0]
    if not row["may"]:
        return GrabAnswer(order_id, REFUSED, winner, now, tuple(row["why"]), asked=asked,
                          figures=grab_answers.figures(row))  # fmt: skip
    decided = rules.decided_by(answers, winner, crew, grab_answers.rules())
    return GrabAnswer(order_id, SETTLED, winner, now, decided_by=decided, asked=asked,
                      figures=grab_answers.figures(row))  # fmt: skip


def _note(
    connection: Connection, order_id: str, asks: Sequence[Ask],
    settled: tuple[str, Answers], now: datetime,
) -> None:  # fmt: skip
    """The contest on the order's timeline and in the audit: who asked, and what decided."""
    winner, lost = settled
    actor = next(ask.actor for ask in asks if ask.crew_id == winner)
    crews = {crew: answer.decided_by for crew, answer in lost.items()}
    keys = [ask.step_key for ask in asks if ask.crew_id != winner and ask.step_key]
    work_order_steps.noted(
        connection, actor, order_id, store.SETTLED, now, crew_id=winner,
        detail={"crews": crews, "keys": keys},
    )  # fmt: skip
    told = {"crew": winner, "asked": len(lost) + 1}
    audit.record(
        connection, actor.id, "work_order_grab_settled", at=real_now(),
        subject=f"order:{order_id}", detail=told,
    )  # fmt: skip
