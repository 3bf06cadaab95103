"""Drafts as they are worked on: kept in memory, every stroke written before it counts."""

import json
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Final

import numpy as np
import pandas as pd

from app.store import audit, meta
from app.store import drafts as store
from app.store.database import Connection, Database
from app.use_cases.clock import now as clock_now
from app.use_cases.clock import real_now
from grid_cells import drafts, plan_cells
from grid_cells.cells import points_to_cells
from grid_cells.drafts import Area, Change, Draft, Entry
from grid_cells.errors import UserError
from grid_cells.plan_cells import UnitCells
from grid_cells.plan_life import DRAFT

STUDIOS_KEPT: Final = 12


@dataclass
class Studio:
    """One draft in memory: its units in order, where they live, its state and its log.

    Whoever changes it holds `lock`; `draft` is replaced, never altered, so readers need none.
    colours: place in the palette of each area, as worked out at the change `coloured_at`.
    """

    plan_id: int
    basis: str
    units: "pd.Index[Any]"
    book: UnitCells
    book_version: str
    draft: Draft
    log: list[Entry] = field(default_factory=list)
    changes: dict[int, Change] = field(default_factory=dict)
    keys: dict[str, int] = field(default_factory=dict)
    areas_changed_at: int = 0
    colours: dict[str, int] = field(default_factory=dict)
    coloured_at: int = -1
    lock: threading.RLock = field(default_factory=threading.RLock)

    def place_of(self, area_id: str) -> int:
        """The place of a living area; raises UserError `area_gone`."""
        for place, area in enumerate(self.draft.areas):
            if area.area_id == area_id and not area.is_deleted:
                return place
        raise UserError("area_gone", area=area_id)

    def keep(self, entry: Entry, change: Change, key: str) -> None:
        """Take a stroke that was written into the state and the log."""
        self.draft = drafts.apply(self.draft, change)
        self.log.append(entry)
        self.changes[entry.seq] = change
        self.keys[key] = entry.seq
        if change.areas:
            self.areas_changed_at = entry.seq


class _Kept:
    """The studios of this process, the latest used last."""

    def __init__(self) -> None:
        self.by_key: OrderedDict[tuple[int, int], Studio] = OrderedDict()
        self.lock = threading.Lock()


_kept = _Kept()


def of_plan(db: Database, plan_id: int) -> Studio:
    """The studio of a draft, read from the store where nobody has it open.

    Raises UserError `plan_unknown` where there is no such draft.
    """
    key = (db.whole.opened_as, plan_id)
    with _kept.lock:
        held = _kept.by_key.get(key)
        if held is None:
            held = _kept.by_key[key] = _read(db.whole, plan_id)
        _kept.by_key.move_to_end(key)
        while len(_kept.by_key) > STUDIOS_KEPT:
            _kept.by_key.popitem(last=False)
    version = links_version(db.whole)
    if held.book_version != version:
        held.book = book_of(db.whole, held.basis, held.units)
        held.book_version = version
    return held


def links_version(db: Database) -> str:
    """A word that changes whenever a unit's customers may live elsewhere."""
    return meta.versions(db.read(), ("customers", "meters", "transformers"))


def forget(db: Database, plan_id: int) -> None:
    """Read that draft anew when it is next asked for."""
    with _kept.lock:
        _kept.by_key.pop((db.whole.opened_as, plan_id), None)


def check_open(connection: Connection, plan_id: int) -> None:
    """Raise UserError where the plan is no draft any more, so that nothing in it may change."""
    held = store.facts(connection, plan_id)
    if held is None:
        raise UserError("plan_unknown", plan=plan_id)
    if held["status"] != DRAFT:
        raise UserError("plan_not_draft", plan=held["name"], state=held["status"])


@dataclass(frozen=True)
class Deed:
    """Who does what to a draft: the kind of stroke, its key, the change it takes back."""

    actor: str
    kind: str
    key: str
    of_seq: int | None = None


def commit(
    db: Database,
    studio: Studio,
    deed: Deed,
    change: Change,
    *,
    beside: Callable[[Connection], None] | None = None,
) -> None:
    """Store a change, then let it hold; the studio's lock must be held.

    `beside` is written in the same transaction.
    """
    entry = Entry(studio.draft.seq + 1, deed.actor, deed.kind, deed.of_seq)
    row = _row(entry, change, deed.key, real_now())

    def write(connection: Connection) -> None:
        check_open(connection, studio.plan_id)
        store.add_stroke(connection, studio.plan_id, row)
        if beside is not None:
            beside(connection)
        audit.record(
            connection, deed.actor, "draft_changed", at=row["made_at"],
            subject=f"plan:{studio.plan_id}",
            detail={"seq": entry.seq, "kind": deed.kind, "units": len(change.rows)},
        )  # fmt: skip

    db.write(write)
    studio.keep(entry, change, deed.key)


def _row(entry: Entry, change: Change, key: str, at: datetime) -> dict[str, Any]:
    return {
        "seq": entry.seq, "key": key, "actor": entry.actor, "made_at": at, "kind": entry.kind,
        "of_seq": entry.of_seq, "rows": change.rows.tolist(), "before": change.before.tolist(),
        "after": change.after.tolist(), "areas": _areas_text(change),
        "locks": change.locks,
    }  # fmt: skip


def _areas_text(change: Change) -> str | None:
    if not change.areas:
        return None
    told = [
        [place, before and asdict(before), after and asdict(after)]
        for place, before, after in change.areas
    ]
    return json.dumps(told, ensure_ascii=False)


def _change_of(row: dict[str, Any]) -> Change:
    areas = tuple(
        (int(place), before and Area(**before), after and Area(**after))
        for place, before, after in json.loads(row["areas"] or "[]")
    )
    return Change(
        np.array(row["rows"], dtype=np.int64),
        np.array(row["before"], dtype=np.int32),
        np.array(row["after"], dtype=np.int32),
        areas,
        row["locks"],
    )


def _read(db: Database, plan_id: int) -> Studio:
    connection = db.read()
    held = store.facts(connection, plan_id)
    if held is None:
        raise UserError("plan_unknown", plan=plan_id)
    units = store.units(connection, plan_id)
    named = units["transformer_id"] if held["basis"] == "transformer" else units["cell_id"]
    index = pd.Index(named)
    areas = [_area(row) for row in store.areas(connection, plan_id).to_dict("records")]
    studio = Studio(
        plan_id, str(held["basis"]), index, book_of(db, held["basis"], index),
        links_version(db), drafts.begin(units["area"].to_numpy(), areas),
    )  # fmt: skip
    for row in store.strokes(connection, plan_id):
        entry = Entry(int(row["seq"]), row["actor"], row["kind"], row["of_seq"])
        studio.keep(entry, _change_of(row), row["key"])
    for place in store.locked_areas(connection, plan_id):
        studio.draft = drafts.lock_area(studio.draft, place, locked=True)
    return studio


def _area(row: Mapping[Hashable, Any]) -> Area:
    known = {str(k): None if pd.isna(v) else v for k, v in row.items()}
    colour = known["colour"]
    return Area(
        str(known["area_id"]), str(known["name"]), known["hall_id"], known["unit_id"],
        None if colour is None else int(colour),
    )  # fmt: skip


def book_of(db: Database, basis: str, units: "pd.Index[Any]") -> UnitCells:
    """Where the units live now; cells of a cell plan are their own homes."""
    connection, at = db.read(), clock_now(db)
    links = store.unit_links(connection, basis, at)
    row = units.get_indexer(pd.Index(links["unit"]))
    links = links.assign(unit=row)[row >= 0]
    if basis == "cell":
        return plan_cells.unit_cells(units.to_numpy(dtype=np.int64), links)
    return plan_cells.unit_cells(_homes(connection, units, links, at), links)


def _homes(
    connection: Connection, units: "pd.Index[Any]", links: pd.DataFrame, at: datetime
) -> "np.ndarray[Any, np.dtype[np.int64]]":
    """The cell of the middle of each transformer's customers, else the transformer's own."""
    own = store.transformer_places(connection, at).drop_duplicates("transformer_id")
    placed = own.set_index("transformer_id")["cell_id"].reindex(units).fillna(0)
    homes: np.ndarray[Any, np.dtype[np.int64]] = placed.to_numpy(dtype=np.int64, copy=True)
    seen = links[links["cell_id"] != 0].groupby("unit")[["customers", "lon", "lat"]].sum()
    if len(seen):
        middle = seen[["lon", "lat"]].div(seen["customers"], axis=0)
        homes[seen.index.to_numpy()] = _cells_at(connection, middle)
    return homes


def _cells_at(connection: Connection, middle: pd.DataFrame) -> Any:
    resolution = int(meta.read_value(connection, "resolution", "9"))
    return points_to_cells(middle["lon"].to_numpy(), middle["lat"].to_numpy(), resolution)


def claims_of(held: Studio) -> pd.DataFrame:
    """Claims of a draft as it stands: transformer_id, cell_id (0 where none), area_id."""
    rows = np.flatnonzero(held.draft.area >= 0)
    ids = np.array([area.area_id for area in held.draft.areas], dtype=object)
    units = held.units[rows]
    by_transformer = held.basis == "transformer"
    return pd.DataFrame(
        {
            "transformer_id": pd.Series(units if by_transformer else None, range(len(rows)), "str"),
            "cell_id": 0 if by_transformer else np.asarray(units, dtype=np.int64),
            "area_id": pd.Series(ids[held.draft.area[rows]], dtype="str"),
        }
    )


def areas_of(held: Studio) -> pd.DataFrame:
    """Living areas of a draft: area_id, name, hall_id, unit_id."""
    living = [area for area in held.draft.areas if not area.is_deleted]
    rows = [(area.area_id, area.name, area.hall_id, area.unit_id) for area in living]
    return pd.DataFrame(rows, columns=["area_id", "name", "hall_id", "unit_id"], dtype="str")
