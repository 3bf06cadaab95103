"""Visits to halls: the tickets of queue machines, from taken to finished."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pandas as pd

from grid_cells.hall_tickets import told_apart
from loaders.checking import (
    Sheet,
    deduplicated,
    finished,
    open_sheet,
    reject_ends_before_start,
)
from loaders.contract import Loaded, LoadOptions

STAMPS: Final = ("taken_at", "called_at", "finished_at")
"""The moments of a ticket in the order in which they come."""


def load_visits(source: Path, options: LoadOptions) -> Loaded:
    """Checked visits, one row a ticket; raises FileRejected.

    Times carry a zone or take the mapping's; without either the file is refused
    (`timezone_missing`). Rejected are moments that have not come, that are out of their order, and
    halls that `options.known` ("halls_known": hall_id) does not have. Machines count anew every
    day: a ticket is told from others by its hall, number and `day`, which is that of `taken_at` by
    the halls' clocks (`options.known` "clocks": timezone, else `options.timezone`) unless the file
    says; where a number was taken twice on a day, the later ticket has the time beside it
    (`grid_cells.hall_tickets`). Words for matters become codes where `options.known` ("matters":
    code, words) has them, else they stay as given.
    """
    sheet = open_sheet(source, "visits", options)
    for column in STAMPS:
        reject_not_come(sheet, column)
    reject_ends_before_start(sheet, "taken_at", "called_at")
    reject_ends_before_start(sheet, "called_at", "finished_at")
    reject_ends_before_start(sheet, "taken_at", "finished_at")
    reject_unknown_halls(sheet)
    _code_matters(sheet)
    _fill_days(sheet)
    _tell_numbers_apart(sheet)
    return finished(deduplicated(sheet))


def reject_not_come(sheet: Sheet, column: str) -> None:
    """Reject the moments after `options.now`: nobody has been served yet tomorrow."""
    if column in sheet.frame.columns:
        now = pd.Timestamp(sheet.options.now or datetime.now(UTC))
        sheet.findings.reject(sheet.frame[column] > now, column, "in_future", f"≤ {now:%F %R%z}")


def reject_unknown_halls(sheet: Sheet) -> None:
    """Reject the rows of halls that nobody knows."""
    known = sheet.options.known.get("halls_known")
    if known is not None:
        halls = sheet.frame["hall_id"]
        bad = halls.notna() & ~halls.isin(known["hall_id"])
        sheet.findings.reject(bad.to_numpy(), "hall_id", "unknown_hall", "hall_id")


def _code_matters(sheet: Sheet) -> None:
    table = sheet.options.known.get("matters")
    if table is None or "matter" not in sheet.frame.columns:
        return
    meant, given = matter_words(table), sheet.frame["matter"]
    codes = {
        word: meant.get(str(word).strip().casefold(), word) for word in given.dropna().unique()
    }
    sheet.frame["matter"] = given.map(codes).astype("str").where(given.notna())


def matter_words(table: pd.DataFrame) -> dict[str, str]:
    """The code that each word for a matter means, by the table (code, words); words case-folded."""
    return {
        word.strip().casefold(): str(code)
        for code, words in zip(table["code"], table["words"], strict=True)
        for word in (str(code), *str(words).split(";"))
    }


def _clocks(options: LoadOptions) -> str:
    """The zone of the halls' own clocks, in which events come live too, whatever the file's is."""
    known = options.known.get("clocks")
    return options.timezone if known is None else str(known["timezone"].iloc[0])


def _fill_days(sheet: Sheet) -> None:
    """The day of each ticket where the file does not say: that of the moment it was taken."""
    local = sheet.frame["taken_at"].dt.tz_convert(_clocks(sheet.options)).dt.tz_localize(None)
    days = local.dt.normalize().astype("datetime64[s]")
    held = sheet.frame["day"] if "day" in sheet.frame.columns else days
    sheet.frame["day"] = held.fillna(days)


def _tell_numbers_apart(sheet: Sheet) -> None:
    frame = sheet.frame
    local = frame["taken_at"].dt.tz_convert(_clocks(sheet.options))
    frame["ticket_id"] = told_apart(frame, local).where(frame["ticket_id"].notna())
