"""Duties, tracks and fences of the sample city's crews, as their phones would have told them."""

from datetime import timedelta
from typing import Final

import pandas as pd

from app.store import crew_positions, fences, meta
from app.store import sample as store
from app.store.database import Connection
from app.use_cases import crew_stays
from grid_cells.cells import points_to_cells
from grid_cells.sample_city.crew_log import CrewLog

_ON_THE_WAY: Final = timedelta(seconds=2)
_AUTHOR: Final = "gridcells"


def keep(connection: Connection, log: CrewLog) -> None:
    """Write the log inside a transaction; a crew with an account has been on duty by it."""
    users = {crew: f"crew:{crew}" for crew in log.duties["crew_id"].unique()}
    users |= store.crew_users(connection)
    duties = log.duties.assign(user_id=log.duties["crew_id"].map(users))
    store.add_duties(connection, duties)
    if log.positions.empty:
        return
    cells = points_to_cells(log.positions["lon"], log.positions["lat"], meta.resolution(connection))
    fixes = log.positions.assign(
        user_id=log.positions["crew_id"].map(users), cell_id=cells,
        received_at=log.positions["seen_at"] + _ON_THE_WAY,
    )  # fmt: skip
    crew_positions.add(connection, fixes)
    _fence(connection, log, fixes)


def _fence(connection: Connection, log: CrewLog, fixes: pd.DataFrame) -> None:
    """Draw the fences from the first fix on, and who stayed within them."""
    begins = fixes["seen_at"].min().to_pydatetime()
    for fence in log.fences.to_dict("records"):
        cell = int(points_to_cells([fence["lon"]], [fence["lat"]], meta.resolution(connection))[0])
        unit = fences.unit_of_cell(connection, cell)
        own = {str(name): value for name, value in fence.items()}
        own |= {"kind": "site", "unit_id": unit, "valid_from": begins, "actor": _AUTHOR}
        fences.add(connection, own)
    ends = fixes["received_at"].max().to_pydatetime() + timedelta(minutes=1)
    for crew_id in fixes["crew_id"].unique():
        crew_stays.follow(connection, str(crew_id), begins, ends)
