"""What tests of pages and of the browser share: a little town, loaded the way people load files."""

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import h3
import pandas as pd
import pytest
from hypothesis import settings
from streamlit.components.v2 import manifest_scanner

from app.store import meta
from app.store import users as user_store
from app.store.database import Connection, Database
from app.store.users import User
from app.use_cases import clock, derive
from app.use_cases.actors import Actor
from app.use_cases.load import LoadChoice, load
from app.use_cases.passwords import ARGON2
from tests.laws import examples
from tests.turns import Turns, early

# a law is no stopwatch: a busy machine must not fail one
settings.register_profile("laws", deadline=None, max_examples=examples(100))
settings.load_profile("laws")

LOADER = Actor("test:loader", "Loader", role="admin")
# login: role, name, unit; the login is also the end of the user's id
TOWN_USERS = {
    "manager": ("manager", "周明", None), "planner": ("planner", "吴越", None),
    "dispatcher": ("dispatcher", "林薇", None), "analyst": ("analyst", "陈思", None),
    "auditor": ("auditor", "郑直", None), "crew": ("crew", "赵强", None),
    "clerk": ("hall_clerk", "孙悦", None), "inspector": ("inspector", "钱勇", None),
    "hotline": ("hotline", "95598", None), "queue": ("queue", "排队机", None),
    "admin": ("admin", "李安", None), "planner_north": ("planner", "何北", "S1"),
}  # fmt: skip
PASSWORD = "a walk along the river"  # noqa: S105 - of made-up people
NOW = datetime(2026, 7, 16, 11, 40, tzinfo=UTC)
MIDDLE = (30.4230, 112.5140)
TRAP = "<img src=x onerror=alert(1)>"
TRAP_NO = "0000000007"


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Turns:
    """Modules stay together; browsers take turns."""
    return Turns(config, log)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest begins first; laws, which are tried further by `long`, are marked."""
    for item in items:
        if getattr(getattr(item, "obj", None), "is_hypothesis_test", False):
            item.add_marker("law")
    items.sort(key=early)


# each run of a page and each server reads what every installed package says of itself: here once
manifest_scanner.scan_component_manifests = cache(manifest_scanner.scan_component_manifests)


class LittleTown:
    """61 cells, 4 customers in each, two service areas east and west of the middle."""

    def __init__(self) -> None:
        self.cells = sorted(h3.grid_disk(h3.latlng_to_cell(*MIDDLE, 9), 4))
        self.places = [h3.cell_to_latlng(cell) for cell in self.cells]

    def is_west(self, place: int) -> bool:
        """Whether a cell belongs to the western area."""
        return self.places[place][1] < MIDDLE[1]

    def frames(self) -> dict[str, pd.DataFrame]:
        """Every kind of file of the town, in the order in which they are loaded."""
        return {
            "units": self._units(),
            "feeders": pd.DataFrame({"feeder_id": ["F-07"], "name": ["江北线"], "unit_id": ["S1"]}),
            "transformers": self._transformers(),
            "meters": self._meters(),
            "customers": self._customers(),
            "halls": self._places("hall", 2, "营业厅"),
            "banks": self._places("bank", 3, "缴费点"),
            "staff": pd.DataFrame({"staff_id": ["P1", "P2"], "name": ["林薇", "赵强"]}),
            "crews": self._crews(),
            "areas": self._areas(),
            "duties": self._duties(),
            "outages": self._outages(),
            "readings": self._readings(),
        }

    def _units(self) -> pd.DataFrame:
        rows = [("C", None, "city", "小城供电公司"), ("S1", "C", "station", "江北供电所"),
                ("S2", "C", "station", "江南供电所")]  # fmt: skip
        frame = pd.DataFrame(rows, columns=["unit_id", "parent_id", "level", "name"])
        return frame.assign(timezone="Asia/Shanghai")

    def _transformers(self) -> pd.DataFrame:
        rows = [
            (f"T-{place:03d}", "public", "F-07", 100.0 if place else 1.0, lon, lat)
            for place, (lat, lon) in enumerate(self.places)
        ]
        names = ["transformer_id", "kind", "feeder_id", "capacity_kva", "lon", "lat"]
        return pd.DataFrame(rows, columns=names)

    def numbers(self) -> list[str]:
        """Customer numbers, with their leading zeros."""
        return [f"{number:010d}" for number in range(1, 4 * len(self.cells) + 1)]

    def _meters(self) -> pd.DataFrame:
        rows = [
            (f"M{number}", number, f"T-{place // 4:03d}", "billing", 1.0)
            for place, number in enumerate(self.numbers())
        ]
        names = ["meter_id", "customer_no", "transformer_id", "role", "multiplier"]
        return pd.DataFrame(rows, columns=names)

    def _customers(self) -> pd.DataFrame:
        rows = []
        for place, number in enumerate(self.numbers()):
            lat, lon = self.places[place // 4]
            name = TRAP if number == TRAP_NO else f"王{place}"
            at = (lon + 0.0002 * (place % 4), lat)
            rows.append((number, name, f"码头路{place}号", f"T-{place // 4:03d}", *at))
        names = ["customer_no", "name", "address", "transformer_id", "lon", "lat"]
        return pd.DataFrame(rows, columns=names)

    def _places(self, kind: str, count: int, word: str) -> pd.DataFrame:
        spots = self.places[:: len(self.places) // count][:count]
        rows = [
            (f"{kind[0].upper()}{n}", f"{word}{n}", *spot[::-1]) for n, spot in enumerate(spots)
        ]
        return pd.DataFrame(rows, columns=[f"{kind}_id", "name", "lon", "lat"])

    def _crews(self) -> pd.DataFrame:
        return self._places("crew", 2, "抢修班").assign(shift="24/7", unit_id="S1")

    def _areas(self) -> pd.DataFrame:
        rows = [
            ("西区" if self.is_west(place) else "东区", f"{'W' if self.is_west(place) else 'E'}-01",
             f"T-{place:03d}", "S1" if self.is_west(place) else "S2")
            for place in range(len(self.cells))
        ]  # fmt: skip
        return pd.DataFrame(rows, columns=["name", "area_id", "transformer_id", "unit_id"])

    def _duties(self) -> pd.DataFrame:
        rows = [("W-01", "manager", "P1", None), ("W-01", "backup", "P2", None),
                ("W-01", "repair", None, "C0"), ("E-01", "repair", None, "C1")]  # fmt: skip
        frame = pd.DataFrame(rows, columns=["area_id", "duty", "staff_id", "crew_id"])
        return frame.assign(valid_from="2026-01-01T00:00:00+08:00", hours="24/7")

    def _outages(self) -> pd.DataFrame:
        lat, lon = self.places[10]
        row = ("OUT-1", "fault", "in_force", "transformer:T-010", NOW - timedelta(hours=2),
               NOW + timedelta(hours=1), 4, lon, lat)  # fmt: skip
        names = ["outage_id", "kind", "status", "scope", "started_at", "estimated_restore_at",
                 "customers_affected", "lon", "lat"]  # fmt: skip
        return pd.DataFrame([row], columns=names)

    def _readings(self) -> pd.DataFrame:
        rows = [
            (f"M{number}", date(2026, 7, 1) + timedelta(days=day), 4.0 + place % 5 + day % 7)
            for place, number in enumerate(self.numbers())
            for day in range(15)
        ]
        frame = pd.DataFrame(rows, columns=["meter_id", "day", "energy_kwh"])
        return frame.assign(reverse_kwh=0.0, source="measured")


@pytest.fixture(scope="session")
def town() -> LittleTown:
    """The town's files as frames."""
    return LittleTown()


@pytest.fixture(scope="session")
def town_file(town: LittleTown, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with the town in it, its clock at 19:40 as in the sample city."""
    folder = tmp_path_factory.mktemp("town")
    path = folder / "town.duckdb"
    _fill(path, town, folder)
    return path


def _fill(path: Path, town: LittleTown, folder: Path) -> None:
    with Database(path) as db:
        for kind, frame in town.frames().items():
            file = folder / f"{kind}.csv"
            frame.to_csv(file, index=False)
            datum = "wgs84" if "lon" in frame else None
            load(db, LOADER, kind, [file], LoadChoice(datum=datum))
        db.write(_add_users)
        db.write(lambda connection: meta.set_value(connection, "origin", "sample"))
        db.write(lambda connection: clock.start_clock(connection, at=NOW, running=False))
        db.write(
            lambda connection: meta.set_value(
                connection, "event:event_storm_begins", NOW.isoformat()
            )
        )
        derive.refresh(db, NOW)  # once, instead of in every test that opens a copy


def _add_users(connection: Connection) -> None:
    """One person for each role, and a planner who is limited to the station in the north."""
    hashed = ARGON2.hashed(PASSWORD)
    for login, (role, name, unit) in TOWN_USERS.items():
        user = User(f"town-{login}", login, name, role, unit, None, None, True, False)
        user_store.insert(connection, user, by="test:loader", at=NOW)
        user_store.set_password(connection, user.user_id, hashed, must_change=False, at=NOW)


def copy_of(town_file: Path, folder: Path) -> Path:
    """The town's file copied into a folder, with its key and the head of its audit beside it."""
    for file in town_file.parent.glob(f"{town_file.name}*"):
        shutil.copy(file, folder / file.name)
    return folder / town_file.name


def with_more(town_file: Path, folder: Path, fill: Callable[[Database], object]) -> Path:
    """The town with what the tests of a module need beside it: filled once, copied by each test."""
    path = copy_of(town_file, folder)
    with Database(path) as db:
        fill(db)
    return path


@pytest.fixture
def town_database(town_file: Path, tmp_path: Path) -> Iterator[Database]:
    """An open copy of the town that a test may change."""
    with Database(copy_of(town_file, tmp_path)) as db:
        yield db
