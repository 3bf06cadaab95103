"""Exceptions from the plan in force: a transformer or a customer that another area serves."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import numpy as np
import pandas as pd

from app.store import audit, customers, meta, plans
from app.store import overrides as store
from app.store.database import Connection, Database
from app.use_cases import derive, privacy, search
from app.use_cases.access import may, needs, refuse
from app.use_cases.actors import Actor
from app.use_cases.clock import now as clock_now
from app.use_cases.clock import read_on, real_now
from app.use_cases.draft_origin import areas_held
from app.use_cases.plan_scope import changeable
from app.use_cases.search import Found
from grid_cells.errors import UserError
from grid_cells.overrides import check_span, stage
from grid_cells.plan_life import stage as stage_of_plan

LONGEST_REASON = 500
Kind = Literal["transformer", "customer"]
_LIVING = ("in_force", "resting", "coming")


@dataclass(frozen=True)
class Thing:
    """What an exception is of: a transformer by its id, a customer by the account number."""

    kind: Kind
    id: str

    def key(self) -> dict[str, str | None]:
        """The columns that name it."""
        by_transformer = self.kind == "transformer"
        return {
            "transformer_id": self.id if by_transformer else None,
            "customer_no": None if by_transformer else self.id,
        }


@dataclass(frozen=True)
class OverrideWish:
    """An exception to be made: from `begins` (None: now) until `ends` (None: open)."""

    thing: Thing
    area_id: str
    reason: str
    begins: datetime | None = None
    ends: datetime | None = None


@dataclass(frozen=True)
class Override:
    """An exception as the person may see it.

    ref: a transformer's id, or what stands for a customer's number; shown: the id or the number as
    masked for the person; stage: coming, in_force or ended.
    """

    kind: Kind
    ref: str
    shown: str
    area_id: str
    area: str
    reason: str
    begins: datetime | None
    ends: datetime | None
    stage: str


@needs("see_plans")
def list_overrides(db: Database, actor: Actor) -> list[Override]:
    """Exceptions from the plan in force within the person's sight, those that hold first."""
    plan, now = _plan(db)
    if plan is None:
        return []
    connection = db.read()
    names = _areas(connection, int(plan["plan_id"]), now)
    rows = store.listing(connection, int(plan["plan_id"])).to_dict("records")
    found = [_seen(db, actor, {str(k): v for k, v in row.items()}, names, now) for row in rows]
    return sorted(found, key=lambda one: ("in_force", "coming", "ended").index(one.stage))


def _seen(
    db: Database, actor: Actor, row: dict[str, Any], names: dict[str, str], now: datetime
) -> Override:
    is_transformer = isinstance(row["transformer_id"], str)
    number = row["transformer_id"] if is_transformer else row["customer_no"]
    shown = number
    if not is_transformer:
        shown = privacy.shown_value(actor, "customers", "customer_no", number)
    begins, ends = _moment(row["valid_from"]), _moment(row["valid_to"])
    area = str(row["area_id"])
    return Override(
        "transformer" if is_transformer else "customer",
        str(number) if is_transformer else privacy.customer_ref(db, str(number)), str(shown), area,
        names.get(area, area), str(row["reason"] or ""), begins, ends, stage(begins, ends, now),
    )  # fmt: skip


@needs("see_plans")
def areas(db: Database, actor: Actor) -> dict[str, str]:  # noqa: ARG001
    """Areas of the plan in force within the person's sight: name by id."""
    plan, now = _plan(db)
    return {} if plan is None else _areas(db.read(), int(plan["plan_id"]), now)


@needs("publish_plans")
def find(db: Database, actor: Actor, text: str) -> list[Found]:
    """Transformers and customers that a text names, as far as the person may search for either."""
    if not may(actor, "see_map"):
        return []
    found = search.find(db, actor, text, datum="wgs84", now=clock_now(db))
    return [one for one in found if one.kind in ("transformer", "customer")]


@needs("publish_plans")
def add(db: Database, actor: Actor, wish: OverrideWish) -> None:
    """Let another area serve a transformer or customer, in the plan in force and those to come.

    A person with a limited scope only moves what their areas hold, or what is in sight with
    everybody in it, to areas of their own. Raises UserError for an unknown area, transformer or
    customer, without a reason, and for times that `overrides.check_span` refuses.
    """
    reason = wish.reason.strip()[:LONGEST_REASON]
    if not reason:
        raise UserError("override_needs_reason")
    _check_area(db, actor, wish.area_id)
    _check_thing(db, actor, wish.thing)
    subject = _subject(db, wish.thing)

    def change(connection: Connection) -> None:
        now = read_on(connection, real_now()).now
        begins = wish.begins or now
        for plan_id in _living(connection, now):
            if wish.area_id not in _areas(connection, plan_id, now):
                continue
            check_span(_held(connection, plan_id, wish.thing), wish.begins, wish.ends, now=now)
            row = {
                "plan_id": plan_id, **wish.thing.key(), "area_id": wish.area_id, "reason": reason,
                "valid_from": begins, "valid_to": wish.ends,
            }  # fmt: skip
            store.add(connection, row)
        detail = {"area": wish.area_id, "begins": begins, "ends": wish.ends}
        _note(connection, actor, subject, "override_added", detail)

    db.write(change)


@needs("publish_plans")
def end(db: Database, actor: Actor, thing: Thing, begins: datetime | None = None) -> None:
    """End an exception now; one that is to come never begins.

    `begins` says which one where a thing has several: by default the one in force, else the next.
    Raises UserError `override_gone` where there is none in sight.
    """
    plan, now = _plan(db)
    held = pd.DataFrame() if plan is None else _held(db.read(), int(plan["plan_id"]), thing)
    rows = [{str(k): v for k, v in row.items()} for row in held.to_dict("records")]
    spans = [(_moment(row["valid_from"]), _moment(row["valid_to"]), row) for row in rows]
    open_now = [one for one in spans if stage(one[0], one[1], now) != "ended"]
    wanted = [one for one in open_now if begins is None or one[0] == begins]
    if not wanted:
        raise UserError("override_gone")
    first = min(wanted, key=lambda one: (one[0] is not None, one[0] or now))
    subject = _subject(db, thing)

    def change(connection: Connection) -> None:
        moment = read_on(connection, real_now()).now
        row = {**thing.key(), "area_id": first[2]["area_id"], "valid_to": first[1]}
        for plan_id in _living(connection, moment):
            store.end(connection, plan_id, row, moment)
        detail = {"area": row["area_id"], "begins": first[0]}
        _note(connection, actor, subject, "override_ended", detail)

    db.write(change)


def thing_of(db: Database, kind: Kind, ref: str) -> Thing:
    """The thing behind a listed or found one; a customer's reference leads back to the number."""
    return Thing(kind, ref if kind == "transformer" else privacy.customer_no_of(db, ref))


def _plan(db: Database) -> tuple[dict[str, Any] | None, datetime]:
    """The plan in force now, with the sight made up to date: it follows from who serves whom."""
    now = clock_now(db)
    derive.refresh(db, now)
    return plans.plan_at(db.whole.read(), now), now


def _check_area(db: Database, actor: Actor, area_id: str) -> None:
    plan, now = _plan(db)
    if plan is None:
        raise UserError("plan_none_in_force")
    if area_id in _areas(db.read(), int(plan["plan_id"]), now):
        return
    if db is not db.whole:
        refuse(db, actor, "access_out_of_scope", asked="overrides.add", about=f"area:{area_id}")
    raise UserError("area_unknown", area=area_id)


def _check_thing(db: Database, actor: Actor, thing: Thing) -> None:
    if thing.kind == "customer":
        if customers.one(db.read(), thing.id) is None:
            privacy.note_unseen(db, actor, thing.id, asked="overrides.add")
            shown = privacy.shown_value(actor, "customers", "customer_no", thing.id)
            raise UserError("customer_unknown", customer=shown)
        return
    unit = pd.DataFrame({"transformer_id": [thing.id], "cell_id": [0]})
    if not bool(np.all(changeable(db, unit, clock_now(db)))):
        about = f"transformer:{thing.id}"
        refuse(db, actor, "access_out_of_scope", asked="overrides.add", about=about)
    if not store.is_transformer(db.whole.read(), thing.id):
        raise UserError("transformer_unknown", transformer=thing.id)


def _areas(connection: Connection, plan_id: int, at: datetime) -> dict[str, str]:
    held = areas_held(connection, plan_id, plans.claims_at(connection, plan_id, at))
    names = held["name"].fillna(held["area_id"])
    return dict(zip(held["area_id"], names, strict=True))


def _living(connection: Connection, now: datetime) -> Sequence[int]:
    """Published plans that are in force or will be, the one in force first."""
    terms = plans.published_terms(connection)
    stages = {one.plan_id: stage_of_plan(terms, one.plan_id, now) for one in terms}
    living = [plan_id for plan_id, held in stages.items() if held in _LIVING]
    return sorted(living, key=lambda plan_id: _LIVING.index(stages[plan_id]))


def _held(connection: Connection, plan_id: int, thing: Thing) -> pd.DataFrame:
    rows = store.listing(connection, plan_id)
    column = "transformer_id" if thing.kind == "transformer" else "customer_no"
    return rows[rows[column] == thing.id]


def _subject(db: Database, thing: Thing) -> str:
    if thing.kind == "customer":
        return privacy.subject_of(db, thing.id)
    return f"transformer:{thing.id}"


def _note(
    connection: Connection, actor: Actor, subject: str, event: str, detail: dict[str, Any]
) -> None:
    audit.record(connection, actor.id, event, at=real_now(), subject=subject, detail=detail)
    meta.touch_facts(connection, "areas")


def _moment(value: Any) -> datetime | None:
    return None if value is None or pd.isna(value) else pd.Timestamp(value).to_pydatetime()
