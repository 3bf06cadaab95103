"""Whether an outage was in force when a call came: a call goes to none over or yet to begin."""

import pandas as pd

from grid_cells.call_rules import RULES, Rules


def was_in_force(
    registered_at: "pd.Series[pd.Timestamp]",
    began_at: "pd.Series[pd.Timestamp]",
    ended_at: "pd.Series[pd.Timestamp]",
    rules: Rules = RULES,
) -> "pd.Series[bool]":
    """True for each call whose outage was in force at its registration, or nearly.

    Aware moments, row by row. A missing beginning or end excludes nothing. Stamps of outages are
    written late, and calls are dialled before they are registered: `early_min` and `grace_min`.
    """
    registered, began, ended = (
        pd.to_datetime(one, utc=True) for one in (registered_at, began_at, ended_at)
    )
    begun = began.isna() | (registered >= began - pd.Timedelta(minutes=rules.early_min))
    lasts = ended.isna() | (registered <= ended + pd.Timedelta(minutes=rules.grace_min))
    return begun & lasts
