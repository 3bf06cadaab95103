"""Fault reports: the calls of the storm, those of ordinary days, and the truth behind each."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from grid_cells.sample_city.calls import Calls
from grid_cells.sample_city.dispatch import Visits, after, nobody
from grid_cells.sample_city.ground import Days, Flags, Floats, Ints, Texts, to_lon_lat
from grid_cells.sample_city.layout import Layout
from grid_cells.sample_city.moments import day_codes
from grid_cells.sample_city.report_words import (
    CHANNEL_SHARES,
    CHANNELS,
    SEEN_BY_TERMINALS,
    WORDINGS,
)

_UNKNOWN_CALLER = 0.05
_RELATIVE = 0.15
_CALLER_M = 25.0


@dataclass(frozen=True, eq=False)
class Reports:
    """Reports before they become rows: `cause` is a key of the wordings.

    `outage_id` is that of the outage that is truly behind the call, `is_grouped` whether the
    control room has put it there; a customer's position counts in the archive.
    """

    customer: Ints
    registered: Days
    visits: Visits
    restored: Days
    cause: Texts
    outage_id: Texts
    is_grouped: Flags


def reports_of(
    calls: Calls, visits: Visits, outage_ids: Texts, cause: Texts, is_grouped: Flags
) -> Reports:
    """Reports of calls about outages; `visits` are by call.

    No moment is before the call itself: who calls when the crew is there already waits no time.
    """
    at, back = calls.at, calls.back
    told, accepted, arrived = (
        np.minimum(np.maximum(moment, at), back)
        for moment in (visits.told, visits.accepted, visits.arrived)
    )
    held = Visits(visits.crew, told, accepted, arrived)
    return Reports(calls.customer, at, held, back, cause, outage_ids, is_grouped)


def single_reports(
    customer: Ints, at: Days, visits: Visits, cause: Texts, rng: np.random.Generator
) -> Reports:
    """Reports that belong to no outage; the crew mends it on the spot."""
    count = len(customer)
    done = after(visits.arrived, rng.uniform(8, 45, count))
    nothing = np.full(count, None, dtype=object)
    return Reports(customer, at, visits, done, cause, nothing, np.zeros(count, dtype=bool))


def enquiries(calls: Calls, cause: Texts, outage_ids: Texts) -> Reports:
    """Questions and complaints, to which nobody is sent; an outage's id is missing for none."""
    never = np.full(len(calls), np.datetime64("NaT", "us"))
    known = np.array([one is not None for one in outage_ids.tolist()], dtype=bool)
    none = nobody(len(calls))
    return Reports(calls.customer, calls.at, none, never, cause, outage_ids, known)


def all_reports(parts: list[Reports]) -> Reports:
    """The reports of all parts, by the moment of registration."""
    whole = Reports(
        _joined(parts, lambda p: p.customer), _joined(parts, lambda p: p.registered),
        Visits(
            _joined(parts, lambda p: p.visits.crew), _joined(parts, lambda p: p.visits.told),
            _joined(parts, lambda p: p.visits.accepted), _joined(parts, lambda p: p.visits.arrived),
        ),
        _joined(parts, lambda p: p.restored), _joined(parts, lambda p: p.cause),
        _joined(parts, lambda p: p.outage_id), _joined(parts, lambda p: p.is_grouped),
    )  # fmt: skip
    order = np.lexsort((whole.customer, whole.registered))
    return Reports(
        whole.customer[order], whole.registered[order], whole.visits.of(order),
        whole.restored[order], whole.cause[order], whole.outage_id[order], whole.is_grouped[order],
    )  # fmt: skip


def _joined(parts: list[Reports], column: Callable[[Reports], np.ndarray]) -> np.ndarray:
    return np.concatenate([column(part) for part in parts])


def report_frames(
    reports: Reports,
    layout: Layout,
    archive: pd.DataFrame,
    crews: pd.DataFrame,
    rng: np.random.Generator,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The file's columns of `fault_reports`, and the truth: report_id, cause, outage_id."""
    count = len(reports.customer)
    ids = _ids(reports.registered)
    channel = rng.choice(np.array(CHANNELS, dtype=object), count, p=CHANNEL_SHARES)
    channel[(channel == "alarm") & ~np.isin(reports.cause, SEEN_BY_TERMINALS)] = "hotline"
    frame = pd.DataFrame(
        {
            "report_id": ids,
            "registered_at": _moments(reports.registered),
            "channel": channel,
            **_who(reports, layout, archive, channel, rng),
            **_words(reports, rng),
            "outage_id": _only(reports.is_grouped, reports.outage_id),
            **_crew_columns(reports, crews),
        }
    )
    truth = pd.DataFrame({"report_id": ids, "cause": reports.cause, "outage_id": reports.outage_id})
    texts = [name for name in frame if frame[name].dtype == object]
    return frame.astype(dict.fromkeys(texts, "str")), truth.astype("str")


def _ids(registered: Days) -> list[str]:
    return [f"FR-{day}-{n:05d}" for n, day in enumerate(day_codes(registered), start=1)]


def _moments(values: Days) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(values.astype("datetime64[us]")).tz_localize("UTC")


def _who(
    reports: Reports,
    layout: Layout,
    archive: pd.DataFrame,
    channel: Texts,
    rng: np.random.Generator,
) -> dict[str, object]:
    """Customer, caller and place: some callers give only a point, alarms only a transformer."""
    own, count = reports.customer, len(reports.customer)
    is_alarm = channel == "alarm"
    is_unknown = ~is_alarm & (rng.random(count) < _UNKNOWN_CALLER)
    is_known = ~is_alarm & ~is_unknown
    people = archive.iloc[own]
    names = people["name"].to_numpy(dtype=object)
    relative = rng.random(count) < _RELATIVE
    lon, lat = _points(layout, own, rng)
    transformer = layout.network.transformer_id[layout.people.recorded[own]]
    return {
        "customer_no": _only(is_known, people["customer_no"].to_numpy(dtype=object)),
        "caller": _only(is_known & ~relative, names),
        "phone": _only(~is_alarm, people["phone"].to_numpy(dtype=object)),
        "address": _only(is_known, people["address"].to_numpy(dtype=object)),
        "lon": np.where(is_unknown, lon, np.nan),
        "lat": np.where(is_unknown, lat, np.nan),
        "transformer_id": _only(is_alarm, transformer),
    }


def _points(layout: Layout, own: Ints, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Where a telephone is: some metres from the customer's box."""
    box = layout.people.box[own]
    off = rng.normal(0, _CALLER_M, (2, len(own)))
    return to_lon_lat(layout.boxes.x[box] + off[0], layout.boxes.y[box] + off[1])


def _only(where: Flags, values: Texts) -> Texts:
    """The values, missing where the flag is not set."""
    held = values.astype(object)
    held[~where] = None
    return held


def _words(reports: Reports, rng: np.random.Generator) -> dict[str, object]:
    said = [WORDINGS[cause] for cause in reports.cause.tolist()]
    draw = rng.random(len(said)).tolist()
    notes = [one.notes[int(part * len(one.notes))] for one, part in zip(said, draw, strict=True)]
    return {
        "service_type": np.array([one.service_type for one in said], dtype=object),
        "fault_class": np.array([one.fault_class or None for one in said], dtype=object),
        "note": np.array(notes, dtype=object),
    }


def _crew_columns(reports: Reports, crews: pd.DataFrame) -> dict[str, object]:
    visits = reports.visits
    codes = np.array([*crews["crew_id"], None], dtype=object)
    return {
        "crew_id": codes[visits.crew],
        "told_at": _moments(visits.told),
        "accepted_at": _moments(visits.accepted),
        "arrived_at": _moments(visits.arrived),
        "restored_at": _moments(reports.restored),
    }
