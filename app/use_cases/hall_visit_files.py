"""Files of visits: who came is kept as a keyed hash that leads nowhere outside this store."""

import hashlib
import hmac
from dataclasses import replace
from typing import Final

import pandas as pd

from app.store import hall_visits as store
from app.store import units
from app.store.database import Connection, Database
from app.use_cases import reference
from grid_cells.hall_tickets import as_known
from loaders.contract import Loaded

KINDS: Final = ("visits", "hall_hours", "devices")
_HEX: Final = 24


def known(connection: Connection) -> dict[str, pd.DataFrame]:
    """What the loaders of visits and hours look at: halls, words for matters, the halls' clocks."""
    clocks = pd.DataFrame({"timezone": [units.timezone(connection) or "UTC"]})
    return {
        "halls_known": store.hall_ids(connection), "matters": reference.table("matters"),
        "clocks": clocks,
    }  # fmt: skip


def complete(db: Database, loaded: Loaded) -> Loaded:
    """The rows beside what is known: a number used again is another ticket, visitors are hashed.

    The same person has the same hash in this store.
    """
    frame = loaded.frame
    if frame.empty:
        return loaded
    days = frame["day"].min().date(), frame["day"].max().date()
    held = store.tickets(db.read(), *days)
    frame = frame.assign(ticket_id=as_known(frame, held, units.timezone(db.read()) or "UTC"))
    if "visitor_key" in frame:
        given = frame["visitor_key"]
        hashed = {one: visitor_hash(db, one) for one in given.dropna().unique()}
        frame = frame.assign(visitor_key=given.map(hashed).astype("str").where(given.notna()))
    return replace(loaded, frame=frame)


def visitor_hash(db: Database, visitor: str) -> str:
    """What stands for a visitor: an HMAC-SHA256 under a key of this store, cut to 96 bits."""
    key = db.keys.derive("visitor")
    return hmac.digest(key, visitor.strip().upper().encode(), hashlib.sha256).hex()[:_HEX]
