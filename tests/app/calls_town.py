"""The town with a zone of promises and six calls, for the modules about calls and orders."""

from datetime import datetime, timedelta
from pathlib import Path

import pandas as pd

from app.store import meta
from app.store.database import Database
from app.use_cases import derive
from app.use_cases.load import LoadChoice, load
from tests.conftest import LOADER, NOW, LittleTown

ZONE = "POLYGON((112 30, 113 30, 113 31, 112 31, 112 30))"


def ago(minutes: float) -> datetime:
    return NOW - timedelta(minutes=minutes)


def reports(town: LittleTown) -> pd.DataFrame:
    """R1, R2 wait for OUT-1, R3 in the other area alone; R4 kept, R5 broken, R6 to come."""
    numbers = town.numbers()
    other = next(n for n in range(11, 61) if town.is_west(n) != town.is_west(10))
    rows = [
        ("R1", ago(40), numbers[40], "OUT-1", None, None, None, None),
        ("R2", ago(10), numbers[41], "OUT-1", None, None, None, None),
        ("R3", ago(60), numbers[4 * other], None, None, None, None, None),
        ("R4", ago(300), numbers[0], None, "C0", ago(295), ago(270), ago(200)),
        ("R5", ago(300), numbers[4], None, "C1", ago(290), ago(240), ago(180)),
        ("R6", ago(-60), numbers[8], None, None, None, None, None),
    ]
    names = ["report_id", "registered_at", "customer_no", "outage_id", "crew_id", "told_at",
             "arrived_at", "restored_at"]  # fmt: skip
    return pd.DataFrame(rows, columns=names).assign(channel="hotline", phone="13900000001")


def fill(db: Database, town: LittleTown, folder: Path) -> None:
    """Load both files; a file makes the town real, and its clock the real one: not here."""
    zones = pd.DataFrame({"name": ["city"], "promise_class": ["city"], "geometry": [ZONE]})
    for kind, frame in (("promise_zones", zones), ("fault_reports", reports(town))):
        file = folder / f"{kind}.csv"
        frame.to_csv(file, index=False)
        load(db, LOADER, kind, [file], LoadChoice(datum="wgs84"))
    db.write(lambda c: meta.set_value(c, "origin", "sample"))
    derive.refresh(db, NOW)
