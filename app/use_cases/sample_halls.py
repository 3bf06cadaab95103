"""Tallies and duties of the sample city's halls, as its clerks and managers enter them."""

from typing import Final

from app.store import hall_duties, hall_tallies
from app.store.database import Connection
from grid_cells.sample_city.hall_log import HallLog

_AUTHOR: Final = "gridcells"


def keep(connection: Connection, log: HallLog) -> None:
    """Write the log inside a transaction."""
    hall_tallies.add(connection, log.tallies.assign(user_id=None))
    known = log.duties["starts_at"].min()
    duties = log.duties.assign(staff_id=None, entered_at=known, entered_by=_AUTHOR)
    hall_duties.add(connection, duties)
