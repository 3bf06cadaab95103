"""Orders that come as a file: places and the usual filled in, their story kept as events.

What somebody did here about an order stays, whatever a later file says of its progress.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

import numpy as np
import pandas as pd

from app.store import work_order_files as store
from app.store.database import Connection, Database
from app.use_cases import fault_places, order_rules
from app.use_cases.fault_wishes import classes
from grid_cells.errors import UserError
from grid_cells.work_orders import chain_of_stamps, state_at
from loaders.contract import Loaded

_GIVEN: Final = ("customer_no", "transformer_id", "address", "lon", "lat")
_PLACE: Final = tuple(name for name in fault_places.FILLED if name != "crew_id")
_HERE: Final = ("state", "version", "is_in_pool", "rating", "unrated_reason", "submission_no")
_CREW: Final = ("told_at", "accepted_at", "arrived_at")


def complete(connection: Connection, whole: Database, loaded: Loaded, now: datetime) -> Loaded:
    """The file's rows with place, task and what is usual for it; held orders keep their place."""
    frame = loaded.frame
    if frame.empty:
        return loaded
    ids = [str(one) for one in frame["order_id"]]
    held = store.held(connection, ids).set_index("order_id").reindex(ids).set_axis(frame.index)
    is_held = held["registered_at"].notna()
    frame = _with_calls(connection, frame)
    filled = fault_places.fill(connection, whole, _calls(frame), now).set_axis(frame.index)
    found: dict[str, Any] = {
        name: _column(frame, name).fillna(held[name].where(is_held, filled[name]))
        for name in _PLACE
        if name not in ("lon", "lat", "cell_id")
    }
    placed = _column(frame, "lon").notna()
    for name in ("lon", "lat"):
        rest = held[name].where(is_held, filled[name])
        found[name] = _column(frame, name).where(placed, rest).astype("float64")
    cells = _column(frame, "cell_id").astype("Int64")
    rest = held["cell_id"].astype("Int64").where(is_held, filled["cell_id"].astype("Int64"))
    found["cell_id"] = cells.mask(cells == 0).fillna(rest)
    frame = _with_task(frame.assign(**found))
    acted = frame["order_id"].isin(store.acted_on(connection, ids))
    frame = frame.assign(
        state=[state_at(row) for row in _stamped(frame)], version=1, is_in_pool=False, source="file"
    )
    for name in _HERE:
        if acted.any():
            frame[name] = _column(frame, name).astype("object").where(~acted, held[name])
    return replace(loaded, frame=frame)


def settle(connection: Connection, frame: pd.DataFrame) -> None:
    """Write the story that the file tells of its orders, where nobody acted on them here."""
    ids = [str(one) for one in frame["order_id"]]
    rows = frame[~frame["order_id"].isin(store.acted_on(connection, ids))]
    told = _stamped(rows)
    events = [event for row in told for event in _events(row)]
    crews = [_crew(row) for row in told if row.get("crew_id") and row.get("told_at") is not None]
    store.replace_story(
        connection, rows["order_id"].tolist(), _frame(events, _EVENT), _frame(crews, _HOLDING)
    )
    if "report_ids" in frame:
        pairs = frame[["order_id", "report_ids"]].dropna()
        pairs = pairs.assign(report_id=pairs["report_ids"].str.split("[;；]", regex=True))
        pairs = pairs.explode("report_id")[["order_id", "report_id"]]
        store.join(connection, pairs.assign(report_id=pairs["report_id"].str.strip()))
    if "follows" in frame:
        store.link(connection, frame[["order_id", "follows"]].dropna())


_EVENT: Final = (
    "order_id", "crew_id", "happened_at", "move", "state_before", "state_after", "reason_code",
    "detail",
)  # fmt: skip
_HOLDING: Final = (
    "order_id", "crew_id", "told_at", "accepted_at", "arrived_at", "finished_at", "ended_at",
)  # fmt: skip


def to_go(connection: Connection, held: Mapping[str, Any]) -> list[str]:
    """Orders that undoing a load takes away.

    Raises UserError `undo_orders_acted_on` where somebody acted on one, and `undo_orders_replaced`
    where the load brought orders up to date: what the file before said of them is not kept.
    """
    if held["kind"] != "work_orders":
        return []
    batch_id = int(held["batch_id"])
    if store.has_replaced(connection, batch_id):
        raise UserError("undo_orders_replaced", batch=batch_id)
    ids = store.ids_of(connection, batch_id)
    acted = sorted(store.acted_on(connection, ids))
    if acted:
        examples = "; ".join(acted[:5])
        raise UserError("undo_orders_acted_on", batch=batch_id, count=len(acted), examples=examples)
    return ids


def _with_calls(connection: Connection, frame: pd.DataFrame) -> pd.DataFrame:
    """Orders that only name calls lie where the first of these does."""
    for name in _GIVEN:
        if name not in frame:
            frame = frame.assign(**{name: np.nan if name in ("lon", "lat") else None})
    if "report_ids" not in frame:
        return frame
    bare = frame[list(_GIVEN)].isna().all(axis=1) & frame["report_ids"].notna()
    first = frame.loc[bare, "report_ids"].str.split("[;；]", regex=True).str[0].str.strip()
    if first.empty:
        return frame
    calls = fault_places.places_of_reports(connection, first.tolist()).reindex(first)
    frame = frame.copy()
    for name in _GIVEN:
        frame.loc[bare, name] = calls[name].to_numpy()
    return frame


def _calls(frame: pd.DataFrame) -> pd.DataFrame:
    calls = pd.DataFrame({name: frame[name] for name in _GIVEN})
    for name in ("customer_no", "transformer_id", "address"):
        calls[name] = calls[name].astype("str").where(calls[name].notna())
    calls[["lon", "lat"]] = calls[["lon", "lat"]].astype("float64")
    return calls.assign(at=pd.to_datetime(frame["registered_at"], utc=True))


def _with_task(frame: pd.DataFrame) -> pd.DataFrame:
    """Task by class of fault, else the kind's first; minutes, skills and priority by the task."""
    roots = _column(frame, "fault_class").map(classes().roots)
    tasks = order_rules.tasks()
    first = {one.kind: name for name, one in reversed(tasks.items())}
    usual = [
        order_rules.task_of(root if isinstance(root, str) else None, is_hazard=False).name
        if kind == "repair" else first[kind]
        for kind, root in zip(frame["kind"], roots, strict=True)
    ]  # fmt: skip
    chosen = _column(frame, "task").astype("object").fillna(pd.Series(usual, frame.index))
    found = {"task": chosen}
    for name in ("service_min", "skills", "priority"):
        by = {one: getattr(value, name) for one, value in tasks.items()}
        usually = chosen.map(by).astype("object")
        found[name] = _column(frame, name).astype("object").fillna(usually)
    return frame.assign(**found)


def _column(frame: pd.DataFrame, name: str) -> "pd.Series[Any]":
    return frame[name] if name in frame else pd.Series(None, index=frame.index, dtype="object")


def _stamped(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows as plain values, None where empty."""
    plain = frame.astype("object").where(frame.notna(), None)
    return [{str(k): v for k, v in row.items()} for row in plain.to_dict("records")]


def _events(row: dict[str, Any]) -> list[dict[str, Any]]:
    """The events that the stamps of an order tell, in their order."""
    found, state = [], None
    for move, after, at in chain_of_stamps(row):
        reason = row.get("unrated_reason") if move == "unrated" else None
        found.append(
            {
                "order_id": row["order_id"], "happened_at": at, "move": move, "state_after": after,
                "crew_id": None if move == "registered" else row.get("crew_id"),
                "state_before": state, "reason_code": reason, "detail": '{"version": 1}',
            }
        )  # fmt: skip
        state = after
    return found


def _crew(row: dict[str, Any]) -> dict[str, Any]:
    finished = row.get("restored_at") or row.get("finished_at")
    held = {name: row.get(name) for name in ("order_id", "crew_id", *_CREW)}
    return held | {"finished_at": finished, "ended_at": row.get("archived_at")}


def _frame(rows: Sequence[dict[str, Any]], columns: Sequence[str]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=list(columns))
    times = [name for name in columns if name.endswith("_at")]
    texts = [name for name in columns if name not in times]
    frame = frame.astype(dict.fromkeys(times, "datetime64[us, UTC]"))
    return frame.astype(dict.fromkeys(texts, "object")).where(frame.notna(), None)
