"""Outages as messages for a public map: no customer, no equipment, no count of a few."""

import json
from datetime import datetime
from typing import Any, Final

import numpy as np
import pandas as pd
import shapely

from app.store import audit, outage_lists
from app.store.database import Connection, Database
from app.use_cases import export, outages, small_cells, units
from app.use_cases.access import needs
from app.use_cases.actors import Actor
from app.use_cases.clock import now as clock_now
from app.use_cases.clock import real_now
from app.use_cases.outages import OutageWish
from grid_cells.cells import outline
from grid_cells.outage_messages import PublicOutage, envelope, message
from grid_cells.small_cells import cells_to_tell

SOURCE: Final = "Grid Cells"
COMMON_CAUSE: Final = 3
"""A cause is told where so many outages have it: then it is a class, and no remark about one."""
_TOGETHER: Final = "small"


@needs("see_outages")
def messages(db: Database, actor: Actor, at: datetime | None = None) -> dict[str, Any]:
    """Outages in force at `at` (by default now) and announced after it, in messages.

    Work that is only proposed is told to nobody. An outage of fewer customers than the limit of
    small cells is told together with the others of its unit as one; where these are still too few,
    with no number. Areas are whole groups of cells in which enough customers live.
    """
    at = at or clock_now(db)
    least = small_cells.least(db)
    found = [one for view in ("open", "planned") for one in _public(db, actor, view, at, least)]
    told = [message(one, at=at, least=least) for one in found]
    return envelope(told, at=at, source=SOURCE, least=least)


@needs("export_data")
def export_messages(
    db: Database, actor: Actor, *, at: datetime | None = None, purpose: str
) -> tuple[bytes, str]:
    """The messages as JSON bytes with a file name; who took them and what for is in the audit."""
    export.stamp_of(actor, purpose)
    at = at or clock_now(db)
    told = messages(db, actor, at)
    detail = {"outages": len(told["Payload"]["Outages"]), "purpose": export.kept_purpose(purpose)}
    db.write(
        lambda connection: audit.record(
            connection, actor.id, "outage_messages_exported", at=real_now(), detail=detail
        )
    )
    data = json.dumps(told, ensure_ascii=False, indent=1).encode()
    return data, f"outages-{at:%Y%m%d-%H%M}.json"


def _public(db: Database, actor: Actor, view: Any, at: datetime, least: int) -> list[PublicOutage]:
    rows = outages.all_of(db, OutageWish(view), at)
    rows = rows[rows["status"] != "proposed"]  # nobody decided it yet
    if rows.empty:
        return []
    names = units.names(db, actor)
    groups = small_cells.groups(db)
    dark = outage_lists.cells_of(db.read(), rows["outage_id"].tolist(), at)
    cells = _told_cells(groups[groups["group_customers"] >= least], dark)
    few = rows["customers_affected"] < least
    alone = [
        _one(
            row,
            _named(names, row["unit_id"]),
            cells.get(row["outage_id"]) or cells_to_tell(int(row["cell_id"]), groups, least),
            at,
        )
        for row in _with_causes(db.read(), rows[~few]).to_dict("records")
    ]
    return alone + _together(rows[few], names, view, at)


def _with_causes(connection: Connection, rows: pd.DataFrame) -> pd.DataFrame:
    """The rows without causes that are no class of their own."""
    common = outage_lists.common_causes(connection, COMMON_CAUSE)
    return rows.assign(cause=rows["cause"].where(rows["cause"].isin(common)))


def _told_cells(groups: pd.DataFrame, cells: pd.DataFrame) -> dict[str, list[int]]:
    """Cells of each outage, each with all the cells with which it is told."""
    group_of = groups.set_index("cell_id")["group"]
    held = cells.assign(group=cells["cell_id"].map(group_of)).dropna(subset=["group"])
    wide = (
        held[["outage_id", "group"]]
        .drop_duplicates()
        .merge(groups[["group", "cell_id"]], on="group")
    )
    return {str(name): part["cell_id"].tolist() for name, part in wide.groupby("outage_id")}


def _one(
    row: dict[Any, Any], community: str | None, cells: list[int], at: datetime
) -> PublicOutage:
    restored = _moment(row["restored_at"])
    return PublicOutage(
        str(row["outage_id"]), community, str(row["kind"] or "fault"), _text(row["cause"]),
        row["started_at"].to_pydatetime(), _moment(row["estimated_restore_at"]),
        restored if restored is not None and restored <= at else None,
        int(row["customers_out"]), int(row["customers_affected"]), _shape(cells),
    )  # fmt: skip


def _together(
    rows: pd.DataFrame, names: dict[str, Any], view: str, at: datetime
) -> list[PublicOutage]:
    """Small outages of each unit and kind as one; when each began and where is not told."""
    found = []
    keys = rows.assign(unit=rows["unit_id"].fillna(""), sort=rows["kind"].fillna("fault"))
    for (unit, kind), part in keys.groupby(["unit", "sort"]):
        found.append(
            PublicOutage(
                f"{_TOGETHER}-{view}-{unit}-{kind}", _named(names, unit), str(kind), None,
                part["started_at"].min().to_pydatetime() if view == "planned" else at, None, None,
                int(part["customers_out"].sum()), int(part["customers_affected"].sum()),
                shapely.MultiPolygon(), is_rolled_up=True,
            )
        )  # fmt: skip
    return found


def _shape(cells: list[int]) -> shapely.MultiPolygon:
    return outline(np.array(cells, dtype=np.int64))


def _named(names: dict[str, Any], unit: Any) -> str | None:
    return None if pd.isna(unit) or not unit else str(names.get(str(unit)) or unit)


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _moment(value: Any) -> datetime | None:
    return None if pd.isna(value) else pd.Timestamp(value).to_pydatetime()
