"""What of an outage's scope lies in a person's sight, and how much of it lies beyond."""

import pandas as pd

from app.store import outage_book as book
from app.store.database import Database


def in_sight(db: Database, scopes: "pd.Series[str]") -> tuple["pd.Series[str]", "pd.Series[int]"]:
    """The scopes with the parts in sight alone (None: none), and how many parts of each are beyond.

    Whoever sees the whole sees every part, also one that nobody knows.
    """
    held = scopes.astype("object").where(scopes.notna(), None)
    if db is db.whole:
        return held, pd.Series(0, index=scopes.index)
    parts = [_parts(one) for one in held]
    every = sorted({part for own in parts for part in own})
    beyond = book.unknown_parts(db.read(), every)
    seen = [[part for part in own if part not in beyond] for own in parts]
    told = [";".join(own) or None for own in seen]
    counts = [len(own) - len(kept) for own, kept in zip(parts, seen, strict=True)]
    return (
        pd.Series(told, index=scopes.index, dtype="object"),
        pd.Series(counts, index=scopes.index, dtype="int64"),
    )


def _parts(scope: str | None) -> list[str]:
    return [part.strip() for part in (scope or "").split(";") if part.strip()]
