"""Whose is this? Area, people, hall and bank of a point, a customer or an address, on a day."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from app.store import customers, derived, places, plans, units
from app.store.database import Connection, Database
from app.use_cases import derive, privacy, reference
from app.use_cases.access import needs, refuse
from app.use_cases.actors import Actor
from app.use_cases.asked_places import Question, Spot, asked, placed
from app.use_cases.clock import now as clock_now
from grid_cells.assignment import assign_customers
from grid_cells.cell_parts import counted_in
from grid_cells.cells import cells_to_hex, resolutions
from grid_cells.duties import on_duty
from grid_cells.promises import promise_classes


@dataclass(frozen=True)
class Reach:
    """The nearest place of a kind, its minutes (None: unreachable) and how they were found."""

    id: str | None = None
    name: str | None = None
    minutes: float | None = None
    method: str | None = None


@dataclass(frozen=True)
class Person:
    """Who holds a duty: id, name and phone."""

    id: str
    name: str | None = None
    phone: str | None = None


@dataclass(frozen=True)
class Whose:
    """The answer, with the rule that gave it and the span in which it holds."""

    cell: str | None
    lon: float | None
    lat: float | None
    area: str | None
    area_name: str | None
    areas: tuple[str, ...]
    rule: str
    reason: str | None
    manager: Person | None
    backup: Person | None
    crew: Person | None
    unit: str | None
    unit_name: str | None
    hall: Reach
    bank: Reach
    crew_reach: Reach
    promise_class: str | None
    promise_min: float | None
    valid_from: datetime | None
    valid_to: datetime | None
    on: datetime
    customer: str | None = None
    transformer: str | None = None


@dataclass(frozen=True)
class _Claim:
    """What the plan says about a spot."""

    area: str | None = None
    areas: tuple[str, ...] = ()
    rule: str = "none"
    reason: str | None = None
    valid_from: datetime | None = None
    valid_to: datetime | None = None


@needs("see_map")
def whose(  # noqa: PLR0913
    db: Database,
    actor: Actor,
    *,
    at: tuple[float, float] | None = None,
    customer: str | None = None,
    address: str | None = None,
    datum: str = "wgs84",
    on: datetime | None = None,
) -> Whose:
    """Who serves a point (lon, lat in `datum`), a customer or an address; `on`: else now."""
    now = clock_now(db)
    moment = on or now
    derive.refresh(db, now)
    connection = db.read()
    spot = asked(db, actor, Question(at, customer, address, datum), "whose.whose")
    if spot.customer_no is not None:
        fed_by = customers.transformer_of(connection, spot.customer_no, moment)
        spot = replace(spot, transformer_id=fed_by)
    claim = _claim(connection, spot, moment, now)
    if claim.rule == "none" and db.whole is not db:
        _refuse_elsewhere(db, actor, spot, moment, now)
    return as_seen(actor, answer(db, placed(actor, spot), claim, moment))


def as_seen(actor: Actor, found: Whose) -> Whose:
    """The answer with phones and a customer's number as the actor may see them."""
    return replace(
        found,
        manager=_as_seen(actor, found.manager, "staff"),
        backup=_as_seen(actor, found.backup, "staff"),
        crew=_as_seen(actor, found.crew, "crews"),
        customer=privacy.shown_value(actor, "customers", "customer_no", found.customer),
    )


def _as_seen(actor: Actor, person: Person | None, table: str) -> Person | None:
    if person is None:
        return None
    return replace(person, phone=privacy.shown_value(actor, table, "phone", person.phone))


def _refuse_elsewhere(
    db: Database, actor: Actor, spot: Spot, moment: datetime, now: datetime
) -> None:
    """Refuse a place that does belong to somebody, only not within the actor's scope."""
    if _claim(db.whole.read(), spot, moment, now).rule != "none":
        refuse(db, actor, "access_out_of_scope", asked="whose.whose")


def of_cell(db: Database, cell_id: int, lon: float, lat: float, moment: datetime) -> Whose:
    """Who serves a cell, asked at the place where its customers are in the middle."""
    connection = db.read()
    spot = Spot(lon, lat, cell_id, is_cell=True)
    return answer(db, spot, _claim(connection, spot, moment, clock_now(db)), moment)


def answer(db: Database, spot: Spot, claim: _Claim, moment: datetime) -> Whose:
    """Fill in people, station, hall, bank and promise around a claim."""
    connection = db.read()
    plan = plans.plan_at(connection, moment)
    areas = None if plan is None else plans.areas(connection, plan["plan_id"])
    area = _row(areas, "area_id", claim.area)
    people = _duties(connection, claim.area, moment)
    unit = _station(connection, area.get("unit_id"))
    # any hall and payment point serves anyone: the nearest one may lie beyond the scope
    reach = _reaches(db.whole.read(), spot, moment)
    promise = promise_classes(
        places.zones(connection),
        np.array([spot.lon if spot.lon is not None else np.nan]),
        np.array([spot.lat if spot.lat is not None else np.nan]),
    )[0]
    return Whose(
        cell=str(cells_to_hex(np.array([spot.cell_id]))[0]) or None,
        lon=spot.lon, lat=spot.lat, area=claim.area, area_name=area.get("name"),
        areas=claim.areas, rule=claim.rule, reason=claim.reason, manager=people["manager"],
        backup=people["backup"], crew=people["repair"], unit=unit.get("unit_id"),
        unit_name=unit.get("name"), hall=reach["hall"], bank=reach["bank"],
        crew_reach=reach["crew"], promise_class=promise,
        promise_min=reference.arrival_promise_min(promise), valid_from=claim.valid_from,
        valid_to=claim.valid_to, on=moment, customer=spot.customer_no,
        transformer=spot.transformer_id,
    )  # fmt: skip


def _claim(connection: Connection, spot: Spot, moment: datetime, now: datetime) -> _Claim:
    plan = plans.plan_at(connection, moment)
    if plan is None:
        return _Claim()
    claims = plans.claims_at(connection, plan["plan_id"], moment)
    overrides = plans.overrides_at(connection, plan["plan_id"], moment)
    spot = replace(spot, claimed_id=_claimed_cell(spot, claims))
    is_divided = int(resolutions([spot.claimed_id])[0]) > int(resolutions([spot.cell_id])[0])
    is_by_cell = plan["basis"] == "cell" and not (spot.is_cell and is_divided)
    cells = None if is_by_cell else _cell_areas(connection, moment, now)
    if spot.customer_no is None:
        claim = _cell_claim(claims, cells, spot)
    else:
        claim = _customer_claim(spot, plan["basis"], claims, overrides, cells)
    return _within(claim, plan)


def _cell_areas(connection: Connection, moment: datetime, now: datetime) -> pd.DataFrame:
    if derive.is_same_plan(connection, moment, now):
        return derived.cell_areas(connection)
    return derive.assign(connection, moment)[1]


def _claimed_cell(spot: Spot, claims: pd.DataFrame) -> int:
    """The claimed cell in which the spot lies, the finest one, else its own."""
    lon, lat = (np.array([np.nan if at is None else at]) for at in (spot.lon, spot.lat))
    stated = claims.loc[claims["cell_id"] != 0, "cell_id"]
    return int(counted_in(np.array([spot.cell_id]), lon, lat, stated)[0])


def _cell_claim(claims: pd.DataFrame, cells: pd.DataFrame | None, spot: Spot) -> _Claim:
    if cells is None:
        rows = claims[claims["cell_id"] == spot.claimed_id]
        return _of_rows(rows, "cell")
    row = cells[cells["cell_id"] == spot.cell_id]
    if row.empty:
        return _Claim()
    first = row.iloc[0]
    if pd.isna(first["area_id"]):
        areas = tuple(str(a) for a in first["areas"])
        return _Claim(areas=areas, rule="conflict" if len(areas) > 1 else "none")
    return _Claim(area=str(first["area_id"]), areas=(str(first["area_id"]),), rule="cell")


def _customer_claim(
    spot: Spot,
    basis: str,
    claims: pd.DataFrame,
    overrides: pd.DataFrame,
    cells: pd.DataFrame | None,
) -> _Claim:
    one = pd.DataFrame(
        {
            "customer_no": [spot.customer_no],
            "transformer_id": pd.Series([spot.transformer_id], dtype="str"),
            "cell_id": [spot.cell_id],
            "lon": [np.nan if spot.lon is None else spot.lon],
            "lat": [np.nan if spot.lat is None else spot.lat],
        }
    )
    assigned = assign_customers(one, basis=basis, claims=claims, overrides=overrides).iloc[0]
    rule = str(assigned["rule"])
    if rule == "customer":
        return _of_rows(overrides[overrides["customer_no"] == spot.customer_no], rule)
    of_transformer = claims[claims["transformer_id"] == spot.transformer_id]
    if rule == "transformer":
        override = overrides[overrides["transformer_id"] == spot.transformer_id]
        return _of_rows(of_transformer if override.empty else override, rule)
    if rule == "conflict":
        of_cell = claims[claims["cell_id"] == spot.claimed_id]
        return _of_rows(of_transformer if basis == "transformer" else of_cell, "cell")
    if rule == "none" and basis == "transformer" and spot.transformer_id is not None:
        return _Claim()
    return _cell_claim(claims, cells, spot)


def _of_rows(rows: pd.DataFrame, rule: str) -> _Claim:
    areas = tuple(sorted({str(a) for a in rows["area_id"].dropna()}))
    if not areas:
        return _Claim()
    reason = rows["reason"].iloc[0] if "reason" in rows else None
    begins, ends = rows["valid_from"].max(), rows["valid_to"].min()
    return _Claim(
        area=areas[0] if len(areas) == 1 else None,
        areas=areas,
        rule=rule if len(areas) == 1 else "conflict",
        reason=None if reason is None or pd.isna(reason) else str(reason),
        valid_from=_moment(begins),
        valid_to=_moment(ends),
    )


def _within(claim: _Claim, plan: dict[str, Any]) -> _Claim:
    if claim.rule == "none":
        return claim
    begins = [t for t in (claim.valid_from, _moment(plan["valid_from"])) if t is not None]
    ends = [t for t in (claim.valid_to, _moment(plan["valid_to"])) if t is not None]
    return _Claim(
        claim.area, claim.areas, claim.rule, claim.reason,
        max(begins, default=None), min(ends, default=None),
    )  # fmt: skip


def _moment(value: Any) -> datetime | None:
    if value is None or pd.isna(value):
        return None
    return pd.Timestamp(value).to_pydatetime()


def _row(frame: pd.DataFrame | None, column: str, value: object) -> dict[str, Any]:
    if frame is None or value is None:
        return {}
    found = frame[frame[column] == value]
    if found.empty:
        return {}
    return {str(k): (None if _is_missing(v) else v) for k, v in found.iloc[0].to_dict().items()}


def _is_missing(value: object) -> bool:
    return value is None or (isinstance(value, float) and np.isnan(value)) or value is pd.NaT


def _station(connection: Connection, unit_id: str | None) -> dict[str, Any]:
    if unit_id is None:
        return {}
    return units.station_of(connection, unit_id) or {"unit_id": unit_id, "name": None}


def _duties(connection: Connection, area: str | None, moment: datetime) -> dict[str, Person | None]:
    empty: dict[str, Person | None] = {"manager": None, "backup": None, "repair": None}
    if area is None:
        return empty
    held = places.duties(connection, [area])
    if held.empty:
        return empty
    zone = units.timezone(connection) or "UTC"
    people = places.people(connection)
    shifts = people.dropna(subset=["shift"]).set_index("id")["shift"]
    hours = held["hours"].where(held["hours"].notna(), held["crew_id"].map(shifts))
    found = on_duty(held.assign(hours=hours), moment, zone)
    return {duty: _person(people, found.get(duty)) for duty in empty}


def _person(people: pd.DataFrame, identity: str | None) -> Person | None:
    if identity is None:
        return None
    row = _row(people, "id", identity)
    return Person(identity, row.get("name"), row.get("phone"))


def _reaches(connection: Connection, spot: Spot, moment: datetime) -> dict[str, Reach]:
    reaches = dict.fromkeys(("hall", "bank", "crew"), Reach())
    if spot.lon is None or spot.lat is None:
        return reaches
    origin = pd.DataFrame({"cell_id": [spot.cell_id], "lon": [spot.lon], "lat": [spot.lat]})
    for row in derive.nearest_targets(connection, origin, moment).to_dict("records"):
        target = str(row["target"])
        identity = None if _is_missing(row["target_id"]) else str(row["target_id"])
        named = _row(places.points(connection, target, moment), "id", identity)
        minutes = row["travel_time_min"]
        reaches[target] = Reach(
            identity,
            named.get("name"),
            None if _is_missing(minutes) else float(minutes),
            row["method"],
        )
    return reaches
