"""The sample city: made as files, then loaded through the same loaders as anybody's files."""

import shutil
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import shapely

from app.store import audit, hall_devices, meta
from app.store import sample as sample_store
from app.store.database import Connection, Database
from app.use_cases import clock, derive, fault_groups, sample_accounts, sample_crews, sample_halls
from app.use_cases.access import needs
from app.use_cases.actors import Actor
from app.use_cases.load import LoadChoice, Progress, load
from grid_cells import sample_city
from grid_cells.errors import UserError
from grid_cells.sample_city import DEFAULT_CUSTOMERS, DEFAULT_END, DEFAULT_SEED
from loaders.writing import write_table

_FORMS = {
    "units": "csv", "feeders": "geojson", "transformers": "csv", "meters": "csv",
    "customers": "csv", "halls": "xlsx", "banks": "csv", "staff": "csv", "crews": "csv",
    "crew_shifts": "csv", "duties": "csv", "streets": "gpkg", "closures": "csv",
    "water": "geojson", "areas": "csv",
    "promise_zones": "geojson", "outages": "csv", "outage_steps": "csv",
    "fault_reports": "csv", "work_orders": "csv", "inspections": "csv", "visits": "csv",
    "devices": "csv", "payments": "csv", "cell_facts": "csv",
}  # fmt: skip
_BUILT, _WRITTEN, _LOADED, _READ = 0.08, 0.14, 0.40, 0.95
READING_DAYS = 90


def needs_sample(db: Database) -> bool:
    """Whether the database is empty, so that the first start has a city to show."""
    return meta.read_value(db.read(), "origin") == "empty"


@needs("manage_store", whole=True)
def build_sample(  # noqa: PLR0913
    db: Database,
    actor: Actor,
    *,
    customers: int = DEFAULT_CUSTOMERS,
    seed: int = DEFAULT_SEED,
    end: date = DEFAULT_END,
    storm: int = 0,
    progress: Progress | None = None,
    keep: Path | None = None,
) -> dict[str, Any]:
    """Counts and seconds of a sample city built into an empty database; `keep` keeps its files.

    `storm`: so many outages more in the weeks before, a mass shut-off among them.
    """
    if not needs_sample(db):
        raise UserError("sample_needs_empty", path=str(db.path))
    started = time.perf_counter()
    tell = progress or (lambda _done: None)
    tell(0.0)
    city = sample_city.build(customers, seed, end, storm=storm)
    tell(_BUILT)
    folder = Path(tempfile.mkdtemp(prefix="gridcells-sample-"))
    try:
        files = _write_files(city, folder)
        tell(_WRITTEN)
        db.write(lambda connection: meta.set_value(connection, "origin", "sample"))
        _load_files(db, actor, files, tell)
        _load_readings(db, actor, city, folder, tell)
        if keep is not None:
            shutil.copytree(folder, keep, dirs_exist_ok=True)
    except BaseException:
        sample_store.empty_again(db)
        raise
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    hashes = sample_accounts.hashes()

    def start(connection: Connection) -> None:
        _start(connection, actor, city, storm)
        fault_groups.keep_grouped(connection)  # its story is told as the files tell it
        sample_accounts.create(connection, actor, hashes)
        sample_crews.keep(connection, city.crew_log)
        sample_halls.keep(connection, city.hall_log)
        hall_devices.add_events(connection, city.device_log.events)

    db.write(start)
    derive.refresh(db, clock.now(db))
    tell(1.0)
    return {**sample_store.counts(db), "seconds": round(time.perf_counter() - started, 2)}


def _write_files(city: sample_city.City, folder: Path) -> dict[str, Path]:
    files = {}
    banks = pd.concat([city.frames["banks"], city.former_banks], ignore_index=True)
    frames = {**city.frames, "water": city.water, "banks": banks}
    for kind, form in _FORMS.items():
        frame = frames[kind]
        path = folder / f"{kind}.{form}"
        if form in ("csv", "xlsx"):
            write_table(_flat(frame), path)
        else:
            write_table(frame.drop(columns="geometry"), path, shapes=frame["geometry"].tolist())
        files[kind] = path
    write_table(city.customers_west, folder / "customers_west.csv")
    return files


def _flat(frame: pd.DataFrame) -> pd.DataFrame:
    if "geometry" not in frame:
        return frame
    return frame.assign(geometry=shapely.to_wkt(frame["geometry"].to_numpy()))


def _load_files(
    db: Database, actor: Actor, files: dict[str, Path], tell: Callable[[float], None]
) -> None:
    choice = LoadChoice(datum="wgs84")
    for number, (kind, path) in enumerate(files.items()):
        load(db, actor, kind, [path], choice, is_sample=True)
        tell(_WRITTEN + (_LOADED - _WRITTEN) * (number + 1) / len(files))


def _load_readings(
    db: Database,
    actor: Actor,
    city: sample_city.City,
    folder: Path,
    tell: Callable[[float], None],
) -> None:
    rows = 0
    for number, frame in enumerate(city.readings()):
        path = folder / f"readings-{number:03d}.parquet"
        write_table(frame, path)
        load(db, actor, "readings", [path], LoadChoice(), is_sample=True)
        path.unlink()
        rows += len(frame)
        done = rows / (READING_DAYS * city.customers)
        tell(_LOADED + (_READ - _LOADED) * min(1.0, done))


def _start(connection: Connection, actor: Actor, city: sample_city.City, storm: int) -> None:
    clock.start_clock(connection, at=city.now, running=False)
    for event in city.events:
        meta.set_value(connection, f"event:{event.code}", event.at.isoformat())
    audit.record(
        connection, actor.id, "sample_built", at=clock.real_now(),
        detail={
            "customers": city.customers, "seed": city.seed, "now": city.now, "storm": storm,
        },
    )  # fmt: skip
