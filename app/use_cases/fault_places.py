"""The place of each call fills itself in: position, cell, line, area, crew and promise."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import numpy as np
import pandas as pd

from app.store import fault_places as store
from app.store import fault_reports as report_store
from app.store import meta, places, plans, units
from app.store.database import Connection, Database
from app.use_cases import derive
from grid_cells.cells import points_to_cells
from grid_cells.distance import distance_m
from grid_cells.duties import repair_crews_at
from grid_cells.promises import promise_classes

NEAREST_M: Final = 100.0
"""A point's transformer is its nearest neighbour's, no further away than this."""
_JUST_NOW: Final = timedelta(minutes=15)
FILLED: Final = (
    "lon", "lat", "cell_id", "position_source", "transformer_id", "feeder_id", "area_id", "crew_id",
    "promise_class",
)  # fmt: skip


@dataclass(frozen=True)
class _Roster:
    """What a call's crew and promise follow from; read once for a state of the facts."""

    version: int
    duties: pd.DataFrame
    zones: pd.DataFrame
    timezone: str


_rosters: dict[int, _Roster] = {}


def fill(
    connection: Connection, whole: Database, calls: pd.DataFrame, now: datetime
) -> pd.DataFrame:
    """The calls with FILLED, is_known, meter_id and is_disconnected of their customers, is_line.

    `calls`: at, customer_no, transformer_id, address, lon, lat (WGS-84). `is_line`: whether the
    transformer was there at that moment. What a call states itself is
    kept; the rest comes from its customer, else from its transformer, its address or its point, by
    the links of its own moment.
    """
    frame = calls.reset_index(drop=True).assign(place=np.arange(len(calls)))
    frame["cell_id"] = pd.Series(pd.NA, index=frame.index, dtype="Int64")
    frame["position_source"] = frame["lon"].notna().map({True: "point"})
    frame = _by_customer(connection, frame)
    frame = _by_address(connection, frame)
    frame = _by_point(connection, frame)
    frame = _by_transformer(connection, frame)
    frame = _in_cells(connection, frame)
    frame["area_id"] = _areas(connection, frame, now)
    return _served(whole, frame)


def places_of_reports(connection: Connection, report_ids: Sequence[str]) -> pd.DataFrame:
    """Where these reports lie, by report_id: customer_no, transformer_id, address, lon, lat."""
    found = report_store.of_ids(connection, list(dict.fromkeys(report_ids)))
    names = ["customer_no", "transformer_id", "address", "lon", "lat"]
    return found.set_index("report_id")[names]


def _by_customer(connection: Connection, frame: pd.DataFrame) -> pd.DataFrame:
    store.ask(connection, frame)
    found = _beside(frame, store.customers(connection))
    frame = _positions(frame, found, "customer")
    frame["transformer_id"] = frame["transformer_id"].fillna(found["transformer_id"])
    return frame.assign(
        is_known=found["is_held"], meter_id=found["meter_id"],
        is_disconnected=found["is_disconnected"],
    )  # fmt: skip


def _by_address(connection: Connection, frame: pd.DataFrame) -> pd.DataFrame:
    bare = frame["lon"].isna() & frame["transformer_id"].isna() & frame["address"].notna()
    if not bare.any():
        return frame
    found = _beside(frame, store.addresses(connection, frame.loc[bare, ["place", "address"]]))
    frame = _positions(frame, found, "address")
    return frame.assign(transformer_id=frame["transformer_id"].fillna(found["transformer_id"]))


def _by_point(connection: Connection, frame: pd.DataFrame) -> pd.DataFrame:
    bare = frame["transformer_id"].isna() & frame["lon"].notna()
    if not bare.any():
        return frame
    store.ask(connection, frame[bare])
    near = store.neighbours(connection).merge(
        frame[["place", "lon", "lat"]], on="place", suffixes=("", "_of_call")
    )
    near["away_m"] = distance_m(near["lon"], near["lat"], near["lon_of_call"], near["lat_of_call"])
    first = near[near["away_m"] <= NEAREST_M].sort_values(["away_m", "transformer_id"])
    found = _beside(frame, first.drop_duplicates("place")[["place", "transformer_id"]])
    return frame.assign(transformer_id=frame["transformer_id"].fillna(found["transformer_id"]))


def _by_transformer(connection: Connection, frame: pd.DataFrame) -> pd.DataFrame:
    store.ask(connection, frame)  # transformers may have been found since
    found = _beside(frame, store.transformers(connection))
    frame = _positions(frame, found, "transformer")
    frame["position_source"] = frame["position_source"].fillna("none")
    return frame.assign(feeder_id=found["feeder_id"], is_line=found["is_held"])


def _in_cells(connection: Connection, frame: pd.DataFrame) -> pd.DataFrame:
    """The cell of each position that has none yet."""
    bare = frame["cell_id"].isna() & frame["lon"].notna()
    if bare.any():
        at = frame.loc[bare, ["lon", "lat"]].to_numpy(np.float64)
        cells = points_to_cells(at[:, 0], at[:, 1], meta.resolution(connection))
        frame.loc[bare, "cell_id"] = pd.array(cells, dtype="Int64")
    return frame


def _positions(frame: pd.DataFrame, found: pd.DataFrame, source: str) -> pd.DataFrame:
    """Positions where there was none yet, with their cell and where they come from."""
    takes = frame["lon"].isna() & found["lon"].notna()
    cells = found["cell_id"].astype("Int64")
    return frame.assign(
        lon=frame["lon"].where(~takes, found["lon"]), lat=frame["lat"].where(~takes, found["lat"]),
        cell_id=frame["cell_id"].where(~takes, cells.mask(cells == 0)),
        position_source=frame["position_source"].where(~takes, source),
    )  # fmt: skip


def _beside(frame: pd.DataFrame, found: pd.DataFrame) -> pd.DataFrame:
    """What was found, in the order of the calls; is_held: whether anything was."""
    if "cell_id" in found:  # a missing one must not make floats of 64 bits
        found = found.assign(cell_id=found["cell_id"].astype("Int64"))
    by_place = found.set_index("place")
    placed = by_place.reindex(frame["place"]).set_axis(frame.index)
    return placed.assign(is_held=frame["place"].isin(by_place.index).to_numpy())


def _areas(connection: Connection, frame: pd.DataFrame, now: datetime) -> "pd.Series[Any]":
    """The area of each call by the plan of its own moment."""
    parts = []
    for moment, rows in _spans(connection, frame, now):
        store.ask(connection, rows)
        parts.append(_areas_at(connection, moment, now))
    store.forget(connection)
    return _beside(frame, pd.concat(parts))["area_id"]


def _spans(
    connection: Connection, frame: pd.DataFrame, now: datetime
) -> list[tuple[datetime, pd.DataFrame]]:
    """The calls in spans in which no plan, claim or override begins or ends, each with a moment."""
    if (frame["at"] >= now - _JUST_NOW).all():
        return [(now, frame)]
    edges = pd.DatetimeIndex(pd.to_datetime(plans.edges(connection), utc=True)).as_unit("us")
    span = edges.searchsorted(pd.DatetimeIndex(frame["at"]), side="right")
    return [(rows["at"].max().to_pydatetime(), rows) for _, rows in frame.groupby(span)]


def _areas_at(connection: Connection, moment: datetime, now: datetime) -> pd.DataFrame:
    plan = plans.plan_at(connection, moment)
    plan_id = None if plan is None else int(plan["plan_id"])
    if moment == now or derive.is_same_plan(connection, moment, now):
        return store.areas(connection, plan_id, by_customer="customer_areas", by_cell="cell_areas")
    people, cells = derive.assign(connection, moment)
    return store.areas_of_then(connection, plan_id, people, cells)


def _served(whole: Database, frame: pd.DataFrame) -> pd.DataFrame:
    """The crew on duty in the area at the call's moment, and the promise of the place."""
    roster = _roster(whole)
    moments = [at.to_pydatetime() for at in frame["at"]]
    crews = repair_crews_at(roster.duties, _texts(frame["area_id"]), moments, roster.timezone)
    classes = promise_classes(
        roster.zones, frame["lon"].to_numpy(np.float64), frame["lat"].to_numpy(np.float64)
    )
    known = set(roster.duties["crew_id"].dropna())  # a person may have the duty: no crew of theirs
    crews = [one if one in known else None for one in crews]
    return frame.assign(
        crew_id=pd.Series(crews, index=frame.index, dtype="str"),
        promise_class=pd.Series(classes, index=frame.index, dtype="str"),
    )  # fmt: skip


def _texts(column: "pd.Series[Any]") -> Sequence[str | None]:
    return [one if isinstance(one, str) else None for one in column]


def _roster(whole: Database) -> _Roster:
    """Any crew may come from over the border: whoever holds the area's duty is told."""
    version = meta.facts_version(whole)
    held = _rosters.get(whole.opened_as)
    if held is None or held.version != version:
        connection = whole.read()
        duties = places.all_duties(connection)
        people = places.people(connection).dropna(subset=["shift"]).drop_duplicates("id")
        shifts = people.set_index("id")["shift"]
        hours = duties["hours"].where(duties["hours"].notna(), duties["crew_id"].map(shifts))
        zone = units.timezone(connection) or "UTC"
        held = _Roster(version, duties.assign(hours=hours), places.zones(connection), zone)
        _rosters[whole.opened_as] = held
    return held
