"""The tables of halls: how waits are judged, and the matters people come for."""

from functools import cache

import pandas as pd

from app.use_cases import reference


@cache
def figure(rule: str) -> float:
    """One figure of the table of rules of halls, in the table's unit."""
    rows = reference.table("hall_rules").set_index("rule")
    return float(rows.loc[rule, "value"])  # type: ignore[arg-type]


@cache
def matters() -> pd.DataFrame:
    """The matters people come for: code, minutes, papers and channels (lists), repeats (flag).

    repeats: who comes again for it had no success the first time.
    """
    rows = reference.table("matters")
    return pd.DataFrame(
        {
            "code": rows["code"],
            "minutes": rows["minutes"].astype("float64"),
            "papers": [_list(one) for one in rows["papers"]],
            "channels": [_list(one) for one in rows["channels"]],
            "repeats": rows["repeats"].astype(bool),
        }
    )


def _list(words: object) -> list[str]:
    return words.split(";") if isinstance(words, str) else []
