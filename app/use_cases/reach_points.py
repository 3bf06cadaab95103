"""Points where people are served: banks and agencies, halls, machines; open or not at a moment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import numpy as np
import pandas as pd

from app.store import payments as store
from app.store.database import Database
from app.use_cases import hall_rules, reference
from app.use_cases.reach_ground import zone_of
from app.use_cases.reach_wishes import ReachWish, is_hall, point_of
from app.use_cases.remember import remembered
from grid_cells import hall_choice
from grid_cells.hall_choice import HORIZON_MIN, LONGEST_WAY_MIN, Spans
from grid_cells.opening_hours import is_readable, open_spans
from grid_cells.payment_reach import Bools

OWN: Final = "own"
"""The company itself as the operator of its halls and machines."""
PAYMENT: Final = "payment"
SELF_SERVICE: Final = "self_service"
ALWAYS: Final = "24/7"
COLUMNS: Final = [
    "point_id", "kind", "name", "operator", "lon", "lat", "cell_id", "opens", "exceptions",
    "able", "is_there", "is_assumed",
]  # fmt: skip
"""able: whether it does what is asked (None unknown); is_there: it counts at the moment."""
HOURS_A_WEEK: Final = 168
_TYPES: Final = {"lon": "float64", "lat": "float64", "is_there": "bool", "is_assumed": "bool"}


def payment_points(db: Database, wish: ReachWish, at: datetime) -> pd.DataFrame:
    """Every point where one can pay, with COLUMNS: closed branches and assumed points as well."""
    whole = db.whole.read()
    banks = store.banks(whole)
    begun = banks["valid_from"].isna() | (banks["valid_from"] <= at)
    over = banks["valid_to"].notna() & (banks["valid_to"] <= at)
    others = _rows(banks, "bank", banks["operator"], banks["services"])
    others["is_there"] = (begun & ~over).to_numpy(dtype=bool)
    halls = hall_points(db, PAYMENT, Changes(wish.closed, wish.added))
    parts = [one for one in (others, halls) if len(one)]
    frame = pd.concat(parts or [others], ignore_index=True).astype(_TYPES)
    frame["is_there"] &= ~frame["point_id"].isin(wish.closed)
    return frame[frame["able"].map(lambda one: one is not False)].reset_index(drop=True)


@dataclass(frozen=True)
class Changes:
    """What is assumed: ids of points closed, and new ones, as in a `ReachWish`."""

    closed: tuple[str, ...] = ()
    added: tuple[str, ...] = ()


NOTHING: Final = Changes()


def hall_points(db: Database, matter: str, changes: Changes = NOTHING) -> pd.DataFrame:
    """Halls, and their zones open day and night, with COLUMNS; able: whether they do the matter.

    Halls that surely do not do it are left out, and so are zones where no machine does it. An
    assumed hall does all and has the hours that most halls have.
    """
    halls = store.halls(db.whole.read())
    own = pd.Series(OWN, index=halls.index)
    rows = _rows(halls, "hall", own, halls["capabilities"], matter)
    rows["exceptions"] = halls["opening_exceptions"].to_numpy()
    zones = rows[halls["self_service_24h"].eq(True).fillna(False).to_numpy(dtype=bool)]
    zones = zones.assign(
        kind="machine", point_id="machine:" + zones["point_id"].str.removeprefix("hall:"),
        opens=ALWAYS, exceptions=None, able=True,
    )  # fmt: skip
    added = _added(changes.added, rows["opens"])
    if not is_done_by_machines(matter):
        zones, added = zones.iloc[:0], added[added["kind"] == "hall"]
    parts = [one for one in (rows, zones, added) if len(one)]
    found = pd.concat(parts or [rows], ignore_index=True).astype(_TYPES)
    found["is_there"] &= ~found["point_id"].isin(changes.closed)
    return found[found["able"].map(lambda one: one is not False).astype(bool)].reset_index(
        drop=True
    )


def is_done_by_machines(matter: str) -> bool:
    """Whether machines in zones open day and night do a matter; none in particular they do not."""
    rows = hall_rules.matters()
    return any(SELF_SERVICE in one for one in rows.loc[rows["code"] == matter, "channels"])


def _codes() -> Mapping[str, str]:
    """The code of every word that a table of halls or banks may use for a matter."""
    rows = reference.table("matters")
    found = {
        word.strip().lower(): str(code)
        for code, words in zip(rows["code"], rows["words"], strict=True)
        for word in str(words).split(";")
    }
    return found | {str(code): str(code) for code in rows["code"]}


def _rows(
    table: pd.DataFrame, kind: str, operator: "pd.Series[str]", services: "pd.Series[str]",
    matter: str = PAYMENT,
) -> pd.DataFrame:  # fmt: skip
    codes = _codes()
    return pd.DataFrame(
        {
            "point_id": kind + ":" + table["id"].astype(str), "kind": kind,
            "name": table["name"], "operator": operator, "lon": table["lon"].astype("float64"),
            "lat": table["lat"].astype("float64"), "cell_id": table["cell_id"].astype("int64"),
            "opens": table["opens"], "exceptions": None,
            "able": [hall_choice.can(one, matter, codes) for one in services],
            "is_there": True, "is_assumed": False,
        }
    )  # fmt: skip


def _added(added: tuple[str, ...], opens: "pd.Series[str]") -> pd.DataFrame:
    usual = opens.dropna().mode()
    hours = {"hall": usual.iloc[0] if len(usual) else None, "machine": ALWAYS}
    found = [(one, "hall" if is_hall(one) else "machine", point_of(one)) for one in added]
    rows = [
        (one, kind, one, OWN, spot[0], spot[1], 0, hours[kind], None, True, True, True)
        for one, kind, spot in found
        if spot is not None
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def spans(
    db: Database, points: pd.DataFrame, at: datetime, horizon_min: float = HORIZON_MIN
) -> list[Spans | None]:
    """When each point is open from the moment on; None where nobody knows its hours."""
    zone, held = zone_of(db), dict[tuple[object, object], Spans | None]()
    for opens, exceptions in _hours_of(points):
        if (opens, exceptions) in held:
            continue
        always = ((0.0, horizon_min + LONGEST_WAY_MIN),)
        held[opens, exceptions] = (
            always if opens == ALWAYS
            else hall_choice.doors(opens, exceptions, at, zone, horizon_min=horizon_min)
        )  # fmt: skip
    return [held[one] for one in _hours_of(points)]


def week(db: Database, points: pd.DataFrame, monday: datetime) -> Bools:
    """Whether each point (columns) is open in the middle of each hour of the week from `monday`."""
    zone = zone_of(db)
    key = ("week_open", db.whole.opened_as, monday, zone, tuple(_hours_of(points)))
    return remembered(key, lambda: _week(_hours_of(points), monday, zone))


def _week(hours: Sequence[tuple[object, object]], monday: datetime, zone: str) -> Bools:
    middles = [monday + timedelta(hours=hour, minutes=30) for hour in range(HOURS_A_WEEK)]
    held = {one: _open_at(one, middles, zone) for one in dict.fromkeys(hours)}
    columns = [held[one] for one in hours]
    return np.column_stack(columns) if columns else np.zeros((HOURS_A_WEEK, 0), dtype=bool)


def _open_at(hours: tuple[object, object], middles: list[datetime], zone: str) -> Bools:
    opens, exceptions = hours
    if not isinstance(opens, str) or not is_readable(opens):
        return np.zeros(len(middles), dtype=bool)
    extra = exceptions if isinstance(exceptions, str) and is_readable(exceptions) else None
    span = (middles[0], middles[-1] + timedelta(hours=1))
    found = open_spans(opens, span, zone, exceptions=extra)
    return np.array([any(a <= one < b for a, b in found) for one in middles])


def _hours_of(points: pd.DataFrame) -> list[tuple[object, object]]:
    plain = points[["opens", "exceptions"]].astype(object)
    plain = plain.where(plain.notna(), None)
    return list(zip(plain["opens"], plain["exceptions"], strict=True))
