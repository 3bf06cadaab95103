"""Who hands over to whom when units change area: people and crews, with customers and hours."""

from typing import Final

import pandas as pd

SAID_WHEN_VACANT: Final = ("manager", "repair")
"""Duties of which a list of touched people says that nobody has them."""
WORK: Final = ("customers", "hours")
COLUMNS: Final = (
    "holder_id", "duty", "areas", "customers_gained", "customers_lost", "hours_gained",
    "hours_lost",
)  # fmt: skip


def touched(changes: pd.DataFrame, holders: pd.DataFrame) -> pd.DataFrame:
    """Who gains and loses customers and hours a month by each duty: COLUMNS, the most moved first.

    `changes`: old_area, new_area (missing: none), customers, hours of a unit; `holders`: area_id,
    duty, holder_id. What moves between two areas of one holder changes nothing for them. A missing
    holder_id says that nobody has that duty in the areas named.
    """
    duties = sorted({*holders["duty"], *SAID_WHEN_VACANT})
    found = [_of_duty(changes, holders[holders["duty"] == duty], duty) for duty in duties]
    whole = pd.concat(found, ignore_index=True)
    weight = whole["customers_gained"] + whole["customers_lost"]
    order = whole.assign(weight=-weight).sort_values(
        ["weight", "duty", "holder_id"], ignore_index=True
    )
    return order[list(COLUMNS)]


def _of_duty(changes: pd.DataFrame, holders: pd.DataFrame, duty: str) -> pd.DataFrame:
    held = holders.drop_duplicates("area_id").set_index("area_id")["holder_id"]
    lost, gained = (changes[side].map(held).astype("str") for side in ("old_area", "new_area"))
    between_others = (lost != gained) | lost.isna()
    moved = changes[between_others & (changes["old_area"] != changes["new_area"])]
    parts = [
        _side(moved, "old_area", lost, "lost"),
        _side(moved, "new_area", gained, "gained"),
    ]
    grouped = pd.concat(parts, ignore_index=True).groupby(
        "holder_id", dropna=duty not in SAID_WHEN_VACANT
    )
    sums = grouped[[name for name in COLUMNS if name.endswith(("_gained", "_lost"))]].sum()
    areas = grouped["area"].agg(lambda names: ", ".join(sorted(set(names))))
    return sums.assign(areas=areas, duty=duty).reset_index()


def _side(moved: pd.DataFrame, column: str, holder: "pd.Series[str]", word: str) -> pd.DataFrame:
    """The moved units that have an area on one side, with its holder."""
    rows = moved[moved[column].notna()]
    counted = rows[list(WORK)].rename(columns={name: f"{name}_{word}" for name in WORK})
    return counted.assign(holder_id=holder.reindex(rows.index), area=rows[column])
