"""Interruptions of supply: who was without power from when to when, whatever the outages said.

An outage is what the control room keeps: it begins, puts more people out, restores some, ends. An
interruption is what one customer lives through. One outage restored in three steps is three lots
of interruptions; a fault that stays behind a restored feeder is one interruption and not two.

Moments are datetime64, minutes are counted to the microsecond and never rounded.
"""

from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from grid_cells.errors import UserError

SECONDS_A_MINUTE: Final = 60.0
LOT_COLUMNS: Final = ["outage_id", "began", "ended", "customers"]


def merged(spans: pd.DataFrame) -> pd.DataFrame:
    """Interruptions of each customer from their spans in outages: spans that overlap are one.

    spans: who, outage_id, began, ended, kind; a span that is not over has NaT as its end. Result:
    who, outage_id, kind (of the outage that came first), began, ended, in order of who and began.
    A span that begins the moment another ends continues it: a nested outage stays open under its
    parent, and its customers had no power in between.
    """
    columns = ["who", "outage_id", "kind", "began"]
    if spans.empty:
        return spans[[*columns, "ended"]]
    code, _ = pd.factorize(spans["who"], sort=True)
    rank, ends = pd.factorize(_comparable(spans["ended"]), sort=True)
    order = np.lexsort((rank, spans["began"].to_numpy("datetime64[us]"), code))
    held, code = spans.iloc[order], code[order]
    # the latest end so far of each person in one pass: everybody's ranks lie above those before
    reached = np.maximum.accumulate(code * len(ends) + rank[order]) - code * len(ends)
    latest = pd.Series(ends[reached])
    goes_on = (code[1:] == code[:-1]) & ~(held["began"].array[1:] > latest.array[:-1])
    first = np.flatnonzero(np.append(True, ~goes_on))
    last = np.append(first[1:], len(held)) - 1
    made = held.iloc[first][columns].reset_index(drop=True)
    return made.assign(ended=_known(latest.iloc[last]).array)


def _never(moments: pd.Series) -> pd.Timestamp:
    """A moment after every other, for ends that are not known yet."""
    zone = getattr(moments.dtype, "tz", None)
    return pd.Timestamp("2200-01-01", tz=zone)


def _known(ends: pd.Series) -> pd.Series:
    return ends.where(ends < _never(ends))


def _comparable(ended: pd.Series) -> pd.Series:
    return ended.fillna(_never(ended))


def lots(steps: pd.DataFrame) -> pd.DataFrame:
    """Lots of customers that were out for the same time, from an outage's steps.

    steps: outage_id, at, change (customers: + out, - restored), in any order. Result: outage_id,
    began, ended (NaT: still out), customers. Steps tell counts and not names, so those who went
    out first are taken to come back first. Customer minutes are those of the steps to the last.
    Raises UserError `steps_restore_too_many` where a step restores more than are out.
    """
    rows = []
    ordered = steps.sort_values(["outage_id", "at", "change"], ascending=[True, True, False])
    for outage_id, held in ordered.groupby("outage_id", sort=True):
        rows += _lots_of(outage_id, list(zip(held["at"], held["change"], strict=True)))
    moments: Any = steps["at"].dtype
    columns = list(zip(*rows, strict=True)) or [(), (), (), ()]
    types = (steps["outage_id"].dtype, moments, moments, "int64")
    made = zip(LOT_COLUMNS, columns, types, strict=True)
    return pd.DataFrame({name: pd.Series(column, dtype=kind) for name, column, kind in made})


def adding_up(steps: pd.DataFrame) -> pd.DataFrame:
    """The steps, without restorations where one restores more than are out; see `lots`."""
    ordered = steps.sort_values(["outage_id", "at", "change"], ascending=[True, True, False])
    left = ordered.groupby("outage_id")["change"].cumsum()
    wrong = ordered.loc[left < 0, "outage_id"]
    return steps[~(steps["outage_id"].isin(wrong) & (steps["change"] < 0))]


def in_lots(changes: pd.DataFrame) -> pd.DataFrame:
    """Lots from how many went out (+) or came back (-), the one rule for outages told by counts.

    changes: outage_id, began (moment of the change), ended (of the outage; NaT: not over),
    customers (the change), and columns that are the same for all of an outage. Result: the same
    columns, a row for each lot; who came back by no change comes back with the outage.
    """
    steps = changes.rename(columns={"began": "at", "customers": "change"})
    found = lots(adding_up(steps))
    whole = changes.drop(columns=["began", "customers"]).rename(columns={"ended": "over"})
    parts = found.merge(whole.drop_duplicates("outage_id"), on="outage_id")
    parts["ended"] = parts["ended"].fillna(parts["over"])
    made: pd.DataFrame = parts[changes.columns]
    return made


def _lots_of(outage_id: Any, steps: list[tuple[Any, int]]) -> list[tuple[Any, Any, Any, int]]:
    out: list[list[Any]] = []  # [began, customers], oldest first
    done = []
    for at, change in steps:
        if change > 0:
            out.append([at, change])
        left = max(0, -change)
        while left and out:
            taken = min(left, out[0][1])
            done.append((outage_id, out[0][0], at, taken))
            left -= taken
            out[0][1] -= taken
            if not out[0][1]:
                out.pop(0)
        if left:
            raise UserError("steps_restore_too_many", outage=outage_id, at=at, customers=left)
    return done + [(outage_id, began, pd.NaT, count) for began, count in out]


def minutes(interruptions: pd.DataFrame, *, until: pd.Timestamp) -> NDArray[np.float64]:
    """Length of each interruption in minutes; one that is not over counts up to `until`."""
    ended = interruptions["ended"].fillna(until)
    length = (ended - interruptions["began"]).dt.total_seconds().to_numpy(dtype=float)
    return np.maximum(length, 0.0) / SECONDS_A_MINUTE
