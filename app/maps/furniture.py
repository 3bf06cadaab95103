"""What stands on every printed map: the fonts, a scale bar, an arrow to the north."""

import math
from functools import lru_cache
from typing import Any

from matplotlib.font_manager import FontProperties
from matplotlib.patches import Rectangle

from app.assets import VENDOR
from app.maps.palette import BORDER

_FONTS = VENDOR / "@expo-google-fonts" / "noto-sans-sc"
_METRES_A_DEGREE = 111_320.0
BOLD = "700Bold"


@lru_cache(maxsize=2)
def _font(weight: str) -> FontProperties:
    file = _FONTS / weight / f"NotoSansSC_{weight}.ttf"
    return FontProperties(fname=file) if file.exists() else FontProperties()


def sized(points: float, *, weight: str = "400Regular") -> FontProperties:
    """The font of all paper, which knows Chinese, in that size."""
    font = _font(weight).copy()
    font.set_size(points)
    return font


def draw_scale_bar(chart: Any) -> None:
    """A bar of a round length, and an arrow to the north, in a corner of a map in degrees."""
    chart.apply_aspect()
    west, east = chart.get_xlim()
    south, north = chart.get_ylim()
    a_metre = 1 / (_METRES_A_DEGREE * math.cos(math.radians((south + north) / 2)))
    metres = _round_length((east - west) / a_metre / 5)
    x, y = west + (east - west) * 0.03, south + (north - south) * 0.035
    height = (north - south) * 0.008
    half = metres * a_metre / 2
    chart.add_patch(Rectangle((x, y), half, height, facecolor=BORDER, edgecolor=BORDER, zorder=5))
    chart.add_patch(
        Rectangle((x + half, y), half, height, facecolor="white", edgecolor=BORDER, zorder=5)
    )
    words = f"{metres / 1000:g} km" if metres >= 1000 else f"{metres:g} m"  # noqa: PLR2004
    chart.text(x + 2 * half, y + 2 * height, words, ha="right", va="bottom", font=sized(8))
    chart.annotate(
        "N",
        xy=(0.965, 0.97),
        xytext=(0.965, 0.90),
        xycoords="axes fraction",
        ha="center",
        va="center",
        font=sized(10, weight="700Bold"),
        arrowprops={"arrowstyle": "-|>", "color": BORDER, "lw": 1.2},
    )


def _round_length(metres: float) -> float:
    """The largest of 1, 2, 5 × 10^n that is not longer."""
    power = 10.0 ** math.floor(math.log10(max(metres, 1.0)))
    return float(max(step * power for step in (1, 2, 5) if step * power <= max(metres, 1.0)))
