"""Find anything by what a person types: a number, an address, coordinates, a cell."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from app.store import customers, meta, search
from app.store.database import Database
from app.use_cases import derive, privacy
from app.use_cases.access import may, needs
from app.use_cases.actors import Actor
from app.use_cases.customers import place
from grid_cells.cells import cells_to_hex, centres, hex_to_cells, points_to_cells
from grid_cells.datum import to_wgs84
from grid_cells.errors import UserError

LIMIT = 20
_PAIR = re.compile(r"^\s*([-+]?\d+(?:\.\d+)?)\s*[,;，；\s]\s*([-+]?\d+(?:\.\d+)?)\s*$")
_HEX = re.compile(r"^[0-9a-fA-F]{15}$")
_PHONE = re.compile(r"[\s()+-]")
SHORTEST_PHONE = 7
MAX_LATITUDE = 90
_WORDS = ("address", "name")
_CLUES_OF_ALL = ("place", "cell")
_SHOWN = ("customer_no", *_WORDS)


@dataclass(frozen=True)
class Found:
    """One hit: what it is, how to name it and where it lies.

    A customer's `id` is its reference (see `privacy.customer_ref`), never its account number.
    """

    kind: str
    id: str
    title: str
    detail: str
    lon: float | None
    lat: float | None
    cell_id: int


def clues(actor: Actor) -> tuple[str, ...]:
    """What the actor may search by: number or whole_number, name, phone, address, place, cell.

    Without the right to look customers up, only places and cells are found.
    """
    if not may(actor, "see_customers"):
        return _CLUES_OF_ALL
    number = "number" if privacy.sees(actor, "customers", "customer_no") else "whole_number"
    seen = ("name", "phone", "address")
    words = [one for one in seen if privacy.sees(actor, "customers", one)]
    return (number, *words, *_CLUES_OF_ALL)


@needs("see_map")
def find(db: Database, actor: Actor, text: str, *, datum: str, now: datetime) -> list[Found]:
    """Hits for a text, best first; coordinates are read in `datum` as longitude, latitude."""
    wish = text.strip()
    if not wish:
        return []
    derive.refresh(db, now)
    point = _point(db, wish, datum)
    if point is not None:
        return [point]
    cell = _cell(wish)
    if cell is not None:
        return [cell]
    return [*_things(db, wish), *_customers(db, actor, wish)][:LIMIT]


def _point(db: Database, text: str, datum: str) -> Found | None:
    match = _PAIR.match(text)
    if match is None:
        return None
    x, y = float(match.group(1)), float(match.group(2))
    if datum.lower() in ("wgs84", "gcj02", "bd09", "cgcs2000") and abs(y) > MAX_LATITUDE >= abs(x):
        x, y = y, x
    lon, lat = (float(v[0]) for v in to_wgs84(np.array([x]), np.array([y]), datum))
    resolution = meta.resolution(db.read())
    cell = int(points_to_cells(np.array([lon]), np.array([lat]), resolution)[0])
    if cell == 0:
        raise UserError("point_off_earth", lon=x, lat=y, datum=datum)
    return Found("place", text, f"{lon:.6f}, {lat:.6f}", datum, lon, lat, cell)


def _cell(text: str) -> Found | None:
    if not _HEX.match(text):
        return None
    cell = int(hex_to_cells([text])[0])
    if cell == 0:
        return None
    lon, lat = (float(v[0]) for v in centres(np.array([cell])))
    shown = str(cells_to_hex(np.array([cell]))[0])
    return Found("cell", shown, shown, "", lon, lat, cell)


def _customers(db: Database, actor: Actor, text: str) -> list[Found]:
    """Customers by number, else by the words that the actor may see: what is masked is no clue."""
    if not may(actor, "see_customers"):
        return []
    rows = customers.find_number(
        db, text, LIMIT, is_exact=not privacy.sees(actor, "customers", "customer_no")
    )
    digits = _PHONE.sub("", text)
    is_phone = digits.isdecimal() and len(digits) >= SHORTEST_PHONE
    if rows.empty and is_phone and privacy.sees(actor, "customers", "phone"):
        rows = customers.find_phone(db, digits, LIMIT)
    if rows.empty:
        columns = [one for one in _WORDS if privacy.sees(actor, "customers", one)]
        rows = customers.find_words(db, text, LIMIT, columns=columns)
    return [_customer(db, actor, row) for row in rows.to_dict("records")]


def _customer(db: Database, actor: Actor, row: dict[Any, Any]) -> Found:
    shown = privacy.shown_row(actor, "customers", {name: row[name] for name in _SHOWN})
    lon, lat, _ = place(actor, row)
    return Found(
        "customer", privacy.customer_ref(db, str(row["customer_no"])), str(shown["customer_no"]),
        " · ".join(str(shown[k]) for k in ("name", "address") if isinstance(shown[k], str)),
        lon, lat, int(row["cell_id"]),
    )  # fmt: skip


def _things(db: Database, text: str) -> list[Found]:
    rows = search.things(db, text, LIMIT)
    return [
        Found(
            str(row["kind"]), str(row["id"]), str(row["id"]), str(row["name"] or ""),
            _number(row["lon"]), _number(row["lat"]), int(row["cell_id"]),
        )
        for row in rows.to_dict("records")
    ]  # fmt: skip


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, float) and not np.isnan(value) else None
