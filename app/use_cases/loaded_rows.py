"""A file's rows before they are stored: completed from what is held, without those not brought."""

from collections.abc import Callable

import pandas as pd

from app.store.database import Connection, Database
from app.use_cases import fault_report_files, hall_visit_files, work_order_files
from app.use_cases.clock import read_on, real_now
from grid_cells.vocabulary import KINDS
from loaders.contract import Loaded

Progress = Callable[[float], None]


def completed(
    connection: Connection, db: Database, kind: str, loaded: Loaded, progress: Progress
) -> Loaded:
    """The rows with what follows from what is held, for the kinds that need it."""
    now = read_on(connection, real_now()).now
    if kind == "fault_reports":
        return fault_report_files.complete(connection, db.whole, loaded, now, progress)
    if kind == "work_orders":
        return work_order_files.complete(connection, db.whole, loaded, now)
    if kind == "visits":
        return hall_visit_files.complete(db.whole, loaded)
    return loaded


def present(kind: str, loaded: Loaded) -> pd.DataFrame:
    """The frame without columns that the file did not bring, so that they keep what is held."""
    frame = loaded.frame
    brought = set(loaded.report.matched) | {"row_no"} | set(KINDS[kind].required)
    keep = [name for name in frame.columns if name in brought or frame[name].notna().any()]
    frame = frame[keep]
    if "cell_id" in frame:
        cells = frame["cell_id"].astype("Int64")
        frame = frame.assign(cell_id=cells.mask(cells == 0))
    return frame
