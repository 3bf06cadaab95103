"""The map of a plan's sheet: ground, streets, areas with their names, places."""

from collections.abc import Callable
from typing import Any, Final

import numpy as np
import pandas as pd
import shapely
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.patheffects import Stroke
from shapely.affinity import affine_transform

from app.maps.furniture import draw_scale_bar
from app.maps.palette import AREA_HUES, BORDER, OPACITY, UNKNOWN, UNKNOWN_GROUND
from app.maps.paper import BOTTOM, HEIGHT, INK, LEFT, PANEL, TOP, WIDTH, font, text_size
from app.maps.picture import frame_chart
from app.use_cases.plan_print import PlanSheet
from grid_cells.cells import outline
from grid_cells.label_places import Label, arrange

WATER: Final = "#bcd3de"
SIGNS: Final = {  # kind: marker, size, colour
    "bank": ("o", 13.0, "#9a6300"), "crew": ("^", 44.0, "#8b1e1e"), "hall": ("s", 34.0, "#1d5fa8"),
}  # fmt: skip
STREETS: Final = {3: (0.25, 0.55), 2: (0.7, 0.8), 1: (1.5, 0.95)}  # rank: width in points, opacity
MOST_SMALL_STREETS: Final = 40_000
"""Corners of residential streets beyond which these are left out: they would be a grey veil."""
_SIZES: Final = (12.0, 10.5, 9.0, 8.0, 7.0, 6.2)
_NUMBER: Final = 7.0
_PAD, _SIGN = 1.0, 2.4
_LONG: Final = 4
_GRAIN: Final = 0.4
"""Millimetres by which an outline may be smoothed where names look for room."""


def draw(figure: Figure, sheet: PlanSheet, tell: Callable[[float], None]) -> None:
    """The map in its frame beside the table."""
    width, height = PANEL - 6 - LEFT, TOP - BOTTOM
    chart = figure.add_axes((LEFT / WIDTH, BOTTOM / HEIGHT, width / WIDTH, height / HEIGHT))
    shapes = [
        outline(sheet.cells.loc[sheet.cells["area"] == n, "cell_id"].to_numpy())
        for n in range(len(sheet.areas.areas))
    ]
    frame_chart(chart, sheet.cells["cell_id"].to_numpy(), ratio=width / height)
    tell(0.2)
    _ground(chart, sheet)
    _areas(chart, sheet, shapes)
    _streets(chart, sheet.streets)
    tell(0.5)
    _borders(chart, shapes)
    _places(chart, sheet.places)
    draw_scale_bar(chart)
    tell(0.6)
    _names(figure.axes[0], chart, sheet, shapes, (width, height))
    tell(1.0)


def _ground(chart: Any, sheet: PlanSheet) -> None:
    for shape in shapely.from_wkb(sheet.water["geometry"].to_numpy(dtype=object)):
        chart.add_patch(PathPatch(_path(shape), fc=WATER, ec="none", zorder=1))


def _path(shape: Any) -> Path:
    """The shape as one path, its holes turned the other way so that they stay open."""
    parts = [
        Path(np.asarray(ring.coords), closed=True)
        for part in shapely.get_parts(shapely.orient_polygons(shape))
        if part.geom_type == "Polygon"
        for ring in (part.exterior, *part.interiors)
    ]
    return Path.make_compound_path(*parts) if parts else Path(np.empty((0, 2)))


def _areas(chart: Any, sheet: PlanSheet, shapes: list[Any]) -> None:
    for number, shape in zip(sheet.colours, shapes, strict=True):
        if not shape.is_empty:
            colour = AREA_HUES[int(number) % len(AREA_HUES)]
            chart.add_patch(PathPatch(_path(shape), fc=colour, ec="none", alpha=OPACITY, zorder=2))
    rest = outline(sheet.cells.loc[sheet.cells["area"] < 0, "cell_id"].to_numpy())
    if not rest.is_empty:
        chart.add_patch(
            PathPatch(
                _path(rest), fc=UNKNOWN_GROUND, ec=UNKNOWN, hatch="//////", lw=0, alpha=OPACITY,
                zorder=2,
            )
        )  # fmt: skip


def _streets(chart: Any, corners: pd.DataFrame) -> None:
    for rank, (width, opacity) in STREETS.items():
        held = corners[corners["rank"] == rank]
        if held.empty or (rank == max(STREETS) and len(held) > MOST_SMALL_STREETS):
            continue
        starts = np.flatnonzero(~held["line_no"].duplicated().to_numpy())[1:]
        lines = np.split(held[["lon", "lat"]].to_numpy(), starts)
        chart.add_collection(
            LineCollection(lines, colors="white", linewidths=width, alpha=opacity, zorder=3),
            autolim=False,
        )


def _borders(chart: Any, shapes: list[Any]) -> None:
    """Outlines dark, holes where nobody lives faint: other areas in them have their own outline."""
    parts = [part for shape in shapes for part in shape.geoms]
    outer = [np.asarray(part.exterior.coords) for part in parts]
    holes = [np.asarray(ring.coords) for part in parts for ring in part.interiors]
    for rings, width, opacity in ((holes, 0.4, 0.35), (outer, 1.1, 1.0)):
        chart.add_collection(
            LineCollection(
                rings, colors=BORDER, linewidths=width, alpha=opacity, joinstyle="round", zorder=4
            ),
            autolim=False,
        )


def _places(chart: Any, places: pd.DataFrame) -> None:
    for kind, (marker, size, colour) in SIGNS.items():
        held = places[places["kind"] == kind]
        chart.scatter(
            held["lon"], held["lat"], marker=marker, s=size, c=colour, edgecolors="white",
            linewidths=0.7, zorder=5,
        )  # fmt: skip


def _names(
    page: Any, chart: Any, sheet: PlanSheet, shapes: list[Any], size: tuple[float, float]
) -> None:
    """Each area's name where it fits, else its number in the table."""
    (west, east), (south, north) = chart.get_xlim(), chart.get_ylim()
    across, up = size[0] / (east - west), size[1] / (north - south)
    turn = [across, 0, 0, up, LEFT - west * across, BOTTOM - south * up]
    held = [n for n, shape in enumerate(shapes) if not shape.is_empty]
    on_paper = [shapely.simplify(affine_transform(shapes[n], turn), _GRAIN) for n in held]
    offers = [_offers(str(sheet.areas.areas["name"].iloc[n]), n + 1) for n in held]
    sizes = [[(w + 2 * _PAD, h + 2 * _PAD) for _, _, (w, h) in one] for one in offers]
    signs = sheet.places[sheet.places["kind"] != "bank"]
    at = [
        (LEFT + (lon - west) * across, BOTTOM + (lat - south) * up, _SIGN)
        for lon, lat in zip(signs["lon"], signs["lat"], strict=True)
    ]
    for offered, label in zip(offers, arrange(on_paper, sizes, signs=at), strict=True):
        _write_name(page, offered[label.choice], label)


_Offer = tuple[str, float, tuple[float, float]]


def _offers(name: str, number: int) -> list[_Offer]:
    """The ways a name can be written, the best first: text, size in points, size in mm."""
    cleaned = " ".join(name.split())
    broken = _in_two(cleaned)
    found: list[_Offer] = []
    for size in _SIZES:
        found.append((cleaned, size, text_size(cleaned, size, bold=True)))
        if broken:
            parts = [text_size(one, size, bold=True) for one in broken]
            box = (max(w for w, _ in parts), parts[0][1] + parts[1][1] + 0.18 * size)
            found.append(("\n".join(broken), size, box))
    told = str(number)
    return [*found, (told, _NUMBER, text_size(told, _NUMBER, bold=True))]


def _in_two(name: str) -> tuple[str, str] | None:
    """The name on two lines, broken where both are about as long; None where it is short."""
    spaces = [k for k, letter in enumerate(name) if letter == " "]
    if spaces:
        at = min(spaces, key=lambda k: abs(2 * k - len(name)))
        return name[:at], name[at + 1 :]
    half = (len(name) + 1) // 2
    is_long_chinese = len(name) > _LONG and all(ord(letter) > 0x2E80 for letter in name)  # noqa: PLR2004
    return (name[:half], name[half:]) if is_long_chinese else None


def _write_name(page: Any, offer: _Offer, label: Label) -> None:
    """The name over a light rim; the rim is a shape, the name itself stays a text."""
    text, size, _ = offer
    told: dict[str, Any] = {
        "font": font(size, bold=True), "ha": "center", "va": "center", "parse_math": False,
        "linespacing": 1.0, "zorder": 10,
    }  # fmt: skip
    rim = Stroke(linewidth=2.2, foreground="white", alpha=0.85)
    page.text(label.x, label.y, text, color="white", path_effects=[rim], **told)
    page.text(label.x, label.y, text, color=INK, **told)
