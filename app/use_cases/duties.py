"""Who holds the duties of service areas by the roster of a day; duties given by hand."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from app.store import audit, meta, places, plans, units
from app.store import duties as store
from app.store.database import Connection, Database
from app.use_cases import derive
from app.use_cases.access import needs, refuse
from app.use_cases.actors import Actor
from app.use_cases.clock import now as clock_now
from app.use_cases.clock import read_on, real_now
from grid_cells.duties import DUTIES, holders
from grid_cells.errors import UserError


@dataclass(frozen=True)
class Duty:
    """A duty of an area and whose it is: a person's or a crew's id, with the name."""

    area_id: str
    duty: str
    holder_id: str
    name: str = ""
    since: datetime | None = None


def holders_on(connection: Connection, on: datetime) -> pd.DataFrame:
    """Who was appointed to each duty of each area at that moment: area_id, duty, holder_id.

    At night too: a plan asks whose an area is, not who is at work.
    """
    duties = places.all_duties(connection).assign(hours=None)
    return holders(duties, on, units.timezone(connection) or "UTC")


def repair_crews(held: pd.DataFrame, place: Mapping[str, int]) -> dict[int, str]:
    """Who has the repair duty of each area by its place, of those held as from `holders_on`."""
    repair = held[(held["duty"] == "repair") & held["area_id"].isin(place)]
    return dict(zip(repair["area_id"].map(place), repair["holder_id"], strict=True))


def managers_on(connection: Connection, on: datetime) -> pd.DataFrame:
    """The manager of each area at that moment: holder_id, name, phone, by area_id."""
    held = holders_on(connection, on)
    people = places.people(connection).drop_duplicates("id").set_index("id")
    found = held[held["duty"] == "manager"].set_index("area_id")
    return found.join(people[["name", "phone"]], on="holder_id")


@needs("publish_plans")
def assign(db: Database, actor: Actor, wish: Duty) -> None:
    """Give a vacant duty to a person or crew in sight, from now on; `release` takes it back.

    It holds at once and for everybody, as what is published does. Raises UserError `duty_unknown`,
    `duty_area_unknown`, `duty_person_unknown`, and `duty_held` where somebody has it.
    """
    if wish.duty not in DUTIES:
        raise UserError("duty_unknown", duty=wish.duty)
    _check_area(db, actor, wish.area_id)
    people = places.people(db.read())
    if wish.holder_id not in set(people["id"]):
        raise UserError("duty_person_unknown", person=wish.holder_id)
    is_crew = wish.holder_id in set(places.listing(db, "crew")["crew_id"])

    def change(connection: Connection) -> None:
        now = read_on(connection, real_now()).now
        held = holders_on(connection, now)
        own = held[held["area_id"] == wish.area_id].set_index("duty")["holder_id"]
        # a backup who manages the area is no backup: that duty is as good as vacant
        if wish.duty in own and not (
            wish.duty == "backup" and own["backup"] == own.get("manager") != wish.holder_id
        ):
            raise UserError("duty_held", area=wish.area_id)
        row = {
            "area_id": wish.area_id, "duty": wish.duty, "valid_from": now,
            "staff_id": None if is_crew else wish.holder_id,
            "crew_id": wish.holder_id if is_crew else None,
        }  # fmt: skip
        store.add(connection, row)
        _note(connection, actor, wish, "duty_assigned")

    db.write(change)


@needs("publish_plans")
def release(db: Database, actor: Actor, duty: Duty) -> None:
    """End a duty that was given by hand, from now on; what was answered before stays true.

    Raises UserError `duty_not_by_hand`: others end with the file that brings the roster.
    """
    key = {"area_id": duty.area_id, "duty": duty.duty, "holder_id": duty.holder_id}
    known = store.entered(db.read(), clock_now(db))[list(key)].to_dict("records")
    if key not in known:
        raise UserError("duty_not_by_hand", area=duty.area_id)

    def change(connection: Connection) -> None:
        store.end(connection, key, read_on(connection, real_now()).now)
        _note(connection, actor, duty, "duty_ended")

    db.write(change)


@needs("see_plans")
def entered(db: Database, actor: Actor) -> list[Duty]:  # noqa: ARG001
    """Duties given by hand that hold now, the newest first."""
    connection = db.read()
    names = places.people(connection).drop_duplicates("id").set_index("id")["name"]
    return [
        Duty(
            str(row["area_id"]), str(row["duty"]), str(row["holder_id"]),
            str(names.get(row["holder_id"]) or row["holder_id"]), row["valid_from"].to_pydatetime(),
        )
        for row in store.entered(connection, clock_now(db)).to_dict("records")
    ]  # fmt: skip


def _check_area(db: Database, actor: Actor, area_id: str) -> None:
    at = clock_now(db)
    derive.refresh(db, at)  # the sight follows from who serves whom
    connection = db.read()
    plan = plans.plan_at(connection, at)
    if plan is None:
        raise UserError("plan_none_in_force")
    plan_id = int(plan["plan_id"])
    known = set(plans.areas(connection, plan_id)["area_id"])
    known |= set(plans.claims_at(connection, plan_id, at)["area_id"].dropna())
    if area_id in known:
        return
    if db is not db.whole:
        refuse(db, actor, "access_out_of_scope", asked="duties.assign", about=f"area:{area_id}")
    raise UserError("area_unknown", area=area_id)


def _note(connection: Connection, actor: Actor, duty: Duty, event: str) -> None:
    audit.record(
        connection, actor.id, event, at=real_now(), subject=f"area:{duty.area_id}",
        detail={"duty": duty.duty, "holder": duty.holder_id},
    )  # fmt: skip
    meta.touch_facts(connection, "duties")
