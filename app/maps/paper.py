"""A sheet of A3 measured in millimetres: its page, its texts and the words in its language."""

from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import lru_cache
from typing import Any, Final

from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font

from app import language
from app.maps.furniture import BOLD, sized

WIDTH, HEIGHT = 420.0, 297.0
LEFT, RIGHT, TOP, BOTTOM = 10.0, 410.0, 263.0, 16.0
"""Inside the margins, below the title and above the foot."""
PANEL: Final = 284.0
"""Where the table beside the map begins."""
PNG_DPI: Final = 200
INK, QUIET, LINE = "#17292a", "#4a5a5a", "#c8cfca"
_MM_A_POINT: Final = 25.4 / 72
_MEASURED_AT: Final = 64.0


@dataclass(frozen=True)
class Words:
    """Words, moments and fonts of a sheet."""

    language: str
    zone: tzinfo
    now: datetime

    def say(self, code: str, /, **values: Any) -> str:
        """The sentence for a code."""
        return language.say(code, self.language, **values)

    def moment(self, at: datetime) -> str:
        """A moment by the company's clock."""
        return language.moment(at, self.language, self.zone, now=self.now)

    def stamp(self, at: datetime) -> str:
        """A moment by the company's clock, with its year: for what is kept."""
        return f"{at.astimezone(self.zone):%Y-%m-%d %H:%M}"

    def font(self, size: float, *, bold: bool = False) -> FontProperties:
        """The font of all paper in points."""
        return font(size, bold=bold)


def font(size: float, *, bold: bool = False) -> FontProperties:
    """The font of all paper in points."""
    return sized(size, weight=BOLD) if bold else sized(size)


def new_page() -> Figure:
    """An empty page; its first axes are the paper in millimetres, from the lower left corner."""
    figure = Figure(figsize=(WIDTH / 25.4, HEIGHT / 25.4), facecolor="white")
    page = figure.add_axes((0, 0, 1, 1))
    page.set_xlim(0, WIDTH)
    page.set_ylim(0, HEIGHT)
    page.set_axis_off()
    page.set_zorder(1)  # what is written on the page lies over the map
    return figure


def text_size(text: str, size: float, *, bold: bool = False) -> tuple[float, float]:
    """Width and height of a text in millimetres."""
    width, height = _measured(text, bold)
    return width * size * _MM_A_POINT, height * size * _MM_A_POINT


@lru_cache(maxsize=8192)
def _measured(text: str, bold: bool) -> tuple[float, float]:
    """Width and height of a text in the font's own size; sizes follow it evenly."""
    face = get_font(findfont(font(_MEASURED_AT, bold=bold)))
    face.set_size(_MEASURED_AT, 72)
    face.set_text(text, 0.0)
    width, height = face.get_width_height()
    return width / 64 / _MEASURED_AT, height / 64 / _MEASURED_AT


def cut(text: str, size: float, width: float | None, *, bold: bool = False) -> str:
    """The text, cut with an ellipsis where it is wider than so many millimetres."""
    if width is None or not text or text_size(text, size, bold=bold)[0] <= width:
        return text
    short, long = 0, len(text)
    while short < long:
        middle = (short + long + 1) // 2
        if text_size(text[:middle].rstrip() + "…", size, bold=bold)[0] <= width:
            short = middle
        else:
            long = middle - 1
    return text[:short].rstrip() + "…"


def write(  # noqa: PLR0913
    page: Any,
    x: float,
    y: float,
    text: str,
    *,
    size: float,
    bold: bool = False,
    colour: str = INK,
    ha: str = "left",
    width: float | None = None,
) -> None:
    """A text whose middle height is at y, cut to the width."""
    said = " ".join(text.split())
    page.text(
        x, y, cut(said, size, width, bold=bold), font=font(size, bold=bold), color=colour, ha=ha,
        va="center_baseline", parse_math=False,
    )  # fmt: skip
