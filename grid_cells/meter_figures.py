"""How far the meters of a place, a terminal or a maker are to be believed, side by side."""

from typing import Final

import pandas as pd

from grid_cells.reading_quality import FINDINGS

FEW: Final = ""
"""In place of a name: places with too few meters, told together."""
COUNTS: Final = ("meters", "due", *FINDINGS)


def rated(sums: pd.DataFrame) -> pd.DataFrame:
    """The sums with quality and excess_days, those that lose more than usual first.

    `sums`: name, COUNTS (meters, else meter days), bad (meter days lost, a spike counting half a
    day, a zero in doubt a quarter). quality: 1 − bad ÷ due, NaN where nothing was due. excess_days:
    bad days beyond the share of all rows together.
    """
    due = sums["due"].where(sums["due"] > 0)
    usual = float(sums["bad"].sum() / due.sum()) if due.notna().any() else 0.0
    found = sums.assign(
        quality=1 - sums["bad"] / due, excess_days=sums["bad"] - usual * sums["due"]
    )
    ordered = found.sort_values(["excess_days", "due", "name"], ascending=[False, False, True])
    return ordered.reset_index(drop=True)


def few_together(sums: pd.DataFrame, least: int) -> pd.DataFrame:
    """The sums with all rows of fewer than `least` meters as one row named FEW.

    Where these have too few together the smallest other row joins them; where nothing else is there
    they are dropped. Columns beside name are added up.
    """
    ordered = sums.sort_values(["meters", "name"], kind="stable").reset_index(drop=True)
    few = ordered["meters"] < least
    while 0 < ordered.loc[few, "meters"].sum() < least and not few.all():
        few.iloc[int(few.sum())] = True
    kept = ordered[~few]
    if not few.any() or ordered.loc[few, "meters"].sum() < least:
        return kept.reset_index(drop=True)
    together = ordered[few].drop(columns="name").sum(numeric_only=True).to_frame().T
    return pd.concat([kept, together.assign(name=FEW)], ignore_index=True)
