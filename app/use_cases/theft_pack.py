"""The evidence pack about one customer: what stands on its paper, who took it and what for."""

from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from app.store import audit, basemap
from app.store.database import Database
from app.use_cases import export, privacy, theft_hotspots, theft_suspects, units
from app.use_cases.access import check, may, needs
from app.use_cases.actors import Actor
from app.use_cases.clock import now as clock_now
from app.use_cases.clock import real_now
from app.use_cases.export import Stamp
from app.use_cases.theft_hotspots import HotspotWish
from app.use_cases.theft_suspects import Suspicion
from grid_cells.cells import centres, parents

TAKEN: Final = "evidence_pack_taken"
_AROUND_DEGREES: Final = 0.012


@dataclass(frozen=True, eq=False)
class Pack:
    """Everything on the paper but its words.

    spot: number and p of the hotspot, or None; cells: cell_id, is_hot around the customer's
    cell; streets: as `basemap.street_corners` around; now: the moment it shows; by: who took it.
    """

    story: Suspicion
    spot: dict[str, Any] | None
    cells: pd.DataFrame
    streets: pd.DataFrame
    now: datetime
    zone: tzinfo
    stamp: Stamp
    by: str


@needs("see_suspicion")
def pack_of(
    db: Database, actor: Actor, ref: str, purpose: str, wish: HotspotWish | None = None
) -> Pack:
    """The pack of a customer, as the actor may see it; taking it is on record.

    For who may take data along or runs inspections. Raises as `theft_suspects.story`, and what the
    purpose lacks.
    """
    if not may(actor, "run_inspections"):
        check(db, actor, "export_data", asked="theft_pack.pack_of")
    stamp = export.stamp_of(actor, purpose, personal=True)
    asked = wish or HotspotWish()
    story = theft_suspects.story(db, actor, ref, asked.run_id)
    found = theft_hotspots.found(db, actor, asked)
    cell_id = int(story.customer["cell_id"] or 0)
    spot, cells, streets = None, found.cells.head(0)[["cell_id", "is_hot"]], pd.DataFrame()
    if cell_id:
        own = found.cells["cell_id"] == parents(np.array([cell_id]), found.resolution)[0]
        number = int(found.cells.loc[own, "hotspot"].iloc[0]) if own.any() else -1
        spot = None if number < 0 else {"number": number + 1, "p": found.spots.loc[number, "p"]}
        cells, streets = _around(db, found.cells, cell_id)
    zone = ZoneInfo(units.timezone(db) or "UTC")
    _note(db, actor, ref, stamp)
    return Pack(story, spot, cells, streets, clock_now(db), zone, stamp, actor.name)


def _around(db: Database, cells: pd.DataFrame, cell_id: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Cells and streets within a kilometre or so of the middle of a cell."""
    lon, lat = (float(one[0]) for one in centres(np.array([cell_id])))
    x, y = centres(cells["cell_id"])
    near = (np.abs(x - lon) < _AROUND_DEGREES) & (np.abs(y - lat) < _AROUND_DEGREES)
    corners = basemap.street_corners(db.whole.read())
    if len(corners):
        is_near = (corners["lon"] - lon).abs().lt(_AROUND_DEGREES) & (
            corners["lat"] - lat
        ).abs().lt(_AROUND_DEGREES)
        corners = corners[corners["line_no"].isin(corners.loc[is_near, "line_no"].unique())]
    return cells.loc[near, ["cell_id", "is_hot"]].reset_index(drop=True), corners


def _note(db: Database, actor: Actor, ref: str, stamp: Stamp) -> None:
    subject = privacy.subject_of(db, privacy.customer_no_of(db, ref))
    detail = {
        "form": "pdf",
        "purpose": export.kept_purpose(stamp.purpose),
        "classification": stamp.classification,
    }
    db.write(
        lambda connection: audit.record(
            connection, actor.id, TAKEN, at=real_now(), subject=subject, detail=detail
        )
    )
