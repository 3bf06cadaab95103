"""Messages about outages for a public map, after the classes of IEC 61968-3.

Names are those of the Common Information Model (Outage, PlannedOutage, UnplannedOutage,
OutageArea, OutageStatusKind); the messages are in its manner and do not claim a profile's
conformance. They name no customer, no equipment and no scope, and tell no number of customers
smaller than a limit.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import shapely

_PLANNED: Final = frozenset({"planned", "urgent", "customer", "load_limit"})


@dataclass(frozen=True)
class PublicOutage:
    """What may be said of an outage, or of several small ones of a community together.

    out, ever: customers out now and altogether; cells: where, already rolled up to groups of cells
    in which enough people live; is_rolled_up: whether it stands for several.
    """

    mrid: str
    community: str | None
    kind: str
    cause: str | None
    started_at: datetime
    estimated_restore_at: datetime | None
    restored_at: datetime | None
    out: int
    ever: int
    area: shapely.MultiPolygon
    is_rolled_up: bool = False


def message(outage: PublicOutage, *, at: datetime, least: int) -> dict[str, Any]:
    """The outage as a mapping for JSON; numbers below `least` are left out (None)."""
    is_planned = outage.kind in _PLANNED
    period = {"start": _iso(outage.started_at), "end": _iso(outage.restored_at)}
    expected = {"start": _iso(outage.started_at), "end": _iso(outage.estimated_restore_at)}
    return {
        "class": "PlannedOutage" if is_planned else "UnplannedOutage",
        "mRID": outage.mrid,
        "communityDescriptor": outage.community,
        "outageKind": _status(outage, at),
        "startTime": _iso(outage.started_at),
        "estimatedRestorationTime": _iso(outage.estimated_restore_at),
        "actualPeriod": period if outage.started_at <= at else None,
        "estimatedPeriod": expected,
        "metersAffected": told(outage.out if outage.started_at <= at else outage.ever, least),
        "originalMetersAffected": told(outage.ever, least),
        "cause": outage.cause,
        "summary": {"kind": outage.kind, "isRolledUp": outage.is_rolled_up},
        "outageArea": _area(outage.area),
    }


def told(count: int, least: int) -> int | None:
    """A number of customers that may be told: none of a few."""
    return count if count == 0 or count >= least else None


def _status(outage: PublicOutage, at: datetime) -> str:
    """OutageStatusKind of the model."""
    if outage.restored_at is not None:
        return "restored"
    if outage.started_at > at:
        return "predicted"
    return "partiallyRestored" if outage.out < outage.ever else "confirmed"


def _area(area: shapely.MultiPolygon) -> dict[str, Any] | None:
    if area.is_empty:
        return None
    middle = area.representative_point()
    return {
        "outageAreaKind": "cells",
        "centre": {"lon": round(middle.x, 5), "lat": round(middle.y, 5)},
        "geometry": shapely.geometry.mapping(shapely.set_precision(area, 1e-6)),
    }


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat(timespec="seconds")


def envelope(
    messages: Sequence[Mapping[str, Any]], *, at: datetime, source: str, least: int
) -> dict[str, Any]:
    """The messages under a header in the manner of IEC 61968-100."""
    return {
        "Header": {
            "Verb": "created", "Noun": "Outages", "Timestamp": _iso(at), "Source": source,
            "Comment": f"Counts below {least} customers are not told; datum WGS-84",
        },
        "Payload": {"Outages": list(messages)},
    }  # fmt: skip
