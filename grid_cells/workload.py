"""Work that customers, meters, transformers and faults bring with them, in hours a month."""

from typing import Final

import numpy as np
import pandas as pd

MONTHS_A_YEAR: Final = 12
MINUTES_AN_HOUR: Final = 60
COUNTED: Final = {
    "customer": ("customers", MONTHS_A_YEAR),
    "meter": ("meters", MONTHS_A_YEAR),
    "transformer": ("transformers", MONTHS_A_YEAR),
    "prepaid": ("prepaid", MONTHS_A_YEAR),
    "fault": ("faults", 1),
}
"""What a task is done for: the column that counts it, and how many months its `times` cover.

Faults are a rate by the month already, of which each takes a task `times_a_year` times.
"""
_VISIT: Final = "visit"


def work(counts: pd.DataFrame, tasks: pd.DataFrame) -> pd.DataFrame:
    """Work a month of each row of `counts`, on its index: visits, hours, travel (hours of these).

    hours = Σ tasks (n × t × minutes + n × t × 2 × crew_min / visits_a_round) / 60, where n is
    how many of the row's customers, meters, transformers, prepaid customers or faults a month the
    task is done for and t how often a month; the second term, travel from the crew base and back
    shared by the visits made on one round, only for tasks of kind "visit". Formula and tasks are a
    planning assumption of this project, after the usual standard-time method (standard minutes ×
    volume + travel).

    `counts`: customers, meters, transformers, prepaid, faults (a month), crew_min (minutes from
    the crew base; NaN: travel is unknown and left out). A missing count is none. `tasks`: per (one
    of COUNTED), times_a_year, minutes, kind (visit or desk), visits_a_round. Raises ValueError on
    another `per`.
    """
    if strangers := set(tasks["per"]) - set(COUNTED):
        raise ValueError(f"tasks per unknown thing: {sorted(strangers)}")
    away = 2 * np.nan_to_num(counts["crew_min"].to_numpy(np.float64))
    visits, minutes, travel = (np.zeros(len(counts)) for _ in range(3))
    for task in tasks.to_dict("records"):
        column, months = COUNTED[str(task["per"])]
        often = np.nan_to_num(counts[column].to_numpy(np.float64))
        often = often * (float(task["times_a_year"]) / months)
        minutes += often * float(task["minutes"])
        if task["kind"] == _VISIT:
            visits += often
            travel += often * away / float(task["visits_a_round"])
    return pd.DataFrame(
        {
            "visits": visits,
            "hours": (minutes + travel) / MINUTES_AN_HOUR,
            "travel": travel / MINUTES_AN_HOUR,
        },
        index=counts.index,
    )
