"""A plan on paper for the wall: an A3 sheet with the map, its legend and the table of areas."""

import io
import warnings
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

import matplotlib as mpl
from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.figure import Figure

from app.language import knows, say
from app.maps import plan_legend, plan_map, plan_table
from app.maps.paper import HEIGHT, INK, LEFT, PNG_DPI, QUIET, RIGHT, Words, new_page, write
from app.maps.plan_table import paged
from app.use_cases.plan_print import Form, PlanSheet

Progress = Callable[[float], None]
NOT_IN_FORCE: Final = ("draft", "review", "approved", "withdrawn")
_TITLE: Final = RIGHT - LEFT - 70


def drawn(
    sheet: PlanSheet,
    form: Form,
    language: str,
    *,
    progress: Progress | None = None,
) -> bytes:
    """Bytes of the sheet: as PDF every page, as PNG the page with the map.

    A3 across, 420 × 297 mm; PNG at 200 dpi. Texts stay texts in the PDF, with their fonts in it.
    """
    tell, words = progress or (lambda _share: None), Words(language, sheet.zone, sheet.now)
    pages = paged(len(sheet.areas.areas))
    with mpl.rc_context({"pdf.fonttype": 42}), warnings.catch_warnings():
        # a name in a script that the font lacks shows as boxes; it must not stop the sheet
        warnings.filterwarnings("ignore", message="Glyph")
        figures = _figures(sheet, words, pages, tell, is_whole=form == "pdf")
        data = _pdf(figures, sheet) if form == "pdf" else _png(figures[0], sheet)
    tell(1.0)
    return data


def _figures(
    sheet: PlanSheet, words: Words, pages: list[range], tell: Progress, *, is_whole: bool
) -> list[Figure]:
    first = new_page()
    page = first.axes[0]
    _head(page, sheet, words)
    tell(0.05)
    plan_map.draw(first, sheet, lambda share: tell(0.05 + 0.6 * share))
    bottom = plan_legend.draw(page, words)
    plan_table.draw_first(page, sheet, words, pages[0], bottom=bottom)
    _foot(page, sheet, words, 1, len(pages))
    figures = [first]
    for number, rows in enumerate(pages[1:] if is_whole else [], start=2):
        further = new_page()
        _head(further.axes[0], sheet, words)
        plan_table.draw_further(further.axes[0], sheet, words, rows)
        _foot(further.axes[0], sheet, words, number, len(pages))
        figures.append(further)
        tell(0.65 + 0.2 * number / len(pages))
    tell(0.85)
    return figures


def _head(page: Any, sheet: PlanSheet, words: Words) -> None:
    """Title; under it the city, the plan's state and when it holds; the state again in a box."""
    title = words.say("print_title", name=sheet.plan.name)
    write(page, LEFT, HEIGHT - 17.5, title, size=24, bold=True, width=_TITLE)
    write(page, LEFT, HEIGHT - 26, _under(sheet, words), size=12, colour=QUIET, width=_TITLE)
    colours = {"in_force": "#1d5fa8", "coming": "#1d5fa8", "approved": "#3d6b35"}
    page.text(
        RIGHT, HEIGHT - 18.5, words.say(f"stage_{sheet.plan.stage}").upper(), ha="right",
        va="center", color="white", font=words.font(14, bold=True), parse_math=False,
        bbox={"boxstyle": "round,pad=0.45", "fc": colours.get(sheet.plan.stage, "#9a6300"),
              "ec": "none"},
    )  # fmt: skip


def _under(sheet: PlanSheet, words: Words) -> str:
    """The city, and when the plan holds; of one that holds at no time, since when it is drawn."""
    plan = sheet.plan
    times = [
        words.say(code, time=words.stamp(at))
        for code, at in (("plan_from", plan.begins), ("plan_until", plan.ends))
        if at is not None
    ]
    if not times and plan.stage in NOT_IN_FORCE:
        times = [words.say("print_not_in_force")]
        if plan.created_at is not None:
            times.append(words.say("compare_made", time=words.stamp(plan.created_at)))
    return " · ".join(one for one in (sheet.city, *times) if one)


def _foot(page: Any, sheet: PlanSheet, words: Words, number: int, count: int) -> None:
    """Who printed it, when and for what; as of when; the page."""
    page.plot([LEFT, RIGHT], [13, 13], color="#c8cfca", lw=0.6)
    code = f"purpose_{sheet.stamp.purpose}"
    purpose = say(code, words.language) if knows(code, words.language) else sheet.stamp.purpose
    time = words.stamp(datetime.fromisoformat(sheet.stamp.exported_at))
    said = words.say(
        "print_stamp", who=sheet.by, id=sheet.stamp.exported_by, time=time, purpose=purpose
    )
    write(page, LEFT, 9, said, size=7.5, colour=QUIET, width=210)
    of = words.say("print_as_of", time=words.stamp(sheet.now), product=words.say("product"))
    write(page, LEFT + 215, 9, of, size=7.5, colour=QUIET, width=130)
    told = words.say("print_page", n=number, of=count)
    write(page, RIGHT, 9, told, size=7.5, colour=INK, ha="right")


def _pdf(figures: list[Figure], sheet: PlanSheet) -> bytes:
    told = {"Title": sheet.plan.name, "Subject": sheet.stamp.line(), "Creator": "Grid Cells"}
    with io.BytesIO() as file:
        with PdfPages(file, metadata=told) as pdf:
            for figure in figures:
                pdf.savefig(figure)
        return file.getvalue()


def _png(figure: Figure, sheet: PlanSheet) -> bytes:
    with io.BytesIO() as file:
        sides = (round(side * PNG_DPI) / PNG_DPI for side in figure.get_size_inches())
        figure.set_size_inches(*sides)  # to whole pixels, which are else cut off
        told = {"Title": sheet.plan.name, "Description": sheet.stamp.line()}
        figure.savefig(file, format="png", dpi=PNG_DPI, metadata=told)
        return file.getvalue()
