"""What people do about devices of halls: report a fault, say it repaired, move, put away; undo."""

from datetime import datetime
from typing import Any, Final
from uuid import uuid4

import pandas as pd

from app.store import audit
from app.store import hall_devices as store
from app.store.database import Connection, Database
from app.use_cases import hall_devices
from app.use_cases.access import needs, note_refusal
from app.use_cases.actors import Actor
from app.use_cases.clock import now as clock_now
from app.use_cases.clock import real_now
from grid_cells import hall_devices as rules
from grid_cells.errors import UserError

FAULTS: Final = (
    "out_of_order",
    "paper",
    "screen",
    "network",
    "payment",
    "printer",
    "power",
    "other",
)
STATUSES: Final = ("in_use", rules.SPARE, rules.RETIRED)
FAULT: Final = "device_fault_reported"
REPAIRED: Final = "device_said_repaired"
TAKEN_BACK: Final = "device_event_taken_back"
MOVED: Final = "device_moved"
MOVED_BACK: Final = "device_moved_back"


@needs("tally_visits")
def report_fault(db: Database, actor: Actor, device_id: str, fault: str) -> str:
    """The key of the fault now standing, for `take_back`.

    Raises UserError `device_unknown`, `device_fault_unknown`, `device_not_in_use`,
    `device_fault_stands`.
    """
    if fault not in FAULTS:
        raise UserError("device_fault_unknown", fault=fault[:40], known=", ".join(FAULTS))
    row = _seen(db, actor, device_id, asked="hall_device_deeds.report_fault")
    if row["status"] != "in_use":
        raise UserError("device_not_in_use", device=device_id)
    if row["state"] == rules.FAULTY:
        raise UserError("device_fault_stands", device=device_id)
    return _tell(db, actor, (device_id, "fault", fault), FAULT)


@needs("tally_visits")
def say_repaired(db: Database, actor: Actor, device_id: str) -> str:
    """The key of the repair, for `take_back`. UserError `device_unknown`, `device_no_fault`."""
    row = _seen(db, actor, device_id, asked="hall_device_deeds.say_repaired")
    if row["state"] != rules.FAULTY:
        raise UserError("device_no_fault", device=device_id)
    return _tell(db, actor, (device_id, "repaired", None), REPAIRED)


_EVENT: Final = (
    "event_key", "device_id", "event", "happened_at", "received_at", "detail", "told_by",
)  # fmt: skip


def _tell(db: Database, actor: Actor, told: tuple[str, str, str | None], word: str) -> str:
    now, key = clock_now(db), f"person:{uuid4().hex}"
    row = pd.DataFrame(
        [(key, *told[:2], now, now, told[2], actor.id)],
        columns=list(_EVENT),
    )

    db.write(lambda connection: _add(connection, actor, row, word))
    return key


def _add(connection: Connection, actor: Actor, row: pd.DataFrame, word: str) -> None:
    store.add_events(connection, row)
    fault = row["detail"].iloc[0]
    _record(
        connection, actor, word, str(row["device_id"].iloc[0]), {"fault": fault} if fault else None
    )


def _record(
    connection: Connection, actor: Actor, word: str, device: str, detail: dict[str, Any] | None
) -> None:
    audit.record(
        connection, actor.id, word, at=real_now(), subject=f"device:{device}", detail=detail
    )


@needs("tally_visits")
def take_back(db: Database, actor: Actor, event_key: str) -> None:
    """Take back one's own report or repair. Raises UserError `device_event_gone`."""
    now = clock_now(db)
    told = store.told(db.read(), now).set_index("event_key")
    if event_key not in told.index or told.loc[event_key, "told_by"] != actor.id:
        raise UserError("device_event_gone")
    device = str(told.loc[event_key, "device_id"])

    def change(connection: Connection) -> None:
        store.take_back(connection, event_key, now)
        audit.record(
            connection, actor.id, TAKEN_BACK, at=real_now(), subject=f"device:{device}",
            detail={"event": str(told.loc[event_key, "event"])},
        )  # fmt: skip

    db.write(change)


@needs("run_halls")
def move(db: Database, actor: Actor, device_id: str, hall_id: str, status: str) -> int:
    """The number of the move after which the device stands at the hall, in use, spare or retired.

    Raises UserError `device_unknown`, `device_hall_unknown`, `device_status_unknown`,
    `device_not_moved` (it stands so already).
    """
    if status not in STATUSES:
        raise UserError("device_status_unknown", status=status[:40], known=", ".join(STATUSES))
    row = _seen(db, actor, device_id, asked="hall_device_deeds.move")
    if not store.hall_is_known(db.read(), hall_id):
        raise UserError("device_hall_unknown", hall=hall_id[:40])
    if (row["hall_id"], row["status"]) == (hall_id, status):
        raise UserError("device_not_moved", device=device_id)
    told = {"to_hall": hall_id, "to_status": status, "undoes": None}
    return _write_move(db, actor, row | told, MOVED)


@needs("run_halls")
def undo_move(db: Database, actor: Actor, device_id: str) -> int:
    """The number of the move that takes the latest one back; UserError `device_move_none`."""
    row = _seen(db, actor, device_id, asked="hall_device_deeds.undo_move")
    last = store.last_move(db.read(), device_id, clock_now(db))
    if last is None or not pd.isna(last["undoes"]):
        raise UserError("device_move_none", device=device_id)
    if (row["hall_id"], row["status"]) != (last["to_hall"], last["to_status"]):
        raise UserError("device_move_none", device=device_id)  # a file has said otherwise since
    told = {"to_hall": last["from_hall"], "to_status": last["from_status"]}
    return _write_move(db, actor, row | told | {"undoes": int(last["move_id"])}, MOVED_BACK)


def _write_move(db: Database, actor: Actor, row: dict[str, Any], word: str) -> int:
    now: datetime = clock_now(db)
    written = {
        "device_id": row["device_id"], "from_hall": row["hall_id"], "from_status": row["status"],
        "to_hall": row["to_hall"], "to_status": row["to_status"], "moved_at": now,
        "moved_by": actor.id, "undoes": row["undoes"],
    }  # fmt: skip
    return db.write(lambda connection: _add_move(connection, actor, written, word))


def _add_move(connection: Connection, actor: Actor, row: dict[str, Any], word: str) -> int:
    number = store.move(connection, row)
    told = {name: row[name] for name in ("from_hall", "from_status", "to_hall", "to_status")}
    _record(connection, actor, word, str(row["device_id"]), told)
    return number


def _seen(db: Database, actor: Actor, device_id: str, *, asked: str) -> dict[str, Any]:
    """The device as listed; one out of sight is refused as one that does not exist."""
    table = hall_devices.listed(db, clock_now(db))
    rows = table[table["device_id"] == device_id].to_dict("records")
    if not rows:
        if device_id in store.known_ids(db.whole.read()):
            note_refusal(db, actor, "access_out_of_scope", asked=asked, about=f"device:{device_id}")
        raise UserError("device_unknown", device=device_id[:40])
    return {str(name): value for name, value in rows[0].items()}
