"""Under the map of reach: gaps, closed branches, the hours of the week, channels, halls."""

from typing import Any, Final

import altair as alt
import pandas as pd
import streamlit as st

from app import language as words
from app.use_cases import access, payment_channels, reach_hours, reach_losses
from app.use_cases.reach_groups import PeopleGroup
from app.use_cases.reach_losses import BranchLoss
from app.widgets import (
    card,
    empty,
    plain,
    reach_drawer,
    reach_halls,
    reach_scene,
    reach_words,
    session,
)
from app.widgets.reach_scene import ReachOpen, ReachScene

_KEY: Final = "reach_below"
_VIEWS: Final = ("gaps", "closed", "week", "channels", "halls")
_ROWS: Final = "reach_rows_table"
_ORDER: Final = "reach_rows_order"
_TALLEST_PX: Final = 420
_HEIGHT: Final = 230
_PERMISSIONS: Final = {"halls": "see_halls"}


def show(scene: ReachScene) -> None:
    """One table or chart, by choice."""
    actor = session.actor()
    views = [
        one for one in _VIEWS
        if one not in _PERMISSIONS or access.may(actor, _PERMISSIONS[one])
    ]  # fmt: skip
    asked = st.query_params.get("below", "")
    st.session_state.setdefault(_KEY, asked if asked in views else views[0])
    with st.container(key="reach_rows"):
        view = st.segmented_control(
            session.say("reach_below"), views, key=_KEY, required=True,
            format_func=lambda one: session.say(f"reach_below_{one}"),
            label_visibility="collapsed",
        )  # fmt: skip
        if view == views[0]:
            st.query_params.pop("below", None)
        else:
            st.query_params["below"] = str(view)
        shown = {
            "closed": _closed, "week": _week, "channels": _channels, "halls": reach_halls.show,
        }.get(str(view), _gaps)  # fmt: skip
        shown(scene)


def _gaps(scene: ReachScene) -> None:
    gaps, wish = scene.found.gaps, scene.choice.wish
    reach_words.ask_rank()
    if gaps.empty:
        empty.hint(session.say("reach_no_gaps"))
        return
    st.session_state[_ORDER] = gaps["cell_id"].tolist()
    table = pd.DataFrame(
        {
            session.say("reach_rank"): range(1, len(gaps) + 1),
            session.say("reach_area"): reach_words.areas(gaps),
            session.say("reach_payers"): gaps["payers"].round(0).to_numpy(),
            session.say("reach_customers"): gaps["customers"].round(0).to_numpy(),
            **_of_group(gaps, reach_words.group(wish.rank)),
            session.say("reach_mean_column"): gaps["minutes"].round(0).to_numpy(),
            session.say("reach_unreached"): gaps["unreached"].round(0).to_numpy(),
            session.say("reach_note"): [
                session.say("reach_few") if few else "" for few in gaps["is_few"]
            ],
        }
    )
    st.dataframe(
        table, hide_index=True, height=min(_TALLEST_PX, 38 + 35 * len(gaps)), key=_ROWS,
        on_select=_pick, selection_mode="single-row",
    )  # fmt: skip
    if gaps["payers"].isna().all():
        st.caption(session.say("reach_no_payments"))


def _of_group(gaps: pd.DataFrame, group: PeopleGroup | None) -> dict[str, Any]:
    """The columns of the age group: how many people, and their share where that is known."""
    if group is None:
        return {}
    name = reach_words.group_name(group)
    people = {session.say("reach_group_people", group=name): gaps["group_people"].round(0)}
    if not group.is_share:
        return people
    return {**people, session.say("reach_group_share", group=name): gaps["group_share"].round(0)}


def _pick() -> None:
    chosen: Any = st.session_state[_ROWS]
    picked, order = chosen["selection"]["rows"], st.session_state[_ORDER]
    if picked and picked[0] < len(order):
        reach_scene.open_what(ReachOpen(gap=int(order[picked[0]])))


def _closed(scene: ReachScene) -> None:
    """Branches that closed within the last 90 days, with what it cost."""
    mode = scene.choice.wish.mode
    found = reach_losses.closed_lately(session.database(), session.actor(), mode)
    if not found:
        empty.hint(session.say("reach_none_closed"))
        return
    for one in found:
        _one_closed(one)


def _one_closed(found: BranchLoss) -> None:
    day = "" if found.closed_at is None else session.moment(found.closed_at)
    card.title(found.name, session.say("reach_closed_on", day=day))
    if found.is_few:
        card.note(session.say("reach_few"))
        return
    lost = found.loss
    st.markdown(
        plain.in_markdown(
            session.say(
                "reach_closed_told", customers=words.number(lost.customers, 0),
                elderly=reach_words.per_cent(lost.elderly),
                before=words.number(lost.before_min, 0), after=reach_words.minutes(lost.after_min),
                operators=len(lost.operators_left),
            )
        )
    )  # fmt: skip
    reach_drawer.loss(found)


def _week(scene: ReachScene) -> None:
    """Customers within the limit by weekday and hour."""
    table = reach_hours.week(session.database(), session.actor(), scene.choice.wish)
    days = [session.say(f"reach_day_{one}") for one in range(1, 8)]
    told = table.assign(
        day=[days[one - 1] for one in table["weekday"]], percent=100 * table["share"]
    )
    share, hour = session.say("reach_share"), session.say("reach_hour")
    chart = (
        alt.Chart(told[["day", "hour", "percent", "points"]])
        .mark_rect()
        .encode(
            x=alt.X("hour:O", title=hour, axis=alt.Axis(labelAngle=0)),
            y=alt.Y("day:N", title=None, sort=days),
            color=alt.Color(
                "percent:Q", title=share, scale=alt.Scale(scheme="yellowgreenblue", domain=[0, 100])
            ),
            tooltip=[
                alt.Tooltip("day:N", title=session.say("reach_day")),
                alt.Tooltip("hour:O", title=hour),
                alt.Tooltip("percent:Q", title=share, format=".1f"),
                alt.Tooltip("points:Q", title=session.say("reach_open_points")),
            ],
        )
        .properties(height=_HEIGHT)
    )
    st.altair_chart(chart, width="stretch")
    limit = session.say("reach_limit_min", n=scene.choice.wish.limit)
    st.caption(session.say("reach_week_about", limit=limit))


def _channels(_scene: ReachScene) -> None:
    """The share of each channel over the months."""
    found = payment_channels.channels(session.database(), session.actor())
    if found.months.empty:
        empty.hint(session.say("reach_no_payments"))
        return
    last = found.months.iloc[-1]
    st.markdown(
        session.say(
            "reach_online_share", month=f"{last['month']:%Y-%m}",
            share=words.percent(float(last["online_share"]), 1),
            count=words.number(float(last["in_person"]), 0),
        )
    )  # fmt: skip
    table = found.channels.assign(
        month=pd.to_datetime(found.channels["month"]).dt.strftime("%Y-%m"),
        channel=[session.say(f"channel_{one}") for one in found.channels["channel"]],
        percent=100 * found.channels["share"],
    )
    order = [session.say(f"channel_{one}") for one in payment_channels.order()]
    share = session.say("reach_share_of_payments")
    chart = (
        alt.Chart(table[["month", "channel", "percent"]])
        .mark_bar()
        .encode(
            x=alt.X("month:O", title=None, axis=alt.Axis(labelAngle=-45)),
            y=alt.Y("percent:Q", title=share, scale=alt.Scale(domain=[0, 100])),
            color=alt.Color("channel:N", title=session.say("reach_channel"), sort=order),
            tooltip=["month:O", "channel:N", alt.Tooltip("percent:Q", title=share, format=".1f")],
        )
        .properties(height=_HEIGHT)
    )
    st.altair_chart(chart, width="stretch")
