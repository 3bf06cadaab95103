"""One tap for each visit that no machine counts; what a phone sends twice counts once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

import pandas as pd

from app.store import audit, places
from app.store import hall_tallies as store
from app.store.database import Connection, Database
from app.use_cases import hall_load, hall_rules
from app.use_cases.access import needs
from app.use_cases.actors import Actor
from app.use_cases.clock import now as clock_now
from app.use_cases.clock import real_now
from grid_cells.errors import UserError

Fate = Literal["done", "repeated", "refused"]

MOST_AT_ONCE: Final = 500
KEPT: Final = timedelta(days=7)
"""A phone may be out of reach for so long; older taps are those of a wrong clock."""
_LONGEST_KEY: Final = 64
_LONGEST_AGO_S: Final = 1e9


@dataclass(frozen=True)
class Tap:
    """A tap, or the taking back of one (`back`): its key, and how long ago by the phone's clock.

    `is_readable`: whether what was sent is a tap at all; else only its key is known, if that.
    """

    key: str
    hall_id: str = ""
    matter: str = ""
    ago: timedelta = timedelta()
    is_back: bool = False
    is_readable: bool = True


@dataclass(frozen=True)
class Answered:
    """What came of a tap: done, repeated (it was known already) or refused with a code."""

    key: str
    fate: Fate
    code: str = ""


def read(given: Mapping[str, Any]) -> list[Tap]:
    """Taps from JSON: taps [{key, hall, matter, ago_s, back}]; UserError where no list is.

    One that cannot be read is among them, to be refused by itself: it must not hold up the others.
    """
    taps = given.get("taps")
    if not isinstance(taps, list) or len(taps) > MOST_AT_ONCE:
        raise UserError("tally_taps", field="taps", most=MOST_AT_ONCE)
    return [_tap(one) for one in taps]


def _tap(given: Any) -> Tap:
    fields = given if isinstance(given, dict) else {}
    key, hall, matter = (fields.get(name, "") for name in ("key", "hall", "matter"))
    ago = fields.get("ago_s", 0)
    is_number = isinstance(ago, int | float) and not isinstance(ago, bool) and ago == ago  # noqa: PLR0124 - NaN
    if not (key and all(_is_short(one) for one in (key, hall, matter)) and is_number):
        return Tap(key if _is_short(key) else "", is_readable=False)
    return Tap(
        key, hall, matter, timedelta(seconds=float(min(max(ago, 0), _LONGEST_AGO_S))),
        is_back=fields.get("back") is True,
    )  # fmt: skip


def _is_short(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= _LONGEST_KEY


@needs("tally_visits")
def take(db: Database, actor: Actor, taps: Sequence[Tap]) -> list[Answered]:
    """Keep what is new of the taps, in their order; each is answered by its key.

    A tap happened `ago` before now, so that a wrong clock of a phone moves nothing. Refused are
    halls out of sight (`tally_hall`), unknown matters (`tally_matter`), taps older than a week
    (`tally_old`), taking back what is not one's own (`tally_not_yours`), and what cannot be read
    (`tally_unreadable`).
    """
    now = clock_now(db)
    halls = set(places.listing(db, "hall")["hall_id"])
    codes = set(hall_rules.matters()["code"])

    def change(connection: Connection) -> list[Answered]:
        return [_one(connection, actor, tap, now, (halls, codes)) for tap in taps]

    def recorded(connection: Connection) -> list[Answered]:
        answers = change(connection)
        _record(connection, actor, taps, answers)
        return answers

    return db.write(recorded) if taps else []


def _one(
    connection: Connection, actor: Actor, tap: Tap, now: datetime, known: tuple[set[str], set[str]]
) -> Answered:
    if not tap.is_readable:
        return Answered(tap.key, "refused", "tally_unreadable")
    if tap.is_back:
        done = store.take_back(connection, tap.key, actor.id, now)
        if done is None:
            return Answered(tap.key, "refused", "tally_not_yours")
        return Answered(tap.key, "done" if done else "repeated")
    code = _refusal(tap, *known)
    if code:
        return Answered(tap.key, "refused", code)
    row = {
        "tally_key": tap.key, "hall_id": tap.hall_id, "matter": tap.matter,
        "tapped_at": now - max(tap.ago, timedelta()), "received_at": now, "user_id": actor.id,
    }  # fmt: skip
    is_new = store.add(connection, pd.DataFrame([row]))
    return Answered(tap.key, "done" if is_new else "repeated")


def _refusal(tap: Tap, halls: set[str], codes: set[str]) -> str:
    if tap.hall_id not in halls:
        return "tally_hall"
    if tap.matter not in codes:
        return "tally_matter"
    return "tally_old" if tap.ago > KEPT else ""


def _record(
    connection: Connection, actor: Actor, taps: Sequence[Tap], answers: Sequence[Answered]
) -> None:
    """One row of the audit for what counted of a batch, without anybody's words."""
    done = [tap for tap, one in zip(taps, answers, strict=True) if one.fate == "done"]
    if not done:
        return
    back = sum(tap.is_back for tap in done)
    detail = {"taps": len(done) - back, "taken_back": back}
    halls = sorted({tap.hall_id for tap in done if tap.hall_id})
    subject = f"hall:{halls[0]}" if len(halls) == 1 else ""
    audit.record(
        connection, actor.id, "visits_tallied", at=real_now(), subject=subject, detail=detail
    )


@needs("tally_visits")
def day(db: Database, actor: Actor) -> dict[str, Any]:
    """What the page of taps shows: halls in sight, matters, and what was counted today.

    who, halls [{id, name, matters}], matters [code], counts [{hall, matter, tallies}], zone.
    """
    now, zone = clock_now(db), hall_load.zone_of(db)
    midnight = now.astimezone(ZoneInfo(zone)).replace(hour=0, minute=0, second=0, microsecond=0)
    counted = store.counts(db.read(), midnight, now)
    return {
        "who": actor.id,
        "name": actor.name,
        "zone": zone,
        "halls": [
            {"id": str(hall), "name": str(name)}
            for hall, name in places.listing(db, "hall")[["hall_id", "name"]].itertuples(
                index=False
            )
        ],
        "matters": tapped_matters(),
        "counts": [
            {"hall": one["hall_id"], "matter": one["matter"], "tallies": int(one["tallies"])}
            for one in counted.to_dict("records")
        ],
    }


def tapped_matters() -> list[str]:
    """Matters in the order of their buttons: what no machine counts comes first."""
    codes = hall_rules.matters()["code"].tolist()
    first = [one for one in _FIRST if one in codes]
    return first + [one for one in codes if one not in first]


_FIRST: Final = ("enquiry", "app_help", "machine_help", "billing", "payment", "invoice")
