"""Outages as they are drawn, and the files of outages and of their steps."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from grid_cells.sample_city.ground import Ints, to_lon_lat
from grid_cells.sample_city.moments import unknown
from grid_cells.sample_city.network import Network


@dataclass(frozen=True)
class Section:
    """Transformers of an outage that a switch brings back together, before or at its end."""

    at: pd.Timestamp
    transformers: Ints


@dataclass(frozen=True)
class Outage:
    """One outage before it becomes a row: transformers, times, and what is said of it.

    `sections` are the steps of its restoration, none where all come back at once. `behind` is the
    first transformer of the wider outage behind which this one lies, -1 for none.
    """

    transformers: Ints
    kind: str
    status: str
    cause: str
    started: pd.Timestamp
    estimated: pd.Timestamp
    restored: pd.Timestamp | None
    sections: tuple[Section, ...] = ()
    behind: int = -1
    outage_id: str = ""


def numbered(outages: list[Outage]) -> tuple[Outage, ...]:
    """The outages, oldest first, each with its id."""
    held = sorted(outages, key=lambda one: (one.started, int(one.transformers[0])))
    ids = [f"OT-{one.started:%y%m%d}-{n:03d}" for n, one in enumerate(held, start=1)]
    return tuple(_named(one, code) for one, code in zip(held, ids, strict=True))


def _named(one: Outage, code: str) -> Outage:
    return Outage(**{**one.__dict__, "outage_id": code})


def outage_frame(network: Network, outages: tuple[Outage, ...]) -> pd.DataFrame:
    """The file's columns of `outages`, in the order given."""
    frame = pd.DataFrame([_columns(network, one) for one in outages])
    frame["restored_at"] = pd.to_datetime(frame["restored_at"], utc=True).astype(
        "datetime64[us, UTC]"
    )
    frame["parent_outage_id"] = pd.array([_parent(one, outages) for one in outages], dtype="str")
    return frame


def _parent(one: Outage, outages: tuple[Outage, ...]) -> str | None:
    """Id of the outage that lasts while `one` begins and has the transformer it lies behind."""
    if one.behind < 0:
        return None
    wider = (
        other.outage_id
        for other in outages
        if other.sections and one.behind in other.transformers and other.started <= one.started
    )
    return next(wider, None)


def _columns(network: Network, one: Outage) -> dict[str, object]:
    own = one.transformers
    weight = network.customers[own]
    middle = np.average(np.column_stack([network.x[own], network.y[own]]), axis=0, weights=weight)
    lon, lat = to_lon_lat(middle[:1], middle[1:])
    return {
        "outage_id": one.outage_id,
        "kind": one.kind,
        "status": one.status,
        "cause": one.cause,
        "scope": scope_of(network, own),
        "started_at": one.started,
        "estimated_restore_at": one.estimated,
        "restored_at": one.restored,
        "customers_affected": int(weight.sum()),
        "lon": float(lon[0]),
        "lat": float(lat[0]),
    }


def scope_of(network: Network, transformers: Ints) -> str:
    """What is out, as files say it."""
    ids = sorted(network.transformer_id[transformers].tolist())
    return ";".join(f"transformer:{code}" for code in ids)


def step_frame(network: Network, outages: tuple[Outage, ...]) -> pd.DataFrame:
    """The file's columns of `outage_steps`: the sections of each outage that came back so."""
    rows = [
        {
            "outage_id": one.outage_id,
            "step_at": section.at,
            "change": "restored",
            "scope": scope_of(network, section.transformers),
            "customers": int(network.customers[section.transformers].sum()),
        }
        for one in outages
        for section in one.sections
    ]
    return pd.DataFrame(rows)


def back_at(one: Outage) -> pd.Series:
    """When each transformer of an outage has power again, by transformer; NaT: not known yet."""
    end = one.restored if one.restored is not None else pd.NaT
    back = unknown(len(one.transformers)).set_axis(one.transformers)
    back[:] = end
    for section in one.sections:
        back[np.isin(one.transformers, section.transformers)] = section.at
    return back
