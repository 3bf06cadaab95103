"""How the people of each cell paid, month by month: mostly online, the old mostly in person."""

from datetime import date
from typing import Final

import numpy as np
import pandas as pd

from grid_cells.cells import cells_to_hex, points_to_cells
from grid_cells.sample_city.ground import Floats, Ints, to_lon_lat
from grid_cells.sample_city.homes import Boxes

MONTHS: Final = 12
_RESOLUTION: Final = 9
_ONLINE: Final = {"app": 0.30, "wechat": 0.37, "alipay": 0.19, "ebank": 0.05, "deduction": 0.09}
_IN_PERSON: Final = {"bank": 0.46, "hall": 0.22, "machine": 0.14, "agency": 0.18}
_YOUNG_SHARE, _PER_POINT = 0.05, 0.0125
"""Who pays in person where nobody is old, and how much more with each per cent of the old."""
_MONTHLY_FALL: Final = 0.985
_BILL, _SPREAD = 118.0, 0.25


def payment_frame(
    boxes: Boxes, facts: pd.DataFrame, *, end: date, rng: np.random.Generator
) -> pd.DataFrame:
    """The file's columns of `payments`: by cell, for the twelve whole months before the end.

    `facts`: `cell_facts`, in which the share of the old is.
    """
    elderly = facts[facts["measure"] == "elderly_share"]
    cell = points_to_cells(*to_lon_lat(boxes.x, boxes.y), _RESOLUTION)
    cells, of_box = np.unique(cell, return_inverse=True)
    people = np.bincount(of_box, boxes.customers).astype(np.int64)
    names = cells_to_hex(cells)
    share = elderly.set_index("cell_id")["value"].reindex(names).to_numpy(dtype=np.float64)
    in_person = np.clip(_YOUNG_SHARE + _PER_POINT * (np.nan_to_num(share) - 12), 0.04, 0.7)
    months = _months(end)
    frames = [
        _of_month(month, people, in_person * _MONTHLY_FALL**number, rng)
        for number, month in enumerate(months)
    ]
    table = pd.concat(frames, ignore_index=True)
    table.insert(0, "cell_id", np.asarray(names, dtype=object)[table.pop("cell").to_numpy()])
    return table


def _months(end: date) -> list[str]:
    """The whole months before the end, earliest first."""
    last = end.year * 12 + end.month - 1
    return [f"{one // 12:04d}-{one % 12 + 1:02d}" for one in range(last - MONTHS, last)]


def _of_month(
    month: str, people: Ints, in_person: Floats, rng: np.random.Generator
) -> pd.DataFrame:
    channels = [*_ONLINE, *_IN_PERSON]
    chances = np.hstack(
        [
            np.outer(1 - in_person, list(_ONLINE.values())),
            np.outer(in_person, list(_IN_PERSON.values())),
        ]
    )
    drawn = rng.multinomial(people, chances)
    cell, channel = np.nonzero(drawn)
    count = drawn[cell, channel]
    bill = _BILL * rng.lognormal(0.0, _SPREAD, len(count))
    return pd.DataFrame(
        {
            "cell": cell, "month": month, "channel": np.asarray(channels, dtype=object)[channel],
            "payments": count, "amount": np.round(count * bill, 2),
        }
    )  # fmt: skip
