"""Where a question points: a point, a customer or an address, as the actor may ask for it."""

from dataclasses import dataclass, replace

import numpy as np

from app.store import customers, meta
from app.store.database import Connection, Database
from app.use_cases import privacy
from app.use_cases.access import may
from app.use_cases.actors import Actor
from grid_cells.cells import centres, points_to_cells
from grid_cells.datum import to_wgs84
from grid_cells.errors import UserError


@dataclass(frozen=True)
class Spot:
    """Where the question points; claimed_id: the plan's own cell there; is_cell: all of cell_id."""

    lon: float | None
    lat: float | None
    cell_id: int
    customer_no: str | None = None
    transformer_id: str | None = None
    claimed_id: int = 0
    is_cell: bool = False


def placed(actor: Actor, spot: Spot) -> Spot:
    """Where the answer is worked out: of a home whose position is masked, the cell's middle.

    Minutes to three places from the home itself would tell where it stands.
    """
    if spot.customer_no is None or spot.lon is None or privacy.sees(actor, "customers", "lon"):
        return spot
    lon, lat = centres(np.array([spot.cell_id]))
    return replace(spot, lon=float(lon[0]), lat=float(lat[0]))


@dataclass(frozen=True)
class Question:
    """What is asked about: a point (lon, lat in `datum`), a customer, or an address."""

    at: tuple[float, float] | None = None
    customer: str | None = None
    address: str | None = None
    datum: str = "wgs84"


def asked(db: Database, actor: Actor, question: Question, what: str) -> Spot:
    """The spot of the question; `what`: the use case, where an unseen customer is noted.

    Raises what `spot_of` raises, `nothing_asked`, `address_unknown` and `address_ambiguous`.
    """
    connection, customer = db.read(), question.customer
    if question.at is None and customer is None:
        customer = customer_at(db, actor, question.address or "")
    try:
        return spot_of(connection, at=question.at, customer=customer, datum=question.datum)
    except UserError as error:
        if error.code == "customer_unknown" and question.customer:
            privacy.note_unseen(db, actor, question.customer, asked=what)
        raise


def spot_of(
    connection: Connection,
    *,
    at: tuple[float, float] | None,
    customer: str | None,
    datum: str,
) -> Spot:
    """The spot of a point (lon, lat in `datum`) or a customer.

    Raises UserError `point_off_earth`, `customer_unknown`.
    """
    if at is not None:
        lon, lat = (float(v[0]) for v in to_wgs84(np.array([at[0]]), np.array([at[1]]), datum))
        resolution = meta.resolution(connection)
        cell = int(points_to_cells(np.array([lon]), np.array([lat]), resolution)[0])
        if cell == 0:
            raise UserError("point_off_earth", lon=at[0], lat=at[1], datum=datum)
        return Spot(lon, lat, cell)
    row = None if customer is None else customers.one(connection, customer)
    if customer is None or row is None:
        raise UserError("customer_unknown", customer=customer)
    return Spot(row["lon"], row["lat"], int(row["cell_id"]), customer)


def customer_at(db: Database, actor: Actor, address: str) -> str:
    """Number of the customer there; a piece of an address is no clue for whoever sees none."""
    if not address.strip():
        raise UserError("nothing_asked")
    found = customers.at_address(db, address.strip())
    if not privacy.sees(actor, "customers", "address") and not may(actor, "manage_store"):
        found = found[found["is_exact"]]
    if found.empty:
        raise UserError("address_unknown", address=address)
    if len(found["area_id"].unique()) > 1 and not found["is_exact"].iloc[0]:
        known = privacy.shown(actor, "customers", found)["address"].drop_duplicates()
        examples = "; ".join(known.head(3))
        raise UserError("address_ambiguous", address=address, count=len(found), examples=examples)
    return str(found["customer_no"].iloc[0])
