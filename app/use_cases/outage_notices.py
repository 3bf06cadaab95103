"""Who must be told of an outage, by what channel, with a confirmed contact; lists to take."""

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Literal

import pandas as pd

from app.store import outage_book as book
from app.store import outage_notices as store
from app.store.database import Connection, Database
from app.use_cases import export, outage_story, outages, privacy, reference
from app.use_cases.access import check, needs, refuse
from app.use_cases.actors import Actor
from app.use_cases.clock import now as clock_now
from grid_cells.errors import UserError
from grid_cells.outages import notice_due

FORMS: Final = ("csv", "xlsx")
ROWS_SHOWN: Final = 500
VISIT, UNKNOWN = "visit", "unknown"
"""Channels: of who depends on powered equipment; of whom none is known."""
_PERSONAL: Final = ("customer_no", "name", "phone", "address")
_LIST: Final = (
    "customer_no", "name", "phone", "address", "transformer_id", "notice_channel", "is_confirmed",
    "contact_confirmed_on", "life_support", "importance_code",
)  # fmt: skip


@dataclass(frozen=True)
class Notices:
    """Who must be told of an outage, as known at a moment.

    due_at: by when (None: no notice is needed for its kind); told_at: when it was moved to
    notified (None: not, or not known when); is_late: whether the notice was or is later than due.
    channels: frame channel, customers, confirmed; confirmed: with a telephone number confirmed
    within the stated time; visits: customers on life support, who are told at the door (None where
    the actor may not know).
    """

    outage_id: str
    kind: str
    started_at: datetime
    due_at: datetime | None
    told_at: datetime | None
    is_late: bool
    channels: pd.DataFrame
    customers: int
    confirmed: int
    visits: int | None
    at: datetime


@needs("see_outages")
def notices(db: Database, actor: Actor, outage_id: str, at: datetime | None = None) -> Notices:
    """Whom to tell of an outage, counted by the links of its day; UserError `outage_unknown`."""
    at = at or clock_now(db)
    row = outage_story.known(db, actor, outage_id, at, asked="outage_notices.notices")
    people = _contacts(db.read(), outage_id, at)
    customers = int(people["customers"].sum())
    confirmed = int(people.loc[people["is_confirmed"], "customers"].sum())
    visits = int(people.loc[people["life_support"], "customers"].sum())
    may_count = outages.may_count(db, actor, customers)
    kind = row["kind"] or "fault"
    due = notice_due(kind, row["started_at"], periods_h())
    told = _told_at(db.read(), outage_id, at)
    is_waiting = row["status"] in ("proposed", "approved")
    late = due is not None and (told > due if told is not None else is_waiting and at > due)
    return Notices(
        outage_id, kind, row["started_at"], due, told, late, _channels(people, apart=may_count),
        customers, confirmed, visits if may_count else None, at,
    )  # fmt: skip


def _contacts(connection: Connection, outage_id: str, at: datetime) -> pd.DataFrame:
    """Counts of everybody by channel, mark and whether their contact is confirmed."""
    found = store.contacts(connection, outage_id, at, since=_holds_since(at), until=at.date())
    return found.astype({"life_support": bool, "is_confirmed": bool, "customers": "int64"})


def _holds_since(at: datetime) -> date:
    """The first day on which a contact must have been confirmed to count."""
    return (at - timedelta(days=outages.rule("contact_holds"))).date()


def periods_h() -> dict[str, float]:
    """Hours before its beginning by which customers must be told, by kind of outage."""
    rows = reference.table("notice_periods")
    return dict(zip(rows["kind"], rows["notice_h"].astype("float64"), strict=True))


def _told_at(connection: Connection, outage_id: str, at: datetime) -> datetime | None:
    events = book.events(connection, outage_id, at)
    moved = events[events["event"] == "status_moved"]
    is_told = [json.loads(text)["new"] == "notified" for text in moved["detail"]]
    told = moved.loc[is_told, "happened_at"]
    return None if told.empty else told.iloc[-1].to_pydatetime()


def _people(connection: Connection, outage_id: str, at: datetime) -> pd.DataFrame:
    """Everybody in the outage with their channel and whether their contact is confirmed."""
    people = book.people(connection, outage_id, at)
    since = _holds_since(at)
    confirmed = pd.to_datetime(people["contact_confirmed_on"])
    is_confirmed = (confirmed >= pd.Timestamp(since)) & (confirmed <= pd.Timestamp(at.date()))
    own = people["notice_channel"].fillna(UNKNOWN)
    channel = own.mask(people["life_support"], VISIT)
    return people.assign(own=own, notice_channel=channel, is_confirmed=is_confirmed)


def _channels(people: pd.DataFrame, *, apart: bool) -> pd.DataFrame:
    """Customers by channel, who must be visited `apart` where that may be known."""
    own = people["own"].fillna(UNKNOWN)
    channel = own.mask(people["life_support"] & apart, VISIT)
    confirmed = people["customers"].where(people["is_confirmed"], 0)
    told = people.assign(channel=channel, confirmed=confirmed)
    counted = told.groupby("channel")[["customers", "confirmed"]].sum()
    ordered = counted.sort_values("customers", ascending=False).reset_index()
    return ordered.astype({"customers": "int64", "confirmed": "int64"})


@needs("see_outages")
def rows(
    db: Database, actor: Actor, outage_id: str, *, most: int | None = ROWS_SHOWN
) -> pd.DataFrame:
    """The customers to tell as the actor may see them, at most `most`.

    customer_no, name, phone, address, transformer_id, notice_channel, is_confirmed,
    contact_confirmed_on, life_support, importance_code; visits first where the actor may know of
    them, else nobody is set apart. Needs the right to look up customers.
    """
    check(db, actor, "see_customers", asked="outage_notices.rows")
    now = clock_now(db)
    outage_story.known(db, actor, outage_id, now, asked="outage_notices.rows")
    people = _people(db.read(), outage_id, now)
    if privacy.sees(actor, "customers", "life_support"):
        people = people.sort_values(
            ["life_support", "is_confirmed", "customer_no"], ascending=[False, True, True]
        )
    else:
        people = _nobody_apart(people)
    shown = people[list(_LIST)].reset_index(drop=True)
    return privacy.shown(actor, "customers", shown if most is None else shown.head(most))


def _nobody_apart(people: pd.DataFrame) -> pd.DataFrame:
    """The rows without what would tell who depends on powered equipment."""
    unknown = {"life_support": None, "importance_code": None}
    return people.assign(notice_channel=people["own"], **unknown).sort_values("customer_no")


@needs("export_data")
def export_list(  # noqa: PLR0913
    db: Database,
    actor: Actor,
    outage_id: str,
    *,
    form: Literal["csv", "xlsx"],
    purpose: str,
    personal: bool = False,
) -> tuple[bytes, str]:
    """Bytes and file name of the whole list, with who took it, when and what for.

    Personal columns are masked and nobody is set apart; `personal` leaves them in the clear for
    those who may see them all, and is refused to others.
    """
    check(db, actor, "see_outages", asked="outage_notices.export_list")
    if form not in FORMS:
        raise UserError("export_form_unknown", form=form, known=", ".join(FORMS))
    table = rows(db, actor, outage_id, most=None)
    if personal:
        _check_personal(db, actor)
    else:
        hidden = [*_PERSONAL, "life_support", "importance_code"]
        people = _nobody_apart(_people(db.read(), outage_id, clock_now(db)))
        table = privacy.hide_columns("customers", people[list(_LIST)], hidden)
    days = [None if pd.isna(one) else str(one) for one in table["contact_confirmed_on"]]
    table = table.assign(contact_confirmed_on=pd.Series(days, index=table.index, dtype="str"))
    data = export.file_of(
        db, actor, table, form=form, layer="outage_notices", purpose=purpose, personal=personal
    )
    return data, f"notices-{outage_id}.{form}"


def _check_personal(db: Database, actor: Actor) -> None:
    for column in (*_PERSONAL, "life_support", "importance_code"):
        if not privacy.sees(actor, "customers", column):
            permission = privacy.personal_columns()["customers", column].permission
            refuse(
                db, actor, "access_no_permission", asked="outage_notices.export_list personal",
                permission=permission,
            )  # fmt: skip
