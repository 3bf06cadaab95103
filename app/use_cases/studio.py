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
from app.use_cases import cell_parts
from app.use_cases.clock import now as clock_now
from app.use_cases.clock import real_now
from grid_cells import draft_parts, drafts, plan_cells
from grid_cells.cells import Cells, points_to_cells
from grid_cells.drafts import GONE, Area, Change, Draft, Entry, Rows
from grid_cells.errors import UserError
from grid_cells.plan_cells import UnitCells
from grid_cells.plan_life import DRAFT

STUDIOS_KEPT: Final = 12
NO_LINKS: Final = pd.DataFrame({"unit": [], "cell_id": [], "customers": []}, dtype="int64")


@dataclass
class Studio:
    """One draft in memory: its units in order, where they live, its state and its log.

    Whoever changes it holds `lock`; `draft` is replaced, never altered, so readers need none:
    units are appended before the draft knows of them, and the book follows last. `parted_at` is
    the last change that divided cells or merged them.
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
    parted_at: int = 0
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
        if parts_cells(change):
            self.parted_at = entry.seq

    def families(self, change: Change) -> Rows | None:
        """Rows of a change that go back together only, see `draft_parts.families`."""
        if self.basis != "cell":
            return None
        return draft_parts.families(self.units.to_numpy(dtype=np.int64), change)

    def grow(self, cells: Cells) -> None:
        """Append cells that stand for no ground until a change gives them an area."""
        self.units = self.units.append(pd.Index(cells))
        self.draft = draft_parts.extend(self.draft, len(cells))


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
        _read_book(db, held, version)
    return held


def _read_book(db: Database, held: Studio, version: str) -> None:
    held.book = book_of(db.whole, held.basis, held.units, held.draft)
    held.book_version = version


def parts_cells(change: Change) -> bool:
    """Whether a change divides cells or merges them."""
    return bool((change.before == GONE).any() or (change.after == GONE).any())


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


def commit(  # noqa: PLR0913
    db: Database,
    studio: Studio,
    deed: Deed,
    change: Change,
    *,
    beside: Callable[[Connection], None] | None = None,
    new: Cells | None = None,
) -> None:
    """Store a change, then let it hold; the studio's lock must be held.

    `beside` is written in the same transaction, and so are `new` cells that the change is about.
    """
    entry = Entry(studio.draft.seq + 1, deed.actor, deed.kind, deed.of_seq)
    row = _row(entry, change, deed.key, real_now())

    def write(connection: Connection) -> None:
        check_open(connection, studio.plan_id)
        if new is not None:
            store.add_cells(connection, studio.plan_id, new, first=len(studio.units), area=GONE)
        store.add_stroke(connection, studio.plan_id, row)
        if beside is not None:
            beside(connection)
        audit.record(
            connection, deed.actor, "draft_changed", at=row["made_at"],
            subject=f"plan:{studio.plan_id}",
            detail={"seq": entry.seq, "kind": deed.kind, "units": len(change.rows)},
        )  # fmt: skip

    db.write(write)
    if new is not None:
        studio.grow(new)
    studio.keep(entry, change, deed.key)
    if parts_cells(change):
        _read_book(db.whole, studio, studio.book_version)


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
    begun = drafts.begin(units["area"].to_numpy(), areas)
    none = plan_cells.unit_cells(np.zeros(len(index), np.int64), NO_LINKS)
    studio = Studio(plan_id, str(held["basis"]), index, none, "", begun)
    for row in store.strokes(connection, plan_id):
        entry = Entry(int(row["seq"]), row["actor"], row["kind"], row["of_seq"])
        studio.keep(entry, _change_of(row), row["key"])
    for place in store.locked_areas(connection, plan_id):
        studio.draft = drafts.lock_area(studio.draft, place, locked=True)
    _read_book(db, studio, links_version(db))
    return studio


def _area(row: Mapping[Hashable, Any]) -> Area:
    known = {str(k): None if pd.isna(v) else v for k, v in row.items()}
    colour = known["colour"]
    return Area(
        str(known["area_id"]), str(known["name"]), known["hall_id"], known["unit_id"],
        None if colour is None else int(colour),
    )  # fmt: skip


def book_of(db: Database, basis: str, units: "pd.Index[Any]", draft: Draft) -> UnitCells:
    """Where the units live now; cells of a cell plan are their own homes while they live."""
    if basis == "cell":
        return _book_of_cells(db, units, draft.living)
    connection, at = db.read(), clock_now(db)
    links = store.unit_links(connection, basis, at)
    row = units.get_indexer(pd.Index(links["unit"]))
    links = links.assign(unit=row)[row >= 0]
    return plan_cells.unit_cells(_homes(connection, units, links, at), links)


def _book_of_cells(db: Database, units: "pd.Index[Any]", living: Rows) -> UnitCells:
    homes = np.zeros(len(units), dtype=np.int64)
    homes[living] = units[living]
    links = cell_parts.customers_of(db, homes[living])
    row = living[pd.Index(homes[living]).get_indexer(pd.Index(links["unit"]))]
    links = links.rename(columns={"unit": "cell_id"}).assign(unit=row)
    return plan_cells.unit_cells(homes, links)


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
    resolution = meta.resolution(connection)
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
