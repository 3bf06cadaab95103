"""Entries of the inbox as sentences: the codes of the catalogues and what fills them."""

import math
from typing import Any, Final

from app.use_cases.inbox_entries import NO_AREA, SPLIT, TWICE, Entry, Offer
from app.use_cases.plan_inbox import Inbox

Told = tuple[str, dict[str, Any]]
UNITS_SHOWN: Final = 4


def area_name(box: Inbox, area_id: str) -> str:
    """An area's name with its code in brackets."""
    name = box.names.get(area_id, area_id)
    return name if name == area_id else f"{name} ({area_id})"


def what(box: Inbox, entry: Entry) -> Told:
    """What came up."""
    values: dict[str, Any] = {
        "customers": entry.customers, "count": len(entry.units), "units": _units(entry),
        "areas": [area_name(box, one) for one in entry.areas], "begins": entry.begins,
    }  # fmt: skip
    if entry.kind == NO_AREA:
        return f"inbox_no_area_{box.basis if entry.units else entry.why_not}", values
    if entry.kind == TWICE:
        return f"inbox_twice_{box.basis}", values
    if entry.kind == SPLIT:
        return "inbox_split", values
    soon = "" if entry.begins is None else "_soon"
    return f"inbox_vacant_{entry.duty}{soon}", values


def _units(entry: Entry) -> list[str]:
    left = len(entry.units) - UNITS_SHOWN
    return [*entry.units[:UNITS_SHOWN], *([f"+{left}"] if left > 0 else [])]


def act(box: Inbox, entry: Entry, offer: Offer) -> Told:
    """What one click does."""
    if offer.way == "duty":
        return f"inbox_assign_{entry.duty}", {"person": box.names.get(offer.to, offer.to)}
    code = "inbox_give" if offer.way == "draft" else "inbox_except"
    return code, {"area": area_name(box, offer.to)}


def reasons(box: Inbox, entry: Entry) -> list[Told]:
    """Why this is offered, or why nothing is."""
    if entry.offer is None:
        return [(f"inbox_not_{entry.why_not}", {})]
    offer, held = entry.offer, dict(entry.offer.values)
    if offer.way == "duty":
        free = "_free" if not held["areas"] else ""
        person = box.names.get(offer.to, offer.to)
        return [(f"inbox_because_{offer.because}{free}", {"person": person, **_counted(held)})]
    values = {"area": area_name(box, offer.to), **held}
    if offer.way == "override":
        return [(f"inbox_because_{offer.because}", values)]
    by_basis = f"_{box.basis}" if offer.because == "border" else ""
    found: list[Told] = [(f"inbox_because_{offer.because}{by_basis}", values)]
    if not math.isnan(held["share"]):  # as it is where the area has nobody yet
        found.append(("inbox_grows", {"share": f"{100 * held['share']:.1f}"}))
    return found


def _counted(held: dict[str, Any]) -> dict[str, Any]:
    return {"customers": held["customers"], "count": held["areas"]}
