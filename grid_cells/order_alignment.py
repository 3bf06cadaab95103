"""How orders follow their calls when these are put to other outages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Part:
    """Calls of one open order that lie in one other outage; `is_whole`: all that the order has."""

    order_id: str
    outage_id: str
    reports: tuple[str, ...]
    is_whole: bool


@dataclass
class Alignment:
    """What becomes of orders and calls.

    `goes`: orders that go to an outage with all their calls. `merges`: orders that end because
    another one, named behind, answers their calls now. `joins`: calls that leave their order for
    another one. `begins`: by outage, the calls that need a new order of it, by the orders they come
    from. `leaves`: the orders that calls of `joins` or `begins` came from, by the outage they went
    to.
    """

    goes: dict[str, str] = field(default_factory=dict)
    merges: dict[str, str] = field(default_factory=dict)
    joins: dict[str, list[str]] = field(default_factory=dict)
    begins: dict[str, list[tuple[str, ...]]] = field(default_factory=dict)
    leaves: dict[str, list[str]] = field(default_factory=dict)
    into: dict[str, str] = field(default_factory=dict)


def aligned(parts: Sequence[Part], held: Mapping[str, Sequence[str]]) -> Alignment:
    """Where orders go after their calls were put to other outages; no crew knows one that goes.

    `parts` in the order of their orders' registration; `held`: the open orders of each outage, the
    first one first. An outage keeps its first order that stays; without one the first order whose
    calls all went there becomes its order, and the others that went there wholly end in it. Calls
    that went without the rest of their order's go to the outage's order, or begin one.
    """
    found = Alignment()
    leaving = {part.order_id for part in parts if part.is_whole}
    for outage, orders in held.items():
        staying = [one for one in orders if one not in leaving]
        if staying:
            found.into[outage] = staying[0]
    for part in (part for part in parts if part.is_whole):
        target = found.into.get(part.outage_id)
        if target is None:
            found.into[part.outage_id] = part.order_id
            found.goes[part.order_id] = part.outage_id
        else:
            found.merges[part.order_id] = target
    for part in (part for part in parts if not part.is_whole):
        _leave(found, part)
    return found


def _leave(found: Alignment, part: Part) -> None:
    target = found.into.get(part.outage_id)
    if target is None:
        found.begins.setdefault(part.outage_id, []).append(part.reports)
    else:
        found.joins.setdefault(target, []).extend(part.reports)
    found.leaves.setdefault(part.outage_id, []).append(part.order_id)
