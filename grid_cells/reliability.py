"""Reliability of supply by IEEE 1366 and DL/T 836: how often and how long people had no power.

Sources: IEEE Std 1366-2012, clauses 3 and 4 (indices), 3.5 and annex B (major event days);
DL/T 836.1-2016 (user-based indices of supply reliability). What each counts is kept in a `Rule`,
and every figure carries the words of the rule it was made by.
"""

from dataclasses import dataclass
from typing import Final, Literal

import pandas as pd

Basis = Literal["lv_customer", "mv_user"]

FEW_SERVED: Final = 100
"""Below so many served, one interruption moves the indices by more than a hundredth."""


@dataclass(frozen=True)
class Rule:
    """What is counted: by which standard, on which basis, from how long on, and which kinds.

    sustained_min: an interruption longer than so many minutes is sustained, else momentary.
    kinds: kinds of outages that count; None counts all. few_served: fewer served are marked, since
    one interruption moves their indices a lot.
    """

    standard: str
    edition: str
    basis: Basis
    sustained_min: float
    kinds: frozenset[str] | None = None
    few_served: int = FEW_SERVED


IEEE_1366: Final = Rule("IEEE 1366", "2012", "lv_customer", 5.0)
DLT_836: Final = Rule("DL/T 836", "2016", "mv_user", 3.0)


def indices(
    interruptions: pd.DataFrame, served: pd.Series, rule: Rule, *, period_min: float
) -> pd.DataFrame:
    """Indices of each place over a period, by the places of `served`.

    interruptions: place, who (customer or user; missing where only counts are known), customers
    (1 where who is known), kind, minutes. served: customers (or users) by place. Result by place:
    served, interruptions, customer_minutes, saidi (min), saifi, caidi (min, NaN without an
    interruption), asai (share), maifi, is_few.

    SAIDI = Σ rᵢNᵢ / N, SAIFI = Σ Nᵢ / N, CAIDI = SAIDI / SAIFI, ASAI = 1 - SAIDI / T, of sustained
    interruptions; MAIFI = Σ Nᵢ / N of momentary ones, each counted: not MAIFI_E, which counts all
    within some minutes as one event and leaves out those that a sustained one follows.
    """
    counted = of_kinds(interruptions, rule)
    lasting = counted["minutes"] > rule.sustained_min
    sums = pd.DataFrame(
        {
            "interruptions": counted["customers"].where(lasting, 0),
            "customer_minutes": (counted["customers"] * counted["minutes"]).where(lasting, 0.0),
            "momentary": counted["customers"].where(~lasting, 0),
        }
    ).groupby(counted["place"]).sum()  # fmt: skip
    told = sums.reindex(served.index).fillna(0.0)
    n = served.where(served > 0).astype(float)
    told.insert(0, "served", served)
    told["saidi"] = told["customer_minutes"] / n
    told["saifi"] = told["interruptions"] / n
    told["caidi"] = told["saidi"] / told["saifi"].where(told["saifi"] > 0)
    told["asai"] = 1.0 - told["saidi"] / period_min
    told["maifi"] = told.pop("momentary") / n
    told["is_few"] = served < rule.few_served
    return told


def of_kinds(interruptions: pd.DataFrame, rule: Rule) -> pd.DataFrame:
    """The interruptions whose kind counts by the rule."""
    if rule.kinds is None:
        return interruptions
    return interruptions[interruptions["kind"].isin(rule.kinds)]


def cemi(interruptions: pd.DataFrame, served: pd.Series, rule: Rule, *, n: int) -> pd.Series:
    """CEMI-n by place: the share of customers with n or more sustained interruptions.

    Only interruptions whose customer is known (`who`) can be told apart, so the others are left
    out. IEEE 1366-2012 counts n or more; the edition of 2003 counted more than n.
    """
    counted = of_kinds(interruptions, rule)
    known = counted[(counted["minutes"] > rule.sustained_min) & counted["who"].notna()]
    each = known.groupby(["place", "who"]).size()
    hit = (each >= n).groupby(level="place").sum()
    return hit.reindex(served.index).fillna(0) / served.where(served > 0)


def frequent(
    interruptions: pd.DataFrame,
    rule: Rule,
    *,
    times: int,
    days: int,
    since: pd.Timestamp | None = None,
) -> pd.Series:
    """Customers with so many sustained interruptions within so many days: who → the worst count.

    The span is any stretch of `days` days, not the calendar's; it ends with an interruption that
    began at `since` or later, so that the days before a period count for its first ones.
    """
    counted = of_kinds(interruptions, rule)
    known = counted[(counted["minutes"] > rule.sustained_min) & counted["who"].notna()]
    repeated = known.groupby("who")["who"].transform("size") >= times
    held = known[repeated].sort_values(["who", "began"])
    most = _most_within(held, pd.Timedelta(days=days), since)
    return most[most >= times]


def _most_within(held: pd.DataFrame, span: pd.Timedelta, since: pd.Timestamp | None) -> pd.Series:
    """The largest number of rows of each person within a span that ends at `since` or later."""
    ones = held.assign(one=1).set_index("began").groupby("who")["one"]
    if held.empty:
        return pd.Series(dtype="int64")
    within = ones.rolling(span).sum()
    if since is not None:
        within = within[within.index.get_level_values("began") >= since]
    return within.groupby(level="who").max().astype("int64")


def places_of_cells(homes: pd.DataFrame) -> pd.Series:
    """The place where most of each cell's customers count: cell_id → place.

    homes: cell_id, place, a row a customer; those without either are left out. Of places with
    equally many the first in order is taken.
    """
    held = homes.dropna(subset=["cell_id", "place"])
    counted = held.groupby(["cell_id", "place"], as_index=False).size()
    ordered = counted.sort_values(["cell_id", "size", "place"], ascending=[True, False, True])
    return ordered.drop_duplicates("cell_id").set_index("cell_id")["place"]
