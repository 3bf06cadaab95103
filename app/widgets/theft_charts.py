"""Charts of evidence on one time axis: a customer's days above the loss of the transformer."""

from typing import Any, Final

import altair as alt
import pandas as pd
import streamlit as st

from app.widgets import session

_BLUE, _RED, _GREY, _INK, _OCHRE = "#1d5f7d", "#a3262a", "#c9d0cc", "#17292a", "#9a6300"
_UNSURE: Final = {"manual": "triangle-up", "estimated": "circle"}
"""Sources of readings that are no measurement of the meter's own, with the sign of each."""
_HEIGHT: Final = 130
_WIDTH: Final = 240
"""Charts above each other do not follow their container: this fits the drawer and a phone."""
_TICKS: Final = alt.Axis(tickCount=4)
_HATCH: Final = "╱╱"


def evidence(days: pd.DataFrame, losses: pd.DataFrame, since: Any) -> None:
    """The customer's energy by day above the transformer's loss, the day of change marked in both.

    Days on which the balance is unknown are hatched.
    """
    span = pd.concat([days["day"], losses["day"]])
    if span.empty:
        st.caption(session.say("theft_days_unknown"))
        return
    scale = alt.Scale(domain=[span.min().isoformat(), span.max().isoformat()])
    x = alt.X(
        "day:T", scale=scale, axis=alt.Axis(title=None, format="%m-%d", labelAngle=0, tickCount=5)
    )
    parts = []
    if len(days):
        parts.append(_customer(days, x, since))
    if len(losses):
        parts.append(_transformer(losses, x, since))
    # stretched, each part would be as wide as the container and its axis beyond it
    st.altair_chart(alt.vconcat(*parts, spacing=8).configure_view(stroke=None), width="content")


def _customer(days: pd.DataFrame, x: alt.X, since: Any) -> Any:
    """Measured days as a line; those that somebody read or that were estimated as signs on it."""
    told = days.assign(
        measured=days["energy_kwh"].where(days["source"] == "measured"),
        how=[session.say(f"theft_source_{one}") for one in days["source"]],
    )
    y = alt.Y("energy_kwh:Q", title=session.say("theft_axis_customer"), axis=_TICKS)
    tip = ["day:T", alt.Tooltip("energy_kwh:Q", format=".1f", title="kWh"),
           alt.Tooltip("how:N", title=session.say("theft_source"))]  # fmt: skip
    frame = told[["day", "energy_kwh", "measured", "how", "source"]]
    line = alt.Chart(frame, height=_HEIGHT).mark_line(
        color=_BLUE, strokeWidth=1.6, interpolate="step-after"
    ).encode(x=x, y=alt.Y("measured:Q", title=session.say("theft_axis_customer"), axis=_TICKS),
             tooltip=tip)  # fmt: skip
    others = frame[frame["source"] != "measured"]
    layers = [line] if others.empty else [line, _unsure(others, x, y, tip)]
    return alt.layer(*layers, *_change(x, since)).properties(width=_WIDTH, height=_HEIGHT)


def _unsure(frame: pd.DataFrame, x: alt.X, y: alt.Y, tip: list[Any]) -> Any:
    """Hollow signs with a legend: a triangle by hand, a circle estimated."""
    ways = [session.say(f"theft_source_{one}") for one in _UNSURE]
    shape = alt.Shape(
        "how:N", scale=alt.Scale(domain=ways, range=list(_UNSURE.values())),
        legend=alt.Legend(title=None, orient="bottom", symbolStrokeColor=_OCHRE),
    )  # fmt: skip
    signs = alt.Chart(frame, height=_HEIGHT).mark_point(color=_OCHRE, size=22, filled=False)
    return signs.encode(x=x, y=y, shape=shape, tooltip=tip)


def _transformer(losses: pd.DataFrame, x: alt.X, since: Any) -> Any:
    known = losses["is_known"].fillna(False).astype(bool)
    kwh = [name for name in ("loss_kwh",) if name in losses]  # not told to everybody
    frame = losses[["day", *kwh]].assign(rate=100 * losses["loss_rate"].where(known))
    told = alt.Chart(frame[known], height=_HEIGHT).mark_bar(color=_RED, opacity=0.75).encode(
        x=x, y=alt.Y("rate:Q", title=session.say("theft_axis_loss"), axis=alt.Axis(tickCount=4)),
        tooltip=["day:T", alt.Tooltip("rate:Q", format=".1f", title="%"),
                 *(alt.Tooltip(f"{name}:Q", format=".1f", title="kWh") for name in kwh)],
    )  # fmt: skip
    blank = alt.Chart(frame[~known], height=_HEIGHT)
    hidden = blank.mark_text(text=_HATCH, color=_GREY, fontSize=11, clip=True)
    rows = [hidden.encode(x=x, y=alt.value(_HEIGHT * place)) for place in (0.1, 0.35, 0.6, 0.85)]
    layers = [told, *(rows if (~known).any() else []), *_change(x, since)]
    return alt.layer(*layers).properties(width=_WIDTH, height=_HEIGHT)


def _change(x: alt.X, since: Any) -> list[alt.Chart]:
    if since is None or pd.isna(since):
        return []
    mark = pd.DataFrame({"day": [pd.Timestamp(since)]})
    return [alt.Chart(mark).mark_rule(color=_INK, strokeDash=[4, 3], strokeWidth=1.5).encode(x=x)]


def losses(frame: pd.DataFrame) -> None:
    """The loss of several transformers by week, a share; weeks without known days are left out."""
    known = frame[frame["is_known"].fillna(False).astype(bool)]
    if known.empty:
        st.caption(session.say("theft_days_unknown"))
        return
    chart = alt.Chart(_weekly(known), height=110).mark_line(color=_RED, point=True).encode(
        x=alt.X("week:T", axis=alt.Axis(title=None, format="%m-%d", labelAngle=0, tickCount=5)),
        y=alt.Y("rate:Q", title=session.say("theft_axis_loss"), axis=alt.Axis(tickCount=4)),
    )  # fmt: skip
    st.altair_chart(chart, width="stretch")


def _weekly(known: pd.DataFrame) -> pd.DataFrame:
    """The rate in per cent by week; where no kWh are told, the mean of the days' rates."""
    week = known["day"].dt.to_period("W").dt.start_time.rename("week")
    if "loss_kwh" not in known:
        mean: pd.DataFrame = (
            (100 * known["loss_rate"]).groupby(week).mean().rename("rate").reset_index()
        )
        return mean
    taken = known["loss_kwh"] / known["loss_rate"].where(known["loss_rate"] != 0)
    sums = known.assign(taken=taken).groupby(week)[["loss_kwh", "taken"]].sum().reset_index()
    return sums.assign(rate=100 * sums["loss_kwh"] / sums["taken"].where(sums["taken"] > 0))


def gains(frame: pd.DataFrame) -> None:
    """Finds against visits made: by score, as they were made, at random."""
    names = {
        one: session.say(f"theft_gain_{one}") for one in ("by_score", "by_practice", "at_random")
    }
    long = frame.rename(columns=names).melt("visited", list(names.values()), "way", "finds")
    chart = alt.Chart(long, height=220).mark_line(strokeWidth=2).encode(
        x=alt.X("visited:Q", title=session.say("theft_gain_visited")),
        y=alt.Y("finds:Q", title=session.say("theft_gain_finds")),
        color=alt.Color("way:N", title=None, sort=list(names.values()),
                        scale=alt.Scale(range=[_BLUE, _OCHRE, "#8a9691"]),
                        legend=alt.Legend(orient="bottom")),
        strokeDash=alt.StrokeDash("way:N", sort=list(names.values()), legend=None),
    )  # fmt: skip
    st.altair_chart(chart, width="stretch")
