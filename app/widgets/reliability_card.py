"""The drawer of reliability: one place's figures, the outages behind them, who is out too often."""

from typing import Any, Final

import pandas as pd
import streamlit as st

from app import language as words
from app.use_cases import access, reliability_places, reliability_rules
from app.widgets import card, links, plain, reliability_map, session
from app.widgets import words_of as naming
from app.widgets.reliability_map import ReliabilityScene

_SHOWN: Final = {
    "saidi": 1, "saifi": 3, "caidi": 1, "asai": 4, "maifi": 3, "cemi": 1, "frequent": 0,
    "interruptions": 0, "customer_minutes": 0, "served": 0,
}  # fmt: skip
_SHARES: Final = ("asai", "cemi")
_MOST_OUTAGES: Final = 30


def show(scene: ReliabilityScene) -> None:
    """The open place; nothing while none is open."""
    is_open = scene.place is not None or scene.cell is not None
    with st.container(key="drawer_open" if is_open else "drawer_shut", gap="small"):
        if not is_open:
            return
        if st.button("✕", key="drawer_close", help=session.say("close"), type="tertiary"):
            reliability_map.open_place(None)
            session.again()
        if scene.place is None:
            card.title(session.say("card_cell", cell=scene.cell))
            card.note(session.say("reliability_unknown"))
            return
        _place(scene, scene.place)


def _place(scene: ReliabilityScene, place: Any) -> None:
    wish = scene.choice.wish
    story = reliability_places.story(session.database(), session.actor(), wish, place)
    kind = session.say(f"reliability_by_{wish.by}")
    card.title(reliability_map.named(scene, place), kind)
    if story.figures["is_few"]:
        told = session.say("reliability_few_why", few=story.rule.few_served)
        st.html(f'<p class="gc-problem">△ {plain.escaped(told)}</p>')
    card.rows((label(one, wish.n), _figure(story.figures, one)) for one in _SHOWN)
    _outages(story.outages)
    if story.figures["frequent"]:
        _frequent(scene, place)


def label(name: str, n: int) -> str:
    """The name of an index."""
    often = reliability_rules.frequent()
    return session.say(f"reliability_{name}", n=n, times=often.times, days=often.days)


def _figure(row: "pd.Series[float]", name: str) -> str:
    value = float(row[name]) * (100 if name in _SHARES else 1)
    return card.text(words.number(value, _SHOWN[name]), strong=name == "saidi")


def _outages(outages: pd.DataFrame) -> None:
    st.html(f"<h4>{plain.escaped(session.say('reliability_outages', n=len(outages)))}</h4>")
    if outages.empty:
        card.note(session.say("reliability_none_here"))
    told = outages.head(_MOST_OUTAGES).to_dict("records")
    card.rows((str(row["outage_id"]), _outage(row)) for row in told)
    if len(outages) > _MOST_OUTAGES:
        card.note(session.say("reliability_latest", n=_MOST_OUTAGES))


def _outage(row: dict[Any, Any]) -> str:
    tone: card.Tone = "broken" if row["is_sustained"] else "plain"
    kind = card.badge(naming.value("kind", row["kind"]), tone)
    when = card.text(session.moment(row["began"]))
    longest = words.number(row["minutes"], 0)
    how = session.say("reliability_outage_how", count=int(row["customers"]), minutes=longest)
    brief = "" if row["is_sustained"] else card.quiet(session.say("reliability_momentary"))
    return card.joined(kind, when, card.quiet(how), brief)


def _frequent(scene: ReliabilityScene, place: Any) -> None:
    """Who is out too often, named to those who may look at customers."""
    if not access.may(session.actor(), "see_customers"):
        return
    often = reliability_rules.frequent()
    st.html(f"<h4>{plain.escaped(label('frequent', scene.choice.wish.n))}</h4>")
    who = reliability_places.frequent_customers(
        session.database(), session.actor(), scene.choice.wish, place
    )
    for row in who.to_dict("records"):
        told = [row.get("customer_no", row.get("transformer_id")), row.get("name")]
        text = " · ".join(str(one) for one in told if not plain.is_missing(one))
        times = session.say("reliability_times", times=row["times"], days=often.days)
        if "ref" in row:
            links.show({"page": "customers", "customer": row["ref"]}, f"{text} · {times}")
        else:
            card.note(f"{text} · {times}")
    total = int(scene.found.table.loc[place, "frequent"])
    if total > len(who):
        card.note(session.say("reliability_named_first", n=len(who), count=total))
