"""Chores of crews: meters to read, customers to reconnect, transformers with high loss, visits."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from grid_cells.sample_city.dispatch import DAY_SHIFT
from grid_cells.sample_city.ground import Floats, Ints, to_lon_lat, to_metres
from grid_cells.sample_city.layout import Layout
from grid_cells.sample_city.moments import utc
from grid_cells.sample_city.planned import planned_day, planned_transformers

FAILED_RECONNECTIONS = 0.04
"""Of remote reconnections so many fail and need a visit."""
_A_CREW = 9
"""Chores of one day crew on the last day."""
_DISCONNECTED = 0.006
_PATROLS, _HIGH_LOSS = 8, 6
_DONE_SHARE, _TOLD_SHARE, _ON_WAY = 0.55, 0.9, 2
_BEGIN_MIN, _DAY_MIN = 25.0, 540.0
"""Minutes after ten past eight until crews are at the first chore, and until the last is done."""


@dataclass(frozen=True)
class _Chore:
    """One kind of chore: the task, its kind of order, whom it is at, and until when."""

    task: str
    kind: str
    at: Ints
    at_line: bool
    window: tuple[pd.Timestamp, pd.Timestamp | None]


def chore_frame(
    layout: Layout, own: dict[str, pd.DataFrame], *, end: date, rng: np.random.Generator
) -> pd.DataFrame:
    """The file's columns of `work_orders` for what day crews do beside faults, near their bases."""
    chores = _chores(layout, own, end, rng)
    parts = [_rows(layout, own, chore, rng) for chore in chores]
    frame = pd.concat([part for part in parts if len(part)], ignore_index=True)
    frame.insert(0, "order_id", [f"WC-{end:%y%m%d}-{n:04d}" for n in range(1, len(frame) + 1)])
    return _worked(frame, own["crews"], end, rng)


def _chores(
    layout: Layout, own: dict[str, pd.DataFrame], end: date, rng: np.random.Generator
) -> list[_Chore]:
    people, network = layout.people, layout.network
    crews = int((own["crews"]["shift"] == DAY_SHIFT).sum())
    everybody = np.arange(len(people.box))
    day = (utc(end, "08:00"), None)
    failed = max(3, round(len(everybody) * _DISCONNECTED * FAILED_RECONNECTIONS))
    lossy = np.unique(np.append(network.of_place(layout.places, "market"), layout.demand.wrong_ct))
    planned = planned_transformers(network, layout.places)
    saturday = utc(planned_day(end), "08:00")
    before = (utc(end, "08:00"), saturday - timedelta(hours=12))
    patients = own["customers"]["life_support"].to_numpy() & np.isin(people.recorded, planned)
    return [
        _Chore("read_meter", "meter", rng.choice(everybody, crews * (_A_CREW - 4)), False, day),
        _Chore("check_meter", "meter", rng.choice(everybody, crews), False, day),
        _Chore("reconnect", "connection", rng.choice(everybody, failed), False, day),
        _Chore("high_loss", "inspection", lossy[:_HIGH_LOSS], True, day),
        _Chore("patrol", "inspection", rng.choice(len(network.x), _PATROLS), True, day),
        _Chore("announce_work", "visit", planned, True, before),
        _Chore("visit_patient", "visit", np.flatnonzero(patients), False, before),
    ]


def _rows(
    layout: Layout, own: dict[str, pd.DataFrame], chore: _Chore, rng: np.random.Generator
) -> pd.DataFrame:
    """The chores of one kind, each at its customer or its transformer."""
    count = len(chore.at)
    network = layout.network
    if chore.at_line:
        transformer = network.transformer_id[chore.at]
        x, y = network.x[chore.at], network.y[chore.at]
        number = contact = address = np.full(count, None, dtype=object)
    else:
        box = layout.people.box[chore.at]
        transformer = network.transformer_id[layout.people.recorded[chore.at]]
        x, y = layout.boxes.x[box], layout.boxes.y[box]
        who = own["customers"].iloc[chore.at]
        number, contact, address = (
            who[name].to_numpy(dtype=object) for name in ("customer_no", "name", "address")
        )
    begin, until = chore.window
    asked = pd.to_timedelta(np.round(rng.uniform(-600, 240, count)), unit="min")
    return pd.DataFrame(
        {
            "kind": chore.kind, "task": chore.task, "x": x, "y": y,
            "registered_at": begin + asked, "window_to": pd.Series([until] * count, dtype="object"),
            "customer_no": number, "contact": contact, "address": address,
            "transformer_id": transformer,
        }
    )  # fmt: skip


def _worked(
    frame: pd.DataFrame, crews: pd.DataFrame, end: date, rng: np.random.Generator
) -> pd.DataFrame:
    """Which crew has each chore and how far it came: half done, one begun, the others still to do.

    A crew goes from the nearest to the farthest; what nobody was told of yet waits for tomorrow.
    """
    day = crews[crews["shift"] == DAY_SHIFT].reset_index(drop=True)
    base = np.column_stack(to_metres(day["lon"].to_numpy(), day["lat"].to_numpy()))
    sites = frame[["x", "y"]].to_numpy(float)
    away = np.hypot(*(sites[:, None, :] - base[None]).transpose(2, 0, 1))
    crew: Ints = away.argmin(axis=1).astype(np.int64)
    near = away[np.arange(len(frame)), crew]
    order = np.lexsort((near, frame["window_to"].notna(), crew))
    ranked = pd.Series(crew[order], index=order)
    place = np.array(ranked.groupby(ranked).cumcount().sort_index(), dtype=np.int64)
    size = np.bincount(crew, minlength=len(day))[crew]
    return _stamped(frame, day, (crew, place, size.astype(np.int64), near), end, rng)


def _stamped(
    frame: pd.DataFrame, day: pd.DataFrame, held: tuple[Ints, Ints, Ints, Floats], end: date,
    rng: np.random.Generator,
) -> pd.DataFrame:  # fmt: skip
    crew, place, size, near = held
    count = len(frame)
    done = place < np.floor(size * _DONE_SHARE)
    told = place < np.ceil(size * _TOLD_SHARE)
    ours = told & (place < np.floor(size * _DONE_SHARE) + _ON_WAY)
    pace = _DAY_MIN / np.maximum(size * _DONE_SHARE, 1)
    begun = utc(end, "08:10")
    there = _BEGIN_MIN + place * pace + rng.uniform(0, pace / 3, count)
    stay = rng.uniform(0.4, 0.7, count) * pace
    registered = frame["registered_at"].dt.floor("s")
    told_at = registered.clip(lower=begun) + _minutes(rng.uniform(0.5, 6, count))
    accepted = told_at + _minutes(rng.uniform(0.5, 5, count))
    planned = pd.Series(begun + _minutes(there), frame.index)
    arrived = planned.clip(lower=accepted + _minutes(near / 1000 + 3))
    finished = arrived + _minutes(stay)
    is_rated = done & (frame["kind"] != "inspection").to_numpy()
    lon, lat = to_lon_lat(frame["x"].to_numpy(float), frame["y"].to_numpy(float))
    return frame.drop(columns=["x", "y"]).assign(
        registered_at=registered, lon=lon, lat=lat,
        crew_id=day["crew_id"].iloc[crew].set_axis(frame.index).where(told),
        told_at=told_at.where(told), accepted_at=accepted.where(ours),
        arrived_at=arrived.where(done), finished_at=finished.where(done),
        archived_at=(finished + _minutes(rng.uniform(3, 20, count))).where(done),
        rating=pd.Series(rng.choice([4, 5], count), dtype="Int64").where(is_rated),
        window_to=pd.to_datetime(frame["window_to"], utc=True),
    )  # fmt: skip


def _minutes(values: Floats) -> pd.TimedeltaIndex:
    return pd.to_timedelta(np.round(values * 60), unit="s")
