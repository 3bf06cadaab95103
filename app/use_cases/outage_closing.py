"""Closing an outage: what speaks against it, whom to ask first, and the end itself."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

import pandas as pd

from app.store import audit
from app.store import outage_book as book
from app.store.database import Connection, Database
from app.use_cases import outage_deeds, outage_story, outages, privacy
from app.use_cases.access import needs
from app.use_cases.actors import Actor
from app.use_cases.clock import now as clock_now
from app.use_cases.clock import real_now
from grid_cells.errors import UserError
from grid_cells.outages import Doubts, below, to_ask

Means = Literal["meter", "call"]
MEANS: Final[tuple[Means, ...]] = ("meter", "call")


@dataclass(frozen=True)
class Answer:
    """What one customer, or their meter, said: whether there is supply. `ref` stands for them."""

    ref: str
    means: Means
    has_supply: bool


@dataclass(frozen=True)
class Closing:
    """What is known before an outage is closed.

    doubts: what speaks against it; sample: whom to ask, those with an open call first: ref,
    customer_no, name, phone, address, transformer_id as the actor may see them, has_open_call,
    means and has_supply of the last answer (missing: not asked). asked, dark: how many answered,
    and how many of them have no supply; transformers, transformers_asked: how many there are, and
    in how many anybody answered.
    """

    doubts: Doubts
    sample: pd.DataFrame
    asked: int
    dark: int
    transformers: int
    transformers_asked: int


@needs("run_outages")
def examine(
    db: Database, actor: Actor, outage_id: str, restored_at: datetime | None = None
) -> Closing:
    """What would speak against closing the outage, restored then (default: now); whom to ask."""
    now = clock_now(db)
    outage_story.known(db, actor, outage_id, now, asked="outage_closing.examine")
    return _examined(db, actor, outage_id, now, restored_at)


def _examined(
    db: Database, actor: Actor, outage_id: str, now: datetime, restored_at: datetime | None
) -> Closing:
    connection = db.read()
    people = book.people(connection, outage_id, now)
    calls = book.calls(connection, outage_id, now)
    open_calls = calls[calls["restored_at"].isna()]
    answers = _answers(db, outage_id, now)
    since = restored_at or _last_step(connection, outage_id, now) or now
    later = book.calls_after(connection, outage_id, since, now)
    callers = {*open_calls["customer_no"], *later["customer_no"]}
    people = people.assign(has_open_call=people["customer_no"].isin(callers)).merge(
        answers, on="customer_no", how="left"
    )
    heard = people[people["has_supply"].notna()]
    children = book.nested(connection, below(book.family(connection), outage_id), now)
    doubts = Doubts(
        nested=children.loc[children["is_open"], "outage_id"].tolist(),
        open_calls=len(open_calls), later_calls=len(later),
        dark=int((heard["has_supply"] == False).sum()),  # noqa: E712 - a column of objects
        unasked=heard.empty and not people.empty,
    )  # fmt: skip
    return Closing(
        doubts, _sample(db, actor, people), len(heard), doubts.dark,
        int(people["transformer_id"].nunique()), int(heard["transformer_id"].nunique()),
    )  # fmt: skip


def _last_step(connection: Connection, outage_id: str, now: datetime) -> datetime | None:
    """When the last part came back by the steps."""
    steps = book.steps(connection, outage_id, now)
    back = steps.loc[steps["change"] == "restored", "step_at"]
    return None if back.empty else back.max().to_pydatetime()


def _last_change(connection: Connection, outage_id: str, now: datetime) -> datetime | None:
    """When anything last went out or came back by the steps."""
    steps = book.steps(connection, outage_id, now)
    return None if steps.empty else steps["step_at"].max().to_pydatetime()


def _answers(db: Database, outage_id: str, now: datetime) -> pd.DataFrame:
    """The last answer of everybody asked: customer_no, means, has_supply."""
    events = book.events(db.read(), outage_id, now)
    told = [json.loads(text) for text in events.loc[events["event"] == "supply_asked", "detail"]]
    frame = pd.DataFrame(told, columns=["customer", "means", "has_supply"])
    last = frame.drop_duplicates("customer", keep="last")
    numbers = pd.Series([_number(db, one) for one in last["customer"]], last.index, dtype="str")
    return last.assign(customer_no=numbers).dropna(subset=["customer_no"]).drop(columns="customer")


def _number(db: Database, ref: str) -> str | None:
    """The account number of who answered; None where another key sealed the reference."""
    try:
        return privacy.customer_no_of(db, ref)
    except UserError:
        return None


def _sample(db: Database, actor: Actor, people: pd.DataFrame) -> pd.DataFrame:
    each, most = int(outages.rule("asked_each")), int(outages.rule("asked_most"))
    chosen = to_ask(people, each=each, most=most)
    # sealing takes time: only for those who are shown, and not for everybody in the outage
    chosen = chosen.assign(ref=[privacy.customer_ref(db, one) for one in chosen["customer_no"]])
    columns = ["ref", "customer_no", "name", "phone", "address", "transformer_id",
               "has_open_call", "means", "has_supply"]  # fmt: skip
    return privacy.shown(actor, "customers", chosen[columns])


@needs("run_outages")
def answered(db: Database, actor: Actor, outage_id: str, answer: Answer) -> None:
    """Keep whether a customer or their meter was asked and has supply.

    Raises UserError `outage_answer_stranger` for a customer who is not in the outage.
    """
    now = clock_now(db)
    outage_story.known(db, actor, outage_id, now, asked="outage_closing.answered")
    number = privacy.customer_no_of(db, answer.ref)
    if not book.has_customer(db.read(), outage_id, number, now):
        raise UserError("outage_answer_stranger", outage=outage_id)
    told: dict[str, object] = {"customer": answer.ref, "means": answer.means,
                               "has_supply": answer.has_supply}  # fmt: skip

    def change(connection: Connection) -> None:
        book.add_event(
            connection, outage_id, "supply_asked", at=now, actor_id=actor.id, detail=told
        )
        _note(connection, actor, outage_id, "outage_supply_asked", told)

    db.write(change)


@needs("run_outages")
def close(
    db: Database,
    actor: Actor,
    outage_id: str,
    *,
    restored_at: datetime | None = None,
    reason: str = "",
) -> Closing:
    """End the outage; who was not restored by a step has supply again then (by default now).

    Where doubts speak against it a reason, a code of `outage_deeds.codes("close")`, is needed:
    raises UserError `outage_close_doubts` without. Outages under it stay open. UserError
    `outage_step_when` for a moment before it began or still to come, `outage_close_before_step` for
    one before its last step, `outage_move` for work that is only proposed.
    """
    now = clock_now(db)
    row = outage_deeds.living(db, actor, outage_id, now, asked="outage_closing.close")
    if reason:
        outage_deeds.check_code("close", reason)
    moment = restored_at or now
    if not row["started_at"] <= moment <= now:
        raise UserError("outage_step_when", outage=outage_id, at=moment)

    def change(connection: Connection) -> Closing:
        row = outage_deeds.still_living(connection, outage_id, now)
        if row["status"] == "proposed":
            raise UserError("outage_move", status="proposed", to="ended")
        last = _last_change(connection, outage_id, now)
        if last is not None and last > moment:
            told = last.astimezone(moment.tzinfo)
            raise UserError("outage_close_before_step", outage=outage_id, at=moment, last=told)
        # one write at a time: nothing that speaks against it can come in between
        found = _examined(db, actor, outage_id, now, restored_at)
        doubts = found.doubts.codes()
        if doubts and not reason:
            raise UserError("outage_close_doubts", outage=outage_id, doubts=", ".join(doubts))
        detail: dict[str, object] = {
            "restored_at": moment, "reason": reason or None, "doubts": doubts,
            "asked": found.asked, "dark": found.dark, "nested": len(found.doubts.nested),
        }  # fmt: skip
        book.change(connection, outage_id, {"status": "ended", "restored_at": moment})
        book.add_event(connection, outage_id, "closed", at=now, actor_id=actor.id, detail=detail)
        _note(connection, actor, outage_id, "outage_closed", detail)
        return found

    return db.write(change)


def _note(
    connection: Connection, actor: Actor, outage_id: str, event: str, detail: dict[str, object]
) -> None:
    audit.record(
        connection, actor.id, event, at=real_now(), subject=f"outage:{outage_id}", detail=detail
    )
