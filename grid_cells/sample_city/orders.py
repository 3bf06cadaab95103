"""Work orders of the city: those that answer calls, and the chores of the last day and the next."""

from datetime import date

import numpy as np
import pandas as pd

from grid_cells.sample_city.chores import chore_frame
from grid_cells.sample_city.ground import stream
from grid_cells.sample_city.layout import Layout

_CALL = "FR-"
WAITING = ("fault", "hazard")
"""Service types for which a crew must come."""
_RATED, _BEST = 0.62, (0.02, 0.03, 0.10, 0.30, 0.55)
_UNRATED = ("nobody_there", "refused", "later_by_phone")
_PUT_AWAY_MIN = (15.0, 90.0)
_SURVEYED, _REPAIRED = (0.15, 0.45), (0.75, 0.95)
_OF_CALLER = {
    "customer_no": "customer_no", "address": "address", "phone": "phone", "contact": "caller",
}  # fmt: skip
_STAMPS = ("told_at", "accepted_at", "arrived_at")


def order_frame(
    layout: Layout, own: dict[str, pd.DataFrame], *, end: date, seed: int
) -> pd.DataFrame:
    """The file's columns of `work_orders`; `own`: the city's frames with reports and outages."""
    scopes = own["outages"].set_index("outage_id")["scope"].astype("object")
    lines = scopes.str.extract(r"transformer:([^;]+)", expand=False)
    repairs = repair_frame(own["fault_reports"], lines, stream(seed, 55))
    chores = chore_frame(layout, own, end=end, rng=stream(seed, 56))
    frame = pd.concat([repairs, chores], ignore_index=True)
    frame = frame.sort_values(["registered_at", "order_id"], kind="stable", ignore_index=True)
    texts = [name for name in frame if frame[name].dtype == object]
    return frame.astype(dict.fromkeys(texts, "str"))


def repair_frame(
    reports: pd.DataFrame, lines_of: "pd.Series[str]", rng: np.random.Generator
) -> pd.DataFrame:
    """One repair for the calls of each outage and for each lone call, by the first call's crew.

    `lines_of`: a transformer of each outage, by its id, to which the crew goes.
    """
    calls = reports[reports["service_type"].isin(WAITING) & reports["told_at"].notna()]
    lone = calls["outage_id"].isna()
    calls = calls.assign(key=calls["outage_id"].where(~lone, calls["report_id"]))
    calls = calls.sort_values(["registered_at", "report_id"], kind="stable")
    grouped = calls.groupby("key", sort=False)
    first = grouped.first()
    ids = grouped["report_id"].agg(";".join)
    back = grouped["restored_at"].max()
    alone = grouped.size() == 1
    count = len(first)
    frame = pd.DataFrame(
        {
            "order_id": [f"WO-{one[len(_CALL) :]}" for one in first.index],
            "kind": "repair", "registered_at": first["registered_at"].to_numpy(),
            "fault_class": first["fault_class"].to_numpy(dtype=object),
            "crew_id": first["crew_id"].to_numpy(dtype=object),
            "outage_id": first.index.where(first.index.str.startswith("OT-"), None),
            "report_ids": ids.to_numpy(dtype=object),
            **{name: first[name].to_numpy() for name in _STAMPS},
            "restored_at": back.to_numpy(),
        }
    )  # fmt: skip
    is_alone = alone.to_numpy()
    for name, given in _OF_CALLER.items():
        frame[name] = first[given].where(alone).to_numpy(dtype=object)
    lines = first["outage_id"].map(lines_of).where(~alone, first["transformer_id"])
    frame["transformer_id"] = lines.to_numpy(dtype=object)
    for name in ("lon", "lat"):
        frame[name] = np.where(is_alone, first[name].to_numpy(float), np.nan)
    return _ended(frame, is_alone, rng, count)


def _ended(
    frame: pd.DataFrame, alone: np.ndarray, rng: np.random.Generator, count: int
) -> pd.DataFrame:
    """When the crew had looked and repaired, what the customer gave, when all was put away."""
    there, back = frame["arrived_at"], frame["restored_at"]
    there = there.where(there <= back, back)
    span = (back - there).dt.total_seconds().to_numpy()
    looked = there + pd.to_timedelta(np.round(span * rng.uniform(*_SURVEYED, count)), unit="s")
    mended = there + pd.to_timedelta(np.round(span * rng.uniform(*_REPAIRED, count)), unit="s")
    away = back + pd.to_timedelta(np.round(rng.uniform(*_PUT_AWAY_MIN, count) * 60), unit="s")
    is_rated = alone & (rng.random(count) < _RATED)
    grade = rng.choice(np.arange(1, 6), count, p=_BEST)
    why = rng.choice(np.array(_UNRATED, dtype=object), count)
    why[~alone] = "many_customers"
    why[is_rated] = None
    return frame.assign(
        arrived_at=there, surveyed_at=looked, repaired_at=mended, archived_at=away,
        rating=pd.array(np.where(is_rated, grade, 0), dtype="Int64"),
        unrated_reason=why,
    ).assign(rating=lambda held: held["rating"].mask(held["rating"] == 0))  # fmt: skip
