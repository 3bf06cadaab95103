"""Whose is this? As a crew's phone asks it, with what is dark there."""

from collections.abc import Mapping
from typing import Any, Final

from app.store.database import Database
from app.use_cases import crew_wishes, whose
from app.use_cases.access import needs
from app.use_cases.actors import Actor
from app.use_cases.whose import Whose
from grid_cells.errors import UserError

_KEPT: Final = (
    "cell", "lon", "lat", "area", "area_name", "rule", "unit", "unit_name", "promise_class",
    "promise_min", "customer", "transformer", "on",
)  # fmt: skip


@needs("do_orders")
def ask(db: Database, actor: Actor, given: Mapping[str, Any]) -> dict[str, Any]:
    """The answer for lon and lat, for a customer's number or for an address.

    People with names and phones as the actor may see them. Raises as `whose.whose`, and UserError
    `crew_field`, `nothing_asked`.
    """
    lon, lat = crew_wishes.number(given, "lon"), crew_wishes.number(given, "lat")
    customer = crew_wishes.text(given, "customer")
    address = crew_wishes.text(given, "address")
    if lon is not None and lat is not None:
        return _told(whose.whose(db, actor, at=(lon, lat)))
    if customer is not None:
        return _told(whose.whose(db, actor, customer=customer))
    if address is None:
        raise UserError("nothing_asked")
    return _told(whose.whose(db, actor, address=address))


def _told(found: Whose) -> dict[str, Any]:
    people = {name: getattr(found, name) for name in ("manager", "backup", "crew")}
    return {
        **{name: getattr(found, name) for name in _KEPT},
        **{name: None if one is None else vars(one) for name, one in people.items()},
    }
