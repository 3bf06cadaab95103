"""Rows of files as a person may see them on pages: what a load rejected, its first rows."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from app.use_cases import privacy
from app.use_cases.actors import Actor
from app.use_cases.load import Outcome
from grid_cells.errors import FileRejected
from grid_cells.privacy import masked, masked_column
from grid_cells.vocabulary import KINDS
from loaders.columns import match_columns
from loaders.contract import Report

PLACE_DIGITS = 3
"""Decimals of a degree left of a home's position: some hundred metres."""
_HIDDEN = "hidden"
_IN_THE_CLEAR = "withheld"
"""Figures stay in one's own file: who they belong to is masked."""


def shown_outcome(actor: Actor, outcome: Outcome) -> Outcome:
    """What a load did or would do, its rows as the actor may see them on a page.

    `reports` stay whole: from them the person gets the rejected rows of the own file back.
    """
    matched = {name: found for report in outcome.reports for name, found in report.matched.items()}
    return replace(
        outcome,
        rejects=_shown_problems(actor, outcome.kind, outcome.rejects, matched),
        head=_shown_head(actor, outcome.kind, outcome.head),
    )


def shown_report(actor: Actor, kind: str, report: Report) -> Report:
    """A loader's report, its rows as the actor may see them."""
    rows = report.rejected_rows
    found = report.matched or _matched(kind, [str(name) for name in rows.columns])
    return replace(
        report,
        rejected=_shown_problems(actor, kind, report.rejected, found),
        rejected_rows=_shown_originals(actor, kind, rows, found),
    )


def _matched(kind: str, headings: list[str]) -> Mapping[str, str]:
    """Headings of a file of old as we would read them now; all unknown where that is unclear."""
    try:
        return match_columns(headings, kind, wanted={}, file="").matched
    except FileRejected:
        return {}


def _masks(actor: Actor, kind: str) -> dict[str, str]:
    """Mask of each column of such a file that the actor only sees masked."""
    table = KINDS[kind].table
    named = privacy.personal_columns()
    hidden = privacy.masked_columns(actor, table)
    masks = {name: named[table, name].mask for name in hidden}
    return {name: mask for name, mask in masks.items() if mask != _IN_THE_CLEAR}


def _shown_problems(
    actor: Actor, kind: str, problems: pd.DataFrame, matched: Mapping[str, str]
) -> pd.DataFrame:
    """Problems by row; the value of a column that is masked, or not one of ours, is masked too."""
    masks = _masks(actor, kind)
    if problems.empty or not masks:
        return problems
    ours = {heading: name for name, heading in matched.items()}
    columns = [ours.get(str(one), str(one)) for one in problems["column"]]
    values = [
        _masked_in(masks, column, value, known=KINDS[kind].columns)
        for column, value in zip(columns, problems["value"], strict=True)
    ]
    return problems.assign(value=pd.Series(values, index=problems.index, dtype="str"))


def _masked_in(
    masks: Mapping[str, str], column: str, value: Any, *, known: Iterable[str]
) -> str | None:
    if column not in masks and column in known:
        return None if pd.isna(value) else str(value)
    mask = masks.get(column, _HIDDEN)
    return masked(value, mask if mask not in ("place", "scope") else _HIDDEN)


def _shown_originals(
    actor: Actor, kind: str, rows: pd.DataFrame, matched: Mapping[str, str]
) -> pd.DataFrame:
    """A file's own rows; headings nobody read may hold anything and are hidden."""
    masks = _masks(actor, kind)
    if rows.empty or not masks:
        return rows
    ours = {heading: name for name, heading in matched.items()}
    changed = {}
    for heading in rows.columns:
        mask = masks.get(ours[heading]) if heading in ours else _HIDDEN
        if mask is not None:
            changed[heading] = masked_column(
                rows[heading], mask if mask not in ("place", "scope") else _HIDDEN
            )
    return rows.assign(**changed)


def _shown_head(actor: Actor, kind: str, head: pd.DataFrame) -> pd.DataFrame:
    """The first rows under our names; positions are left precise enough to tell a wrong datum."""
    masks = _masks(actor, kind)
    changed: dict[str, Any] = {}
    for name in head.columns:
        if name in ("lon", "lat") and name in masks:
            changed[name] = head[name].astype("float64").round(PLACE_DIGITS)
        elif masks.get(name) == "place":
            changed[name] = None
        elif name in masks:
            mask = masks[name] if masks[name] != "scope" else _HIDDEN
            changed[name] = masked_column(head[name], mask)
    return head.assign(**changed)
