"""How the promise was kept over days: by class, place, crew and hour, averages beside breaches."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

import pandas as pd

from app.store import units
from app.store.database import Database
from app.use_cases import derive, export, promises, small_cells
from app.use_cases.access import needs
from app.use_cases.actors import Actor
from app.use_cases.export import Form
from grid_cells.cells import cells_to_hex
from grid_cells.errors import UserError
from grid_cells.promise_shares import shares

By = Literal["class", "area", "unit", "crew", "cell", "hour"]
BYS: Final[tuple[By, ...]] = ("class", "area", "unit", "crew", "cell", "hour")
_COLUMNS: Final[dict[By, str]] = {
    "class": "promise_class", "area": "area_id", "unit": "unit_id", "crew": "crew_id",
    "cell": "cell_id", "hour": "hour",
}  # fmt: skip


@dataclass(frozen=True)
class History:
    """Shares by place, of everybody, of each day by class (place, day).

    hidden: cells told with others, since few live there.
    """

    table: pd.DataFrame
    whole: pd.DataFrame
    days: pd.DataFrame
    hidden: int


@needs("see_promises")
def history(db: Database, actor: Actor, first: date, last: date, by: By) -> History:
    """Shares of the calls registered on the days from `first` to `last`, both included.

    What is decided at now counts; places are None where unknown. Cells in which few live are told
    with their group, under its first cell. Raises UserError `promise_span`.
    """
    now = promises.moment(db)
    derive.refresh(db, now)
    zone = ZoneInfo(units.timezone(db.read()) or "UTC")
    began, ended = _midnight(first, zone), _midnight(last + timedelta(days=1), zone)
    if last < first or began > now:
        raise UserError("promise_span", first=first, last=last)
    calls = promises.clocked(db, now, began)
    asked = calls[(calls["registered_at"] >= began) & (calls["registered_at"] < ended)]
    local = asked["registered_at"].dt.tz_convert(zone)
    asked = asked.assign(hour=local.dt.hour, day=local.dt.date, everybody="company")
    hidden = 0
    if by == "cell" and small_cells.hidden_from(actor):
        asked, hidden = _grouped(db, asked)
    days = [
        shares(rows, "promise_class").assign(day=day).reset_index()
        for day, rows in asked.groupby("day")
    ]
    return History(
        shares(asked, _COLUMNS[by]), shares(asked, "everybody"),
        pd.concat(days, ignore_index=True) if days else pd.DataFrame(), hidden,
    )  # fmt: skip


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(0), tzinfo=zone)


def _grouped(db: Database, calls: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """The calls under the first cell of the group that tells few customers; cells so hidden."""
    known = small_cells.groups(db)
    first = known.groupby("group")["cell_id"].transform("min").to_numpy()
    own = calls["cell_id"].astype("Int64")
    row = pd.Index(known["cell_id"]).get_indexer(own.fillna(0).to_numpy("int64"))
    told = own.mask(row >= 0, pd.Series(first[row], index=own.index, dtype="Int64"))
    lost = int(own.nunique() - told.nunique())
    return calls.assign(cell_id=told), lost


@needs("export_data")
def export_history(  # noqa: PLR0913
    db: Database, actor: Actor, *, first: date, last: date, by: By, form: Form, purpose: str
) -> tuple[bytes, str]:
    """Bytes and file name of the table; with whom, when and what for. Raises as `history`."""
    table = history(db, actor, first, last, by).table.rename_axis("place").reset_index()
    if by == "cell":
        known = table["place"].notna()
        words = pd.Series(cells_to_hex(table["place"].fillna(0).to_numpy("int64")), table.index)
        table["place"] = words.where(known)
    table["place"] = (
        table["place"].astype("object").map(lambda one: None if pd.isna(one) else str(one))
    )
    table.insert(0, "by", by)
    content = export.file_of(db, actor, table, form=form, layer="promises", purpose=purpose)
    return content, f"promises-{by}-{first:%Y%m%d}-{last:%Y%m%d}.{form}"
