"""The table of a plan's areas on its sheet: beside the map, then in columns on further pages."""

import math
from collections.abc import Sequence
from typing import Any, Final

from matplotlib.patches import Rectangle

from app import language
from app.maps.palette import AREA_HUES, on_ground
from app.maps.paper import BOTTOM, INK, LEFT, LINE, PANEL, QUIET, RIGHT, TOP, Words, write
from app.use_cases.plan_print import PlanSheet

FIRST_PAGE: Final = 42
_HIGHEST, _HEAD = 6.8, 9.0
_BLOCKS, _GAP = 3, 8.0
_BLOCK: Final = (RIGHT - LEFT - (_BLOCKS - 1) * _GAP) / _BLOCKS
_STEP: Final = 4.7
FURTHER: Final = _BLOCKS * int((TOP - BOTTOM - _HEAD) / _STEP)
"""Rows of areas that a further page holds."""
COLUMNS: Final = (  # word, share of the width, whether figures
    ("no", 0.060, True), ("area", 0.275, False), ("manager", 0.215, False),
    ("customers", 0.105, True), ("hours", 0.085, True), ("off", 0.095, True),
    ("pieces", 0.075, True), ("minutes", 0.090, True),
)  # fmt: skip


def paged(areas: int) -> list[range]:
    """Which areas stand on which page: what fits beside the map, then as many as a page holds."""
    further = range(FIRST_PAGE, areas, FURTHER)
    beside = range(min(areas, FIRST_PAGE))
    return [beside, *(range(first, min(areas, first + FURTHER)) for first in further)]


def draw_first(page: Any, sheet: PlanSheet, words: Words, rows: range, *, bottom: float) -> None:
    """The rows beside the map with what they come to, above the legend."""
    room = TOP - bottom - _HEAD
    step = min(_HIGHEST, room / (len(rows) + 2.4))
    width = RIGHT - PANEL
    _block(page, sheet, words, rows, box=(PANEL, TOP, width, step))
    y = TOP - _HEAD - step * (len(rows) + 0.5)
    page.plot([PANEL, RIGHT], [y + step / 2, y + step / 2], color=INK, lw=0.8)
    _line(page, _sums(sheet, words), (PANEL, y, width), step, bold=True)
    notes = [words.say("print_notes")]
    if len(rows) < len(sheet.areas.areas):
        notes.insert(0, words.say("print_more", n=len(rows), of=len(sheet.areas.areas)))
    write(page, PANEL, y - step, " ".join(notes), size=6.2, colour=QUIET, width=width)


def draw_further(page: Any, sheet: PlanSheet, words: Words, rows: range) -> None:
    """A whole page of rows, in columns side by side."""
    each = math.ceil(FURTHER / _BLOCKS)
    for block in range(_BLOCKS):
        held = rows[block * each : (block + 1) * each]
        if held:
            _block(
                page, sheet, words, held, box=(LEFT + block * (_BLOCK + _GAP), TOP, _BLOCK, _STEP)
            )


def _block(
    page: Any,
    sheet: PlanSheet,
    words: Words,
    rows: range,
    *,
    box: tuple[float, float, float, float],
) -> None:
    """Heads and rows; box: left, top, width and the height of a row."""
    left, top, width, step = box
    x = left
    for code, share, is_figure in COLUMNS:
        at = x + share * width - 0.8 if is_figure else x
        for line, said in enumerate(words.say(f"print_{code}").split("|")[:2]):
            write(
                page, at, top - 2.2 - 3.1 * line, said, size=6.4, colour=QUIET,
                ha="right" if is_figure else "left", width=share * width - 0.5,
            )  # fmt: skip
        x += share * width
    page.plot([left, left + width], [top - _HEAD + 1, top - _HEAD + 1], color=INK, lw=0.8)
    for line, number in enumerate(rows):
        y = top - _HEAD - step * (line + 0.5)
        hue = AREA_HUES[int(sheet.colours[number]) % len(AREA_HUES)]
        page.add_patch(
            Rectangle((left, y - step / 2 + 0.4), 2.2, step - 0.8, fc=on_ground(hue), ec="none")
        )
        page.plot([left, left + width], [y - step / 2, y - step / 2], color=LINE, lw=0.35)
        _line(page, _row(sheet, words, number), (left, y, width), step)


def _line(
    page: Any,
    texts: Sequence[str],
    place: tuple[float, float, float],
    step: float,
    *,
    bold: bool = False,
) -> None:
    """One row's texts, the larger the higher the row is."""
    size = 7.0 + 0.6 * max(step - _STEP, 0.0)
    x, y, width = place
    for (_, share, is_figure), text in zip(COLUMNS, texts, strict=True):
        at = x + share * width - 0.8 if is_figure else x
        write(
            page, at, y, text, size=size, bold=bold, ha="right" if is_figure else "left",
            width=share * width - 1.2,
        )  # fmt: skip
        x += share * width


def _row(sheet: PlanSheet, words: Words, number: int) -> list[str]:
    area = sheet.areas.areas.iloc[number]
    manager = area["manager"]
    return [
        str(number + 1), str(area["name"]),
        manager if isinstance(manager, str) else words.say("compare_vacant"),
        language.number(float(area["customers"]), 0), language.number(float(area["hours"]), 0),
        _signed(float(area["deviation"])), language.number(float(area["pieces"]), 0),
        language.number(float(area["crew_min_median"]), 0),
    ]  # fmt: skip


def _sums(sheet: PlanSheet, words: Words) -> list[str]:
    told = sheet.areas
    return [
        "", words.say("print_sum", n=len(told.areas)), "",
        language.number(float(told.areas["customers"].sum()), 0), language.number(told.hours, 0),
        "±" + language.number(100 * told.largest_deviation, 1),
        language.number(float(told.areas["pieces"].sum()), 0), "",
    ]  # fmt: skip


def _signed(share: float) -> str:
    """A deviation in per cent with its sign."""
    if not math.isfinite(share):
        return language.NOTHING
    told = language.number(100 * share, 1)
    return f"+{told}" if share > 0 else told
