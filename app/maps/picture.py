"""What the map shows, as a picture for paper and reports; drawn here, not in the browser."""

import io
import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import shapely
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import ArrayLike, NDArray

from app.maps.cells_file import NO_AREA
from app.maps.furniture import draw_scale_bar, sized
from app.maps.legend import LegendRow, class_of
from app.maps.palette import BORDER, GROUND, OPACITY, UNKNOWN, UNKNOWN_GROUND, on_ground
from app.maps.update import Scale
from grid_cells.cells import boundaries, outline

_PAGE_INCHES = (11.69, 8.27)  # A4, landscape
_DPI = 160

Bounds = tuple[float, float, float, float]


@dataclass(frozen=True)
class Sheet:
    """Words around the map: title, what is measured (with unit), legend, and lines at the foot.

    foot holds date, source and the like, one line each; stamp says who took it along, when and
    what for, and also stands in the file's own description; bounds are west, south, east, north
    in degrees, None = all cells.
    """

    title: str
    measure: str
    legend: Sequence[LegendRow]
    foot: Sequence[str] = ()
    stamp: str = ""
    bounds: Bounds | None = None


def map_png(
    cells: ArrayLike, areas: ArrayLike, values: ArrayLike, *, scale: Scale, sheet: Sheet
) -> bytes:
    """PNG of an A4 sheet: hexagons, area outlines, legend, scale bar, north arrow, title.

    cells: H3 indexes (int64, none 0); areas: area index of each, negative or 0xFFFF none;
    values: one figure each, NaN unknown; scale: colours as on the screen.
    """
    table = pd.DataFrame(
        {
            "cell": np.asarray(cells, dtype=np.int64),
            "area": np.asarray(areas, dtype=np.int64),
            "value": np.asarray(values, dtype=np.float64),
        }
    )
    figure = Figure(figsize=_PAGE_INCHES, dpi=_DPI, facecolor="white")
    chart = figure.add_axes((0.03, 0.08, 0.72, 0.81))
    frame_chart(chart, table["cell"].to_numpy(), sheet.bounds)
    _draw_cells(chart, table, scale)
    _draw_borders(chart, table)
    draw_scale_bar(chart)
    _write_words(figure, sheet)
    _write_stamp(figure, sheet.stamp)
    return _png(figure, sheet.stamp)


def _png(figure: Figure, stamp: str) -> bytes:
    with io.BytesIO() as file, warnings.catch_warnings():
        # a name in a script that the font lacks shows as boxes; it must not stop the picture
        warnings.filterwarnings("ignore", message="Glyph")
        figure.savefig(file, format="png", metadata={"Description": stamp} if stamp else None)
        return file.getvalue()


def frame_chart(
    chart: Any, cells: NDArray[np.int64], bounds: Bounds | None = None, ratio: float | None = None
) -> None:
    """A chart in degrees that shows the bounds, or all the cells with a margin, true to shape.

    ratio: width by height of the chart on paper, so that its limits are final at once.
    """
    west, south, east, north = bounds or _extent(cells)
    if ratio is not None:
        west, south, east, north = _widened((west, south, east, north), ratio)
    chart.set_facecolor(GROUND)
    chart.set_xlim(west, east)
    chart.set_ylim(south, north)
    chart.set_aspect(1 / math.cos(math.radians((south + north) / 2)), adjustable="datalim")
    chart.set_xticks([])
    chart.set_yticks([])
    for spine in chart.spines.values():
        spine.set_color("#c8cfca")


def _extent(cells: NDArray[np.int64]) -> Bounds:
    if not len(cells):
        return -180.0, -60.0, 180.0, 75.0
    west, south, east, north = shapely.total_bounds(boundaries(cells))
    margin = 0.03 * max(east - west, north - south)
    return west - margin, south - margin, east + margin, north + margin


def _widened(bounds: Bounds, ratio: float) -> Bounds:
    """The bounds, made wider or higher until they have the shape of the paper."""
    west, south, east, north = bounds
    shrunk = math.cos(math.radians((south + north) / 2))
    lacking = ratio * (north - south) / shrunk - (east - west)
    if lacking > 0:
        return west - lacking / 2, south, east + lacking / 2, north
    more = (east - west) * shrunk / ratio - (north - south)
    return west, south - more / 2, east, north + more / 2


def _draw_cells(chart: Any, table: pd.DataFrame, scale: Scale) -> None:
    shapes = boundaries(table["cell"].to_numpy()) if len(table) else np.empty(0, dtype=object)
    colours = _colours(table, scale)
    known = np.array([colour is not None for colour in colours], dtype=bool)
    ends = np.cumsum(shapely.get_num_coordinates(shapes))[:-1]
    rings = np.split(shapely.get_coordinates(shapes), ends) if len(shapes) else []
    chart.add_collection(
        PolyCollection(
            [ring for ring, is_known in zip(rings, known, strict=True) if is_known],
            facecolors=[colour for colour in colours if colour is not None],
            edgecolors="none",
            alpha=OPACITY,
            antialiaseds=False,  # blended edges would show as seams
        )
    )
    chart.add_collection(
        PolyCollection(
            [ring for ring, is_known in zip(rings, known, strict=True) if not is_known],
            facecolors=UNKNOWN_GROUND,
            edgecolors=UNKNOWN,
            hatch="//////",
            linewidth=0,
            alpha=OPACITY,
        )
    )


def _colours(table: pd.DataFrame, scale: Scale) -> list[str | None]:
    """Colour of each cell, None where unknown, by the same rules as in the browser."""
    if scale.kind == "areas":
        codes = np.where(table["area"] == NO_AREA, -1, table["area"])
    elif scale.kind == "categories":
        codes = table["value"].fillna(-1).round().to_numpy()
    else:
        codes = class_of(table["value"], scale.breaks)
    palette = list(scale.colours)
    return [palette[int(code) % len(palette)] if code >= 0 else None for code in codes]


def _draw_borders(chart: Any, table: pd.DataFrame) -> None:
    placed = table[(table["area"] >= 0) & (table["area"] != NO_AREA)]
    rings = []
    for _, held in placed.groupby("area"):
        for part in outline(held["cell"].to_numpy()).geoms:
            rings += [np.asarray(ring.coords) for ring in (part.exterior, *part.interiors)]
    chart.add_collection(LineCollection(rings, colors=BORDER, linewidths=1.2))


def _write_words(figure: Figure, sheet: Sheet) -> None:
    figure.text(
        0.03, 0.95, sheet.title, font=sized(17, weight="700Bold"), va="center", parse_math=False
    )
    figure.text(
        0.03, 0.91, sheet.measure, font=sized(10.5), va="center", color="#4a5a5a", parse_math=False
    )
    box = figure.add_axes((0.77, 0.08, 0.21, 0.81))
    box.set_axis_off()
    box.set_xlim(0, 1)
    box.set_ylim(0, 1)
    step = min(0.042, 0.98 / max(len(sheet.legend), 1))
    for place, row in enumerate(sheet.legend):
        _legend_row(box, row, top=1 - place * step, height=step)
    for place, line in enumerate(sheet.foot):
        figure.text(
            0.03,
            0.055 - place * 0.02,
            line,
            font=sized(8),
            va="center",
            color="#4a5a5a",
            parse_math=False,
        )


def _write_stamp(figure: Figure, stamp: str) -> None:
    figure.text(
        0.98, 0.055, stamp, font=sized(8), va="center", ha="right", color="#4a5a5a",
        parse_math=False,
    )  # fmt: skip


def _legend_row(box: Any, row: LegendRow, *, top: float, height: float) -> None:
    swatch = Rectangle(
        (0.0, top - height * 0.8),
        0.13,
        height * 0.62,
        facecolor=UNKNOWN_GROUND if row.is_hatched else on_ground(row.colour),
        edgecolor=UNKNOWN if row.is_hatched else "#00000022",
        hatch="//////" if row.is_hatched else None,
        linewidth=0.6,
    )
    box.add_patch(swatch)
    middle = top - height * 0.49
    size = min(9.5, height * 230)
    box.text(0.17, middle, row.label, font=sized(size), va="center", parse_math=False)
    box.text(1.0, middle, f"{row.count:,}", font=sized(size), va="center", ha="right")
