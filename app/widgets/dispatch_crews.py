"""What every crew does over the hours to come, as bars; what breaks its promise is marked."""

from datetime import datetime, timedelta
from typing import Any, Final

import pandas as pd
import streamlit as st

from app.widgets import dispatch_words as wording
from app.widgets import empty, plain, session
from app.widgets.dispatch_scene import DispatchScene

BEFORE, AFTER = timedelta(hours=1), timedelta(hours=7)
_EVERY_H: Final = 1
_LATE: Final = "✕"


def show(scene: DispatchScene) -> None:
    """A row for each crew: work, what comes next, and lighter what the plan suggests."""
    with st.container(key="dispatch_crews"):
        heading, count = session.say("board_crews"), len(scene.board.crews)
        st.html(f"<h4>{plain.escaped(heading)} <small>{count}</small></h4>")
        if scene.board.crews.empty:
            empty.hint(session.say("board_no_crews_now"))
            return
        st.html(drawn(scene))
        st.caption(session.say("board_bars_key", sign=_LATE))


def drawn(scene: DispatchScene) -> str:
    """HTML of the bars; each bar says in words what it is."""
    now = scene.board.now
    first, last = now - BEFORE, now + AFTER
    bars = scene.board.bars
    bars = bars[(bars["ends_at"] > first) & (bars["starts_at"] < last)]
    tasks = dict(zip(scene.board.orders["order_id"], scene.board.orders["task"], strict=True))
    rows = "".join(
        _row(crew, bars[bars["crew_id"] == crew["crew_id"]], (first, last), tasks)
        for crew in scene.board.crews.to_dict("records")
    )
    return f'<div class="gc-gantt">{_scale(first, last, now)}{rows}</div>'


def _scale(first: datetime, last: datetime, now: datetime) -> str:
    zone = session.zone()
    hour = pd.Timestamp(first).tz_convert(zone).ceil("h")
    marks = []
    while hour < pd.Timestamp(last):
        marks.append(f'<i style="left:{_share(hour, first, last)}">{hour:%H:%M}</i>')
        hour += pd.Timedelta(hours=_EVERY_H)
    here = f'<b style="left:{_share(now, first, last)}" title="{wording.hour(now)}"></b>'
    return f'<div class="gc-gantt-scale"><span></span><div>{"".join(marks)}{here}</div></div>'


def _row(
    crew: dict[Any, Any], bars: pd.DataFrame, span: tuple[datetime, datetime], tasks: dict[Any, Any]
) -> str:
    first, last = span
    blocks = "".join(
        _block(bar, first, last, tasks.get(bar["order_id"])) for bar in bars.to_dict("records")
    )
    quiet = "" if crew["is_on_shift"] else ' class="gc-off"'
    name = "" if plain.is_missing(crew["name"]) else str(crew["name"])
    told = session.say("board_holds", n=int(crew["open_orders"]))
    return (
        f"<div{quiet}><span><b>{plain.escaped(crew['crew_id'])}</b> {plain.escaped(name)}"
        f"<small>{plain.escaped(told)}</small></span><div>{blocks}</div></div>"
    )


def _block(bar: dict[Any, Any], first: datetime, last: datetime, task: object) -> str:
    starts, ends = _share(bar["starts_at"], first, last), _share(bar["ends_at"], first, last)
    kind = f"gc-bar-{bar['kind']}" + (" gc-bar-late" if bar["is_late"] else "")
    work = "" if task is None else f" {wording.task(task)}"
    code = "board_bar_late" if bar["is_late"] else "board_bar"
    words = session.say(
        code, order=f"{bar['order_id']}{work}", state=session.say(f"board_bar_{bar['kind']}"),
        first=wording.hour(bar["starts_at"]), last=wording.hour(bar["ends_at"]),
        due=wording.hour(bar["due_at"]),
    )  # fmt: skip
    text = plain.escaped(f"{_LATE} {bar['order_id']}" if bar["is_late"] else bar["order_id"])
    label = plain.escaped(words)
    return (
        f'<a class="{kind}" tabindex="0" role="img" aria-label="{label}" title="{label}"'
        f' style="left:{starts};width:calc({ends} - {starts})">{text}</a>'
    )


def _share(moment: Any, first: datetime, last: datetime) -> str:
    gone = (pd.Timestamp(moment) - pd.Timestamp(first)).total_seconds()
    part = gone / (last - first).total_seconds()
    return f"{100 * min(max(float(part), 0.0), 1.0):.2f}%"
