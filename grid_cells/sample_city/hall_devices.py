"""Machines at the sample city's halls, and what they told of themselves in sixty days."""

from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import pandas as pd

from grid_cells.sample_city.ground import Flags, Texts
from grid_cells.sample_city.moments import days_before, utc

DAYS: Final = 60
_SESSION_DAYS: Final = 7
_HOUR: Final = pd.Timedelta(hours=1)
_CONTENT, _OLD_CONTENT = "2026.07.2", "2026.06.4"
Fault = tuple[int, pd.Timestamp, pd.Timestamp | None, str]
Told = tuple[str, str, pd.Timestamp, str | None]
# kind: how many at halls of grade A, B, C; makers: model, first year, faults in sixty days
_KINDS: Final[dict[str, tuple[tuple[int, int, int], tuple[tuple[str, str, int, float], ...]]]] = {
    "queue_machine": ((1, 1, 1), (("华创", "QM-300", 2019, 0.6), ("Northline", "Q5", 2022, 0.2))),
    "service_terminal": ((2, 1, 0), (("华创", "ST-80", 2021, 1.0), ("汇联", "HL-Z2", 2023, 0.5))),
    "payment_terminal": ((1, 1, 1), (("汇联", "HL-P1", 2018, 2.4), ("华创", "PT-20", 2022, 0.6))),
    "invoice_printer": ((1, 1, 0), (("汇联", "HL-F3", 2020, 1.6),)),
    "media_player": ((2, 1, 1), (("Northline", "MP-7", 2020, 0.4),)),
    "counter_screen": ((1, 0, 0), (("华创", "CS-2", 2021, 0.2),)),
}
_SPARES: Final = ("payment_terminal", "queue_machine")
_FAULTS: Final = ("paper", "network", "screen", "payment", "out_of_order")


@dataclass(frozen=True, eq=False)
class DeviceLog:
    """What machines told.

    event_key, device_id, event, happened_at, received_at, detail, told_by.
    """

    events: pd.DataFrame


def device_frame(halls: pd.DataFrame, *, end: date, rng: np.random.Generator) -> pd.DataFrame:
    """The file's columns of `devices`: machines by the halls' grades, two spares, one retired."""
    rows = []
    for hall, grade in zip(halls["hall_id"], halls["grade"], strict=True):
        for kind, (many, makers) in _KINDS.items():
            for _ in range(many["ABC".index(grade)]):
                rows.append((hall, kind, *makers[int(rng.integers(len(makers)))][:3], "in_use"))  # noqa: PERF401 - two loops
    first = halls["hall_id"].iloc[0]
    rows += [(first, kind, *_KINDS[kind][1][-1][:3], "spare") for kind in _SPARES]
    rows.append((first, "media_player", "Northline", "MP-5", 2015, "retired"))
    table = pd.DataFrame(rows, columns=["hall_id", "kind", "maker", "model", "since", "status"])
    bought = [date(year, 3, 1).toordinal() for year in table.pop("since")]
    age = (rng.random(len(table)) * (end.toordinal() - 90 - np.array(bought))).astype(np.int64)
    table["installed_on"] = [date.fromordinal(b + int(a)) for b, a in zip(bought, age, strict=True)]
    plays = table["kind"] == "media_player"
    table["content_version"] = plays.map({True: _CONTENT, False: None})
    oldest = table.index[plays & (table["status"] == "in_use")][-1]
    table.loc[oldest, "content_version"] = _OLD_CONTENT
    is_terminal = table["kind"] == "service_terminal"
    table["functions"] = is_terminal.map({True: "billing;payment;invoice", False: None})
    table.insert(0, "device_id", [f"HD-{n:03d}" for n in range(1, len(table) + 1)])
    return table


def device_log(devices: pd.DataFrame, *, end: date, rng: np.random.Generator) -> DeviceLog:
    """Hourly heartbeats to the end of the last day, faults with their repairs, a week of sessions.

    At 19:40 of the last day two faults stand, one queue machine has been silent since 14:00, and
    somebody has stood at a payment terminal since 19:26.
    """
    used = devices[devices["status"] == "in_use"].reset_index(drop=True)
    ids = used["device_id"].to_numpy(dtype=object)
    pay, printers = (
        np.flatnonzero(used["kind"] == k) for k in ("payment_terminal", "invoice_printer")
    )
    late = int(np.flatnonzero(used["kind"] == "queue_machine")[-1])
    stands = [(int(pay[1]), 1, "16:20", "paper"), (int(printers[-1]), 0, "09:10", "network")]
    faults = _past_faults(used, end, rng, {place for place, *_ in stands})
    faults += [
        (place, utc(days_before(end, ago), clock), None, code) for place, ago, clock, code in stands
    ]
    rows: list[Told] = [(ids[p], "fault", at, code) for p, at, _, code in faults]
    rows += [(ids[p], "repaired", to, None) for p, _, to, _ in faults if to is not None]
    self_service = np.flatnonzero(used["kind"].isin(["payment_terminal", "service_terminal"]))
    rows += _sessions(ids[self_service], end, rng)
    rows += [(ids[pay[0]], "dwell_began", utc(end, "19:26"), None),
             (ids[pay[0]], "dwell_ended", utc(end, "19:52"), None)]  # fmt: skip
    told = pd.DataFrame(rows, columns=["device_id", "event", "happened_at", "detail"])
    beats = _beats(ids, end, rng)
    beats = beats[~_silent(beats, ids, faults, (late, utc(end, "14:00")))]
    table = pd.concat([beats, told], ignore_index=True)
    table = table.sort_values(["happened_at", "device_id"], kind="stable", ignore_index=True)
    table["received_at"] = table["happened_at"] + pd.Timedelta(seconds=3)
    table["event_key"] = [f"sample-{n:06d}" for n in range(1, len(table) + 1)]
    return DeviceLog(table.assign(told_by=None))


def _past_faults(
    used: pd.DataFrame, end: date, rng: np.random.Generator, spared: set[int]
) -> list[Fault]:
    """Faults that were repaired: more of makers whose machines fail more, one at a time."""
    rate = {
        (maker, model): faults
        for _, makers in _KINDS.values()
        for maker, model, _, faults in makers
    }
    found: list[Fault] = []
    for place, (maker, model) in enumerate(zip(used["maker"], used["model"], strict=True)):
        days = np.sort(
            rng.choice(
                np.arange(4, DAYS - 1, 4),
                min(int(rng.poisson(rate[maker, model])), 8),
                replace=False,
            )
        )
        for day in days[::-1].tolist():
            begins = utc(days_before(end, day), "08:00") + _HOUR * float(rng.integers(0, 9))
            lasts = _HOUR * float(np.round(rng.gamma(2.0, 7.0) + 1, 1))
            ends = min(begins + lasts, begins + _HOUR * 72)
            code = _FAULTS[int(rng.integers(len(_FAULTS)))]
            if place not in spared or day > 4:  # noqa: PLR2004 - the fault that stands is its own
                found.append((place, begins, ends, code))
    return found


def _beats(ids: Texts, end: date, rng: np.random.Generator) -> pd.DataFrame:
    """One heartbeat an hour, each device at a minute of its own; one in five hundred is lost."""
    first = utc(days_before(end, DAYS))
    hours = np.arange((DAYS + 1) * 24)
    minute = rng.integers(0, 40, len(ids))
    at = (
        first.to_datetime64()
        + hours[None, :] * np.timedelta64(3600, "s")
        + minute[:, None] * np.timedelta64(60, "s")
    )
    kept = rng.random(at.shape) > 0.002  # noqa: PLR2004
    device = np.broadcast_to(ids[:, None], at.shape)
    moments = pd.Series(at[kept]).dt.tz_localize("UTC").astype("datetime64[us, UTC]")
    return pd.DataFrame(
        {"device_id": device[kept], "event": "beat", "happened_at": moments, "detail": None}
    )


def _silent(
    beats: pd.DataFrame, ids: Texts,
    faults: list[Fault],
    late: tuple[int, pd.Timestamp],
) -> Flags:  # fmt: skip
    """Heartbeats that never came: of machines dead while broken, and of the silent one."""
    at, device = beats["happened_at"], beats["device_id"]
    gone = ((device == ids[late[0]]) & (at > late[1])).to_numpy(bool, copy=True)
    for place, begins, ends, code in faults:
        if code in ("network", "out_of_order"):
            mine = (device == ids[place]) & (at >= begins)
            gone |= (mine & (at < ends) if ends is not None else mine).to_numpy(bool)
    return np.asarray(gone, dtype=np.bool_)


def _sessions(ids: Texts, end: date, rng: np.random.Generator) -> list[Told]:
    """People at self-service screens in the last week, one after the other."""
    rows: list[Told] = []
    for device in ids.tolist():
        for ago in range(_SESSION_DAYS, -1, -1):
            begins = utc(days_before(end, ago), "08:40") + pd.Timedelta(minutes=1) * int(
                rng.integers(0, 40)
            )
            for gap, lasts in zip(
                rng.integers(40, 130, 6).tolist(), rng.gamma(3.0, 70.0, 6).tolist(), strict=True
            ):
                ends = begins + pd.Timedelta(seconds=int(lasts) + 40)
                rows += [(device, "dwell_began", begins, None), (device, "dwell_ended", ends, None)]
                begins += pd.Timedelta(minutes=int(gap))
    return rows
