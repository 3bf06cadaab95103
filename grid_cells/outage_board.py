"""The open outages of a moment as a list, which of them are wanted, and the figures above them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

import numpy as np
import pandas as pd

from grid_cells import outage_film as film

Only = Literal["important", "overdue", "silent"]
ONLY: Final[tuple[Only, ...]] = ("important", "overdue", "silent")
_MINUTE_S: Final = 60


@dataclass(frozen=True)
class Wish:
    """Which outages are wanted; an empty choice of codes wants them all.

    least: customers out at once at the most of the outage; only: with important customers or life
    support in it, past its estimate, without news for half an hour.
    """

    kinds: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    unit_ids: tuple[str, ...] = ()
    causes: tuple[str, ...] = ()
    least: int = 0
    only: tuple[Only, ...] = ()


def wanted(outages: pd.DataFrame, wish: Wish) -> "pd.Series[bool]":
    """Whether each outage is wanted, apart from what only a moment can tell, as its status."""
    keep = outages["customers"] >= wish.least
    choices = {
        "kind": wish.kinds, "unit_id": wish.unit_ids, "cause": wish.causes,
    }  # fmt: skip
    for name, chosen in choices.items():
        if chosen:
            keep &= outages[name].isin(chosen)
    if "important" in wish.only:
        keep &= outages["marked"] > 0
    return keep


def announced(outages: pd.DataFrame, wish: Wish) -> "pd.Series[bool]":
    """As `wanted`, of outages that have not begun: their status is that of now."""
    keep = wanted(outages, wish)
    return keep & outages["status"].isin(wish.statuses) if wish.statuses else keep


def has_status(wish: Wish, status: str) -> bool:
    """Whether outages that stand so at the moment are wanted; `in_force` are those on a map."""
    return not wish.statuses or status in wish.statuses


SILENT_AFTER: Final = timedelta(minutes=30)
"""So long nobody may have told anything of an open outage before it is called silent."""


def board(
    outages: pd.DataFrame,
    spans: pd.DataFrame,
    told: pd.DataFrame,
    at: datetime,
    silent_after: timedelta = SILENT_AFTER,
) -> pd.DataFrame:
    """The outages in force at the moment, most customers first, as known then.

    As `outages`, with customers, important, life_support and marked those out now; estimate;
    left_min (minutes until the estimate, negative once it is past, missing without one); news_at;
    out_min; is_overdue; is_silent.
    """
    held = film.open_at(outages, at)
    now = film.by_outage(spans, at).reindex(held["outage_id"]).fillna(0).astype("int64")
    estimate, news = film.estimates_at(held, told, at), film.news_at(held, told, at)
    left = _minutes(estimate, at)
    found = held.assign(
        **{name: now[name].to_numpy() for name in now.columns},
        status="in_force", estimate=estimate, left_min=left, news_at=news,
        out_min=-_minutes(held["started_at"], at),
        is_overdue=left < 0, is_silent=pd.Timestamp(at) - news > silent_after,
    )  # fmt: skip
    return found.sort_values(["customers", "started_at"], ascending=[False, True])


def of_moment(rows: pd.DataFrame, wish: Wish) -> pd.DataFrame:
    """Of a board those rows that the wish wants at its moment, at which all are in force."""
    if not has_status(wish, "in_force"):
        return rows.head(0)
    for name, column in (("overdue", "is_overdue"), ("silent", "is_silent")):
        if name in wish.only:
            rows = rows[rows[column]]
    return rows


def ahead(outages: pd.DataFrame, at: datetime | None) -> pd.DataFrame:
    """Outages announced, the next first: all of them, or those in force at the moment."""
    held = outages if at is None else film.open_at(outages, at)
    length = (held["ended_at"] - held["started_at"]).dt.total_seconds() / _MINUTE_S
    return held.assign(out_min=length).sort_values(["started_at", "outage_id"])


def figures(rows: pd.DataFrame, spans: pd.DataFrame, at: datetime) -> dict[str, float]:
    """Of a board: customers_out, outages_open, important_out, overdue, silent, longest_min.

    Persons count once, whatever marks they have and in however many outages they are.
    """
    counted = spans[spans["outage_id"].isin(rows["outage_id"])]
    return {
        "customers_out": float(film.customers_out(counted, at)),
        "outages_open": float(len(rows)),
        "important_out": float(film.marked_out(counted, at)),
        "overdue": float(rows["is_overdue"].sum()),
        "silent": float(rows["is_silent"].sum()),
        "longest_min": float(rows["out_min"].max()) if len(rows) else 0.0,
    }


def closed(outages: pd.DataFrame, first: datetime) -> pd.DataFrame:
    """The outages that ended since `first`, the last first, with out_min: minutes it took."""
    over = outages[outages["ended_at"].notna() & (outages["ended_at"] >= pd.Timestamp(first))]
    length = (over["ended_at"] - over["started_at"]).dt.total_seconds() / _MINUTE_S
    return over.assign(out_min=length).sort_values(["ended_at", "outage_id"], ascending=False)


def _minutes(moments: pd.Series, at: datetime) -> pd.Series:
    """Minutes from the moment until each one."""
    seconds = (moments - pd.Timestamp(at)).dt.total_seconds()
    whole: pd.Series = (seconds / _MINUTE_S).apply(np.floor)
    return whole
