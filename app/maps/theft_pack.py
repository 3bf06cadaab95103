"""The evidence pack on paper: A4 pages with charts, reasons, balance, map, visits, who took it."""

import io
import textwrap
import warnings
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.figure import Figure

from app.language import knows, number, say
from app.maps.furniture import draw_scale_bar
from app.maps.paper import INK, LINE, QUIET, Words, font, write
from app.use_cases.theft_pack import Pack
from grid_cells.cells import boundaries, parents, resolutions

WIDTH, HEIGHT = 210.0, 297.0
LEFT, RIGHT = 16.0, 194.0
_MAP_HEIGHT, _MAP_DEGREES = 92.0, 0.006
"""Height of the map in millimetres, and half of it in degrees of latitude."""
_BLUE, _RED, _OCHRE = "#1d5f7d", "#a3262a", "#9a6300"
_CHINESE_WIDTH: Final = 52
_LATIN_WIDTH: Final = 104
_SUMS: Final = ("master_kwh", "reverse_kwh", "forward_kwh", "master_reverse_kwh", "loss_kwh")


def drawn(pack: Pack, reasons: Sequence[str], language: str) -> bytes:
    """Bytes of the PDF: A4 upright, its fonts in it; `reasons` as sentences in that language."""
    words = Words(language, pack.zone, pack.now)
    with mpl.rc_context({"pdf.fonttype": 42, "hatch.linewidth": 0.4}), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph")
        pages = [_first(pack, reasons, words), _second(pack, words)]
        for place, page in enumerate(pages, 1):
            _frame(page.axes[0], pack, words, place, len(pages))
        with io.BytesIO() as file:
            told = {
                "Title": words.say("pack_title"),
                "Subject": pack.stamp.line(),
                "Creator": "Grid Cells",
            }
            with PdfPages(file, metadata=told) as pdf:
                for page in pages:
                    pdf.savefig(page)
            return file.getvalue()


def _page() -> Figure:
    figure = Figure(figsize=(WIDTH / 25.4, HEIGHT / 25.4), facecolor="white")
    page = figure.add_axes((0, 0, 1, 1))
    page.set_xlim(0, WIDTH)
    page.set_ylim(0, HEIGHT)
    page.set_axis_off()
    page.set_zorder(1)  # the watermark lies over the charts
    return figure


def _chart(figure: Figure, x: float, y: float, width: float, height: float) -> Any:
    """Axes on the paper, in millimetres from the lower left corner."""
    chart = figure.add_axes((x / WIDTH, y / HEIGHT, width / WIDTH, height / HEIGHT))
    for side in ("top", "right"):
        chart.spines[side].set_visible(False)
    return chart


def _frame(page: Any, pack: Pack, words: Words, place: int, count: int) -> None:
    """Watermark, and at the foot who took it along, when and what for."""
    page.text(
        WIDTH / 2, HEIGHT / 2, words.say("pack_watermark"), rotation=52, ha="center", va="center",
        color="#8a9691", alpha=0.16, font=font(46, bold=True), parse_math=False, zorder=0,
    )  # fmt: skip
    page.plot([LEFT, RIGHT], [16, 16], color=LINE, lw=0.6)
    code = f"purpose_{pack.stamp.purpose}"
    purpose = say(code, words.language) if knows(code, words.language) else pack.stamp.purpose
    time = words.stamp(datetime.fromisoformat(pack.stamp.exported_at))
    told = words.say(
        "print_stamp", who=pack.by, id=pack.stamp.exported_by, time=time, purpose=purpose
    )
    write(page, LEFT, 11.5, told, size=7.5, colour=QUIET, width=150)
    write(page, LEFT, 7.5, words.say("pack_foot"), size=7.5, colour=QUIET, width=150)
    write(page, RIGHT, 11.5, words.say("print_page", n=place, of=count), size=7.5, ha="right")


def _first(pack: Pack, reasons: Sequence[str], words: Words) -> Figure:
    figure, story = _page(), pack.story
    page = figure.axes[0]
    write(page, LEFT, 280, words.say("pack_title"), size=18, bold=True)
    who = [story.customer.get(name) for name in ("customer_no", "name", "address")]
    told = " · ".join(str(one) for one in who if isinstance(one, str) and one)
    write(page, LEFT, 272, told, size=10, colour=QUIET, width=RIGHT - LEFT)
    y = _facts(page, _verdict(pack, words), 262)
    y = _list(page, words.say("theft_reasons"), reasons, y - 4, words)
    y = max(y, 150)
    write(page, LEFT, y - 4, words.say("theft_days"), size=11, bold=True)
    _days(figure, pack, words, y - 10)
    return figure


def _verdict(pack: Pack, words: Words) -> list[tuple[str, str]]:
    score, run = pack.story.score, pack.story.run
    rows = [
        (words.say("theft_verdict"), words.say(f"theft_cause_{score['cause']}")),
        (words.say("theft_score"), number(score["score"], 2)),
        (words.say("pack_period"), f"{run['first_day']:%Y-%m-%d} – {run['last_day']:%Y-%m-%d}"),
        (words.say("pack_method"), _method(score, run, words)),
    ]
    if not pd.isna(score["lost_kwh_day"]):
        rows.append((words.say("theft_lost"), f"{number(score['lost_kwh_day'], 1)} kWh"))
    if not pd.isna(score.get("link")):
        rows.append((words.say("theft_link"), f"r = {number(score['link'], 2)}"))
    if not pd.isna(score["since"]):
        rows.append((words.say("theft_since"), f"{score['since']:%Y-%m-%d}"))
    if pack.spot is not None:
        spot = words.say("pack_in_spot", n=pack.spot["number"], p=f"{pack.spot['p']:.1g}")
        rows.append((words.say("pack_spot"), spot))
    if pack.story.left_alone_until is not None:
        outcome = words.say(f"value_outcome_{pack.story.left_alone_for}")
        told = words.say("theft_left_alone", day=pack.story.left_alone_until, outcome=outcome)
        rows.append((words.say("pack_note"), told))
    return rows


def _method(score: dict[str, Any], run: dict[str, Any], words: Words) -> str:
    """Whose the score is: the rules', or a model's by its number."""
    if score.get("scored_by") == "model" and not pd.isna(run["model_id"]):
        return words.say("theft_by_model", model=int(run["model_id"]))
    return words.say("theft_method_unlabelled")


def _facts(page: Any, rows: Sequence[tuple[str, str]], y: float) -> float:
    """Rows of a word and what it says; the height below them."""
    for word, said in rows:
        write(page, LEFT, y, word, size=9, colour=QUIET, width=58)
        write(page, LEFT + 62, y, said, size=9, width=RIGHT - LEFT - 62)
        y -= 6
    return y


def _list(page: Any, title: str, items: Sequence[str], y: float, words: Words) -> float:
    write(page, LEFT, y, title, size=11, bold=True)
    y -= 6.5
    wide = _CHINESE_WIDTH if words.language == "zh" else _LATIN_WIDTH
    for item in items or [words.say("pack_no_reasons")]:
        for place, line in enumerate(textwrap.wrap(item, wide) or [""]):
            write(
                page,
                LEFT + 2,
                y,
                ("• " if place == 0 else "   ") + line,
                size=9,
                width=RIGHT - LEFT,
            )
            y -= 5.2
    return y


def _days(figure: Figure, pack: Pack, words: Words, top: float) -> None:
    """The customer's days above the transformer's loss, on one axis; unknown days hatched."""
    story = pack.story
    height = min((top - 40) / 2, 52)
    upper = _chart(figure, LEFT + 12, top - height, RIGHT - LEFT - 14, height - 4)
    lower = _chart(figure, LEFT + 12, top - 2 * height - 6, RIGHT - LEFT - 14, height - 4)
    first, last = story.run["first_day"], story.run["last_day"]
    if len(story.days):
        _customer(upper, story.days, words)
    else:
        code = "theft_days_withheld" if story.is_withheld else "theft_days_unknown"
        upper.text(0.5, 0.5, words.say(code), transform=upper.transAxes, ha="center", font=font(8))
    _losses(lower, story.losses)
    for chart, code in ((upper, "theft_axis_customer"), (lower, "theft_axis_loss")):
        chart.set_xlim(first, last)
        chart.set_ylabel(words.say(code), font=font(7.5))
        if not pd.isna(story.score["since"]):
            chart.axvline(story.score["since"], color=INK, lw=1.0, ls="--")
        for label in (*chart.get_xticklabels(), *chart.get_yticklabels()):
            label.set_fontproperties(font(7))
    write(
        figure.axes[0],
        LEFT,
        top - 2 * height - 13,
        words.say("theft_days_key"),
        size=7.5,
        colour=QUIET,
        width=RIGHT - LEFT,
    )


def _customer(chart: Any, days: pd.DataFrame, words: Words) -> None:
    """Measured days as a line, those read by hand or estimated as signs with a legend."""
    is_measured = days["source"] == "measured"
    kwh = days["energy_kwh"].where(is_measured)
    chart.step(days["day"], kwh, color=_BLUE, lw=1.0, where="post")
    for source, sign in (("manual", "^"), ("estimated", "o")):
        mine = days[days["source"] == source]
        if len(mine):
            chart.plot(
                mine["day"], mine["energy_kwh"], sign, mfc="none", mec=_OCHRE, ms=3, mew=0.7,
                label=words.say(f"theft_source_{source}"),
            )  # fmt: skip
    if not is_measured.all():
        chart.legend(prop=font(7), frameon=False, loc="upper right")


def _losses(chart: Any, losses: pd.DataFrame) -> None:
    known = losses["is_known"].fillna(False).astype(bool) if len(losses) else pd.Series(dtype=bool)
    shown = losses[known]
    chart.bar(shown["day"], 100 * shown["loss_rate"], width=0.9, color=_RED, alpha=0.8)
    for day in losses.loc[~known, "day"]:
        half = pd.Timedelta(hours=12)
        chart.axvspan(day - half, day + half, fc="#eef1ed", ec="#b8c2bd", hatch="////", lw=0)


def _second(pack: Pack, words: Words) -> Figure:
    figure = _page()
    page = figure.axes[0]
    write(page, LEFT, 280, words.say("pack_balance"), size=13, bold=True)
    y = _balance(page, pack.story, words, 272)
    write(page, LEFT, y - 4, words.say("pack_map"), size=13, bold=True)
    _map(figure, pack, y - 10)
    bottom = max(y - 10 - 96, 92)
    write(page, LEFT, bottom - 6, words.say("theft_visits"), size=13, bold=True)
    visits = [
        (f"{row['inspected_on']:%Y-%m-%d}", words.say(f"value_outcome_{row['outcome']}"))
        for row in pack.story.visits.head(9).to_dict("records")
    ]
    _facts(page, visits or [(words.say("theft_never"), "")], bottom - 14)
    return figure


def _balance(page: Any, story: Any, words: Words, y: float) -> float:
    """The balance of the transformer by week."""
    columns = [one for one in _SUMS if one in story.losses]  # not told to everybody
    heads = [
        words.say("pack_week"),
        *(words.say(f"pack_{one}") for one in columns),
        words.say("theft_loss_rate"),
        words.say("theft_days_known"),
    ]
    at = [LEFT, *np.linspace(62, RIGHT, len(heads) - 1)]
    for place, head in enumerate(heads):
        write(
            page,
            at[place],
            y,
            head,
            size=7.5,
            colour=QUIET,
            ha="left" if place == 0 else "right",
            width=24,
        )
    y -= 5.5
    for row in weeks(story.losses, columns):
        for place, said in enumerate(row):
            write(page, at[place], y, said, size=8, ha="left" if place == 0 else "right")
        y -= 5
    return y


def weeks(losses: pd.DataFrame, columns: Sequence[str]) -> list[list[str]]:
    """The latest thirteen weeks as text: first day, sums of known days in kWh, rate, known days.

    Without columns the rate is the mean of the days'.
    """
    if losses.empty:
        return []
    known = losses["is_known"].fillna(False).astype(bool)
    week = losses["day"].dt.to_period("W").dt.start_time
    rows = []
    for start, days in list(losses.assign(known=known).groupby(week))[-13:]:
        held = days[days["known"]]
        sums = held[list(columns)].sum(min_count=1)
        rate = _rate(sums) if len(columns) else held["loss_rate"].mean()
        said = "–" if held.empty or pd.isna(rate) else f"{100 * rate:.1f} %"
        told = ["–" if pd.isna(sums[one]) else number(sums[one], 0) for one in columns]
        rows.append([f"{start:%Y-%m-%d}", *told, said, f"{len(held)} / {len(days)}"])
    return rows


def _rate(sums: "pd.Series[float]") -> float:
    taken = sums["master_kwh"] + np.nan_to_num(sums["reverse_kwh"])
    return float(sums["loss_kwh"] / taken) if taken > 0 else float("nan")


def _map(figure: Figure, pack: Pack, top: float) -> None:
    """Cells around, those of the hotspot marked, the customer's cell outlined; streets."""
    chart = _chart(figure, LEFT, top - _MAP_HEIGHT, RIGHT - LEFT, _MAP_HEIGHT)
    chart.set_axis_off()
    cell_id = int(pack.story.customer["cell_id"] or 0)
    if pack.cells.empty or not cell_id:
        return
    ids = pack.cells["cell_id"].to_numpy(np.int64)
    rings = [np.asarray(one.exterior.coords) for one in boundaries(ids)]
    colours = ["#f1c27d" if hot else "#eef1ed" for hot in pack.cells["is_hot"]]
    chart.add_collection(
        PolyCollection(rings, facecolors=colours, edgecolors="#cfd6d1", linewidths=0.5)
    )
    if len(pack.streets):
        lines = [g[["lon", "lat"]].to_numpy() for _, g in pack.streets.groupby("line_no")]
        chart.add_collection(LineCollection(lines, colors="#a9b3ae", linewidths=0.5))
    level = int(resolutions(ids)[0])
    own = boundaries(parents(np.array([cell_id]), level))[0]
    chart.add_collection(
        PolyCollection(
            [np.asarray(own.exterior.coords)], facecolors="none", edgecolors=INK, linewidths=2
        )
    )
    x, y = own.centroid.x, own.centroid.y
    half = _MAP_DEGREES * (RIGHT - LEFT) / _MAP_HEIGHT / np.cos(np.radians(y))
    chart.set_xlim(x - half, x + half)
    chart.set_ylim(y - _MAP_DEGREES, y + _MAP_DEGREES)
    draw_scale_bar(chart)
