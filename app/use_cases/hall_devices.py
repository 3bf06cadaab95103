"""Devices of halls as known at the clock: state, availability, who stands there too long."""

from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import pandas as pd

from app.store import hall_devices as store
from app.store.database import Database
from app.use_cases import hall_load, privacy
from app.use_cases.access import needs
from app.use_cases.actors import Actor
from app.use_cases.clock import now as clock_now
from app.use_cases.hall_device_rules import with_rules
from grid_cells import hall_device_spans as spans
from grid_cells import hall_devices as rules
from grid_cells.errors import UserError
from grid_cells.hall_device_spans import Signs

BY: Final = {
    "hall": ("hall_id", "hall"),
    "maker": ("maker",),
    "model": ("maker", "model"),
    "kind": ("kind",),
}
USUAL_DAYS: Final = 30
MOST_DAYS: Final = 400
_SESSIONS: Final = timedelta(days=1)


@needs("see_halls")
def devices(db: Database, actor: Actor) -> pd.DataFrame:
    """Every device in sight, what asks for a deed first.

    device_id, hall_id, hall, kind, functions, maker, model, status, installed_on, age_years,
    content_version, content (current, outdated, unknown; NA where it plays none), seen_at, state
    (`grid_cells.hall_devices.STATES`), fault (code) and faulted_at where one stands, fault_key and
    told_by of its telling, is_mine (the actor told it), standing_min (NaN: nobody stands there too
    long).
    """
    table = listed(db, clock_now(db))
    table["is_mine"] = table["told_by"].eq(actor.id).fillna(False).astype(bool)
    return privacy.shown(actor, "hall_device_events", table)


def listed(db: Database, now: datetime) -> pd.DataFrame:
    """As `devices`, for use cases that have asked for the right already."""
    connection = db.read()
    table = with_rules(store.listing(connection, now))
    told = store.told(connection, now, since=now - _SESSIONS)
    table = table.merge(_standing_faults(told), on="device_id", how="left")
    table["faulted_at"] = pd.to_datetime(table["faulted_at"], utc=True).astype(
        "datetime64[us, UTC]"
    )
    table["state"] = rules.states(table, now=now)
    table["content"] = rules.content_states(table).where(table["plays_content"])
    today = now.astimezone(ZoneInfo(hall_load.zone_of(db))).date()
    table["age_years"] = rules.age_years(table["installed_on"], today)
    alerts = rules.dwell_alerts(rules.sessions(told), table, now=now).set_index("device_id")
    used = ~table["status"].isin([rules.SPARE, rules.RETIRED])
    table["standing_min"] = table["device_id"].map(alerts["minutes"]).where(used)
    order = table["state"].map({state: n for n, state in enumerate(rules.STATES)})
    found = table.assign(order=order).sort_values(["order", "hall", "kind", "device_id"])
    return found.drop(columns="order").reset_index(drop=True)


def _standing_faults(told: pd.DataFrame) -> pd.DataFrame:
    """Faults that stand: device_id, faulted_at, fault, fault_key, told_by of the first telling."""
    open_ = rules.faults(told).query("to_at.isna()").drop(columns="to_at")
    words = told[told["event"] == "fault"].rename(columns={"at": "from_at", "detail": "fault"})
    words = words.drop_duplicates(["device_id", "from_at"], keep="last")
    found = open_.merge(words, on=["device_id", "from_at"], how="left")
    found = found.rename(columns={"from_at": "faulted_at", "event_key": "fault_key"})
    return found[["device_id", "faulted_at", "fault", "fault_key", "told_by"]]


@needs("see_halls")
def availability(
    db: Database,
    actor: Actor,  # noqa: ARG001 - asked above
    by: str = "hall",
    *,
    days: int = USUAL_DAYS,
) -> pd.DataFrame:
    """Availability of the devices in use over the last days, the lowest first.

    The columns of `BY`, and as `grid_cells.hall_device_spans.availability`. Raises UserError
    `device_by_unknown`, `device_days`.
    """
    if by not in BY:
        raise UserError("device_by_unknown", by=by[:40], known=", ".join(BY))
    if not 1 <= days <= MOST_DAYS:
        raise UserError("device_days", most=MOST_DAYS)
    now = clock_now(db)
    table = in_use(db, now)
    found = spans.availability(timeline(db, table, now - timedelta(days=days), now), table, BY[by])
    return found.sort_values(["availability", *BY[by]], ignore_index=True, na_position="last")


def in_use(db: Database, now: datetime) -> pd.DataFrame:
    """The devices that are to work at the moment, with the rules of their kinds."""
    table = with_rules(store.listing(db.read(), now))
    return table[~table["status"].isin([rules.SPARE, rules.RETIRED])].reset_index(drop=True)


def timeline(db: Database, table: pd.DataFrame, first: datetime, now: datetime) -> pd.DataFrame:
    """The time of these devices since the moment, as `grid_cells.hall_device_spans.timeline`."""
    connection, zone = db.read(), hall_load.zone_of(db)
    beats = store.beats(connection, table, first, now, now)
    seen = table.dropna(subset=["seen_at"])[["device_id", "seen_at"]]
    once = pd.DataFrame(
        {"device_id": seen["device_id"], "from_at": seen["seen_at"], "to_at": seen["seen_at"]}
    )
    held = table[["device_id", "late_min"]].assign(
        installed_at=table["installed_on"].dt.tz_localize(zone).dt.tz_convert("UTC")
    )
    signs = Signs(pd.concat([beats, once]), rules.faults(store.told(connection, now)), held)
    return spans.timeline(signs, first, now, now=now)


@needs("see_halls")
def load_effect(
    db: Database,
    actor: Actor,  # noqa: ARG001 - asked above
    *,
    days: int = 60,
) -> pd.DataFrame:
    """What a self-service device that is down does to the counters of its hall, in the last days.

    hall_id, hall, and as `grid_cells.hall_device_spans.effect`: figures are unknown where either
    sort has too few hours. Halls without a self-service device are left out.
    """
    now = clock_now(db)
    table = in_use(db, now)
    table = table[table["is_self_service"]].reset_index(drop=True)
    halls = sorted(table["hall_id"].unique())
    first = now - timedelta(days=days)
    loads = hall_load.loaded(db, halls, first, now)
    loads = loads[loads["is_open"]].reset_index(drop=True)
    shares = spans.hour_shares(
        timeline(db, table, first, now), loads, table[["device_id", "hall_id"]]
    )
    found = spans.effect(loads, shares, zone=hall_load.zone_of(db))
    names = table.drop_duplicates("hall_id").set_index("hall_id")["hall"]
    found.insert(1, "hall", found["hall_id"].map(names))
    return found
