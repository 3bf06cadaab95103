"""The legend of a plan's sheet, in the lower right corner."""

from typing import Any, Final

from matplotlib.patches import Rectangle

from app.maps.palette import AREA_HUES, BORDER, UNKNOWN, UNKNOWN_GROUND, on_ground
from app.maps.paper import BOTTOM, LINE, PANEL, RIGHT, Words, write
from app.maps.plan_map import SIGNS, WATER

_STEP: Final = 6.2
_ROWS: Final = 3
_HEAD: Final = 8.0


def draw(page: Any, words: Words) -> float:
    """Draws it and gives the height in millimetres at which it ends."""
    top = BOTTOM + _ROWS * _STEP + _HEAD
    page.plot([PANEL, RIGHT], [top, top], color=LINE, lw=0.6)
    write(page, PANEL, top - 4.5, words.say("legend"), size=9, bold=True)
    entries = [*SIGNS, "border", "none", "street", "small_street", "water"]
    column = (RIGHT - PANEL) / -(-len(entries) // _ROWS)
    for at, code in enumerate(entries):
        x, y = PANEL + column * (at // _ROWS), top - _HEAD - 2.4 - _STEP * (at % _ROWS)
        _sign(page, code, x, y)
        write(page, x + 10, y, words.say(f"print_{code}"), size=7.5, width=column - 11)
    return top + 3


def _sign(page: Any, code: str, x: float, y: float) -> None:
    if code in SIGNS:
        marker, size, colour = SIGNS[code]
        page.scatter(
            [x + 4], [y], marker=marker, s=size, c=colour, edgecolors="white", linewidths=0.7
        )
        return
    box: dict[str, Any] = {"lw": 0.6, "ec": "#00000022", "fc": WATER}
    if code == "border":
        box = {"lw": 1.1, "ec": BORDER, "fc": on_ground(AREA_HUES[0])}
    elif code == "none":
        box = {"lw": 0, "ec": UNKNOWN, "fc": UNKNOWN_GROUND, "hatch": "//////"}
    elif code in ("street", "small_street"):
        box |= {"fc": on_ground(AREA_HUES[0])}
    page.add_patch(Rectangle((x, y - 1.8), 8, 3.6, **box))
    if code in ("street", "small_street"):
        page.plot([x, x + 8], [y, y], color="white", lw=1.5 if code == "street" else 0.7)
